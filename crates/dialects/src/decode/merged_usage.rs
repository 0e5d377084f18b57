use alloc::collections::BTreeMap;
use alloc::string::String;

use bedrock_stream_core::json::{Fields, Json};

use super::members::Members;

/// The vendor's token counts, which several payloads report: the members of a later one replace earlier ones.
#[derive(Debug, Default)]
pub(super) struct MergedUsage {
    /// The members by name, each with its position. Searching a list would take quadratic time on a hostile stream.
    members: BTreeMap<String, (usize, Json)>,
}

impl MergedUsage {
    /// Sets a member; a new one is appended.
    pub(super) fn set(&mut self, name: String, value: Json) {
        let place = self.members.len();
        self.members.entry(name).or_insert_with(|| (place, Json::default())).1 = value;
    }

    /// Whether it has a member with that name.
    pub(super) fn contains(&self, name: &str) -> bool {
        self.members.contains_key(name)
    }

    /// Roughly how many bytes the member with that name uses.
    pub(super) fn len_of(&self, name: &str) -> usize {
        self.members.get(name).map_or(0, |(_, value)| Self::len_with(name, value))
    }

    /// Roughly how many bytes all members use.
    pub(super) fn len(&self) -> usize {
        self.members.iter().map(|(name, (_, value))| Self::len_with(name, value)).sum()
    }

    /// Roughly how many bytes such a member uses.
    pub(super) fn len_with(name: &str, value: &Json) -> usize {
        MEMBER_LEN + name.len() + value.as_str().len()
    }

    /// The whole object, with its members in the order in which they first arrived. `None` if there are none.
    pub(super) fn to_json(&self) -> Option<Json> {
        if self.members.is_empty() {
            return None;
        }
        let mut members: alloc::vec::Vec<_> = self.members.iter().collect();
        members.sort_by_key(|(_, (place, _))| *place);
        let mut fields = Fields::new();
        for (name, (_, value)) in members {
            fields.push(name.as_str().into(), value.clone());
        }
        Json::from_value(&Members(&fields)).ok()
    }
}

/// The memory of a member besides its texts, in bytes: its entry in the map and two allocations.
const MEMBER_LEN: usize = size_of::<(String, (usize, Json))>() + 48;

#[cfg(test)]
mod tests {
    use alloc::string::ToString;

    use bedrock_stream_core::json::Json;

    use super::MergedUsage;

    #[test]
    fn a_later_member_replaces_the_earlier_in_its_place() {
        let mut usage = MergedUsage::default();
        assert_eq!(usage.to_json(), None);
        for (name, value) in [("output_tokens", "1"), ("input_tokens", "17"), ("output_tokens", "65")] {
            usage.set(name.to_string(), Json::from_text(value).expect("a number is JSON"));
        }
        let json = usage.to_json().expect("it has members");
        assert_eq!(json.as_str(), r#"{"output_tokens":65,"input_tokens":17}"#);
    }
}
