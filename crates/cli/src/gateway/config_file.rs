use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::num::NonZeroUsize;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Deserializer};

use super::alias::AliasEntry;
use crate::input::read_text;
use crate::output::Failure;

/// The file of `--config`.
#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(super) struct ConfigFile {
    pub(super) listen: Option<SocketAddr>,
    #[serde(deserialize_with = "keys")]
    pub(super) api_keys: Option<Vec<String>>,
    pub(super) region: Option<String>,
    pub(super) endpoint_url: Option<String>,
    pub(super) idle_timeout: Option<f64>,
    pub(super) timeout: Option<f64>,
    pub(super) max_streams: Option<NonZeroUsize>,
    pub(super) max_connections: Option<NonZeroUsize>,
    pub(super) max_body: Option<NonZeroUsize>,
    pub(super) lenient: bool,
    pub(super) cors: Option<String>,
    pub(super) native: bool,
    pub(super) tls_cert: Option<PathBuf>,
    pub(super) tls_key: Option<PathBuf>,
    pub(super) metrics_listen: Option<SocketAddr>,
    pub(super) aliases: BTreeMap<String, AliasEntry>,
    pub(super) guardrail: Option<Guardrail>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Guardrail {
    pub(super) id: String,
    pub(super) version: String,
}

/// One key, or several. An error must not quote them, as serde's own would.
fn keys<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Vec<String>>, D::Error> {
    #[derive(Deserialize)]
    #[serde(untagged, expecting = "expected a key, or a list of keys, each as a string")]
    enum Keys {
        One(String),
        Several(Vec<String>),
    }
    Ok(Some(match Keys::deserialize(deserializer)? {
        Keys::One(key) => vec![key],
        Keys::Several(keys) => keys,
    }))
}

impl ConfigFile {
    pub(super) fn read(path: &Path) -> Result<Self, Failure> {
        let text = read_text(path)?;
        // The error quotes the line, which may hold a key.
        toml::from_str(&text).map_err(|error| {
            let start = error.span().map_or(0, |span| span.start);
            let line = 1 + text.bytes().take(start).filter(|byte| *byte == b'\n').count();
            let message = error.message();
            Failure::input(format_args!("{}, line {line}: {message}", path.display()))
        })
    }
}

#[cfg(test)]
mod tests {
    use super::ConfigFile;

    #[test]
    fn the_files_example_is_read() {
        let (_, example) = crate::help::GATEWAY_CONFIG.split_once("single members:\n").unwrap();
        let file: ConfigFile = toml::from_str(example).unwrap();
        assert_eq!(file.max_streams.unwrap().get(), 1024);
        assert_eq!(file.max_connections.unwrap().get(), 8192);
        assert_eq!(file.guardrail.unwrap().version, "1");
        assert_eq!(file.aliases.len(), 2);
    }

    #[test]
    fn an_unknown_member_is_named_and_a_key_is_not() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("gateway.toml");
        for (text, told) in [
            ("\nmax_stream = 3\n", "line 2: unknown field `max_stream`"),
            ("api_keys = [\"sk-1\", 2]", "line 1: expected a key, or a list of keys"),
            ("api_keys = { sk-1 = \"sk-1\" }", "line 1: expected a key, or a list of keys"),
        ] {
            std::fs::write(&path, text).unwrap();
            let failure = ConfigFile::read(&path).err().unwrap();
            let failure = serde_json::to_string(&failure).unwrap();
            assert!(failure.contains(told) && !failure.contains("sk-1"), "{failure}");
        }
        std::fs::write(&path, "api_keys = \"sk-1\"").unwrap();
        assert_eq!(ConfigFile::read(&path).ok().unwrap().api_keys.unwrap(), ["sk-1"]);
    }
}
