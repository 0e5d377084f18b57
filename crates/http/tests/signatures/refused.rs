//! A request that cannot be signed causes an error that says why, and is not changed.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use bedrock_stream_http::{Config, Credentials, ErrorDetail, Operation, SigningScope, sign};

#[tokio::test]
async fn credentials_that_are_not_allowed_in_a_header_are_an_error() {
    for (id, token) in [("AKID\n", None), ("", None), ("AKID", Some("tok\r\nen")), ("AKID", Some(""))] {
        let mut credentials = Credentials::new(id, "wJalrXUtn");
        if let Some(token) = token {
            credentials = credentials.with_session_token(token);
        }
        let config = Config::builder().region("us-east-1").credentials(credentials).build().unwrap();
        let now = SystemTime::now();
        let error = config.request(&Operation::converse("m").unwrap(), "{}".into(), now).await.unwrap_err();
        assert!(matches!(error.detail(), ErrorDetail::Signature(_)), "{error:?}");
        assert!(!format!("{error} {error:?} {config:?}").contains("wJalrXUtn"));
    }
}

#[tokio::test]
async fn a_region_that_is_not_allowed_in_a_header_is_an_error() {
    let builder =
        Config::builder().endpoint_url("http://localhost").credentials(Credentials::new("AKID", "secret"));
    let config = builder.region("us-east-1\n").build().unwrap();
    let error =
        config.request(&Operation::converse("m").unwrap(), "{}".into(), SystemTime::now()).await.unwrap_err();
    assert_eq!(error.to_string(), "\"us-east-1\\n\" is not the name of an AWS region, such as us-east-1");
}

#[test]
fn a_request_that_cannot_be_signed_is_unchanged() {
    let credentials = Credentials::new("AKID", "wJalrXUtn").with_session_token("token");
    let good = SigningScope { region: "us-east-1", service: "bedrock" };
    let now = SystemTime::now();
    let uri = "https://example.com/";
    for (uri, scope, time, expected) in [
        ("/relative", good, now, "NoHost"),
        (uri, SigningScope { region: "", ..good }, now, "Region { region: \"\" }"),
        (uri, SigningScope { service: "bed rock", ..good }, now, "Service { service: \"bed rock\" }"),
        (uri, good, UNIX_EPOCH - Duration::from_secs(1), "Time"),
        (uri, good, UNIX_EPOCH + Duration::from_secs(253_402_300_800), "Time"),
    ] {
        let mut request = http::Request::post(uri).header("x-amz-date", "before").body("").unwrap();
        let error = sign(&mut request, &credentials, scope, time).unwrap_err();
        assert_eq!(format!("{error:?}"), expected);
        assert_eq!(request.headers().len(), 1);
        assert_eq!(request.headers()["x-amz-date"], "before");
        assert!(!format!("{error} {error:?}").contains("wJalrXUtn"));
    }
}
