//! HTTP/2 clients that grant no window. HTTP/1.1 has only one way not to read, HTTP/2 one for each stream.

use std::net::SocketAddr;
use std::time::Duration;

use bedrock_stream_dialects::Dialect;
use bedrock_stream_testkit::{FakeBedrock, answer};
use bytes::Bytes;
use h2::client::{Builder, SendRequest};
use h2::{Reason, RecvStream};
use http::{Method, Request, Response};
use serde_json::Value;
use tokio::net::TcpStream;

use crate::support::{APIS, ask, eventually, start, start_with};

/// A connection whose streams begin with this window.
async fn connect(address: SocketAddr, window: u32) -> SendRequest<Bytes> {
    let stream = TcpStream::connect(address).await.unwrap();
    let mut builder = Builder::new();
    builder.initial_window_size(window).initial_connection_window_size(1 << 24);
    let (client, connection) = builder.handshake(stream).await.unwrap();
    // It also answers the server's pings.
    tokio::spawn(async move { drop(connection.await) });
    client
}

async fn post(client: &SendRequest<Bytes>, path: &str, body: &Value) -> Response<RecvStream> {
    let mut client = client.clone().ready().await.unwrap();
    let uri = format!("http://gateway{path}");
    let request = Request::builder().method(Method::POST).uri(uri).body(()).unwrap();
    let (response, mut sender) = client.send_request(request, false).unwrap();
    sender.send_data(body.to_string().into(), true).unwrap();
    soon(response).await.unwrap()
}

/// Reads to the end without granting any window: how many bytes came, and the reason of the reset, if there was one.
async fn rest(body: &mut RecvStream) -> (usize, Option<Reason>) {
    let mut len = 0;
    while let Some(data) = soon(body.data()).await {
        match data {
            Ok(data) => len += data.len(),
            Err(error) => return (len, Some(error.reason().unwrap())),
        }
    }
    (len, None)
}

async fn soon<T>(future: impl Future<Output = T>) -> T {
    tokio::time::timeout(Duration::from_secs(20), future).await.expect("it is held")
}

fn long() -> bedrock_stream_testkit::Answer {
    answer().text(&"a long word ".repeat(50_000))
}

#[tokio::test]
async fn a_stream_without_window_is_reset_and_its_request_to_bedrock_cancelled() {
    let running = start_with(
        FakeBedrock::builder().reply("m", long()).reply("short", answer().text("one two three")),
        |builder| builder,
        |server| server.write_timeout(Duration::from_millis(500)),
    )
    .await;
    let client = connect(running.address, 0).await;
    let converse = serde_json::json!({"messages": [{"role": "user", "content": [{"text": "Hello"}]}]});
    let asked = APIS.into_iter().flat_map(|(path, dialect)| {
        [("m", true), ("short", false)]
            .map(|(model, is_streaming)| (path, ask(dialect, model, is_streaming), is_streaming))
    });
    for (path, body, is_streaming) in asked.chain([("/model/m/converse-stream", converse, true)]) {
        let response = post(&client, path, &body).await;
        assert_eq!(response.status(), 200, "{path}");
        let open = usize::from(is_streaming);
        assert_eq!(running.bedrock.open_streams(), open, "{path}: nothing more is read of Bedrock's answer");
        assert_eq!(rest(&mut response.into_body()).await, (0, Some(Reason::CANCEL)), "{path}");
        eventually(|| running.bedrock.open_streams() == 0).await;
        eventually(|| running.gateway.open_answers() == 0).await;
    }
    running.logged(7).await;
    assert_eq!(running.bedrock.requests().len(), 7);
}

#[tokio::test]
async fn the_other_streams_of_the_connection_go_on() {
    let slow = answer().text(&"word ".repeat(20));
    let running = start_with(
        FakeBedrock::builder().reply("m", long()).reply("slow", slow).delay(Duration::from_millis(100)),
        |builder| builder,
        |server| server.write_timeout(Duration::from_millis(500)),
    )
    .await;
    let client = connect(running.address, 40).await;
    for (path, dialect) in APIS {
        let mut read = post(&client, path, &ask(dialect, "slow", true)).await.into_body();
        let mut unread = post(&client, path, &ask(dialect, "m", true)).await.into_body();
        let (unread, text) = tokio::join!(rest(&mut unread), async {
            let mut text = String::new();
            while let Some(data) = soon(read.data()).await {
                let data = data.expect("only the other stream is reset");
                read.flow_control().release_capacity(data.len()).unwrap();
                text.push_str(std::str::from_utf8(&data).unwrap());
            }
            text
        });
        assert_eq!(unread, (40, Some(Reason::CANCEL)), "{dialect}");
        let end = match dialect {
            Dialect::Responses => "response.completed",
            Dialect::Messages => "message_stop",
            _ => "[DONE]",
        };
        assert!(text.contains(end), "{dialect}: {text}");
        eventually(|| running.bedrock.open_streams() == 0).await;
    }
}

/// For hyper a response is over when its last piece is queued, of which none but the first byte may have a place.
#[tokio::test]
async fn the_rest_of_an_answer_is_not_kept_for_a_window_that_never_comes() {
    let reply = answer().text("one two three").usage(1, 2);
    let running = start_with(
        FakeBedrock::builder().reply("m", reply),
        |builder| builder,
        |server| server.write_timeout(Duration::from_millis(300)),
    )
    .await;
    for (path, dialect) in APIS {
        for is_streaming in [true, false] {
            let body = ask(dialect, "m", is_streaming);
            let client = connect(running.address, 1 << 20).await;
            let (len, reset) = rest(&mut post(&client, path, &body).await.into_body()).await;
            assert!(len > 10 && reset.is_none(), "{dialect}: {len} {reset:?}");
            for window in [1, len as u32 - 1] {
                let client = connect(running.address, window).await;
                let told = rest(&mut post(&client, path, &body).await.into_body()).await;
                assert_eq!(told, (window as usize, Some(Reason::CANCEL)), "{dialect} {is_streaming}");
            }
            // A window that is just enough is enough.
            let client = connect(running.address, len as u32).await;
            let told = rest(&mut post(&client, path, &body).await.into_body()).await;
            assert_eq!(told, (len, None), "{dialect} {is_streaming}");
        }
    }
    eventually(|| running.gateway.open_answers() == 0).await;
}

#[tokio::test]
async fn a_shutdown_does_not_wait_for_a_window_for_ever() {
    let mut running = start_with(
        FakeBedrock::builder().reply("m", long()).reply("short", answer().text("one two three")),
        |builder| builder,
        |server| server.write_timeout(Duration::from_millis(500)),
    )
    .await;
    let client = connect(running.address, 0).await;
    let (path, dialect) = APIS[2];
    let whole = post(&client, path, &ask(dialect, "short", false)).await;
    let streaming = post(&client, path, &ask(dialect, "m", true)).await;
    drop(running.stop.take());
    soon(&mut running.served).await.unwrap();
    drop((whole, streaming));
}

/// A client that reads keeps its stream, however long the model takes.
#[tokio::test]
async fn silence_of_the_model_is_not_the_clients() {
    let slow =
        FakeBedrock::builder().reply("m", answer().text("one two three")).delay(Duration::from_millis(400));
    let running =
        start_with(slow, |builder| builder, |server| server.write_timeout(Duration::from_millis(100))).await;
    let client = connect(running.address, 1 << 20).await;
    let (path, dialect) = APIS[0];
    let mut body = post(&client, path, &ask(dialect, "m", true)).await.into_body();
    assert_eq!(rest(&mut body).await.1, None);
}

/// Neither keeps the connection from serving others.
#[tokio::test]
async fn a_header_bomb_and_a_slow_body_are_refused() {
    let set =
        |builder: bedrock_stream_gateway::GatewayBuilder| builder.body_timeout(Duration::from_millis(300));
    let running = start_with(FakeBedrock::builder(), set, |server| server).await;
    let client = connect(running.address, 1 << 20).await;
    let request = |path: &str| Request::builder().method(Method::POST).uri(format!("http://gateway{path}"));
    for (path, dialect) in APIS {
        let mut client = client.clone().ready().await.unwrap();
        let bomb = (0..100)
            .fold(request(path), |request, number| request.header(format!("x-{number}"), "b".repeat(1_000)));
        let (response, _) = client.send_request(bomb.body(()).unwrap(), true).unwrap();
        assert_eq!(soon(response).await.unwrap().status(), 431, "{dialect}");
        // Its body never comes.
        let mut client = client.ready().await.unwrap();
        let (response, _sender) = client.send_request(request(path).body(()).unwrap(), false).unwrap();
        assert_eq!(soon(response).await.unwrap().status(), 408, "{dialect}");
        let served = post(&client, path, &ask(dialect, "m", false)).await;
        assert_eq!(served.status(), 200, "{dialect}");
    }
    assert_eq!(running.bedrock.requests().len(), 3);
}

#[tokio::test]
async fn an_error_before_the_answer_arrives_whole() {
    let running = start(FakeBedrock::builder()).await;
    let client = connect(running.address, 1 << 20).await;
    for (path, dialect) in APIS {
        let mut body = ask(dialect, "m", false);
        body["model"] = Value::Null;
        let response = post(&client, path, &body).await;
        assert_eq!(response.status(), 400);
        assert!(rest(&mut response.into_body()).await.0 > 10, "{dialect}");
    }
}

/// A client that is still sending when it is refused would see its stream reset, and some report only that.
#[tokio::test]
async fn a_refusal_waits_for_the_rest_of_a_short_body() {
    let set = |builder: bedrock_stream_gateway::GatewayBuilder| builder.api_key("sk-1").max_body(1_000);
    let running = start_with(FakeBedrock::builder(), set, |server| server).await;
    let connection = connect(running.address, 1 << 20).await;
    for (path, _) in APIS.into_iter().chain([("/model/m/converse-stream", Dialect::Messages)]) {
        for (key, status) in [("sk-1", 413), ("sk-2", 401)] {
            let mut client = connection.clone().ready().await.unwrap();
            let uri = format!("http://gateway{path}");
            let request = Request::post(uri).header("x-api-key", key).body(()).unwrap();
            let (response, mut sender) = client.send_request(request, false).unwrap();
            let send = async {
                for piece in 0..8 {
                    tokio::time::sleep(Duration::from_millis(20)).await;
                    sender.send_data(Bytes::from(vec![b'x'; 1_000]), piece == 7).expect("it is not reset");
                }
            };
            let (response, ()) = tokio::join!(soon(response), send);
            let response = response.unwrap();
            let is_aws = path.starts_with("/model/") && status == 401;
            assert_eq!(response.status().as_u16(), if is_aws { 403 } else { status }, "{path}");
            assert!(rest(&mut response.into_body()).await.0 > 10, "{path}");
        }
    }
    // A body that does not end is not waited for.
    let mut client = connection.ready().await.unwrap();
    let request = Request::post("http://gateway/v1/messages").body(()).unwrap();
    let (response, _sender) = client.send_request(request, false).unwrap();
    assert_eq!(soon(response).await.unwrap().status(), 401);
}
