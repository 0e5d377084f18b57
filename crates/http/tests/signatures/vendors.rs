//! Requests go where OpenAI's and Anthropic's own Python packages send them, configured by the same variables, and have
//! the same signatures; short-term API keys equal those of AWS's own generator. `tests/golden/vendors.py` regenerates
//! the golden values.

use std::error::Error;
use std::time::{Duration, SystemTime};

use bedrock_stream_http::{BearerToken, Config, Credentials, Operation, Route, SigningScope, sign};
use serde_json::Value;

fn golden() -> Result<Value, Box<dyn Error>> {
    Ok(serde_json::from_str(include_str!("../golden/vendors.json"))?)
}

fn text(value: &Value) -> Option<String> {
    value.as_str().map(str::to_owned)
}

fn time(seconds: u64) -> SystemTime {
    SystemTime::UNIX_EPOCH + Duration::from_secs(seconds)
}

fn credentials(golden: &Value, case: &Value) -> Option<Credentials> {
    let credentials = Credentials::new(text(&golden["access_key_id"])?, text(&golden["secret_access_key"])?);
    Some(match text(&case["session_token"]) {
        Some(token) => credentials.with_session_token(token),
        None => credentials,
    })
}

#[tokio::test]
async fn the_vendors_packages_send_the_same_requests_to_the_same_urls() -> Result<(), Box<dyn Error>> {
    let golden = golden()?;
    println!("made by {}", golden["packages"]);
    let time = time(golden["unix_time"].as_u64().ok_or("no time")?);
    let cases = golden["requests"].as_array().ok_or("no cases")?;
    assert!(cases.len() >= 13, "only {} cases", cases.len());
    for case in cases {
        let name = format!("{} {}", case["name"], case["operation"]);
        let credentials = credentials(&golden, case).ok_or("no credentials")?;
        let region = text(&case["region"]).ok_or("no region")?;
        let config = Config::builder()
            .region(&region)
            .credentials(credentials.clone())
            // Without a base URL, their packages use Mantle.
            .route(Route::MantleOpenAi)
            .env_from(|variable| {
                case["base_url"].as_str().filter(|_| variable == case["variable"]).map(Into::into)
            })
            .build()?;
        let operation = match case["operation"].as_str() {
            Some("chat") => Operation::chat(),
            Some("responses") => Operation::responses(),
            _ => Operation::messages(),
        };
        let body = text(&case["body"]).ok_or("no body")?;
        let own = config.request(&operation, body.clone().into(), time).await?;
        let url = case["url"].as_str().ok_or("no url")?;
        assert_eq!(own.uri().to_string(), url, "{name}");

        let theirs = case["authorization"].as_str().ok_or("no signature")?;
        let authorization = own.headers()["authorization"].to_str()?;
        let scope = |text: &str| text.split(',').next().map(str::to_owned);
        assert_eq!(scope(authorization), scope(theirs), "{name}");

        // They send other headers, so their request is signed by our code for comparison.
        let mut request = http::Request::post(url).body(body)?;
        for (header, value) in case["signed_headers"].as_object().ok_or("no headers")? {
            let header = http::HeaderName::try_from(header)?;
            request.headers_mut().insert(header, value.as_str().ok_or("no value")?.parse()?);
        }
        let service = theirs.split('/').nth(3).ok_or("no scope")?;
        sign(&mut request, &credentials, SigningScope { region: &region, service }, time)?;
        assert_eq!(request.headers()["authorization"].to_str()?, theirs, "{name}");
    }
    Ok(())
}

/// Source: openai/openai-python, `tests/fixtures/bedrock/v1/sigv4.json`.
#[test]
fn openais_published_vector_is_reproduced() -> Result<(), Box<dyn Error>> {
    let hash = "50329e51ad520f21b77bad0b01999930ff556cd1bf18434701251ba6c9f877bc";
    let mut request = http::Request::post("https://bedrock-mantle.us-east-1.api.aws/openai/v1/responses")
        .header("content-type", "application/json")
        .header("x-amz-content-sha256", hash)
        .body(r#"{"model":"gpt-4o","input":"hello"}"#)?;
    let credentials = Credentials::new("AKIDEXAMPLE", "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY")
        .with_session_token("fixture-session-token");
    let scope = SigningScope { region: "us-east-1", service: "bedrock-mantle" };
    // 2025-01-02T03:04:05Z
    sign(&mut request, &credentials, scope, time(1_735_787_045))?;
    assert_eq!(request.headers()["x-amz-date"], "20250102T030405Z");
    assert_eq!(
        request.headers()["authorization"],
        "AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20250102/us-east-1/bedrock-mantle/aws4_request, \
         SignedHeaders=content-type;host;x-amz-content-sha256;x-amz-date;x-amz-security-token, \
         Signature=dc20c8fbe516daf0ccae7e5b7a78fc2936870413a9f1af6e1b2d44b970ce411f"
    );
    Ok(())
}

#[tokio::test]
async fn short_term_keys_equal_those_of_the_published_generator() -> Result<(), Box<dyn Error>> {
    let golden = golden()?;
    let now = time(golden["unix_time"].as_u64().ok_or("no time")?);
    let cases = golden["tokens"].as_array().ok_or("no cases")?;
    assert!(cases.len() >= 3);
    for case in cases {
        let credentials = credentials(&golden, case).ok_or("no credentials")?;
        let region = text(&case["region"]).ok_or("no region")?;
        let lifetime = Duration::from_secs(case["seconds"].as_u64().ok_or("no lifetime")?);
        let token = BearerToken::short_term(&credentials, &region, lifetime, now)?;
        assert!(!format!("{token:?}").contains("bedrock-api-key"));
        let config =
            Config::builder().region(&region).auth(bedrock_stream_http::Auth::Bearer(token)).build()?;
        let request = config.request(&Operation::chat(), "{}".into(), now).await?;
        let sent = request.headers()["authorization"].to_str()?;
        assert_eq!(sent.strip_prefix("Bearer "), case["token"].as_str(), "{region}");
    }
    assert!(BearerToken::short_term(&Credentials::new("", ""), "us-east-1", Duration::MAX, now).is_err());
    Ok(())
}

#[tokio::test]
async fn a_new_short_term_key_is_made_for_each_request() -> Result<(), Box<dyn Error>> {
    let credentials = Credentials::new("AKIDEXAMPLE", "secret");
    let config = Config::builder().region("us-east-1").short_term_bearer(credentials.clone()).build()?;
    let mut sent = Vec::new();
    for seconds in [1_795_362_835, 1_795_362_836] {
        let request = config.request(&Operation::chat(), "{}".into(), time(seconds)).await?;
        assert!(!request.headers().contains_key("x-amz-date"));
        let authorization = &request.headers()["authorization"];
        assert!(authorization.is_sensitive());
        sent.push(authorization.to_str()?.to_owned());
    }
    assert!(sent[0].starts_with("Bearer bedrock-api-key-") && sent[0] != sent[1], "{sent:?}");
    assert!(Config::builder().endpoint_url("http://proxy").short_term_bearer(credentials).build().is_err());
    Ok(())
}
