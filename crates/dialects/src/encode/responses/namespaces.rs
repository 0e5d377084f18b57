use alloc::collections::BTreeMap;
use alloc::string::String;

use crate::request::ToolNames;

/// The tools that the client has in namespaces, by the names that they have in chunks.
#[derive(Debug, Default)]
pub(super) struct Namespaces(BTreeMap<String, (String, String)>);

impl Namespaces {
    pub(super) fn new(names: &ToolNames) -> Self {
        let tools = names.iter().filter_map(|(at_bedrock, tool)| {
            Some((at_bedrock.into(), (tool.namespace.clone()?, tool.name.clone())))
        });
        Self(tools.collect())
    }

    /// The namespace of a tool, and its name in it.
    pub(super) fn split<'a>(&'a self, name: &'a str) -> (Option<&'a str>, &'a str) {
        match self.0.get(name) {
            Some((namespace, name)) => (Some(namespace), name),
            None => (None, name),
        }
    }
}
