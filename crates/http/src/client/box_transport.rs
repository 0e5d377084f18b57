use core::fmt;
use core::future::Future;
use core::pin::Pin;
use core::task::{Context, Poll, ready};
use std::sync::Arc;

use bytes::{Buf, Bytes};
use http_body::{Body, Frame, SizeHint};

use crate::client::transport::Transport;
use crate::error::cause::BoxError;
use crate::error::transport_error::TransportError;
use crate::timeouts::timer::Timer;

/// Any [`Transport`], boxed, for a program that chooses one at run time: `Client<BoxTransport>` is one type for all. It costs
/// two more allocations a request, for the future and the body, and an indirect call a read.
///
/// ```
/// use bedrock_stream_http::converse::Request;
/// use bedrock_stream_http::{Auth, BoxTransport, Client, Config, Error};
/// use bedrock_stream_testkit::{FakeBedrock, answer};
///
/// /// Not generic: it serves a client over any transport.
/// async fn ask(client: &Client<BoxTransport>, question: &str) -> Result<String, Error> {
///     let request = Request::new().user(question);
///     Ok(client.converse_stream("us.amazon.nova-lite-v1:0", &request).await?.collect().await?.text())
/// }
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let bedrock = FakeBedrock::builder().reply("*", answer().text("Two.")).start().await?;
/// # let config = Config::builder().endpoint_url(bedrock.url()).auth(Auth::None).build()?;
/// let client = bedrock_stream_hyper::Client::new(config)?.boxed();
/// assert_eq!(ask(&client, "How many moons has Mars?").await?, "Two.");
/// # Ok(())
/// # }
/// ```
#[derive(Clone)]
pub struct BoxTransport(Arc<dyn DynTransport>);

/// Any response body.
///
/// ```
/// use bedrock_stream_http::{BoxBody, ChunkStream};
///
/// /// What a program that chooses its transport at run time holds on to.
/// struct OpenAnswer {
///     chunks: ChunkStream<BoxBody>,
/// }
/// ```
pub struct BoxBody(Pin<Box<dyn Body<Data = Bytes, Error = BoxError> + Send>>);

impl BoxTransport {
    /// Boxes a transport. Clones share it.
    #[must_use]
    pub fn new<T>(transport: T) -> Self
    where
        T: Transport<Body: 'static> + 'static,
    {
        Self(Arc::new(transport))
    }
}

impl Transport for BoxTransport {
    type Body = BoxBody;

    async fn send(&self, request: http::Request<Bytes>) -> Result<http::Response<BoxBody>, TransportError> {
        self.0.send_boxed(request).await
    }

    fn timer(&self) -> Option<Timer> {
        self.0.timer()
    }
}

impl fmt::Debug for BoxTransport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("BoxTransport").finish_non_exhaustive()
    }
}

/// The dyn-compatible form of [`Transport`].
trait DynTransport: Send + Sync {
    fn send_boxed(&self, request: http::Request<Bytes>) -> SendFuture<'_>;

    fn timer(&self) -> Option<Timer>;
}

type SendFuture<'a> =
    Pin<Box<dyn Future<Output = Result<http::Response<BoxBody>, TransportError>> + Send + 'a>>;

impl<T: Transport<Body: 'static>> DynTransport for T {
    fn send_boxed(&self, request: http::Request<Bytes>) -> SendFuture<'_> {
        Box::pin(async move { Ok(self.send(request).await?.map(BoxBody::new)) })
    }

    fn timer(&self) -> Option<Timer> {
        Transport::timer(self)
    }
}

impl BoxBody {
    fn new<B>(body: B) -> Self
    where
        B: Body<Error: Into<BoxError>> + Send + Unpin + 'static,
    {
        Self(Box::pin(Erased(body)))
    }
}

impl Body for BoxBody {
    type Data = Bytes;
    type Error = BoxError;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, BoxError>>> {
        self.0.as_mut().poll_frame(cx)
    }

    fn is_end_stream(&self) -> bool {
        self.0.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.0.size_hint()
    }
}

impl fmt::Debug for BoxBody {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("BoxBody").finish_non_exhaustive()
    }
}

/// A body whose data and error types are the same for every transport.
struct Erased<B>(B);

impl<B> Body for Erased<B>
where
    B: Body<Error: Into<BoxError>> + Unpin,
{
    type Data = Bytes;
    type Error = BoxError;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, BoxError>>> {
        let frame = ready!(Pin::new(&mut self.0).poll_frame(cx));
        // Does not copy if the data is `Bytes`.
        let bytes = |mut data: B::Data| data.copy_to_bytes(data.remaining());
        Poll::Ready(frame.map(|frame| frame.map(|frame| frame.map_data(bytes)).map_err(Into::into)))
    }

    fn is_end_stream(&self) -> bool {
        self.0.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.0.size_hint()
    }
}
