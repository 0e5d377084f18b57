//! Recorded refusals of Bedrock: each keeps its status, message, code and request id.

use std::collections::BTreeMap;
use std::error::Error;

use bedrock_stream_http::{ErrorDetail, ServiceError, check_response};
use bytes::Bytes;
use http_body_util::Full;
use serde_json::Value;

#[tokio::test]
async fn every_recorded_refusal_is_parsed() -> Result<(), Box<dyn Error>> {
    let Some(folder) = bedrock_stream_tests::shared("recordings") else { return Ok(()) };
    let recorded: Vec<Value> = serde_json::from_slice(&std::fs::read(folder.join("http-errors.json"))?)?;
    assert_eq!(recorded.len(), 43);
    let mut codes = BTreeMap::new();
    for case in &recorded {
        let source = &case["source"];
        let mut expected_code = None;
        let mut expected_id = None;
        let mut response =
            http::Response::builder().status(u16::try_from(case["status"].as_u64().ok_or("no status")?)?);
        for header in case["headers"].as_array().ok_or("no headers")? {
            let (name, value) = (header[0].as_str().ok_or("no name")?, header[1].as_str().ok_or("no value")?);
            match &*name.to_ascii_lowercase() {
                "x-amzn-errortype" => expected_code = value.split(':').next(),
                "x-amzn-requestid" => expected_id = Some(value),
                _ => {}
            }
            response = response.header(name, value);
        }
        let body = case["body"].as_str().ok_or("no body")?;
        let json: Value = serde_json::from_str(body)?;
        let expected_message = json["message"].as_str().or(json["Message"].as_str()).ok_or("no message")?;

        let response = response.body(Full::new(Bytes::from(body.to_owned())))?;
        let error =
            check_response(response, std::time::SystemTime::now()).await.err().ok_or("it was accepted")?;
        let refusal: &ServiceError = error.as_service_error().ok_or("no refusal")?;
        assert_eq!(u64::from(refusal.status.as_u16()), case["status"], "{source}");
        assert_eq!(refusal.code.as_deref(), expected_code, "{source}");
        assert_eq!(refusal.message, expected_message, "{source}");
        assert_eq!(error.request_id(), expected_id, "{source}");
        assert_eq!(error.is_retryable(), refusal.status.as_u16() == 503, "{source}");
        assert!(matches!(error.detail(), ErrorDetail::Refusal(_)));
        *codes.entry(refusal.code.clone().unwrap_or_default()).or_insert(0) += 1;
    }
    println!("{codes:?}");
    assert!(codes.len() >= 6, "{codes:?}");
    Ok(())
}
