use alloc::collections::BTreeMap;
use alloc::string::String;

use crate::request::ToolNames;

/// The client's tools, by the names that they have in chunks. Empty if none is in a namespace: then chunks have the
/// client's names.
#[derive(Debug, Default)]
pub(super) struct Namespaces(BTreeMap<String, (Option<String>, String)>);

impl Namespaces {
    pub(super) fn new(names: &ToolNames) -> Self {
        if !names.has_namespaces() {
            return Self::default();
        }
        let tools = names
            .iter()
            .map(|(at_bedrock, tool)| (at_bedrock.into(), (tool.namespace.clone(), tool.name.clone())));
        Self(tools.collect())
    }

    /// The namespace of a tool, and its name in it.
    pub(super) fn split<'a>(&'a self, name: &'a str) -> (Option<&'a str>, &'a str) {
        match self.0.get(name) {
            Some((namespace, name)) => (namespace.as_deref(), name),
            None => (None, name),
        }
    }
}
