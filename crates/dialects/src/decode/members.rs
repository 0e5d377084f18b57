use alloc::string::String;

use bedrock_stream_core::json::{Fields, Json, Lenient, OpenJson};
use bedrock_stream_core::object;
use serde_json::Error;

object! {
    /// An object whose members are all unknown.
    struct AnyObject {}
}

/// Reads the members of an object in order, omitting those that are `null`.
pub(crate) fn members_of(object: &str) -> Result<Fields, Error> {
    let mut members = Fields::new();
    let present = all_members_of(object)?.into_iter().filter(|member| member.value != Json::default());
    members.extend(present);
    Ok(members)
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
