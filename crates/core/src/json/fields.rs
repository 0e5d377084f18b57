use alloc::borrow::Cow;
use alloc::string::String;
use alloc::vec::{self, Vec};
use core::slice;

use super::open_json::OpenJson as _;
use super::value::Json;

/// Members of an object that this version does not know, as they were sent and in their original order.
///
/// ```
/// use bedrock_stream_core::answer::Usage;
///
/// // A member that this version does not know.
/// let json = r#"{"inputTokens":5,"imageTokens":7}"#;
/// let mut usage: Usage = serde_json::from_str(json)?;
/// assert_eq!(usage.other.value("imageTokens").map(|value| value.as_str()), Some("7"));
/// // It is sent on as it came, and a program can add its own.
/// assert_eq!(serde_json::to_string(&usage)?, json);
/// usage.other.set("videoTokens", serde_json::json!(9));
/// assert_eq!(usage.other.len(), 2);
/// # Ok::<(), serde_json::Error>(())
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Fields(Vec<Member>);

/// A member that this version does not know.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Member {
    /// Its name.
    pub name: String,
    /// Its value.
    pub value: Json,
}

impl Fields {
    /// No members.
    #[must_use]
    pub const fn new() -> Self {
        Self(Vec::new())
    }

    /// The value of the last member with that name.
    #[must_use]
    pub fn value(&self, name: &str) -> Option<&Json> {
        self.0.iter().rfind(|member| member.name == name).map(|member| &member.value)
    }

    /// Sets a member: replaces the one with that name, or appends.
    pub fn set(&mut self, name: impl Into<String>, value: impl Into<Json>) {
        let name = name.into();
        match self.0.iter_mut().find(|member| member.name == name) {
            Some(member) => member.value = value.into(),
            None => self.0.push(Member { name, value: value.into() }),
        }
    }

    /// Sets each of these members.
    pub(crate) fn update(&mut self, later: Self) {
        if self.is_empty() {
            *self = later;
            return;
        }
        for Member { name, value } in later {
            self.set(name, value);
        }
    }

    /// Removes the last member with that name and returns its value.
    pub fn take(&mut self, name: &str) -> Option<Json> {
        let position = self.0.iter().rposition(|member| member.name == name)?;
        Some(self.0.remove(position).value)
    }

    /// Whether there are no members.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// How many members there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// The members' names and values, in order.
    pub fn iter(&self) -> impl DoubleEndedIterator<Item = (&str, &Json)> + ExactSizeIterator + Clone {
        self.into_iter()
    }

    /// Roughly how many bytes the members use on the heap.
    #[doc(hidden)]
    pub fn heap_len(&self) -> usize {
        self.0.iter().map(|member| size_of::<Member>() + member.heap_len()).sum()
    }

    /// Appends a member, even if the name is already present.
    #[doc(hidden)]
    pub fn push(&mut self, name: Cow<'_, str>, value: Json) {
        self.0.push(Member { name: name.into_owned(), value });
    }
}

impl Member {
    #[doc(hidden)]
    pub fn heap_len(&self) -> usize {
        self.name.heap_len() + self.value.heap_len()
    }
}

impl Extend<Member> for Fields {
    fn extend<T: IntoIterator<Item = Member>>(&mut self, members: T) {
        self.0.extend(members);
    }
}

impl<'a> IntoIterator for &'a Fields {
    type Item = (&'a str, &'a Json);
    type IntoIter = core::iter::Map<slice::Iter<'a, Member>, fn(&'a Member) -> Self::Item>;

    fn into_iter(self) -> Self::IntoIter {
        self.0.iter().map(|member| (&*member.name, &member.value))
    }
}

impl IntoIterator for Fields {
    type Item = Member;
    type IntoIter = vec::IntoIter<Member>;

    fn into_iter(self) -> Self::IntoIter {
        self.0.into_iter()
    }
}
