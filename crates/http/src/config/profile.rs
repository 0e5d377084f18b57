use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use crate::config::config_error::ConfigError;
use crate::config::ini::{Ini, Section};

/// One profile of the shared files `~/.aws/config` and `~/.aws/credentials`. It has no `Debug`, so that it is never shown.
pub(crate) struct Profile {
    name: String,
    config: Ini,
    credentials: Ini,
}

/// Static keys.
#[cfg_attr(not(feature = "sigv4"), expect(dead_code, reason = "it only matters whether there are keys"))]
pub(crate) struct Keys {
    pub(crate) access_key_id: String,
    pub(crate) secret_access_key: String,
    pub(crate) session_token: Option<String>,
}

impl Profile {
    /// Reads the files. Missing ones are empty.
    pub(crate) fn read(variable: &dyn Fn(&str) -> Option<String>) -> Result<Self, ConfigError> {
        let home = variable("HOME").or_else(|| variable("USERPROFILE")).map(PathBuf::from);
        let file = |name, default: &str| match (variable(name), &home) {
            (Some(path), Some(home)) => {
                read(&path.strip_prefix("~/").map_or((&*path).into(), |rest| home.join(rest)), true)
            }
            (Some(path), None) => read(Path::new(&path), true),
            (None, Some(home)) => read(&home.join(".aws").join(default), false),
            (None, None) => Ok(Ini::default()),
        };
        let config = file("AWS_CONFIG_FILE", "config")?;
        let credentials = file("AWS_SHARED_CREDENTIALS_FILE", "credentials")?;
        let named = variable("AWS_PROFILE");
        let is_named = named.is_some();
        let profile = Self { name: named.unwrap_or_else(|| DEFAULT.to_owned()), config, credentials };
        if is_named && profile.in_config().or(profile.in_credentials()).is_none() {
            return Err(ConfigError::ProfileNotFound { profile: profile.name });
        }
        Ok(profile)
    }

    /// A setting: from the credentials file, else from the config file.
    pub(crate) fn value(&self, name: &str) -> Option<String> {
        let value = |section: Option<&Section>| section?.value(name).map(str::to_owned);
        value(self.in_credentials()).or_else(|| value(self.in_config()))
    }

    /// The endpoint URL for Bedrock Runtime alone.
    pub(crate) fn runtime_url(&self) -> Result<Option<String>, ConfigError> {
        let Some(services) = self.value("services") else { return Ok(None) };
        let Some(section) = self.config.section_of("services", &services) else {
            return Err(ConfigError::ServicesNotFound { profile: self.name.clone(), services });
        };
        Ok(section.value_in("bedrock_runtime", "endpoint_url").map(str::to_owned))
    }

    /// The static keys. If the profile also gets credentials in a way that the SDKs prefer, that is an error: silently
    /// signing with other keys than the SDKs use would surprise.
    pub(crate) fn keys(&self) -> Result<Option<Keys>, ConfigError> {
        let other_way = |settings: &[&'static str]| {
            let setting = settings.iter().copied().find(|setting| self.value(setting).is_some());
            setting.map_or(Ok(()), |setting| {
                Err(ConfigError::ProfileProvider { profile: self.name.clone(), setting })
            })
        };
        other_way(&["role_arn", "web_identity_token_file", "sso_session", "sso_start_url"])?;
        if let Some(keys) = keys(self.in_credentials())? {
            return Ok(Some(keys));
        }
        other_way(&["login_session", "credential_process"])?;
        keys(self.in_config())
    }

    fn in_config(&self) -> Option<&Section> {
        let own = self.config.section_of("profile", &self.name);
        own.or_else(|| self.config.section(DEFAULT).filter(|_| self.name == DEFAULT))
    }

    fn in_credentials(&self) -> Option<&Section> {
        self.credentials.section(&self.name)
    }
}

fn keys(section: Option<&Section>) -> Result<Option<Keys>, ConfigError> {
    let value = |name| section?.value(name).map(str::to_owned);
    let (id, secret) = ("aws_access_key_id", "aws_secret_access_key");
    match (value(id), value(secret)) {
        (None, None) => Ok(None),
        (None, Some(_)) => Err(ConfigError::PartialCredentials { missing: id }),
        (Some(_), None) => Err(ConfigError::PartialCredentials { missing: secret }),
        (Some(access_key_id), Some(secret_access_key)) => Ok(Some(Keys {
            access_key_id,
            secret_access_key,
            session_token: value("aws_security_token").or_else(|| value("aws_session_token")),
        })),
    }
}

/// An unreadable default file counts as missing: it may be another user's, as in a container image.
fn read(path: &Path, is_named: bool) -> Result<Ini, ConfigError> {
    let failed = |cause: String| ConfigError::File { path: path.to_owned(), cause };
    let text = match fs::read_to_string(path) {
        Ok(text) => text,
        Err(error) if matches!(error.kind(), io::ErrorKind::NotFound | io::ErrorKind::NotADirectory) => {
            return Ok(Ini::default());
        }
        Err(error) if !is_named && error.kind() == io::ErrorKind::PermissionDenied => {
            return Ok(Ini::default());
        }
        Err(error) => return Err(failed(error.to_string())),
    };
    Ini::parse(&text).map_err(|line| failed(format!("line {line} is not a section, a property or a comment")))
}

const DEFAULT: &str = "default";
