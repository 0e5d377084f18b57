use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::num::NonZeroUsize;
use std::ops::Range;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Deserializer};
use toml::de::{DeTable, DeValue};

use super::alias::AliasEntry;
use crate::access_log::LogChoice;
use crate::input::read_text;
use crate::output::Failure;

/// The file of `--config`.
#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(super) struct ConfigFile {
    pub(super) listen: Option<SocketAddr>,
    #[serde(deserialize_with = "keys")]
    pub(super) api_keys: Option<Vec<String>>,
    pub(super) api_key_file: Option<PathBuf>,
    pub(super) region: Option<String>,
    pub(super) endpoint_url: Option<String>,
    pub(super) idle_timeout: Option<f64>,
    pub(super) timeout: Option<f64>,
    pub(super) max_streams: Option<NonZeroUsize>,
    pub(super) max_connections: Option<NonZeroUsize>,
    pub(super) max_body: Option<NonZeroUsize>,
    pub(super) body_timeout: Option<f64>,
    pub(super) lenient: bool,
    pub(super) cors: Option<String>,
    pub(super) native: bool,
    pub(super) tls_cert: Option<PathBuf>,
    pub(super) tls_key: Option<PathBuf>,
    pub(super) metrics_listen: Option<SocketAddr>,
    pub(super) log: Option<LogChoice>,
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
            let span = error.span().unwrap_or_default();
            let line = 1 + text.bytes().take(span.start).filter(|byte| *byte == b'\n').count();
            let document = DeTable::parse(&text).ok();
            let member = document.and_then(|document| member_at(document.get_ref(), &span));
            let member = member.map(|member| format!(", `{member}`")).unwrap_or_default();
            let message = error.message();
            Failure::input(format_args!("{}, line {line}{member}: {message}", path.display()))
        })
    }
}

/// The member whose value is at these bytes, or around them, such as `aliases.mine.family`.
fn member_at(table: &DeTable<'_>, bytes: &Range<usize>) -> Option<String> {
    table.iter().find_map(|(key, value)| {
        let (key, span) = (key.get_ref(), value.span());
        let inner = match value.get_ref() {
            DeValue::Table(table) => member_at(table, bytes),
            _ => None,
        };
        match inner {
            Some(inner) => Some(format!("{key}.{inner}")),
            None => (span.start <= bytes.start && bytes.end <= span.end).then(|| key.to_string()),
        }
    })
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
        assert_eq!(file.body_timeout, Some(300.0));
        assert_eq!(file.api_key_file.unwrap().to_str(), Some("keys"));
        assert_eq!(file.guardrail.unwrap().version, "1");
        assert_eq!(file.aliases.len(), 2);
    }

    #[test]
    fn an_unknown_member_is_named_and_a_key_is_not() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("gateway.toml");
        for (text, told) in [
            ("\nmax_stream = 3\n", "line 2: unknown field `max_stream`"),
            ("api_keys = [\"sk-1\", 2]", "line 1, `api_keys`: expected a key, or a list of keys"),
            ("api_keys = { sk-1 = \"sk-1\" }", "line 1, `api_keys`: expected a key, or a list of keys"),
            ("[aliases]\na = { model = 1 }", "line 2, `aliases.a.model`: invalid type"),
            (
                "[aliases.a]\nmodel = \"m\"\nnative = [\"x\"]",
                "line 3, `aliases.a.native`: unknown variant `x`",
            ),
            ("\nmax_body = 0", "line 2, `max_body`: invalid value"),
            ("max_body =", "line 1: "),
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
