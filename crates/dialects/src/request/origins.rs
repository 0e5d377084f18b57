use alloc::vec::Vec;

use bedrock_stream_core::converse::ConstraintViolation;

use super::error::{Problem, RequestErrorReason};
use super::path::Path;

/// Where the parts of the request to Bedrock come from in the client's, so that an error names what the client wrote.
#[derive(Debug, Default)]
pub(super) struct Origins {
    /// Of each block of each message.
    pub(super) messages: Vec<Vec<Path>>,
    /// Of each block of the system prompt.
    pub(super) system: Vec<Path>,
    /// Of each tool.
    pub(super) tools: Vec<Path>,
    /// Of other members, by how their paths begin at Bedrock.
    others: Vec<(&'static str, Path)>,
}

impl Origins {
    /// Records where a member of the request to Bedrock comes from.
    pub(super) fn note(&mut self, at_bedrock: &'static str, path: &Path) {
        self.others.push((at_bedrock, path.clone()));
    }

    /// The error that the client gets for something that Bedrock refuses.
    pub(super) fn problem(&self, violation: ConstraintViolation, body: &Path, messages: &Path) -> Problem {
        let path = self.path(&violation.path, messages).unwrap_or(body);
        Problem::new(path.clone(), RequestErrorReason::Constraint { constraint: violation.reason })
    }

    fn path<'a>(&'a self, at_bedrock: &str, messages: &'a Path) -> Option<&'a Path> {
        if let Some(rest) = at_bedrock.strip_prefix("messages") {
            let Some((message, rest)) = index(rest) else { return Some(messages) };
            let blocks = self.messages.get(message)?;
            let block = rest.strip_prefix(".content").and_then(index).map_or(0, |(block, _)| block);
            return blocks.get(block).or(Some(messages));
        }
        for (name, paths) in [("system", &self.system), ("toolConfig.tools", &self.tools)] {
            if let Some((item, _)) = at_bedrock.strip_prefix(name).and_then(index) {
                return paths.get(item);
            }
        }
        self.others.iter().find(|(name, _)| at_bedrock.starts_with(name)).map(|(_, path)| path)
    }
}

/// The number in brackets that a text begins with, and the rest.
fn index(text: &str) -> Option<(usize, &str)> {
    let (number, rest) = text.strip_prefix('[')?.split_once(']')?;
    Some((number.parse().ok()?, rest))
}
