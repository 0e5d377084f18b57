use std::future::{Future, poll_fn};
use std::pin::{Pin, pin};
use std::task::Poll;

/// What a future resolves to; `None` if `stop` resolves first.
pub(crate) async fn unless<T>(
    mut stop: Pin<&mut impl Future<Output = ()>>,
    future: impl Future<Output = T>,
) -> Option<T> {
    let mut future = pin!(future);
    poll_fn(|cx| {
        if stop.as_mut().poll(cx).is_ready() {
            return Poll::Ready(None);
        }
        future.as_mut().poll(cx).map(Some)
    })
    .await
}
