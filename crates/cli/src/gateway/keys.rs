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
    /// An empty one, none where there should be some, or a line that may have been meant otherwise. Whoever gives a key, as with
    /// `--api-key "$KEY"`, does not want a gateway without any, which is open to everyone.
    Unusable(String),
    Failure(Failure),
}

impl KeySources {
    /// Whether a file has some, so that they may change.
    pub(super) const fn has_files(&self) -> bool {
        self.path.is_some()
    }

    /// Reads them.
    pub(super) fn read(&self, file: &mut ConfigFile) -> Result<ApiKeys, KeysError> {
        let mut keys = ApiKeys::new();
        for Secret(key) in &self.given {
            keys = with(keys, key).ok_or_else(|| {
                let told = "the value of --api-key is empty: without a key, anyone could use the gateway";
                KeysError::Unusable(told.to_owned())
            })?;
        }
        if let Some(path) = &self.path {
            keys = of_file(keys, path)?;
        }
        if let Some(of_file) = file.api_keys.take() {
            let empty = || {
                let told = "`api_keys` in the file of --config has no key or an empty one: leave it out to let anyone use the gateway";
                KeysError::Unusable(told.to_owned())
            };
            if of_file.is_empty() {
                return Err(empty());
            }
            for key in of_file {
                keys = with(keys, &key).ok_or_else(empty)?;
            }
        }
        Ok(keys)
    }
}

fn of_file(mut keys: ApiKeys, path: &Path) -> Result<ApiKeys, KeysError> {
    let text = read_text(path).map_err(KeysError::Failure)?;
    let file = format!("{}, the file of the keys,", path.display());
    let mut count = 0;
    // Editors on Windows begin a file with it.
    let text = text.strip_prefix('\u{feff}').unwrap_or(&text);
    for (number, line) in (1..).zip(text.lines()) {
        let line = line.trim();
        if line.is_empty() || line.starts_with('#') {
            continue;
        }
        if is_name_without_spaces(line) {
            let told =
                format!("line {number} of {file} has a `=` without spaces around it: write `NAME = KEY`");
            return Err(KeysError::Unusable(told));
        }
        keys = with(keys, line).ok_or_else(|| {
            KeysError::Unusable(format!("{file} has a name without a key in line {number}"))
        })?;
        count += 1;
    }
    match count {
        0 => {
            Err(KeysError::Unusable(format!("{file} has no key: without one, anyone could use the gateway")))
        }
        _ => Ok(keys),
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

/// With one more: `KEY`, or `NAME = KEY`. `None` if the key is empty; clients' keys are compared without spaces around them.
fn with(keys: ApiKeys, text: &str) -> Option<ApiKeys> {
    let text = text.trim();
    match named(text) {
        Some((name, key)) => (!key.is_empty()).then(|| keys.named(name, key)),
        None => (!text.is_empty()).then(|| keys.key(text)),
    }
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
