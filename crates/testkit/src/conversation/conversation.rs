use std::collections::HashMap;

use serde_json::Value;

use super::said::{Speaker, read};
use super::tool_result::ToolResult;
use crate::rng::digest;

/// The content of a request, in any dialect. A script chooses its replies by this, and so can a closure:
/// [`ReceivedRequest::conversation`](crate::ReceivedRequest::conversation).
///
/// Everything is read from the messages of the request itself, which has the whole conversation; the fake remembers none.
///
/// ```
/// use bedrock_stream_testkit::{Answer, Conversation, FakeBedrock, answer};
///
/// /// A model that repeats what the user said.
/// fn reply(said: &Conversation) -> Answer {
///     match said.turn {
///         1 => answer().text(&format!("You said: {}", said.prompt)),
///         turn => answer().text(&format!("In turn {turn} you said: {}", said.prompt)),
///     }
/// }
///
/// let builder = FakeBedrock::builder().respond(|request| reply(&request.conversation()));
/// # let _ = builder;
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Conversation {
    /// The system prompt; several texts are joined by line breaks.
    pub system: String,
    /// The user's last text. It stays the same while the model and its tools are at work, since tool results do not count.
    pub prompt: String,
    /// Which answer of the conversation is asked for, counted from 1. Adjacent messages of the assistant are one answer; those at
    /// the end, which the model is to continue, do not count.
    pub turn: u64,
    /// The tool results that came since the last answer, in order.
    pub tool_results: Vec<ToolResult>,
    /// The text of the user's last message: empty if that has tool results alone.
    pub(crate) last_text: String,
    /// A digest of the user's first message.
    opening: u64,
}

impl Conversation {
    /// Reads a request's body. Unknown members are ignored.
    pub(crate) fn read(body: &Value) -> Self {
        let mut conversation = Self {
            system: String::new(),
            prompt: String::new(),
            turn: 1,
            tool_results: Vec::new(),
            last_text: String::new(),
            opening: 0,
        };
        let mut names: HashMap<&str, &str> = HashMap::new();
        let (mut is_answering, mut has_begun) = (false, false);
        for said in read(body) {
            names.extend(said.calls);
            match said.by {
                Speaker::System => conversation.add_system(&said.text),
                Speaker::Assistant => is_answering = true,
                Speaker::User => {
                    if std::mem::take(&mut is_answering) {
                        conversation.turn += 1;
                        conversation.tool_results.clear();
                    }
                    if !std::mem::replace(&mut has_begun, true) {
                        conversation.opening = match &*said.text {
                            "" => digest(said.raw.to_string().as_bytes()),
                            text => digest(text.as_bytes()),
                        };
                    }
                    if !said.text.is_empty() {
                        conversation.prompt.clone_from(&said.text);
                    }
                    conversation.last_text = said.text;
                    conversation.tool_results.extend(said.results.into_iter().map(|result| {
                        let name = names.get(&*result.id).map(|name| (*name).to_owned());
                        ToolResult { name: result.name.or(name), ..result }
                    }));
                }
            }
        }
        conversation
    }

    /// Identifies this conversation among others with the same model by its first user message. The system prompt does not count,
    /// since many clients write the time into it.
    pub(crate) fn id(&self, model_id: &str) -> u64 {
        self.opening ^ digest(model_id.as_bytes()).rotate_left(32)
    }

    fn add_system(&mut self, text: &str) {
        if !self.system.is_empty() && !text.is_empty() {
            self.system.push('\n');
        }
        self.system.push_str(text);
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    /// The same conversation in every dialect: a question, two calls, their results.
    fn looped() -> Vec<(&'static str, Value)> {
        vec![
            (
                "converse",
                json!({"system": [{"text": "Be brief."}], "messages": [
                    {"role": "user", "content": [{"text": "Paris?"}]},
                    {"role": "assistant", "content": [
                        {"toolUse": {"toolUseId": "a", "name": "look", "input": {}}},
                        {"toolUse": {"toolUseId": "b", "name": "ask", "input": {}}}]},
                    {"role": "user", "content": [
                        {"toolResult": {"toolUseId": "a", "content": [{"text": "Sunny"}]}},
                        {"toolResult": {"toolUseId": "b", "content": [{"json": {"t": 1}}]}}]},
                ]}),
            ),
            (
                "messages",
                json!({"system": "Be brief.", "messages": [
                    {"role": "user", "content": "Paris?"},
                    {"role": "assistant", "content": [
                        {"type": "thinking", "thinking": "x", "signature": "y"},
                        {"type": "tool_use", "id": "a", "name": "look", "input": {}},
                        {"type": "tool_use", "id": "b", "name": "ask", "input": {}}]},
                    {"role": "user", "content": [
                        {"type": "tool_result", "tool_use_id": "a", "content": "Sunny"},
                        {"type": "tool_result", "tool_use_id": "b", "content": [{"type": "text", "text": "{\"t\":1}"}]}]},
                ]}),
            ),
            (
                "chat",
                json!({"messages": [
                    {"role": "developer", "content": "Be brief."},
                    {"role": "user", "content": [{"type": "text", "text": "Paris?"}]},
                    {"role": "assistant", "content": null, "tool_calls": [
                        {"id": "a", "type": "function", "function": {"name": "look", "arguments": "{}"}},
                        {"id": "b", "type": "function", "function": {"name": "ask", "arguments": "{}"}}]},
                    {"role": "tool", "tool_call_id": "a", "content": "Sunny"},
                    {"role": "tool", "tool_call_id": "b", "content": "{\"t\":1}"},
                ]}),
            ),
            (
                "responses",
                json!({"instructions": "Be brief.", "input": [
                    {"role": "user", "content": "Paris?"},
                    {"type": "reasoning", "summary": []},
                    {"type": "function_call", "call_id": "a", "name": "look", "arguments": "{}"},
                    {"type": "function_call", "call_id": "b", "name": "ask", "arguments": "{}"},
                    {"type": "function_call_output", "call_id": "a", "output": "Sunny"},
                    {"type": "function_call_output", "call_id": "b", "output": [{"type": "input_text", "text": "{\"t\":1}"}]},
                ]}),
            ),
        ]
    }

    #[test]
    fn every_dialect_says_the_same() {
        for (dialect, body) in looped() {
            let read = Conversation::read(&body);
            assert_eq!((&*read.system, &*read.prompt, read.turn), ("Be brief.", "Paris?", 2), "{dialect}");
            let results: Vec<_> = read
                .tool_results
                .iter()
                .map(|result| (&*result.id, result.name.as_deref(), &*result.text, result.is_error))
                .collect();
            let expected = [("a", Some("look"), "Sunny", false), ("b", Some("ask"), r#"{"t":1}"#, false)];
            assert_eq!(results, expected, "{dialect}");
        }
    }

    /// Whether they are blocks or messages.
    #[test]
    fn system_texts_are_joined_by_line_breaks() {
        let hi = json!({"role": "user", "content": "Hi"});
        for body in [
            json!({"system": [{"text": "One."}, {"text": "Two."}], "messages": [{"role": "user", "content": [{"text": "Hi"}]}]}),
            json!({"system": [{"type": "text", "text": "One."}, {"type": "text", "text": "Two."}], "messages": [hi]}),
            json!({"messages": [{"role": "system", "content": "One."}, {"role": "developer", "content": "Two."}, hi]}),
        ] {
            assert_eq!(Conversation::read(&body).system, "One.\nTwo.", "{body}");
        }
    }

    #[test]
    fn results_are_those_since_the_last_answer() {
        for (dialect, mut body) in looped() {
            let list = if dialect == "responses" { "input" } else { "messages" };
            let items = body[list].as_array_mut().expect("it is a list");
            let text = |text: &str| match dialect {
                "converse" => json!([{"text": text}]),
                _ => json!(text),
            };
            items.push(json!({"role": "assistant", "content": text("It is sunny.")}));
            let read = Conversation::read(&body);
            assert_eq!((read.turn, read.tool_results.len()), (2, 2), "{dialect}: it shall be continued");

            let items = body[list].as_array_mut().expect("it is a list");
            items.push(json!({"role": "user", "content": text("And Rome?")}));
            let read = Conversation::read(&body);
            assert_eq!((read.turn, read.tool_results.len(), &*read.prompt), (3, 0, "And Rome?"), "{dialect}");
        }
    }

    #[test]
    fn the_last_text_is_that_of_the_last_message() {
        for (dialect, body) in looped() {
            assert_eq!(Conversation::read(&body).last_text, "", "{dialect}: it has results alone");
        }
        let templated = json!({"input": "Paris?", "prompt": {"id": "pmpt_1"}});
        assert_eq!(Conversation::read(&templated).last_text, "Paris?");
    }

    #[test]
    fn prompts_of_invoked_models() {
        for body in [
            json!({"inputText": "Paris?"}),
            json!({"prompt": "Paris?"}),
            json!({"message": "Paris?"}),
            json!({"input": "Paris?"}),
            json!({"input": {"converse": {"messages": [{"role": "user", "content": [{"text": "Paris?"}]}]}}}),
            json!({"source": "INPUT", "content": [{"text": {"text": "Paris?"}}]}),
        ] {
            let read = Conversation::read(&body);
            assert_eq!((&*read.prompt, read.turn), ("Paris?", 1), "{body}");
        }
        let claude = "Be brief.\n\nHuman: Paris?\n\nAssistant: Sunny.\n\nHuman: And Rome?\n\nAssistant:";
        let read = Conversation::read(&json!({"prompt": claude}));
        assert_eq!((&*read.system, &*read.prompt, read.turn), ("Be brief.", "And Rome?", 2));
        let begun = Conversation::read(&json!({"prompt": "\n\nHuman: Paris?\n\nAssistant:"}));
        assert_eq!((begun.turn, begun.id("m")), (1, read.id("m")));
        let cohere = json!({
            "preamble": "Be brief.", "message": "And?",
            "chat_history": [{"role": "USER", "message": "Paris?"}, {"role": "CHATBOT", "message": "Sunny."}],
            "tool_results": [{"call": {"name": "look", "parameters": {}}, "outputs": [{"t": 1}]}],
        });
        let read = Conversation::read(&cohere);
        assert_eq!((&*read.system, &*read.prompt, read.turn), ("Be brief.", "And?", 2));
        assert_eq!(read.tool_results[0].name.as_deref(), Some("look"));
        assert_eq!(read.tool_results[0].text, r#"[{"t":1}]"#);
    }

    #[test]
    fn a_conversation_is_told_by_how_it_began() {
        let id = |body: &Value| Conversation::read(body).id("m");
        for (dialect, body) in looped() {
            let mut first = body.clone();
            let list = if dialect == "responses" { "input" } else { "messages" };
            first[list].as_array_mut().expect("it is a list").truncate(2);
            first["system"] = json!("Now it is 12:01.");
            assert_eq!(id(&first), id(&body), "{dialect}");
            let other: Value =
                serde_json::from_str(&body.to_string().replace("Paris?", "Rome?")).expect("it is JSON");
            assert_ne!(id(&other), id(&body), "{dialect}");
            assert_ne!(Conversation::read(&body).id("other"), id(&body), "{dialect}");
        }
    }

    #[test]
    fn failures_are_told_where_the_dialect_can() {
        let converse = json!([{"toolResult": {"toolUseId": "a", "content": [], "status": "error"}}]);
        let messages = json!([{"type": "tool_result", "tool_use_id": "a", "is_error": true}]);
        for content in [converse, messages] {
            let read = Conversation::read(&json!({"messages": [{"role": "user", "content": content}]}));
            assert!(read.tool_results[0].is_error, "{content}");
        }
    }

    #[test]
    fn what_is_no_request_says_nothing() {
        for body in
            [Value::Null, json!([]), json!({"messages": 1, "input": [1, null]}), json!({"messages": [[], 7]})]
        {
            let read = Conversation::read(&body);
            assert_eq!((&*read.prompt, read.turn, read.tool_results.len()), ("", 1, 0), "{body}");
        }
    }
}
