//! Requests are signed as botocore signs them. `tests/golden/golden.py` regenerates the golden values.

use std::error::Error;
use std::time::{Duration, SystemTime};

use bedrock_stream_http::{Config, Credentials, Operation};
use serde_json::Value;

#[tokio::test]
async fn every_signature_is_botocores() -> Result<(), Box<dyn Error>> {
    let golden: Value = serde_json::from_str(include_str!("../golden/sigv4.json"))?;
    let text = |value: &Value| value.as_str().map(str::to_owned);
    let time = SystemTime::UNIX_EPOCH + Duration::from_secs(golden["unix_time"].as_u64().ok_or("no time")?);
    let botocore = golden["botocore"].as_str().ok_or("botocore's version is missing")?;
    println!("signed by botocore {botocore}");
    let cases = golden["cases"].as_array().ok_or("no cases")?;
    assert!(cases.len() >= 19, "only {} cases", cases.len());
    for case in cases {
        let name = &case["name"];
        let mut credentials = Credentials::new(
            text(&golden["access_key_id"]).ok_or("no id")?,
            text(&golden["secret_access_key"]).ok_or("no secret")?,
        );
        if let Some(token) = text(&case["session_token"]) {
            credentials = credentials.with_session_token(token);
        }
        let mut builder =
            Config::builder().region(text(&case["region"]).ok_or("no region")?).credentials(credentials);
        if let Some(url) = text(&case["endpoint_url"]) {
            builder = builder.endpoint_url(url);
        }
        let body = text(&case["body"]).ok_or("no body")?;
        let model_id = text(&case["model_id"]).ok_or("no model id")?;
        let operation = Operation::converse_stream(&model_id)?;
        let request = builder.build()?.request(&operation, body.into(), time).await?;

        // botocore repeats a default port in its URL, but not in `Host`.
        let url = text(&case["url"]).ok_or("no url")?.replace("example.com:443", "example.com");
        assert_eq!(request.uri().to_string(), url, "{name}");
        assert_eq!(request.headers()["x-amz-date"], case["amz_date"].as_str().ok_or("no date")?, "{name}");
        let signature = request.headers()["authorization"].to_str()?.to_owned();
        assert_eq!(Some(&*signature), case["authorization"].as_str(), "{name}, botocore {botocore}");
        let token = request.headers().get("x-amz-security-token").map(|token| token.to_str()).transpose()?;
        assert_eq!(token, case["session_token"].as_str(), "{name}");

        let shown = format!("{request:?}");
        let secret = signature.rsplit('=').next().ok_or("no signature")?;
        assert!(!shown.contains(secret) && !token.is_some_and(|token| shown.contains(token)), "{shown}");
    }
    Ok(())
}
