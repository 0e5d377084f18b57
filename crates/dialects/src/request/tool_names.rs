use alloc::collections::BTreeMap;
use alloc::format;
use alloc::string::String;

/// What the tools of a request are called at Bedrock, and what the client calls them.
///
/// Bedrock takes names of up to 64 letters, digits, `_` and `-`. Others get a legal name that depends on nothing but the
/// name, so that it is the same in the next turn.
///
/// ```
/// use bedrock_stream_dialects::request::{self, Options};
///
/// let body = br#"{"model":"nova","messages":[{"role":"user","content":"Hello"}],
///     "tools":[{"type":"function","function":{"name":"files.read","parameters":{"type":"object"}}}]}"#;
/// let names = request::chat(body, &Options::new())?.answer.tools;
/// // Bedrock does not accept a dot.
/// assert!(!names.is_trivial());
/// let name = names.bedrock_name(None, "files.read").expect("it is a tool of the request");
/// assert!(!name.contains('.'));
/// assert_eq!(names.client_tool(name).map(|tool| &*tool.name), Some("files.read"));
/// # Ok::<(), bedrock_stream_dialects::request::RequestError>(())
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ToolNames {
    /// By the name at Bedrock.
    tools: BTreeMap<String, ClientTool>,
    /// The names at Bedrock.
    by_client: BTreeMap<(Option<String>, String), String>,
}

/// A tool as the client calls it.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct ClientTool {
    /// Its name.
    pub name: String,
    /// The namespace that it is in (Responses).
    pub namespace: Option<String>,
    /// Whether it takes free text (`custom` in OpenAI's dialects). At Bedrock it is a function with one string, `input`.
    pub is_custom: bool,
}

impl ToolNames {
    /// The client's tool of this name at Bedrock.
    #[must_use]
    pub fn client_tool(&self, bedrock_name: &str) -> Option<&ClientTool> {
        self.tools.get(bedrock_name)
    }

    /// The name at Bedrock of a client's tool.
    #[must_use]
    pub fn bedrock_name(&self, namespace: Option<&str>, name: &str) -> Option<&str> {
        self.by_client.get(&(namespace.map(Into::into), name.into())).map(String::as_str)
    }

    /// The tools, each with its name at Bedrock.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &ClientTool)> {
        self.tools.iter().map(|(name, tool)| (name.as_str(), tool))
    }

    /// Whether every tool is called the same at Bedrock and takes JSON, so that an answer's chunks are as the client wants them
    /// and need no [`ToolCallRestorer`](super::ToolCallRestorer).
    #[must_use]
    pub fn is_trivial(&self) -> bool {
        self.tools
            .iter()
            .all(|(name, tool)| *name == tool.name && tool.namespace.is_none() && !tool.is_custom)
    }

    /// Whether any tool is in a namespace.
    pub(crate) fn has_namespaces(&self) -> bool {
        self.tools.values().any(|tool| tool.namespace.is_some())
    }

    /// The name at Bedrock of a tool, which gets one if it has none.
    pub(super) fn assign(&mut self, namespace: Option<&str>, name: &str, is_custom: bool) -> String {
        if let Some(known) = self.bedrock_name(namespace, name) {
            return known.into();
        }
        let tool = ClientTool { name: name.into(), namespace: namespace.map(Into::into), is_custom };
        let bedrock_name = self.free_name(&tool);
        self.by_client.insert((tool.namespace.clone(), tool.name.clone()), bedrock_name.clone());
        self.tools.insert(bedrock_name.clone(), tool);
        bedrock_name
    }

    fn free_name(&self, tool: &ClientTool) -> String {
        let plain = match &tool.namespace {
            Some(namespace) => format!("{namespace}__{}", tool.name),
            None => tool.name.clone(),
        };
        legal(&plain, MAX_NAME_LEN, is_name_character, |name| !self.tools.contains_key(name))
    }
}

/// The text itself if it is legal, else a legal one that is made of it: its beginning, and a hash of all of it.
pub(super) fn legal(
    text: &str,
    max_len: usize,
    is_legal: fn(char) -> bool,
    is_free: impl Fn(&str) -> bool,
) -> String {
    if (1..=max_len).contains(&text.len()) && text.chars().all(is_legal) && is_free(text) {
        return text.into();
    }
    let beginning = text.chars().map(|c| if is_legal(c) { c } else { '_' });
    let beginning: String = beginning.take(max_len - 1 - HASH_DIGITS).collect();
    let mut hash = fnv1a(text);
    loop {
        let name = format!("{beginning}_{hash:0HASH_DIGITS$x}");
        if is_free(&name) {
            return name;
        }
        hash = hash.wrapping_add(1);
    }
}

/// FNV-1a. It need not be secure: two names of one hash get different numbers all the same.
fn fnv1a(text: &str) -> u32 {
    text.bytes().fold(0x811c_9dc5, |hash, byte| (hash ^ u32::from(byte)).wrapping_mul(0x0100_0193))
}

fn is_name_character(c: char) -> bool {
    c.is_ascii_alphanumeric() || matches!(c, '_' | '-')
}

const MAX_NAME_LEN: usize = 64;
const HASH_DIGITS: usize = 8;

#[cfg(test)]
mod tests {
    use alloc::string::String;

    use super::{MAX_NAME_LEN, ToolNames, is_name_character};

    /// Bug 27 of others: long or odd tool names.
    #[test]
    fn odd_names_become_legal_ones_and_come_back() {
        let mut names = ToolNames::default();
        let long: String = core::iter::repeat_n('x', 100).collect();
        let longer = long.clone() + "y";
        let odd = ["a.b", "a b", "a_b", "mcp/server:tool", "天气", &long, &longer, "a_b"];
        for name in odd {
            let at_bedrock = names.assign(None, name, false);
            assert!(
                at_bedrock.len() <= MAX_NAME_LEN && at_bedrock.chars().all(is_name_character),
                "{at_bedrock}"
            );
            assert_eq!(names.client_tool(&at_bedrock).map(|tool| &*tool.name), Some(name));
            assert_eq!(names.bedrock_name(None, name), Some(&*at_bedrock));
        }
        assert_eq!(names.tools.len(), 7);
        assert_eq!(names.bedrock_name(None, "a_b"), Some("a_b"));
        assert!(!names.is_trivial());
    }

    #[test]
    fn a_name_does_not_depend_on_the_others() {
        let (mut one, mut other) = (ToolNames::default(), ToolNames::default());
        one.assign(None, "a.b", false);
        one.assign(None, "c.d", false);
        other.assign(None, "c.d", true);
        assert_eq!(one.bedrock_name(None, "c.d"), other.bedrock_name(None, "c.d"));
    }

    #[test]
    fn a_name_that_is_taken_gets_another() {
        let mut names = ToolNames::default();
        let plain = names.assign(None, "crm__find", false);
        let flattened = names.assign(Some("crm"), "find", false);
        assert_eq!(plain, "crm__find");
        assert_ne!(flattened, plain);
        assert_eq!(names.assign(Some("crm"), "find", false), flattened);
        let made = names.assign(None, "a.b", false);
        let mut again = ToolNames::default();
        again.assign(None, &made, false);
        assert_ne!(again.assign(None, "a.b", false), made);
    }
}
