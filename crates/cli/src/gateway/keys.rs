use std::collections::BTreeMap;
use std::fmt;
use std::path::{Path, PathBuf};

use bedrock_stream_gateway::ApiKeys;

use super::config_file::ConfigFile;
use crate::args::{Secret, wrong_usage};
use crate::input::read_text;
use crate::output::Failure;

/// Where the keys that clients may use come from: the flags, `--api-key-file` or `api_key_file`, and the file of `--config`.
pub(super) struct KeySources {
    pub(super) given: Vec<Secret>,
    pub(super) path: Option<PathBuf>,
}

/// Why there are no keys.
pub(super) enum KeysError {
    /// An empty one, none where there should be some, one with two names, or a line that may have been meant otherwise. Whoever gives
    /// a key, as with `--api-key "$KEY"`, does not want a gateway without any, which is open to everyone.
    Unusable(String),
    Failure(Failure),
}

/// The keys that have been read, with the names of those that have one.
#[derive(Default)]
pub(super) struct Keys(BTreeMap<String, Option<String>>);

impl KeySources {
    /// Whether a file has some, so that they may change.
    pub(super) const fn has_files(&self) -> bool {
        self.path.is_some()
    }

    /// Reads them.
    pub(super) fn read(&self, file: &mut ConfigFile) -> Result<Keys, KeysError> {
        let mut keys = Keys::default();
        for Secret(key) in &self.given {
            keys.add(key, "--api-key", || {
                "the value of --api-key is empty: without a key, anyone could use the gateway".to_owned()
            })?;
        }
        if let Some(path) = &self.path {
            keys.add_file(path)?;
        }
        if let Some(of_file) = file.api_keys.take() {
            let place = "`api_keys` in the file of --config";
            let empty =
                || format!("{place} has no key or an empty one: leave it out to let anyone use the gateway");
            if of_file.is_empty() {
                return Err(KeysError::Unusable(empty()));
            }
            for key in of_file {
                keys.add(&key, place, empty)?;
            }
        }
        Ok(keys)
    }
}

impl Keys {
    pub(super) fn api_keys(&self) -> ApiKeys {
        self.0.iter().fold(ApiKeys::new(), |keys, (key, name)| match name {
            Some(name) => keys.named(name, key),
            None => keys.key(key),
        })
    }

    /// How many there are, and how many were not among the former ones, or are not any more: whoever takes a key away sees whether the
    /// gateway has read the file that was changed.
    pub(super) fn changes_since(&self, former: &Self) -> String {
        let missing = |from: &Self, of: &Self| of.0.keys().filter(|key| !from.0.contains_key(*key)).count();
        let (count, new, gone) = (self.0.len(), missing(former, self), missing(self, former));
        let keys = if count == 1 { "key" } else { "keys" };
        format!("{count} {keys}, {new} new, {gone} gone")
    }

    /// Adds `KEY`, or `NAME = KEY`; clients' keys are compared without spaces around them.
    fn add(
        &mut self,
        text: &str,
        place: impl fmt::Display,
        empty: impl FnOnce() -> String,
    ) -> Result<(), KeysError> {
        let text = text.trim();
        let (name, key) = named(text).map_or((None, text), |(name, key)| (Some(name), key));
        if key.is_empty() {
            return Err(KeysError::Unusable(empty()));
        }
        if key.contains(char::is_whitespace) {
            let told = format!("{place} has a key with a space in it; a comment needs a line of its own");
            return Err(KeysError::Unusable(told));
        }
        let former = self.0.entry(key.to_owned()).or_default();
        match (former.as_deref(), name) {
            (Some(former), Some(name)) if former != name => {
                let told =
                    format!("`{former}` and `{name}` have the same key, so the log could not tell who asked");
                return Err(KeysError::Unusable(told));
            }
            (None, Some(name)) => *former = Some(name.to_owned()),
            _ => {}
        }
        Ok(())
    }

    fn add_file(&mut self, path: &Path) -> Result<(), KeysError> {
        let text = read_text(path).map_err(KeysError::Failure)?;
        let file = format!("{}, the file of the keys,", path.display());
        let mut has_key = false;
        // Editors on Windows begin a file with it.
        let text = text.strip_prefix('\u{feff}').unwrap_or(&text);
        for (number, line) in (1..).zip(text.lines()) {
            let line = line.trim();
            if line.is_empty() || line.starts_with('#') {
                continue;
            }
            let place = format!("line {number} of {file}");
            if is_name_without_spaces(line) {
                let told = format!("{place} has a `=` without spaces around it: write `NAME = KEY`");
                return Err(KeysError::Unusable(told));
            }
            self.add(line, &place, || format!("{file} has a name without a key in line {number}"))?;
            has_key = true;
        }
        if has_key {
            Ok(())
        } else {
            Err(KeysError::Unusable(format!("{file} has no key: without one, anyone could use the gateway")))
        }
    }
}

/// The name and the key of `NAME = KEY`. Without the spaces, `=` is a part of the key, such as the padding of Base64.
fn named(text: &str) -> Option<(&str, &str)> {
    let (name, key) = text.split_once(" =").filter(|(_, key)| key.is_empty() || key.starts_with(' '))?;
    Some((name.trim(), key.trim()))
}

/// Whether a line seems to name its key, as `search=sk-1`. At the end of a key, `=` is the padding of Base64.
fn is_name_without_spaces(line: &str) -> bool {
    named(line).is_none() && line.trim_end_matches('=').contains('=')
}

impl KeysError {
    /// At the start, an empty key is wrong usage, which ends the program.
    pub(super) fn at_start(self) -> Failure {
        match self {
            Self::Unusable(told) => wrong_usage(told),
            Self::Failure(failure) => failure,
        }
    }

    /// Later, it is only told.
    pub(super) fn told(self) -> String {
        match self {
            Self::Unusable(told) => told,
            Self::Failure(failure) => failure.message().to_owned(),
        }
    }
}
