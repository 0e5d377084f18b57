use std::collections::BTreeMap;

/// A file in the format of `~/.aws/config`: sections of properties, some with nested properties.
///
/// ```ini
/// [section]
/// key = value        ; a comment
/// group =
///   key = value
/// ```
///
/// Property names are converted to lower case. The last of several equal names wins.
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
    /// Parses the text of a file.
    ///
    /// # Errors
    ///
    /// The number, from 1, of the first line that is not a section, a property or a comment.
    pub(crate) fn parse(text: &str) -> Result<Self, usize> {
        let mut sections: BTreeMap<String, Section> = BTreeMap::new();
        let mut current: Option<&mut Section> = None;
        // The property that more deeply indented lines belong to, and its own indentation.
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
                // Other continuation lines are ignored.
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

    /// The section with this exact name.
    pub(crate) fn section(&self, name: &str) -> Option<&Section> {
        self.0.get(name)
    }

    /// The section `[kind name]`, where the name may be quoted.
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
    /// A property that exists and is not empty.
    pub(crate) fn value(&self, name: &str) -> Option<&str> {
        self.0.get(name).map(|property| &*property.value).filter(|value| !value.is_empty())
    }

    /// A property of a group.
    pub(crate) fn value_in(&self, group: &str, name: &str) -> Option<&str> {
        self.0.get(group)?.properties.get(name).map(|value| &**value).filter(|value| !value.is_empty())
    }
}

/// A value without its trailing comment, which starts with a space and `#` or `;`.
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
    fn properties_belong_to_sections_and_groups() {
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
    fn an_invalid_line_is_an_error_with_its_number() {
        for (text, line) in [("[a]\nb=1\nc\n", 3), ("b = 1", 1), ("\n[a\n", 2)] {
            assert_eq!(Ini::parse(text).unwrap_err(), line, "{text}");
        }
    }
}
