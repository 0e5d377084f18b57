use std::future::pending;
use std::io::{self, Write as _};
use std::net::{Ipv4Addr, SocketAddr};

use bedrock_stream_core::converse::GuardrailConfig;
use bedrock_stream_gateway::{Access, BindError, Gateway, GatewayBuilder, Server};
use http::HeaderValue;

use super::args::{Alias, GatewayArgs};
use super::config_file::ConfigFile;
use crate::args::{Seconds, Secret, Transport, wrong_usage};
use crate::client::Client;
use crate::connection::Connection;
use crate::credentials::Credentials;
use crate::demo::Demo;
use crate::dialect::Dialect;
use crate::input::read_text;
use crate::interrupt::{self, Interrupt};
use crate::output::{Failure, Output};

/// `bedrock-stream gateway`: runs a gateway until it is interrupted, and then until its answers have ended.
pub(crate) async fn run(args: GatewayArgs, out: &mut Output) -> io::Result<()> {
    let (server, _demo) = match start(args).await {
        Ok(started) => started,
        Err(failure) => return out.failure(&failure),
    };
    // Before the URL is printed: whoever has read it may press Ctrl-C.
    let mut interrupt = Interrupt::or_terminated().await;
    let address = server.local_addr()?;
    out.write(|buffer| {
        buffer.extend_from_slice(format!("http://{}\n", reachable(address)).as_bytes());
        Ok(())
    })?;
    out.flush()?;
    server
        .serve(async move {
            interrupt.or(pending::<()>()).await;
            interrupt::exit_on_next().await;
        })
        .await;
    Ok(())
}

async fn start(args: GatewayArgs) -> Result<(Server, Option<Demo>), Failure> {
    let file = args.config.as_deref().map(ConfigFile::read).transpose()?.unwrap_or_default();
    let listen = args.listen.or(file.listen).unwrap_or_else(|| (Ipv4Addr::LOCALHOST, 0).into());
    let idle_timeout =
        args.idle_timeout.or_else(|| file.idle_timeout.map(|time| from_file("idle_timeout", time)));
    let credentials = args
        .credentials
        .as_ref()
        .map(|credentials| Credentials::parse(credentials).unwrap_or_else(|error| wrong_usage(error)));
    let demo = if args.demo { Some(Demo::start().await.map_err(Failure::transport)?) } else { None };
    let connection = Connection {
        region: args.region.as_deref().or(file.region.as_deref()),
        endpoint_url: args.endpoint_url.as_deref().or(file.endpoint_url.as_deref()),
        credentials: credentials.as_ref(),
        timeout: args.timeout.or_else(|| file.timeout.map(|time| from_file("timeout", time))),
        idle_timeout,
        demo: demo.as_ref(),
    };
    let transport = args.transport.unwrap_or(if args.demo { Transport::Hyper } else { Transport::Reqwest });
    let client = Client::plain(transport, connection.config()).map_err(|error| Failure::from(&error))?;
    let gateway = configure(Gateway::builder(client), args, file)?;
    let server = Server::bind(listen, gateway).await.map_err(|error| match error {
        BindError::NoKeys(_) => wrong_usage(format_args!("{error}; --api-key or --api-key-file sets one")),
        error => Failure::transport(error),
    })?;
    let server = match idle_timeout {
        Some(Seconds(timeout)) => server.write_timeout(timeout),
        None => server,
    };
    Ok((server, demo))
}

fn configure(mut gateway: GatewayBuilder, args: GatewayArgs, file: ConfigFile) -> Result<Gateway, Failure> {
    if args.demo {
        gateway = gateway.alias("demo", Demo::model(Dialect::Converse));
    }
    for (name, model) in file.aliases {
        gateway = gateway.alias(name, model);
    }
    for Alias { name, model } in args.alias {
        gateway = gateway.alias(name, model);
    }
    let from_file = match &args.api_key_file {
        Some(path) => read_text(path)?.lines().map(|line| line.trim().to_owned()).collect(),
        None => Vec::new(),
    };
    let given = args.api_key.into_iter().map(|Secret(key)| key);
    for key in given.chain(from_file).chain(file.api_keys) {
        gateway = gateway.api_key(key);
    }
    if let Some(streams) = args.max_streams.or(file.max_streams) {
        gateway = gateway.max_streams(streams.get());
    }
    if let Some(bytes) = args.max_body.or(file.max_body) {
        gateway = gateway.max_body(bytes.get());
    }
    if let Some(guardrail) = file.guardrail {
        gateway = gateway.guardrail(GuardrailConfig::new(guardrail.id, guardrail.version));
    }
    let of_file = file.cors.map(|origin| {
        HeaderValue::try_from(origin)
            .unwrap_or_else(|_| wrong_usage("`cors` in the file of --config is no origin"))
    });
    if let Some(origin) = args.cors.or(of_file) {
        gateway = gateway.cors(origin);
    }
    if args.log.is_on() {
        gateway = gateway.on_access(log);
    }
    Ok(gateway.lenient(args.lenient || file.lenient).build())
}

fn log(access: &Access) {
    // If standard error is closed, nobody reads it.
    let _ = io::stderr().write_all(format!("{access}\n").as_bytes());
}

/// A duration from the file.
fn from_file(name: &str, seconds: f64) -> Seconds {
    Seconds::try_from(seconds).unwrap_or_else(|error| {
        wrong_usage(format_args!("the value of `{name}` in the file of --config is invalid: {error}"))
    })
}

/// The address by which this machine reaches it.
fn reachable(mut address: SocketAddr) -> SocketAddr {
    if address.ip().is_unspecified() {
        address.set_ip(match address {
            SocketAddr::V4(_) => Ipv4Addr::LOCALHOST.into(),
            SocketAddr::V6(_) => std::net::Ipv6Addr::LOCALHOST.into(),
        });
    }
    address
}

#[cfg(test)]
mod tests {
    use super::from_file;
    use crate::args::values::seconds;

    #[test]
    fn a_time_in_the_file_is_limited_as_the_flags_is() {
        for (text, number) in [("0.5", 0.5), ("1e25", 1e25), ("1e-12", 1e-12)] {
            assert_eq!(from_file("timeout", number), seconds(text).unwrap(), "{text}");
        }
    }
}
