//! Values of a request that are read one by one, so that each error names its place and nothing is lost.

use alloc::borrow::Cow;
use alloc::collections::BTreeMap;
use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;
use core::fmt;

use bedrock_stream_core::json::{Json, Key, Lenient, OpenJson};
use serde::de::{DeserializeSeed, Deserializer, MapAccess, SeqAccess, Visitor};
use serde_json::value::RawValue;

use super::error::{Problem, RequestErrorReason};
use super::left_out::{LeftOutFields, LeftOutReason};
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

    pub(super) fn invalid(&self, message: impl Into<Cow<'static, str>>) -> Problem {
        Problem::invalid(self.path.clone(), message)
    }

    pub(super) fn unsupported(&self, message: impl Into<Cow<'static, str>>) -> Problem {
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

/// The members of an object that have not been read yet. Those that remain at the end were left out.
///
/// A member that is `null` counts as absent.
#[derive(Debug)]
pub(super) struct Object<'a> {
    members: BTreeMap<Cow<'a, str>, &'a RawValue>,
    pub(super) path: Path,
}

impl<'a> Object<'a> {
    pub(super) fn read(field: &Field<'a>) -> Result<Self, Problem> {
        let mut deserializer = serde_json::Deserializer::from_str(field.json.get());
        let pairs = Pairs { limit: field.path.values_left() };
        let members = pairs.deserialize(&mut deserializer).map_err(|_| field.wrong_type("an object"))?;
        if members.are_too_many {
            return Err(field.too_many());
        }
        field.path.count_values(members.members.len());
        match members.repeated {
            Some(name) => Err(Problem::new(field.path.other_member(&name), RequestErrorReason::Repeated)),
            None => Ok(Self { members: members.members, path: field.path.clone() }),
        }
    }

    /// Takes a member.
    pub(super) fn take(&mut self, name: &'static str) -> Option<Field<'a>> {
        let json = self.members.remove(name)?;
        Some(Field { json, path: self.path.member(name) })
    }

    /// A member, which stays.
    pub(super) fn peek(&self, name: &'static str) -> Option<Field<'a>> {
        let json = *self.members.get(name)?;
        Some(Field { json, path: self.path.member(name) })
    }

    /// Takes a member that must be there.
    pub(super) fn require(&mut self, name: &'static str) -> Result<Field<'a>, Problem> {
        self.take(name).ok_or_else(|| Problem::missing(self.path.member(name)))
    }

    /// Takes a member that is a string.
    pub(super) fn string(&mut self, name: &'static str) -> Result<Option<String>, Problem> {
        self.take(name).map(|field| field.string()).transpose()
    }

    /// Takes a member that must be there, and a string.
    pub(super) fn require_string(&mut self, name: &'static str) -> Result<String, Problem> {
        self.require(name)?.string()
    }

    /// Takes a member that is `true` or `false`.
    pub(super) fn boolean(&mut self, name: &'static str) -> Result<Option<bool>, Problem> {
        self.take(name).map(|field| field.boolean()).transpose()
    }

    /// Whether a member is there.
    pub(super) fn has(&self, name: &str) -> bool {
        self.members.contains_key(name)
    }

    /// Takes over a member of another object, unless there is one already.
    pub(super) fn adopt(&mut self, other: &mut Self, name: &'static str) {
        if !self.has(name) {
            if let Some(value) = other.members.remove(name) {
                self.members.insert(Cow::Borrowed(name), value);
            }
        }
    }

    pub(super) fn is_empty(&self) -> bool {
        self.members.is_empty()
    }

    /// Leaves members out.
    pub(super) fn leave_out(
        &mut self,
        names: &[&'static str],
        reason: LeftOutReason,
        left_out: &mut LeftOutFields,
    ) {
        for name in names {
            if let Some(field) = self.take(name) {
                left_out.push(&field.path, reason);
            }
        }
    }

    /// Reports the members that were not read.
    pub(super) fn finish(self, left_out: &mut LeftOutFields) {
        for name in self.members.keys() {
            left_out.push(&self.path.other_member(name), LeftOutReason::Unknown);
        }
    }
}

struct Members<'a> {
    members: BTreeMap<Cow<'a, str>, &'a RawValue>,
    /// The name of the first duplicate member.
    repeated: Option<String>,
    are_too_many: bool,
}

/// Reads the members of an object, up to the limit.
struct Pairs {
    limit: usize,
}

impl<'de> DeserializeSeed<'de> for Pairs {
    type Value = Members<'de>;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Self::Value, D::Error> {
        deserializer.deserialize_map(self)
    }
}

impl<'de> Visitor<'de> for Pairs {
    type Value = Members<'de>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
        let mut read = Members { members: BTreeMap::new(), repeated: None, are_too_many: false };
        while let Some((Key(name), value)) = map.next_entry::<_, &'de RawValue>()? {
            if value.get() == "null" || read.are_too_many {
                continue;
            }
            if read.members.len() >= self.limit {
                read.are_too_many = true;
                read.members.clear();
                continue;
            }
            if read.repeated.is_none() && read.members.contains_key(&name) {
                read.repeated = Some(name.clone().into_owned());
            }
            read.members.insert(name, value);
        }
        Ok(read)
    }
}
