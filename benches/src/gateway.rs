use std::fmt;
use std::future::poll_fn;
use std::hint::black_box;
use std::pin::pin;

use bytes::Bytes;
use http::{Method, Request};
use http_body::Body as _;
use http_body_util::Full;
use tokio::runtime::Runtime;
use tower_service::Service as _;

use crate::client::config;
use crate::mock_transport::MockTransport;

/// Our gateway without a network: a request for Chat Completions goes in as JSON, Bedrock's answer comes from a transport
/// that has all of it at once, and the answer's events come out as bytes.
pub struct Gateway {
    runtime: Runtime,
    gateway: bedrock_stream_gateway::Gateway,
}

impl Gateway {
    /// A gateway to a Bedrock that answers with these pieces.
    ///
    /// # Panics
    ///
    /// If the runtime cannot be created.
    #[must_use]
    pub fn in_process(pieces: Vec<Bytes>) -> Self {
        let config = config("http://127.0.0.1").build().expect("nothing is missing");
        let client = bedrock_stream_http::Client::with_transport(config, MockTransport::new(pieces));
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
        Self {
            runtime: runtime.expect("a runtime can be created"),
            gateway: bedrock_stream_gateway::Gateway::builder(client).build(),
        }
    }

    /// Asks for a stream and reads it to its end; returns the number of bytes.
    ///
    /// # Panics
    ///
    /// If the answer is no success.
    #[must_use]
    pub fn bytes(&self) -> usize {
        self.runtime.block_on(async {
            let request = Request::builder().method(Method::POST).uri("/v1/chat/completions");
            let request = request.body(Full::new(Bytes::from_static(REQUEST))).expect("it is a request");
            let response = self.gateway.clone().call(request).await.unwrap_or_else(|never| match never {});
            assert!(response.status().is_success(), "{response:?}");
            let mut body = pin!(response.into_body());
            let mut count = 0;
            while let Some(frame) = poll_fn(|cx| body.as_mut().poll_frame(cx)).await {
                let frame = frame.expect("the answer is whole");
                count += frame.data_ref().map_or(0, bytes::Buf::remaining);
                black_box(frame);
            }
            count
        })
    }
}

impl fmt::Debug for Gateway {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Gateway").finish_non_exhaustive()
    }
}

const REQUEST: &[u8] =
    br#"{"model":"us.amazon.nova-lite-v1:0","messages":[{"role":"user","content":"Why?"}],"stream":true}"#;
