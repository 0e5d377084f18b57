use std::collections::BTreeMap;

/// A file of the kind of `~/.aws/config`: sections of properties, some of which hold properties of their own.
///
/// ```ini
/// [section]
/// key = value        ; a comment
/// group =
///   key = value
/// ```
///
/// Names of properties are in lower case. What is given twice holds the last time.
///
/// Source: "Configuration and credential file settings" (AWS SDKs and tools reference guide); botocore's `configloader`.
#[derive(Default)]
#[cfg_attr(test, derive(Debug))]
pub(crate) struct Ini(BTreeMap<String, Section>);

/// The properties of one section.
#[derive(Default)]
#[cfg_attr(test, derive(Debug))]
pub(crate) struct Section(BTreeMap<String, Property>);

#[derive(Default)]
#[cfg_attr(test, derive(Debug))]
struct Property {
    value: String,
    properties: BTreeMap<String, String>,
}

impl Ini {
    /// Reads a file's text.
    ///
    /// # Errors
    ///
    /// The number, from 1, of a line that is neither a section nor a property nor a comment.
    pub(crate) fn parse(text: &str) -> Result<Self, usize> {
        let mut sections: BTreeMap<String, Section> = BTreeMap::new();
        let mut current: Option<&mut Section> = None;
        // The property that deeper lines belong to, and how deep it stands itself.
        let mut open: Option<(String, usize)> = None;
        for (number, line) in text.trim_start_matches('\u{feff}').lines().enumerate() {
            let content = line.trim();
            if content.is_empty() || content.starts_with(['#', ';']) {
                continue;
            }
            let depth = line.len() - line.trim_start().len();
            if let (Some(section), Some((name, _))) =
                (&mut current, open.as_ref().filter(|(_, own)| depth > *own))
            {
                let property = section.0.entry(name.clone()).or_default();
                // A group holds properties; anything else that goes on is of no interest here.
                if let (true, Some((name, value))) = (property.value.is_empty(), content.split_once('=')) {
                    property.properties.insert(name.trim().to_ascii_lowercase(), uncommented(value));
                }
                continue;
            }
            if let Some(name) = content.strip_prefix('[') {
                let (name, _) = name.rsplit_once(']').ok_or(number + 1)?;
                current = Some(sections.entry(name.to_owned()).or_default());
                open = None;
                continue;
            }
            let (name, value) = content.split_once(['=', ':']).ok_or(number + 1)?;
            let section = current.as_mut().ok_or(number + 1)?;
            let name = name.trim().to_ascii_lowercase();
            let value = Property { value: uncommented(value), ..Property::default() };
            section.0.insert(name.clone(), value);
            open = Some((name, depth));
        }
        Ok(Self(sections))
    }

    /// The section of that exact name.
    pub(crate) fn section(&self, name: &str) -> Option<&Section> {
        self.0.get(name)
    }

    /// The section `[kind name]`, where the name may stand in quotes.
    pub(crate) fn section_of(&self, kind: &str, name: &str) -> Option<&Section> {
        let named = |title: &str| {
            let rest = title.trim().strip_prefix(kind)?;
            let rest = rest.strip_prefix([' ', '\t'])?.trim();
            let bare = ['"', '\'']
                .iter()
                .find_map(|quote| rest.strip_prefix(*quote)?.strip_suffix(*quote))
                .unwrap_or(rest);
            Some(bare == name)
        };
        self.0.iter().find(|(title, _)| named(title) == Some(true)).map(|(_, section)| section)
    }
}

impl Section {
    /// A property that is there and not empty.
    pub(crate) fn value(&self, name: &str) -> Option<&str> {
        self.0.get(name).map(|property| &*property.value).filter(|value| !value.is_empty())
    }

    /// A property of a group.
    pub(crate) fn value_in(&self, group: &str, name: &str) -> Option<&str> {
        self.0.get(group)?.properties.get(name).map(|value| &**value).filter(|value| !value.is_empty())
    }
}

/// A value without the comment behind it, which begins with a space and `#` or `;`.
fn uncommented(value: &str) -> String {
    let value = value.trim();
    let comment = |(at, c): (usize, char)| matches!(c, '#' | ';') && value[..at].ends_with([' ', '\t']);
    let end = value.char_indices().find(|&each| comment(each)).map_or(value.len(), |(at, _)| at);
    value[..end].trim_end().to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn properties_stand_in_sections_and_groups() {
        let text = "\u{feff}# top\n[default]\r\nRegion=us-east-1 ; home\r\n\n[profile \"a b\"]\n  key : a=b#c\n; no\n\
                    group =\n  Inner = 1 # one\n\n  other=2\nnext = 3\n[ profile c ]\nkey=\n[default]\nmore = yes\n";
        let ini = Ini::parse(text).unwrap();
        let default = ini.section("default").unwrap();
        assert_eq!((default.value("region"), default.value("more")), (Some("us-east-1"), Some("yes")));
        let profile = ini.section_of("profile", "a b").unwrap();
        assert_eq!((profile.value("key"), profile.value("next")), (Some("a=b#c"), Some("3")));
        assert_eq!(profile.value_in("group", "inner"), Some("1"));
        assert_eq!(profile.value_in("group", "other"), Some("2"));
        assert_eq!(profile.value_in("key", "other"), None);
        assert!(ini.section_of("profile", "c").unwrap().value("key").is_none());
        assert!(ini.section_of("profile", "a").is_none() && ini.section_of("prof", "ile c").is_none());
    }

    #[test]
    fn what_is_no_property_is_an_error_with_its_line() {
        for (text, line) in [("[a]\nb=1\nc\n", 3), ("b = 1", 1), ("\n[a\n", 2)] {
            assert_eq!(Ini::parse(text).unwrap_err(), line, "{text}");
        }
    }
}
