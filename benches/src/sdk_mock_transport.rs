use aws_smithy_runtime_api::client::http::{
    HttpClient, HttpConnector, HttpConnectorFuture, HttpConnectorSettings, SharedHttpConnector,
};
use aws_smithy_runtime_api::client::orchestrator::{HttpRequest, HttpResponse};
use aws_smithy_runtime_api::client::runtime_components::RuntimeComponents;
use aws_smithy_types::body::SdkBody;
use bedrock_stream_testkit::ByteStream;
use bytes::Bytes;

/// The AWS SDK's counterpart of [`MockTransport`](crate::MockTransport).
#[derive(Clone, Debug)]
pub(crate) struct SdkMockTransport(pub(crate) Vec<Bytes>);

impl HttpConnector for SdkMockTransport {
    fn call(&self, _: HttpRequest) -> HttpConnectorFuture {
        let body = SdkBody::from_body_1_x(ByteStream::from(self.0.clone()));
        let mut response = HttpResponse::new(http::StatusCode::OK.into(), body);
        response.headers_mut().insert("content-type", "application/vnd.amazon.eventstream");
        HttpConnectorFuture::ready(Ok(response))
    }
}

impl HttpClient for SdkMockTransport {
    fn http_connector(&self, _: &HttpConnectorSettings, _: &RuntimeComponents) -> SharedHttpConnector {
        SharedHttpConnector::new(self.clone())
    }
}
