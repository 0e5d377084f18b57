use std::path::{Path, PathBuf};

use bedrock_stream_gateway::{Tls, TlsError};

use crate::args::wrong_usage;
use crate::input::read_text;
use crate::output::Failure;

/// Reads the files of `--tls-cert` and `--tls-key`. A failure names the file and the reason.
pub(super) fn read(certificate: Option<PathBuf>, key: Option<PathBuf>) -> Result<Option<Tls>, Failure> {
    let (certificate, key) = match (certificate, key) {
        (Some(certificate), Some(key)) => (certificate, key),
        (None, None) => return Ok(None),
        (Some(_), None) => wrong_usage("TLS needs the certificate's private key too: --tls-key"),
        (None, Some(_)) => wrong_usage("TLS needs the private key's certificate too: --tls-cert"),
    };
    let (certificate_text, key_text) = (read_text(&certificate)?, read_text(&key)?);
    let tls = Tls::from_pem(certificate_text.as_bytes(), key_text.as_bytes());
    tls.map(Some).map_err(|error| failure(&error, &certificate, &key))
}

fn failure(error: &TlsError, certificate: &Path, key: &Path) -> Failure {
    let (certificate, key) = (certificate.display(), key.display());
    match error {
        TlsError::NoCertificate | TlsError::Certificate(_) => {
            Failure::input(format_args!("{certificate}: {error}"))
        }
        TlsError::NoKey | TlsError::Key(_) => Failure::input(format_args!("{key}: {error}")),
        error => Failure::input(format_args!("{certificate} and {key}: {error}")),
    }
}
