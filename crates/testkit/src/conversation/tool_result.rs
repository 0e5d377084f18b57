/// The result of a tool call.
///
/// ```
/// use bedrock_stream_testkit::{FakeBedrock, answer};
///
/// let builder = FakeBedrock::builder().respond(|request| {
///     match request.conversation().tool_results.first() {
///         Some(result) if result.is_error => answer().text("I cannot tell."),
///         Some(result) => answer().text(&format!("It is {}.", result.text)),
///         None => answer().tool("weather", serde_json::json!({"city": "Paris"})),
///     }
/// });
/// # let _ = builder;
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct ToolResult {
    /// The id of the call; empty if the dialect has none.
    pub id: String,
    /// The name of the tool; none if the request does not have the call.
    pub name: Option<String>,
    /// The result as text; several texts are joined by spaces.
    pub text: String,
    /// Whether the request says that the tool failed. Chat Completions and Responses cannot say that.
    pub is_error: bool,
}
