use std::path::{Path, PathBuf};

use bedrock_stream_gateway::{Tls, TlsError};

use crate::args::wrong_usage;
use crate::input::read_text;
use crate::output::Failure;

/// The files of `--tls-cert` and `--tls-key`.
pub(super) struct TlsFiles {
    certificate: PathBuf,
    key: PathBuf,
}

impl TlsFiles {
    /// `None` if there is neither.
    pub(super) fn of(certificate: Option<PathBuf>, key: Option<PathBuf>) -> Option<Self> {
        match (certificate, key) {
            (Some(certificate), Some(key)) => Some(Self { certificate, key }),
            (None, None) => None,
            (Some(_), None) => wrong_usage("TLS needs the certificate's private key too: --tls-key"),
            (None, Some(_)) => wrong_usage("TLS needs the private key's certificate too: --tls-cert"),
        }
    }

    /// Reads them. A failure names the file and the reason.
    pub(super) fn read(&self) -> Result<Tls, Failure> {
        let Self { certificate, key } = self;
        let (certificate_text, key_text) = (read_text(certificate)?, read_text(key)?);
        let tls = Tls::from_pem(certificate_text.as_bytes(), key_text.as_bytes());
        tls.map_err(|error| failure(&error, certificate, key))
    }
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
