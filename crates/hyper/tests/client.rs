//! Behaviour specific to this crate's client. What it shares with the other client is tested in `bedrock-stream-http`.

use bedrock_stream_hyper::converse::Request;
use bedrock_stream_hyper::{Auth, ChunkStream, Client, Config, Error, MessageStream};
use bedrock_stream_testkit::{FakeBedrock, answer};
use hyper_util::client::legacy;
use hyper_util::client::legacy::connect::{Connect, HttpConnector};
use hyper_util::rt::TokioExecutor;

#[tokio::test]
async fn the_default_and_a_custom_http_client_work() -> Result<(), Box<dyn std::error::Error>> {
    let bedrock = FakeBedrock::builder().reply("m", answer().text("Hello")).start().await?;
    let config = Config::builder().endpoint_url(bedrock.url()).auth(Auth::None).build()?;
    // The types, including the connector's, must be inferred without annotations.
    let own = Client::new(config.clone())?;
    assert_eq!(own.config().endpoint().to_string(), bedrock.url());
    assert_eq!(answered(own).await?, "Hello");
    let http = legacy::Client::builder(TokioExecutor::new()).http2_only(true).build(HttpConnector::new());
    let given = Client::with_http_client(config, http);
    assert_eq!(answered(given).await?, "Hello");
    Ok(())
}

async fn answered<C>(client: Client<C>) -> Result<String, Box<dyn std::error::Error>>
where
    C: Connect + Clone + Send + Sync + 'static,
{
    let task = tokio::spawn(async move {
        let body = r#"{"messages":[{"role":"user","content":[{"text":"Hi"}]}]}"#;
        let mut messages: MessageStream = client.converse_stream("m", body).message_stream().await?;
        while let Some(message) = messages.next_with(|_| ()).await {
            message?;
        }
        let chunks: ChunkStream = client.converse_stream("m", &Request::new().user("Hi")).await?;
        Ok::<_, Error>(chunks.collect().await)
    });
    Ok(task.await???.text())
}
