//! What is retried, and that every attempt is reported.

use std::time::Duration;

use bedrock_stream_http::converse::Request;
use bedrock_stream_http::{ErrorDetail, Retry};

use crate::events::{self, ask, exception};
use crate::reply::{Part, Reply};
use crate::server::Server;
use crate::subject::Subject;

matrix! {
    transient_failures_are_retried_only_before_the_first_chunk
    an_exception_as_the_first_message_is_retried
    every_attempt_is_reported
    #[cfg(feature = "sigv4")]
    attempts_are_reported_if_credentials_run_out
    attempts_are_reported_with_any_final_error
}

const JSON: &str = "content-type: application/json";

fn quick() -> Retry {
    Retry::default().base(Duration::from_millis(1))
}

async fn transient_failures_are_retried_only_before_the_first_chunk(subject: Subject) {
    let busy = Reply::whole(503, JSON, b"{}");
    let refused = |status| Reply::whole(status, JSON, b"{}");
    let throttled = Reply::event_stream([Part::data(exception("throttlingException"))]);
    let late = Reply::event_stream([Part::data(
        [events::answer()[0].clone(), exception("throttlingException")].concat(),
    )]);
    let broken_late = Reply::event_stream([Part::data(events::answer()[0].clone()), Part::Abort]);
    let whole = Reply::answer();
    for (replies, expected_requests, complete) in [
        (vec![busy.clone(), whole.clone()], 2, true),
        (vec![refused(429), refused(500), whole.clone()], 3, true),
        (vec![refused(502), refused(504), whole.clone()], 3, true),
        (vec![busy.clone(), throttled.clone(), whole.clone()], 3, true),
        (vec![Reply::gone(), whole.clone()], 2, true),
        (vec![busy.clone(), busy, throttled.clone(), whole.clone()], 3, false),
        (vec![refused(400), whole.clone()], 1, false),
        (vec![late, whole.clone()], 1, false),
        (vec![broken_late, whole], 1, false),
    ] {
        let mut server = Server::script(subject, replies).await;
        let client = server.client(server.bearer().retry(quick()));
        let result = match ask(&client).await {
            Ok(chunks) => chunks.collect().await.map_err(|error| error.error),
            Err(error) => Err(error),
        };
        assert_eq!(result.is_ok(), complete, "{result:?}");
        assert_eq!(server.count(), expected_requests, "{result:?}");
    }
}

async fn an_exception_as_the_first_message_is_retried(subject: Subject) {
    for (name, again) in [
        ("throttlingException", true),
        ("serviceUnavailableException", true),
        ("internalServerException", true),
        ("modelStreamErrorException", true),
        ("modelTimeoutException", true),
        ("validationException", false),
        ("brandNewException", false),
    ] {
        let first = Reply::event_stream([Part::data(exception(name))]);
        let mut server = Server::script(subject, vec![first, Reply::answer()]).await;
        let result = ask(&server.client(server.bearer().retry(quick()))).await;
        assert_eq!(result.is_ok(), again, "{name}");
        match result {
            Ok(chunks) => assert_eq!(chunks.collect().await.unwrap().text(), "Hello, world"),
            Err(error) => assert_eq!((error.code(), error.request_id()), (Some(name), Some("r-1"))),
        }
        assert_eq!(server.count(), if again { 2 } else { 1 }, "{name}");
    }
}

async fn every_attempt_is_reported(subject: Subject) {
    let head = format!("{JSON}\nx-amzn-errortype: ThrottlingException\nx-amzn-requestid: r-2");
    let busy = Reply::whole(429, &head, br#"{"message":"Slow down: my-api-key"}"#);
    let invalid = Reply::whole(400, JSON, br#"{"message":"No."}"#);
    let server = Server::script(subject, vec![busy, Reply::gone(), invalid]).await;
    let error = ask(&server.client(server.bearer().retry(quick()))).await.unwrap_err();
    assert!(matches!(error.detail(), ErrorDetail::Refusal(_)), "{error:?}");
    let [first, second] = error.earlier_attempts() else { panic!("{error:?}") };
    assert_eq!(first.status.unwrap(), 429);
    assert_eq!(first.code.as_deref(), Some("ThrottlingException"));
    assert_eq!(first.request_id.as_deref(), Some("r-2"));
    assert_eq!((second.status, second.code.as_deref()), (None, None));
    assert!(second.cause.starts_with("no response from "), "{second:?}");
    assert!(first.wait <= Duration::from_millis(1) && second.wait <= Duration::from_millis(2));
    let sentence = error.to_string();
    let expected = "refused: HTTP 400 Bad Request: No.; before that: refused: ThrottlingException (429): Slow down: *** \
                    [request id r-2] (next attempt after ";
    assert!(sentence.starts_with(expected), "{sentence}");
    assert!(sentence.contains("), then: no response from "), "{sentence}");
    assert!(!format!("{error:?}").contains("my-api-key"));
}

/// Credentials that can be obtained only once.
#[cfg(feature = "sigv4")]
async fn attempts_are_reported_if_credentials_run_out(subject: Subject) {
    use std::sync::atomic::{AtomicBool, Ordering::Relaxed};

    use bedrock_stream_http::{Credentials, CredentialsError, CredentialsFuture, ProvideCredentials};

    #[derive(Debug)]
    struct Once(AtomicBool);

    impl ProvideCredentials for Once {
        fn credentials(&self) -> CredentialsFuture<'_> {
            let first = !self.0.swap(true, Relaxed);
            Box::pin(async move {
                if first {
                    Ok(Credentials::new("AKID", "secret"))
                } else {
                    Err(CredentialsError::new("gone"))
                }
            })
        }
    }

    let server = Server::start(subject, Reply::whole(503, JSON, br#"{"message":"Busy."}"#)).await;
    let config = server.builder().region("us-east-1").credentials(Once(AtomicBool::new(false)));
    let error = ask(&server.client(config.retry(quick()))).await.unwrap_err();
    assert!(matches!(error.detail(), ErrorDetail::Credentials(_)), "{error:?}");
    let sentence = error.with_causes();
    let expected = "no AWS credentials: gone; before that: refused: HTTP 503 Service Unavailable: Busy. (next attempt after ";
    assert!(sentence.starts_with(expected), "{sentence}");
}

/// A 503 response, followed by the failure that ends the request, before the first chunk or long after it.
async fn attempts_are_reported_with_any_final_error(subject: Subject) {
    let start = || Part::data(events::answer()[0].clone());
    let whole = |body: &[u8]| Reply::whole(200, JSON, body);
    for (last, converse) in [
        (Reply::event_stream([]), false),
        (Reply::event_stream([start()]), false),
        (Reply::event_stream([start(), Part::Abort]), false),
        (Reply::event_stream([start(), Part::data(exception("throttlingException"))]), false),
        (Reply::event_stream([start(), Part::data("<html>, as a proxy sends it in the middle")]), false),
        (whole(b"{}"), false),
        (whole(b"[]"), true),
        (whole(&[b' '; 5001]), true),
        (Reply::answer(), true),
        (Reply::broken(200, JSON, [Part::data("{")]), true),
    ] {
        let busy = Reply::whole(503, JSON, br#"{"message":"Busy."}"#);
        let mut server = Server::script(subject, vec![busy, last]).await;
        let config = server.bearer().retry(quick().max_attempts(2)).max_response_len(5000);
        let client = server.client(config);
        let error = if converse {
            client.converse("m", &Request::new().user("Hi")).await.unwrap_err()
        } else {
            let items = events::ask_and_read(&client).await;
            events::last_error(&items).clone()
        };
        let [first] = error.earlier_attempts() else { panic!("{error:?}") };
        assert_eq!(first.status.unwrap(), 503);
        let expected = "; before that: refused: HTTP 503 Service Unavailable: Busy. (next attempt after ";
        assert!(error.to_string().contains(expected), "{error}");
        assert_eq!(server.count(), 2);
    }

    // The messages of an event stream are not interpreted, but their errors still list the attempts.
    let cut = Reply::event_stream([Part::data(events::answer()[0][..20].to_vec())]);
    let busy = Reply::whole(503, JSON, b"{}");
    let server = Server::script(subject, vec![busy, cut]).await;
    let client = server.client(server.bearer().retry(quick()));
    let mut messages = client.converse_stream("m", "{}").message_stream().await.unwrap();
    let error = messages.next_with(|_| ()).await.unwrap().unwrap_err();
    assert!(matches!(error.detail(), ErrorDetail::Frame(_)), "{error:?}");
    assert_eq!(error.earlier_attempts().len(), 1);
    assert!(error.to_string().contains("; before that: refused: HTTP 503"), "{error}");
}
