/// Declares a shape: a struct whose members are read and written under their JSON names, and which keeps unknown
/// members in `other`. With `: padded`, the member `p`, Bedrock's padding, is skipped.
#[doc(hidden)]
#[macro_export]
macro_rules! object {
    (@padding padded $map:ident) => {
        drop($map.next_value::<serde::de::IgnoredAny>()?)
    };
    (
        $(#[$meta:meta])*
        $vis:vis struct $Name:ident $(: $padded:ident)? {
            $($(#[$member_meta:meta])* $wire:literal => $member:ident: $Type:ty,)*
        }
    ) => {
        $(#[$meta])*
        #[derive(Clone, Debug, Default, PartialEq)]
        #[non_exhaustive]
        $vis struct $Name {
            $($(#[$member_meta])* pub $member: $Type,)*
            /// The members that this version does not know, as they were sent.
            pub other: $crate::json::Fields,
        }

        impl<'de> serde::de::Deserialize<'de> for $Name {
            fn deserialize<D: serde::de::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                struct Members;
                impl<'de> serde::de::Visitor<'de> for Members {
                    type Value = $Name;

                    fn expecting(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
                        f.write_str(concat!("an object (", stringify!($Name), ")"))
                    }

                    fn visit_map<A: serde::de::MapAccess<'de>>(
                        self,
                        mut map: A,
                    ) -> Result<Self::Value, A::Error> {
                        let mut shape = $Name::default();
                        $(let mut $member = false;)*
                        while let Some($crate::json::Key(key)) = map.next_key()? {
                            match &*key {
                                $($wire => {
                                    let value = map.next_value::<Option<$crate::json::Lenient<$Type>>>()?;
                                    let value = value.map(|value| value.0);
                                    match value.or_else($crate::json::OpenJson::null) {
                                        // A null alone counts as absent; one that follows a value contradicts it.
                                        None if !$member => {}
                                        Some(value) if !$member => {
                                            $member = true;
                                            shape.$member = value;
                                        }
                                        _ => return Err($crate::json::repeated_member($wire)),
                                    }
                                })*
                                $("p" => $crate::object!(@padding $padded map),)?
                                _ => shape.other.push(key, map.next_value()?),
                            }
                        }
                        Ok(shape)
                    }
                }
                deserializer.deserialize_map(Members)
            }
        }

        impl serde::ser::Serialize for $Name {
            fn serialize<S: serde::ser::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                use serde::ser::SerializeMap as _;

                let mut map = serializer.serialize_map(None)?;
                $(
                    if !$crate::json::OpenJson::is_absent(&self.$member) {
                        map.serialize_entry($wire, &$crate::json::AsJson(&self.$member))?;
                    }
                )*
                for (name, value) in &self.other {
                    map.serialize_entry(name, value)?;
                }
                map.end()
            }
        }

        $crate::open_json_by_serde!($Name, heap => |shape| {
            shape.other.heap_len() $(+ $crate::json::OpenJson::heap_len(&shape.$member))*
        });
    };
}

/// Setters of optional members: each takes the shape by value and returns it with that member set.
macro_rules! setters {
    ($Name:ident { $($(#[$meta:meta])* $member:ident: $Type:ty,)* }) => {
        impl $Name {
            $(
                $(#[$meta])*
                #[must_use]
                pub fn $member(mut self, $member: $Type) -> Self {
                    self.$member = Some($member.into());
                    self
                }
            )*
        }
    };
}
