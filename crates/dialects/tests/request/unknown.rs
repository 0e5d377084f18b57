//! What happens to a member that nobody knows, at every place in it.

use bedrock_stream_dialects::Dialect::{Chat, Messages, Responses};
use bedrock_stream_dialects::request::{LeftOutReason, Options};
use serde_json::json;

use super::ask::{left_out, try_read};
use super::full::{full, pointers};

/// Where any member may stand: free JSON, which Bedrock gets, and what is left out as a whole.
fn is_free(pointer: &str) -> bool {
    ["schema", "input_schema", "parameters", "input", "thinking", "metadata"]
        .iter()
        .any(|name| pointer.ends_with(&format!("/{name}")))
}

/// Bug 31 of others, in general.
#[test]
fn a_member_that_is_not_known_is_told_wherever_it_is() {
    for dialect in [Chat, Responses, Messages] {
        let body = full(dialect);
        let read = try_read(dialect, &body, &Options::new()).unwrap();
        assert_eq!(left_out(&read, LeftOutReason::Unknown), [""; 0]);
        let mut objects = 0;
        for pointer in pointers(&body).into_iter().chain([String::new()]) {
            if !body.pointer(&pointer).unwrap().is_object() || is_free(&pointer) {
                continue;
            }
            objects += 1;
            let mut changed = body.clone();
            changed.pointer_mut(&pointer).unwrap()["new_member"] = json!({"a": [1]});
            let read = try_read(dialect, &changed, &Options::new()).unwrap();
            let told = left_out(&read, LeftOutReason::Unknown);
            let (separator, brackets) = if dialect == Messages { (".", ("", "")) } else { ("", ("[", "]")) };
            let expected = path(&format!("{pointer}/new_member"), separator, brackets);
            assert_eq!(told, [expected]);
            // Nothing else changed.
            let other = try_read(dialect, &body, &Options::new()).unwrap();
            assert_eq!(read.request, other.request);
        }
        assert!(objects > 15, "{objects}");
    }
}

/// A JSON pointer as the dialect writes it.
fn path(pointer: &str, separator: &str, (open, close): (&str, &str)) -> String {
    let mut path = String::new();
    for step in pointer.split('/').skip(1) {
        if step.bytes().all(|byte| byte.is_ascii_digit()) {
            path += &format!("{separator}{open}{step}{close}");
        } else {
            path += &format!("{}{step}", if path.is_empty() { "" } else { "." });
        }
    }
    path
}
