//! Requests to services other than Bedrock Runtime: their host, and their signing name.

use std::time::SystemTime;

use bedrock_stream_http::{
    Config, Credentials, Endpoint, EndpointVariant, ErrorDetail, MediaType, Operation,
};

fn config() -> bedrock_stream_http::ConfigBuilder {
    Config::builder().region("eu-west-1").credentials(Credentials::new("AKIDEXAMPLE", "secret"))
}

fn operation(service: &'static str) -> Operation {
    Operation::new(service, MediaType::EventStream, ["a", "b c"]).unwrap()
}

#[tokio::test]
async fn each_service_has_its_host_and_its_signing_name() {
    let dual_stack = config().dual_stack(true).build().unwrap();
    let plain = config().build().unwrap();
    let agents = operation("bedrock-agent-runtime").signing_name("bedrock");
    for (config, operation, host, signing_name) in [
        (&plain, agents, "bedrock-agent-runtime.eu-west-1.amazonaws.com", "bedrock"),
        (&plain, operation("kinesis"), "kinesis.eu-west-1.amazonaws.com", "kinesis"),
        (&dual_stack, operation("kinesis"), "kinesis.eu-west-1.api.aws", "kinesis"),
    ] {
        let request = config.request(&operation, "{}".into(), SystemTime::now()).await.unwrap();
        assert_eq!(request.uri().to_string(), format!("https://{host}/a/b%20c"));
        let authorization = request.headers()["authorization"].to_str().unwrap();
        let scope = format!("/eu-west-1/{signing_name}/aws4_request, ");
        assert!(authorization.contains(&scope), "{authorization}");
    }
}

#[tokio::test]
async fn an_endpoint_url_applies_to_every_service() {
    let config = config().endpoint_url("http://proxy/aws").build().unwrap();
    for service in ["kinesis", "not a host"] {
        let request = config.request(&operation(service), "{}".into(), SystemTime::now()).await;
        let Ok(request) = request else {
            // Nor can it be a signing name.
            assert_eq!(service, "not a host");
            continue;
        };
        assert_eq!(request.uri().to_string(), "http://proxy/aws/a/b%20c");
    }
}

#[tokio::test]
async fn an_invalid_service_name_is_an_error() {
    let config = config().build().unwrap();
    for service in ["", "evil.example/", "a b"] {
        let error = config.request(&operation(service), "{}".into(), SystemTime::now()).await.unwrap_err();
        assert!(matches!(error.detail(), ErrorDetail::Config(_)), "{error:?}");
        assert!(error.to_string().contains("is not the endpoint prefix"), "{error}");
    }
    assert!(Endpoint::for_service("kinesis", "eu-west-1", EndpointVariant::default()).is_ok());
}
