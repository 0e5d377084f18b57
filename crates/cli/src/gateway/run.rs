use std::collections::BTreeMap;
use std::future::pending;
#[cfg(unix)]
use std::io::IsTerminal as _;
use std::net::{Ipv4Addr, SocketAddr};
#[cfg(unix)]
use std::sync::Arc;
use std::sync::Mutex;
use std::time::Duration;
use std::{io, panic};

use bedrock_stream_core::converse::GuardrailConfig;
use bedrock_stream_gateway::{BindError, Gateway, GatewayBuilder, Server};
#[cfg(unix)]
use tokio::signal::unix::{SignalKind, signal};

use super::args::{Alias, GatewayArgs, origin};
use super::config_file::ConfigFile;
use super::keys::{KeySources, KeysError};
use super::log::Log;
use super::log_line::log_line;
use super::reload::Reload;
use super::tls::TlsFiles;
use crate::args::{Seconds, wrong_usage};
use crate::client::Client;
use crate::connection::Connection;
use crate::credentials::Credentials;
use crate::demo::Demo;
use crate::dialect::Dialect;
use crate::interrupt::{self, Interrupt};
use crate::output::{Failure, Output};

/// What runs until the end.
struct Started {
    server: Server,
    gateway: Gateway,
    reload: Reload,
    metrics: Option<Server>,
    _demo: Option<Demo>,
}

/// `bedrock-stream gateway`: runs a gateway until it is interrupted, and then until its answers have ended.
pub(crate) async fn run(args: GatewayArgs, out: &mut Output) -> io::Result<()> {
    let log = match Log::start(io::stderr()) {
        Ok(log) => log,
        Err(error) => {
            return out.failure(&Failure::transport(format_args!("cannot start a thread: {error}")));
        }
    };
    let Started { server, gateway, reload, metrics, _demo } = match start(args, &log).await {
        Ok(started) => started,
        Err(failure) => return out.failure(&failure),
    };
    log_panics(&log);
    // Before the URL is printed: whoever has read it may press Ctrl-C.
    let mut interrupt = Interrupt::or_terminated().await;
    let is_tls = reload.tls.is_some();
    read_again_at_hangups(reload, gateway.clone(), log.clone());
    let scheme = if is_tls { "https" } else { "http" };
    let mut urls = format!("{scheme}://{}\n", reachable(server.local_addr()?));
    if let Some(metrics) = &metrics {
        urls += &format!("http://{}/metrics\n", reachable(metrics.local_addr()?));
    }
    out.write(|buffer| {
        buffer.extend_from_slice(urls.as_bytes());
        Ok(())
    })?;
    out.flush()?;
    // The metrics can be read for as long as there are answers.
    if let Some(metrics) = metrics {
        tokio::spawn(metrics.serve(pending()));
    }
    let ending = log.clone();
    server
        .serve(async move {
            interrupt.or(pending::<()>()).await;
            let open = gateway.open_answers();
            let answers = if open == 1 { "answer is" } else { "answers are" };
            ending.write(format_args!("ending: {open} {answers} open"));
            interrupt::exit_on_next().await;
        })
        .await;
    log.flush(FLUSH);
    Ok(())
}

/// From now on, SIGHUP does not end the program: a service manager's `reload` sends it, and whoever rotates logs. On a terminal it
/// does, since closing the terminal sends it.
#[cfg(unix)]
fn read_again_at_hangups(reload: Reload, gateway: Gateway, log: Log) {
    if io::stdin().is_terminal() {
        return;
    }
    // If the system does not let it be handled, it ends the program.
    let Ok(mut hangups) = signal(SignalKind::hangup()) else { return };
    tokio::spawn(async move {
        let reload = Arc::new(reload);
        while hangups.recv().await.is_some() {
            let (reload, gateway) = (Arc::clone(&reload), gateway.clone());
            // A file may be a pipe.
            if let Ok(told) = tokio::task::spawn_blocking(move || reload.read_again(&gateway)).await {
                log.write(told);
            }
        }
    });
}

#[cfg(not(unix))]
fn read_again_at_hangups(_: Reload, _: Gateway, _: Log) {}

/// Lets panics, too, wait for standard error no longer than [`FLUSH`].
fn log_panics(log: &Log) {
    let log = log.clone();
    panic::set_hook(Box::new(move |panic| {
        log.write(panic);
        log.flush(FLUSH);
    }));
}

async fn start(mut args: GatewayArgs, log: &Log) -> Result<Started, Failure> {
    let mut file = args.config.as_deref().map(ConfigFile::read).transpose()?.unwrap_or_default();
    let listen = args.listen.or(file.listen).unwrap_or_else(|| (Ipv4Addr::LOCALHOST, 0).into());
    let metrics_listen = args.metrics_listen.or(file.metrics_listen);
    let tls = TlsFiles::of(
        args.tls_cert.take().or_else(|| file.tls_cert.take()),
        args.tls_key.take().or_else(|| file.tls_key.take()),
    );
    let tls = tls.map(|files| files.read().map(|tls| (files, tls))).transpose()?;
    let keys = KeySources {
        given: std::mem::take(&mut args.api_key),
        path: args.api_key_file.take().or_else(|| file.api_key_file.clone()),
    };
    let config = args.config.take();
    let from = &args.connection;
    let idle_timeout =
        from.idle_timeout.or_else(|| file.idle_timeout.map(|time| from_file("idle_timeout", time)));
    let credentials = from
        .credentials
        .as_ref()
        .map(|credentials| Credentials::parse(credentials).unwrap_or_else(|error| wrong_usage(error)));
    let demo = if from.demo { Some(Demo::start().await.map_err(Failure::transport)?) } else { None };
    let connection = Connection {
        region: from.region.as_deref().or(file.region.as_deref()),
        endpoint_url: from.endpoint_url.as_deref().or(file.endpoint_url.as_deref()),
        credentials: credentials.as_ref(),
        timeout: from.timeout.or_else(|| file.timeout.map(|time| from_file("timeout", time))),
        idle_timeout,
        demo: demo.as_ref(),
        is_service: true,
    };
    let client =
        Client::plain(from.transport(), connection.config()).map_err(|error| Failure::from(&error))?;
    let max_connections = args.max_connections.or(file.max_connections);
    let read = keys.read(&mut file).map_err(KeysError::at_start)?;
    let gateway = configure(Gateway::builder(client).api_keys(read.api_keys()), args, file, log);
    let metrics = match metrics_listen {
        Some(address) => Some(bind(address, gateway.only_metrics()).await?),
        None => None,
    };
    let gateway = if metrics.is_some() { gateway.without_metrics() } else { gateway };
    let mut server = bind(listen, gateway.clone()).await?;
    if let Some(Seconds(timeout)) = idle_timeout {
        server = server.write_timeout(timeout);
    }
    if let Some(connections) = max_connections {
        server = server.max_connections(connections.get());
    }
    if let Some((_, tls)) = &tls {
        server = server.tls(tls.clone());
    }
    Ok(Started {
        server,
        gateway,
        reload: Reload { keys, known: Mutex::new(read), config, tls },
        metrics,
        _demo: demo,
    })
}

async fn bind(address: SocketAddr, gateway: Gateway) -> Result<Server, Failure> {
    Server::bind(address, gateway).await.map_err(|error| match error {
        BindError::NoKeys(_) => wrong_usage(format_args!("{error}; --api-key or --api-key-file sets one")),
        error => Failure::transport(error),
    })
}

fn configure(mut gateway: GatewayBuilder, args: GatewayArgs, file: ConfigFile, log: &Log) -> Gateway {
    if args.connection.demo {
        gateway = gateway.alias("demo", Demo::model(Dialect::Converse));
    }
    for (name, entry) in file.aliases {
        gateway = gateway.alias(name, entry);
    }
    let mut given = BTreeMap::new();
    for Alias { name, model } in args.alias {
        if let Some(former) = given.insert(name.clone(), model.clone()).filter(|former| *former != model) {
            wrong_usage(format_args!("--alias gives `{name}` two models, {former} and {model}"));
        }
        gateway = gateway.alias(name, model);
    }
    if let Some(streams) = args.max_streams.or(file.max_streams) {
        gateway = gateway.max_streams(streams.get());
    }
    if let Some(bytes) = args.max_body.or(file.max_body) {
        gateway = gateway.max_body(bytes.get());
    }
    let of_file = file.body_timeout.map(|time| from_file("body_timeout", time));
    if let Some(Seconds(timeout)) = args.body_timeout.or(of_file) {
        gateway = gateway.body_timeout(timeout);
    }
    if let Some(guardrail) = file.guardrail {
        gateway = gateway.guardrail(GuardrailConfig::new(guardrail.id, guardrail.version));
    }
    let of_file = file.cors.map(|text| {
        origin(&text).unwrap_or_else(|error| {
            wrong_usage(format_args!("the value of `cors` in the file of --config is invalid: {error}"))
        })
    });
    if let Some(origin) = args.cors.or(of_file) {
        gateway = gateway.cors(origin);
    }
    if args.log.or(file.log).unwrap_or_default().is_on() {
        let log = log.clone();
        gateway = gateway.on_access(move |access| {
            if let Some(line) = log_line(access) {
                log.write(line);
            }
        });
    }
    gateway.lenient(args.lenient || file.lenient).native(args.native || file.native).build()
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

/// How long the end waits for whoever reads the log.
const FLUSH: Duration = Duration::from_secs(1);

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
