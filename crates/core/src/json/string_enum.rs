/// Declares an open enum whose JSON is a string. An unknown value becomes `Unknown`.
#[doc(hidden)]
#[macro_export]
macro_rules! string_enum {
    (
        $(#[$meta:meta])*
        pub enum $Name:ident {
            $($(#[$variant_meta:meta])* $wire:literal => $Variant:ident,)*
        }
    ) => {
        $(#[$meta])*
        #[derive(Clone, Debug, PartialEq, Eq, Hash)]
        #[non_exhaustive]
        pub enum $Name {
            $($(#[$variant_meta])* $Variant,)*
            /// A value that this version does not know, as it was sent.
            Unknown(alloc::string::String),
        }

        impl $Name {
            /// Every value that this version knows, in the order of their declaration. A later version may know more.
            pub const KNOWN: &'static [Self] = &[$(Self::$Variant,)*];

            /// The value as sent in JSON.
            #[must_use]
            pub fn as_str(&self) -> &str {
                match self {
                    $(Self::$Variant => $wire,)*
                    Self::Unknown(name) => name,
                }
            }
        }

        impl From<&str> for $Name {
            fn from(name: &str) -> Self {
                match name {
                    $($wire => Self::$Variant,)*
                    name => Self::Unknown(name.into()),
                }
            }
        }

        impl Default for $Name {
            fn default() -> Self {
                Self::Unknown(alloc::string::String::new())
            }
        }

        impl core::fmt::Display for $Name {
            fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
                f.write_str(self.as_str())
            }
        }

        impl<'de> serde::de::Deserialize<'de> for $Name {
            fn deserialize<D: serde::de::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                let name: alloc::string::String = $crate::json::OpenJson::read(deserializer)?;
                Ok(Self::from(name.as_str()))
            }
        }

        impl serde::ser::Serialize for $Name {
            fn serialize<S: serde::ser::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.serialize_str(self.as_str())
            }
        }

        $crate::open_json_by_serde!($Name, heap => |name| match name {
            $Name::Unknown(name) => $crate::json::OpenJson::heap_len(name),
            _ => 0,
        });
    };
}
