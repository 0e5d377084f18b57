use std::path::Path;

use super::config_file::ConfigFile;
use crate::args::{Secret, wrong_usage};
use crate::input::read_text;
use crate::output::Failure;

/// The keys that clients may use: those of the flags, of `--api-key-file`, and of the file of `--config`.
///
/// An empty one ends the program: whoever gives a key, as with `--api-key "$KEY"`, does not want a gateway without any, which
/// is open to everyone.
pub(super) fn keys(
    given: Vec<Secret>,
    path: Option<&Path>,
    file: &mut ConfigFile,
) -> Result<Vec<String>, Failure> {
    let mut keys: Vec<String> = given.into_iter().map(|Secret(key)| key).collect();
    if keys.iter().any(|key| is_empty(key)) {
        wrong_usage("the value of --api-key is empty: without a key, anyone could use the gateway");
    }
    if let Some(path) = path {
        let text = read_text(path)?;
        let before = keys.len();
        let lines = text.lines().map(str::trim);
        keys.extend(lines.filter(|line| !line.is_empty() && !line.starts_with('#')).map(str::to_owned));
        if keys.len() == before {
            wrong_usage(format_args!(
                "{}, the file of --api-key-file, has no key: without one, anyone could use the gateway",
                path.display()
            ));
        }
    }
    if let Some(of_file) = file.api_keys.take() {
        if of_file.is_empty() || of_file.iter().any(|key| is_empty(key)) {
            wrong_usage(
                "`api_keys` in the file of --config has no key or an empty one: leave it out to let anyone use the gateway",
            );
        }
        keys.extend(of_file);
    }
    Ok(keys)
}

/// Clients' keys are compared without spaces around them.
fn is_empty(key: &str) -> bool {
    key.trim().is_empty()
}
