//! The request that opens a duplex session: its body cannot be hashed before it is sent.

use std::error::Error;
use std::time::{Duration, UNIX_EPOCH};

use bedrock_stream_http::{Credentials, SigningScope, sign};
use serde_json::Value as Json;

#[test]
fn the_body_hash_in_a_header_is_signed() -> Result<(), Box<dyn Error>> {
    let Some(folder) = bedrock_stream_tests::shared("reference") else { return Ok(()) };
    let path = folder.join("event-signing.json");
    let json: Json = serde_json::from_slice(&std::fs::read(path)?)?;
    let cases = json["initial_requests"].as_array().ok_or("no requests")?;
    assert!(cases.len() >= 3);
    for case in cases {
        let text = |name: &str| case[name].as_str().map(str::to_owned);
        let mut credentials =
            Credentials::new(text("access_key").ok_or("id")?, text("secret_key").ok_or("key")?);
        if let Some(token) = text("session_token") {
            credentials = credentials.with_session_token(token);
        }
        let (region, service) = (text("region").ok_or("region")?, text("service").ok_or("service")?);
        let uri = format!("https://{}{}", text("host").ok_or("host")?, text("path").ok_or("path")?);
        let mut request = http::Request::post(uri);
        for header in case["headers"].as_array().ok_or("headers")? {
            request = request.header(header[0].as_str().ok_or("name")?, header[1].as_str().ok_or("value")?);
        }
        let mut request = request.body("")?;
        let time = UNIX_EPOCH + Duration::from_millis(case["time_ms"].as_u64().ok_or("time")?);
        sign(&mut request, &credentials, SigningScope { region: &region, service: &service }, time)?;
        let expected = text("authorization").ok_or("authorization")?;
        assert_eq!(request.headers()["authorization"], expected, "{}", case["name"]);
    }
    Ok(())
}
