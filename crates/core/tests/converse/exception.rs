//! Bedrock's errors inside the stream (C6).

use bedrock_stream_core::answer::{Error, Exception};
use bedrock_stream_core::converse::Event;

use super::wire::{decode_bytes, error, exception, message};

#[test]
fn c6_each_exception_has_its_status_and_retry_advice() {
    for (name, payload, status, retryable) in [
        ("throttlingException", r#"{"message":"m"}"#, Some(429), true),
        ("serviceUnavailableException", r#"{"message":"m"}"#, Some(503), true),
        ("internalServerException", r#"{"message":"m"}"#, Some(500), true),
        ("modelStreamErrorException", r#"{"message":"m"}"#, Some(424), true),
        ("modelStreamErrorException", r#"{"message":"m","originalStatusCode":529}"#, Some(529), true),
        ("modelStreamErrorException", r#"{"message":"m","originalStatusCode":503.0}"#, Some(503), true),
        ("modelStreamErrorException", r#"{"message":"m","originalStatusCode":null}"#, Some(424), true),
        ("modelTimeoutException", r#"{"message":"m"}"#, Some(408), true),
        ("validationException", r#"{"message":"m"}"#, Some(400), false),
        ("brandNewException", r#"{"message":"m","originalStatusCode":503}"#, None, false),
    ] {
        let Ok(Event::Exception(event)) = decode_bytes(&exception(name, payload.as_bytes())) else {
            panic!()
        };
        assert_eq!((event.http_status(), event.is_retryable()), (status, retryable), "{name}");
        assert_eq!((&*event.name, event.message.as_deref()), (name, Some("m")));
        assert_eq!(event.payload, payload.as_bytes());
        let error = Error::Exception(Box::new(event));
        assert_eq!((error.http_status(), error.is_retryable(), error.is_final()), (status, retryable, true));
        assert!(error.to_string().contains(&format!("{name}: m")), "{error}");
    }
}

#[test]
fn c6_vendor_errors_have_their_status_and_retry_advice() {
    for (name, status, retryable) in [
        ("overloaded_error", Some(529), true),
        ("rate_limit_error", Some(429), true),
        ("api_error", Some(500), true),
        ("timeout_error", Some(504), true),
        ("invalid_request_error", Some(400), false),
        ("authentication_error", Some(401), false),
        ("permission_error", Some(403), false),
        ("not_found_error", Some(404), false),
        ("request_too_large", Some(413), false),
        ("server_error", Some(500), true),
        ("rate_limit_exceeded", Some(429), true),
        ("vector_store_timeout", Some(504), true),
        ("server_is_overloaded", Some(503), true),
        ("slow_down", Some(503), true),
        ("service_unavailable_error", Some(503), true),
        ("BadRequestError", Some(400), false),
        ("NotFoundError", Some(404), false),
        ("InternalServerError", Some(500), true),
        ("ServiceUnavailableError", Some(503), true),
        ("insufficient_quota", Some(429), false),
        ("invalid_prompt", Some(400), false),
        ("context_length_exceeded", Some(400), false),
        ("image_too_large", Some(400), false),
        ("400", Some(400), false),
        ("408", Some(408), true),
        ("424", Some(424), false),
        ("429", Some(429), true),
        ("501", Some(501), false),
        ("502", Some(502), true),
        ("529", Some(529), true),
        ("599", Some(599), false),
        ("200", None, false),
        ("399", None, false),
        ("600", None, false),
        ("65929", None, false),
        ("-429", None, false),
        ("tool_error", None, false),
        // The names of refusals.
        ("ThrottlingException", Some(429), true),
        ("InternalServerException", Some(500), true),
        ("ModelStreamErrorException", Some(424), true),
        ("ValidationException", Some(400), false),
        ("ÜberException", None, false),
        ("", None, false),
    ] {
        let mut exception = Exception::new(name, r#"{"type":"error"}"#);
        assert_eq!((exception.http_status(), exception.is_retryable()), (status, retryable), "{name}");
        exception.after_stop = true;
        assert_eq!((exception.http_status(), exception.is_retryable()), (status, false), "{name}");
    }
}

#[test]
fn c6_the_message_is_found_in_every_vendors_format() {
    for (payload, message) in [
        (r#"{"message":"m"}"#, Some("m")),
        (r#"{"Message":"m"}"#, Some("m")),
        (r#"{"errorMessage":"m"}"#, Some("m")),
        (r#"{"type":"error","error":{"type":"overloaded_error","message":"m"},"request_id":"r"}"#, Some("m")),
        (r#"{"error":{"Message":"m","code":null}}"#, Some("m")),
        (r#"{"error":"m"}"#, Some("m")),
        (r#"{"error":{"message":"inner"},"message":"m"}"#, Some("m")),
        (r#"{"message":null,"error":"m"}"#, Some("m")),
        (r#"{"message":5,"error":{"message":"m"}}"#, Some("m")),
        (r#"{"error":null}"#, None),
        (r#"{"error":{"message":null}}"#, None),
        (r#"{"error":{"error":{"message":"too deep"}}}"#, None),
        (r#"{"error":["m"]}"#, None),
    ] {
        assert_eq!(Exception::new("e", payload).message.as_deref(), message, "{payload}");
    }
    let deep = format!(r#"{{"error":{}1{}}}"#, r#"{"a":"#.repeat(50_000), "}".repeat(50_000));
    assert_eq!(Exception::new("e", deep).message, None);
}

#[test]
fn c6_an_exception_is_reported_whatever_its_payload() {
    for payload in [&b""[..], b"not JSON", b"[]", b"{\"message\":5}", b"\xff\xfe", b"{\"message\":\"\\ud83d"]
    {
        let Ok(Event::Exception(event)) = decode_bytes(&exception("throttlingException", payload)) else {
            panic!("{payload:?}")
        };
        assert_eq!(
            (&*event.name, &*event.payload, event.message.as_ref()),
            ("throttlingException", payload, None)
        );
        assert!(event.is_retryable());
        // The error can be formatted.
        assert!(serde_json::to_string(&Event::Exception(event)).is_ok());
    }
    let lone =
        exception("xException", br#"{"message":"a\ud83d","originalMessage":"b","originalStatusCode":"?"}"#);
    let Ok(Event::Exception(event)) = decode_bytes(&lone) else { panic!() };
    assert_eq!(event.message.as_deref(), Some("a\u{fffd}"));
    assert_eq!((event.original_message.as_deref(), event.original_status_code), (Some("b"), None));
    let nameless = message(&[(":message-type", "exception")], b"{}");
    assert_eq!(decode_bytes(&nameless), Ok(Event::Exception(Exception::new("", "{}"))));
}

#[test]
fn c6_an_error_message_is_retryable_if_its_code_is_like_internal_error() {
    for (code, retryable) in [
        ("InternalError", true),
        ("InternalFailure", true),
        ("InternalServerError", true),
        ("ValidationError", false),
        ("", false),
    ] {
        let Ok(Event::Error(event)) = decode_bytes(&error(code, "m")) else { panic!() };
        assert_eq!(event.is_retryable(), retryable, "{code}");
        let error = Error::UnmodeledError(event);
        assert_eq!((error.is_retryable(), error.is_final(), error.http_status()), (retryable, true, None));
    }
}
