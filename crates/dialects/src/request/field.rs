use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;
use core::fmt;

use bedrock_stream_core::json::{Json, Lenient, OpenJson};
use serde::de::{DeserializeSeed, Deserializer, SeqAccess, Visitor};
use serde_json::value::RawValue;

use super::error::Problem;
use super::object::Object;
use super::path::{MAX_VALUES, Path};

/// A value of a request, not yet read, and where it is.
#[derive(Clone, Debug)]
pub(super) struct Field<'a> {
    pub(super) json: &'a RawValue,
    pub(super) path: Path,
}

/// What type a value has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Type {
    Text,
    Object,
    List,
    /// A number, a boolean or null.
    Other,
}

impl<'a> Field<'a> {
    pub(super) fn type_of(&self) -> Type {
        match self.json.get().as_bytes().first() {
            Some(b'"') => Type::Text,
            Some(b'{') => Type::Object,
            Some(b'[') => Type::List,
            _ => Type::Other,
        }
    }

    /// Its text. A lone surrogate escape, as JavaScript writes where it cuts text, reads as U+FFFD.
    pub(super) fn string(&self) -> Result<String, Problem> {
        self.read("a string")
    }

    pub(super) fn boolean(&self) -> Result<bool, Problem> {
        self.read("true or false")
    }

    /// A count; `28.0` is one.
    pub(super) fn integer(&self) -> Result<u32, Problem> {
        self.read("an integer of at least 0")
    }

    pub(super) fn number(&self) -> Result<f64, Problem> {
        self.read("a number")
    }

    pub(super) fn object(&self) -> Result<Object<'a>, Problem> {
        Object::read(self)
    }

    /// The items of a list.
    pub(super) fn list(&self) -> Result<impl ExactSizeIterator<Item = Self> + use<'a>, Problem> {
        let mut deserializer = serde_json::Deserializer::from_str(self.json.get());
        let limit = self.path.values_left();
        let items = Items { limit }.deserialize(&mut deserializer).map_err(|_| self.wrong_type("a list"))?;
        let Some(items) = items else { return Err(self.too_many()) };
        self.path.count_values(items.len());
        let path = self.path.clone();
        Ok(items.into_iter().enumerate().map(move |(index, json)| Field { json, path: path.item(index) }))
    }

    /// The value as it was sent.
    pub(super) fn to_json(&self) -> Json {
        // It is JSON, so this cannot fail.
        Json::from_text(self.json.get()).unwrap_or_default()
    }

    /// The value, which must be an object, as it was sent.
    pub(super) fn json_object(&self) -> Result<Json, Problem> {
        match self.type_of() {
            Type::Object => Ok(self.to_json()),
            _ => Err(self.wrong_type("an object")),
        }
    }

    pub(super) fn wrong_type(&self, expected: &'static str) -> Problem {
        Problem::wrong_type(self.path.clone(), expected)
    }

    pub(super) fn invalid(&self, message: impl Into<alloc::borrow::Cow<'static, str>>) -> Problem {
        Problem::invalid(self.path.clone(), message)
    }

    pub(super) fn unsupported(&self, message: impl Into<alloc::borrow::Cow<'static, str>>) -> Problem {
        Problem::unsupported(self.path.clone(), message)
    }

    /// It has more members or items than are read of one request.
    pub(super) fn too_many(&self) -> Problem {
        self.invalid(format!("the request has more than {MAX_VALUES} members and items"))
    }

    fn read<T: OpenJson>(&self, expected: &'static str) -> Result<T, Problem> {
        let read = serde_json::from_str::<Lenient<T>>(self.json.get());
        read.map(|Lenient(value)| value).map_err(|_| self.wrong_type(expected))
    }
}

/// Reads a list; `None` if it has more items than the limit.
struct Items {
    limit: usize,
}

impl<'de> DeserializeSeed<'de> for Items {
    type Value = Option<Vec<&'de RawValue>>;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Self::Value, D::Error> {
        deserializer.deserialize_seq(self)
    }
}

impl<'de> Visitor<'de> for Items {
    type Value = Option<Vec<&'de RawValue>>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a list")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Self::Value, A::Error> {
        let mut items = Some(Vec::new());
        while let Some(item) = seq.next_element()? {
            match &mut items {
                Some(read) if read.len() < self.limit => read.push(item),
                _ => items = None,
            }
        }
        Ok(items)
    }
}
