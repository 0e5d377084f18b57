/// How many pieces of an answer its dialect had no place for, by kind. The model wrote all of these but the unknown ones.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct LeftOut {
    /// Images.
    pub images: u64,
    /// Calls of tools that the service runs. They must not look like calls of the client's tools.
    pub server_tool_calls: u64,
    /// Results of such calls.
    pub tool_results: u64,
    /// Citations of a kind that the dialect does not have.
    pub citations: u64,
    /// Events and members that are unknown.
    pub unknown: u64,
}

impl LeftOut {
    /// Whether something that the model wrote was left out.
    #[must_use]
    pub const fn has_content(&self) -> bool {
        let Self { images, server_tool_calls, tool_results, citations, unknown: _ } = *self;
        images != 0 || server_tool_calls != 0 || tool_results != 0 || citations != 0
    }
}
