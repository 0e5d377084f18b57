/// Declares a union: an enum whose JSON is an object with one member. An unknown member becomes `Unknown`. An object
/// with no member or several, as some proxies send, becomes `Members`, so nothing is lost.
#[doc(hidden)]
#[macro_export]
macro_rules! union {
    (
        $(#[$meta:meta])*
        pub enum $Name:ident {
            $($(#[$member_meta:meta])* $wire:literal => $Member:ident($Type:ty),)*
        }
    ) => {
        $(#[$meta])*
        #[derive(Clone, Debug, PartialEq)]
        #[non_exhaustive]
        pub enum $Name {
            $($(#[$member_meta])* $Member($Type),)*
            /// A member that this version does not know.
            Unknown($crate::json::Member),
            /// The members, in the order they were sent, of an object with none or several, although a union must have
            /// exactly one.
            Members(alloc::vec::Vec<Self>),
        }

        impl $Name {
            /// The members one by one: the value itself, or what `Members` has.
            #[must_use]
            pub fn members(&self) -> &[Self] {
                match self {
                    Self::Members(members) => members,
                    member => core::slice::from_ref(member),
                }
            }

            /// Like [`members`](Self::members), but mutable.
            #[must_use]
            pub fn members_mut(&mut self) -> &mut [Self] {
                match self {
                    Self::Members(members) => members,
                    member => core::slice::from_mut(member),
                }
            }

            /// Like [`members`](Self::members), but owned.
            #[must_use]
            pub fn into_members(self) -> alloc::vec::Vec<Self> {
                match self {
                    Self::Members(members) => members,
                    member => alloc::vec![member],
                }
            }

            fn write_members<M: serde::ser::SerializeMap>(&self, map: &mut M) -> Result<(), M::Error> {
                match self {
                    $(Self::$Member(value) => {
                        map.serialize_entry($wire, &$crate::json::AsJson(value))
                    })*
                    Self::Unknown(member) => map.serialize_entry(&member.name, &member.value),
                    Self::Members(members) => {
                        members.iter().try_for_each(|member| member.write_members(map))
                    }
                }
            }
        }

        /// There is no member at all.
        impl Default for $Name {
            fn default() -> Self {
                Self::Members(alloc::vec::Vec::new())
            }
        }

        impl<'de> serde::de::Deserialize<'de> for $Name {
            fn deserialize<D: serde::de::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                struct Members;
                impl<'de> serde::de::Visitor<'de> for Members {
                    type Value = $Name;

                    fn expecting(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
                        f.write_str(concat!("an object with one member (", stringify!($Name), ")"))
                    }

                    fn visit_map<A: serde::de::MapAccess<'de>>(
                        self,
                        mut map: A,
                    ) -> Result<Self::Value, A::Error> {
                        let mut first = None;
                        let mut more = alloc::vec::Vec::new();
                        while let Some($crate::json::Key(key)) = map.next_key()? {
                            let member = match &*key {
                                $($wire => {
                                    let value = map.next_value::<Option<$crate::json::Lenient<$Type>>>()?;
                                    let value = value.map(|value| value.0);
                                    match value.or_else($crate::json::OpenJson::null) {
                                        Some(value) => $Name::$Member(value),
                                        None => continue,
                                    }
                                })*
                                _ => $Name::Unknown($crate::json::Member {
                                    name: key.into_owned(),
                                    value: map.next_value()?,
                                }),
                            };
                            if first.is_none() {
                                first = Some(member);
                            } else {
                                more.push(member);
                            }
                        }
                        Ok(match first {
                            Some(member) if more.is_empty() => member,
                            first => {
                                more.splice(0..0, first);
                                $Name::Members(more)
                            }
                        })
                    }
                }
                deserializer.deserialize_map(Members)
            }
        }

        impl serde::ser::Serialize for $Name {
            fn serialize<S: serde::ser::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                let mut map = serializer.serialize_map(None)?;
                self.write_members(&mut map)?;
                serde::ser::SerializeMap::end(map)
            }
        }

        $crate::open_json_by_serde!($Name, heap => |union| match union {
            $($Name::$Member(value) => $crate::json::OpenJson::heap_len(value),)*
            $Name::Unknown(member) => member.heap_len(),
            $Name::Members(members) => $crate::json::OpenJson::heap_len(members),
        });
    };
}
