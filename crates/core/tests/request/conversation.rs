//! A conversation that continues: alternating roles, and messages that are sent back.

use bedrock_stream_core::answer::{IntoMessageError, Response};
use bedrock_stream_core::content::{
    ContentBlock, ImageBlock, ImageFormat, Message, Role, ToolInput, ToolUseBlock,
};
use bedrock_stream_core::converse::Request;
use serde_json::json;

fn said(request: &Request) -> serde_json::Value {
    serde_json::to_value(&request.messages).unwrap()
}

#[test]
fn messages_of_one_role_are_merged() {
    let mut request = Request::new();
    request.push("Hello.").push(String::from("Look:"));
    request.push(Message::user(ImageBlock::new(ImageFormat::Png, vec![0])));
    request.push(Message::assistant("I see.")).push(Message::assistant("Nothing."));
    request.push("Look again.");
    let expected = json!([
        {"role": "user", "content": [
            {"text": "Hello."}, {"text": "Look:"}, {"image": {"format": "png", "source": {"bytes": "AA=="}}},
        ]},
        {"role": "assistant", "content": [{"text": "I see."}, {"text": "Nothing."}]},
        {"role": "user", "content": [{"text": "Look again."}]},
    ]);
    assert_eq!(said(&request), expected);
    assert_eq!(request.lint(), []);
}

#[test]
fn messages_of_an_iterator() {
    let history = vec![Message::user("a"), Message::user("b"), Message::assistant("c")];
    let request = Request::new().system("Be brief.").messages(history).messages(["d", "e"]);
    let roles = request.messages.as_ref().unwrap().iter().map(|message| &message.role);
    assert!(roles.eq([&Role::User, &Role::Assistant, &Role::User]));
    assert_eq!(request.messages.as_ref().unwrap()[2].content.len(), 2);
    assert_eq!(request.lint(), []);
    assert_eq!(Request::new().messages([""; 0]), Request::new(), "an empty list changes nothing");
}

#[test]
fn unknown_members_of_a_message_are_not_lost() {
    let mut odd = Message::user("b");
    odd.other.set("hologram", json!(1));
    let mut request = Request::new().user("a");
    request.push(odd).push("c");
    let expected = json!([
        {"role": "user", "content": [{"text": "a"}]},
        {"role": "user", "content": [{"text": "b"}, {"text": "c"}], "hologram": 1},
    ]);
    assert_eq!(said(&request), expected);
}

#[test]
fn a_message_is_added_as_it_is() {
    let request = Request::new().message("a").message(Message::user("b")).user("c");
    assert_eq!(request.messages.unwrap().len(), 3);
}

#[test]
fn a_text_is_a_user_message() {
    assert_eq!(Message::from("a"), Message::user("a"));
    assert_eq!(Message::from(String::from("a")), Message::user("a"));
}

#[test]
fn a_response_is_a_message_if_it_can_be_sent_back() {
    let mut request = Request::new().user("a");
    let response = Response::from(Message::assistant("b"));
    request.push(Message::try_from(response).unwrap());
    assert_eq!(request.messages.unwrap().len(), 2);

    assert_eq!(Message::try_from(Response::default()), Err(IntoMessageError::Empty));
    let input = ToolInput::truncated("{");
    let call = ContentBlock::ToolUse(ToolUseBlock::new("1", "n", input));
    let response = Response::from(Message::assistant(call));
    assert!(matches!(Message::try_from(response), Err(IntoMessageError::ToolInput(_))));
}
