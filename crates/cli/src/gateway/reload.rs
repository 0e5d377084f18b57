use std::path::PathBuf;
use std::sync::{Mutex, PoisonError};

use bedrock_stream_gateway::{Gateway, Tls};

use super::config_file::ConfigFile;
use super::keys::{KeySources, Keys, KeysError};
use super::tls::TlsFiles;
use crate::output::Failure;

/// What SIGHUP reads again.
pub(super) struct Reload {
    pub(super) keys: KeySources,
    /// Those that were read last.
    pub(super) known: Mutex<Keys>,
    /// The file of `--config`, of which only the keys are read again.
    pub(super) config: Option<PathBuf>,
    pub(super) tls: Option<(TlsFiles, Tls)>,
}

impl Reload {
    /// Reads the keys and the certificate again: both, or neither if one of them cannot be used. Says what happened.
    pub(super) fn read_again(&self, gateway: &Gateway) -> String {
        let has_keys = self.config.is_some() || self.keys.has_files();
        match self.try_read_again(gateway) {
            Ok(changes) => match (has_keys, self.tls.is_some()) {
                (true, true) => format!("the keys and the certificate were read again: {changes}"),
                (true, false) => format!("the keys were read again: {changes}"),
                (false, true) => "the certificate was read again".to_owned(),
                (false, false) => "there is no file of keys and no certificate to read again".to_owned(),
            },
            Err(reason) => format!("nothing was read again, and what there was stays: {reason}"),
        }
    }

    /// Returns how the keys have changed.
    fn try_read_again(&self, gateway: &Gateway) -> Result<String, String> {
        let told = |failure: Failure| failure.message().to_owned();
        let file = self.config.as_deref().map(ConfigFile::read).transpose();
        let keys = self.keys.read(&mut file.map_err(told)?.unwrap_or_default()).map_err(KeysError::told)?;
        let tls = self.tls.as_ref().map(|(files, tls)| Ok((tls, files.read()?))).transpose().map_err(told)?;
        if !gateway.replace_api_keys(keys.api_keys()) {
            return Err("there are no keys any more, so anyone could use the gateway".to_owned());
        }
        if let Some((tls, read)) = tls {
            tls.replace(&read);
        }
        let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        let changes = keys.changes_since(&known);
        *known = keys;
        Ok(changes)
    }
}
