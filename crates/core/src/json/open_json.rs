//! How open shapes are read and written: a null member counts as absent, `28.0` is an integer, a lone surrogate escape
//! reads as U+FFFD, and members that a shape does not know are kept as raw JSON.

use alloc::boxed::Box;
use alloc::collections::BTreeMap;
use alloc::collections::btree_map::Entry;
use alloc::string::String;
use alloc::vec::Vec;
use core::fmt;
use core::marker::PhantomData;
use serde::de::{Deserialize, Deserializer, Error as _, MapAccess, SeqAccess, Visitor};
use serde::ser::{Serialize, SerializeMap, SerializeSeq, Serializer};

use super::any_json::read_raw;
use super::key::Key;
use super::unquote::unquote;

/// serde, with the leniency above. Every type in an [`object!`] or [`union!`] implements it.
#[doc(hidden)]
pub trait OpenJson: Sized {
    fn read<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error>;

    fn write<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error>;

    /// The value of a `null` member or item; `None`: it counts as absent.
    fn null() -> Option<Self> {
        None
    }

    /// Whether the member is omitted when its shape is written.
    fn is_absent(&self) -> bool {
        false
    }

    /// Roughly how many bytes it uses on the heap.
    fn heap_len(&self) -> usize {
        0
    }
}

/// Roughly how many bytes an allocation costs besides its contents.
pub(crate) const ALLOCATION_LEN: usize = 16;

/// Deserializes through [`OpenJson`].
#[doc(hidden)]
#[derive(Debug)]
pub struct Lenient<T>(pub T);

impl<'de, T: OpenJson> Deserialize<'de> for Lenient<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        T::read(deserializer).map(Self)
    }
}

/// Serializes through [`OpenJson`].
#[doc(hidden)]
#[derive(Debug)]
pub struct AsJson<'a, T>(pub &'a T);

impl<T: OpenJson> Serialize for AsJson<'_, T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.0.write(serializer)
    }
}

impl<T: OpenJson> OpenJson for Option<T> {
    fn read<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Ok(Option::<Lenient<T>>::deserialize(deserializer)?.map(|Lenient(value)| value))
    }

    fn write<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.as_ref().map(AsJson).serialize(serializer)
    }

    fn heap_len(&self) -> usize {
        self.as_ref().map_or(0, OpenJson::heap_len)
    }

    fn is_absent(&self) -> bool {
        self.is_none()
    }
}

impl<T: OpenJson> OpenJson for Box<T> {
    fn read<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        T::read(deserializer).map(Self::new)
    }

    fn write<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        T::write(self, serializer)
    }

    fn heap_len(&self) -> usize {
        ALLOCATION_LEN + size_of::<T>() + T::heap_len(self)
    }
}

impl<T: OpenJson> OpenJson for Vec<T> {
    fn read<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Items<T>(PhantomData<T>);
        impl<'de, T: OpenJson> Visitor<'de> for Items<T> {
            type Value = Vec<T>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a list")
            }

            fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Self::Value, A::Error> {
                let mut items = Vec::new();
                while let Some(item) = seq.next_element::<Option<Lenient<T>>>()? {
                    items.extend(item.map(|Lenient(item)| item).or_else(T::null));
                }
                Ok(items)
            }
        }
        deserializer.deserialize_seq(Items(PhantomData))
    }

    fn write<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut seq = serializer.serialize_seq(Some(self.len()))?;
        for item in self {
            seq.serialize_element(&AsJson(item))?;
        }
        seq.end()
    }

    fn heap_len(&self) -> usize {
        ALLOCATION_LEN + self.iter().map(|item| size_of::<T>() + item.heap_len()).sum::<usize>()
    }
}

impl<T: OpenJson> OpenJson for BTreeMap<String, T> {
    fn read<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Entries<T>(PhantomData<T>);
        impl<'de, T: OpenJson> Visitor<'de> for Entries<T> {
            type Value = BTreeMap<String, T>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a map")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
                let mut entries = BTreeMap::new();
                while let Some((Key(key), value)) = map.next_entry::<_, Option<Lenient<T>>>()? {
                    if let Some(value) = value.map(|Lenient(value)| value).or_else(T::null) {
                        match entries.entry(key.into_owned()) {
                            Entry::Vacant(entry) => drop(entry.insert(value)),
                            Entry::Occupied(entry) => return Err(repeated_member(entry.key())),
                        }
                    }
                }
                Ok(entries)
            }
        }
        deserializer.deserialize_map(Entries(PhantomData))
    }

    fn write<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(Some(self.len()))?;
        for (key, value) in self {
            map.serialize_entry(key, &AsJson(value))?;
        }
        map.end()
    }

    fn heap_len(&self) -> usize {
        let entry =
            |(key, value): (&String, &T)| size_of::<(String, T)>() + key.heap_len() + value.heap_len();
        self.iter().map(entry).sum()
    }
}

impl OpenJson for String {
    /// Reads the raw text, because serde_json always rejects a lone surrogate escape.
    fn read<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let raw = read_raw(deserializer)?;
        unquote(raw.get())
            .ok_or_else(|| D::Error::custom(format_args!("expected a string, found {}", excerpt(raw.get()))))
    }

    fn write<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.serialize(serializer)
    }
    fn heap_len(&self) -> usize {
        ALLOCATION_LEN + self.len()
    }
}

impl OpenJson for bool {
    fn read<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Self::deserialize(deserializer)
    }

    fn write<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.serialize(serializer)
    }
}

impl OpenJson for f64 {
    fn read<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Self::deserialize(deserializer)
    }

    fn write<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.serialize(serializer)
    }
}

/// Integers that also read `28.0`: with a guardrail, Bedrock writes every number as a float.
macro_rules! integer {
    ($($Integer:ident)*) => {$(
        impl OpenJson for $Integer {
            fn read<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                struct Number;
                impl Visitor<'_> for Number {
                    type Value = $Integer;

                    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                        f.write_str(concat!("an integer (", stringify!($Integer), ")"))
                    }

                    fn visit_u64<E: serde::de::Error>(self, value: u64) -> Result<Self::Value, E> {
                        value.try_into().map_err(|_| E::custom(format_args!("{value} is out of range")))
                    }

                    fn visit_i64<E: serde::de::Error>(self, value: i64) -> Result<Self::Value, E> {
                        value.try_into().map_err(|_| E::custom(format_args!("{value} is out of range")))
                    }

                    fn visit_f64<E: serde::de::Error>(self, value: f64) -> Result<Self::Value, E> {
                        // `MAX + 1` is a power of two, so as a float it is exact; the maximum of 64 bits is rounded to it.
                        let whole = value as $Integer;
                        if whole as f64 == value && value < $Integer::MAX as f64 + 1.0 {
                            Ok(whole)
                        } else {
                            Err(E::custom(format_args!("{value} is not an integer in range")))
                        }
                    }
                }
                deserializer.deserialize_i64(Number)
            }

            fn write<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                self.serialize(serializer)
            }
        }
    )*};
}
integer!(u16 u32 u64 i64);

/// Makes a type with its own serde implementation usable inside a shape. `heap` is the number of bytes it uses on the
/// heap. With `null => value`, a `null` member is read as that value.
#[doc(hidden)]
#[macro_export]
macro_rules! open_json_by_serde {
    ($Type:ty, heap => $heap_len:expr $(, null => $null:expr)?) => {
        impl $crate::json::OpenJson for $Type {
            fn read<'de, D: serde::de::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                serde::de::Deserialize::deserialize(deserializer)
            }

            fn write<S: serde::ser::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serde::ser::Serialize::serialize(self, serializer)
            }

            fn heap_len(&self) -> usize {
                let heap_len: fn(&Self) -> usize = $heap_len;
                heap_len(self)
            }

            $(fn null() -> Option<Self> {
                Some($null)
            })?
        }
    };
}

/// A repeated member is an error: one of the two would be lost, and there is no way to know which was meant.
#[doc(hidden)]
pub fn repeated_member<E: serde::de::Error>(name: &str) -> E {
    E::custom(format_args!("the member `{name}` is repeated"))
}

/// The start of a piece of JSON, for an error message.
fn excerpt(json: &str) -> &str {
    let end = json.char_indices().nth(EXCERPT_CHARS).map_or(json.len(), |(end, _)| end);
    &json[..end]
}

const EXCERPT_CHARS: usize = 40;
