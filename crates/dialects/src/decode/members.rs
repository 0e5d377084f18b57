use alloc::collections::BTreeSet;
use alloc::string::String;

use bedrock_stream_core::json::{Fields, Json, Lenient, OpenJson, repeated_member};
use bedrock_stream_core::object;
use serde::Deserialize;
use serde_json::Error;

object! {
    /// An object whose members are all unknown.
    struct AnyObject {}
}

/// Reads the members of an object in order, omitting those that are `null`. A null that follows a value of the same name
/// is an error, as in every shape: it contradicts that value.
pub(crate) fn members_of(object: &str) -> Result<Fields, Error> {
    let all = all_members_of(object)?;
    let is_null = |value: &Json| *value == Json::default();
    if all.iter().any(|(_, value)| is_null(value)) {
        let mut names = BTreeSet::new();
        for (name, value) in &all {
            if !is_null(value) {
                names.insert(name);
            } else if names.contains(name) {
                return Err(repeated_member(name));
            }
        }
    }
    let mut members = Fields::new();
    members.extend(all.into_iter().filter(|member| !is_null(&member.value)));
    Ok(members)
}

/// Reads a shape, which may hold values that are nested deep: they stay text, so that they need no stack.
pub(super) fn shape_of<'de, T: Deserialize<'de>>(json: &'de Json) -> Result<T, Error> {
    serde_json::from_str(json.as_str())
}

/// Reads all members of an object, including those that are `null`.
pub(crate) fn all_members_of(object: &str) -> Result<Fields, Error> {
    serde_json::from_str::<AnyObject>(object).map(|object| object.other)
}

/// Removes a member and reads it. A member of the wrong type is an error.
pub(super) fn take<T: OpenJson>(members: &mut Fields, name: &str) -> Result<Option<T>, Error> {
    members.take(name).map(|value| value.parse::<Lenient<T>>().map(|Lenient(value)| value)).transpose()
}

/// Removes a string and returns it; empty if it is absent.
pub(super) fn take_text(members: &mut Fields, name: &str) -> Result<String, Error> {
    Ok(take(members, name)?.unwrap_or_default())
}

/// Serializes these members as an object.
pub(crate) struct Members<'a>(pub(crate) &'a Fields);

impl serde::Serialize for Members<'_> {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map(self.0)
    }
}
