//! The shared files are read as botocore reads them. `tests/golden/profiles.py` regenerates the golden values.
#![cfg(feature = "sigv4")]

use std::error::Error;
use std::fs;
use std::time::SystemTime;

use bedrock_stream_http::{Config, ConfigError, Credentials, Operation};
use serde_json::Value;

#[tokio::test]
async fn every_profile_is_read_as_botocore_reads_it() -> Result<(), Box<dyn Error>> {
    let golden: Value = serde_json::from_str(include_str!("golden/profiles.json"))?;
    let cases = golden["cases"].as_array().ok_or("no cases")?;
    assert!(cases.len() >= 27, "only {} cases", cases.len());
    let time = SystemTime::now();
    for case in cases {
        let name = &case["name"];
        let home = tempfile::tempdir()?;
        for file in ["config", "credentials"] {
            fs::write(home.path().join(file), case[file].as_str().ok_or("no text")?)?;
        }
        let config = Config::builder()
            .env_from(|variable| match variable {
                "AWS_CONFIG_FILE" => Some(home.path().join("config").to_str()?.to_owned()),
                "AWS_SHARED_CREDENTIALS_FILE" => Some("~/credentials".to_owned()),
                "HOME" => Some(home.path().to_str()?.to_owned()),
                _ => case["variables"][variable].as_str().map(str::to_owned),
            })
            .build();
        if let Some(expected) = case["error"].as_str() {
            let error = config.err().ok_or_else(|| format!("{name}: no error"))?;
            let found = match error {
                ConfigError::ProfileNotFound { .. } => "ProfileNotFound",
                ConfigError::ServicesNotFound { .. } => "InvalidConfigError",
                ConfigError::PartialCredentials { .. } => "PartialCredentialsError",
                ConfigError::File { .. } => "ConfigParseError",
                ConfigError::NoCredentials => "NoCredentials",
                _ => "another",
            };
            assert_eq!(found, expected, "{name}: {error}");
            continue;
        }
        let config = config.map_err(|error| format!("{name}: {error}"))?;
        let text = |member: &str| case[member].as_str().map(str::to_owned);
        assert_eq!(config.region(), text("region").as_deref(), "{name}");
        assert_eq!(Some(config.endpoint().to_string()), text("endpoint"), "{name}");

        // The signature shows which keys were used.
        let mut credentials = Credentials::new(
            text("access_key_id").ok_or("no id")?,
            text("secret_access_key").ok_or("no secret")?,
        );
        if let Some(token) = text("session_token") {
            credentials = credentials.with_session_token(token);
        }
        let expected = Config::builder()
            .region(text("region").ok_or("no region")?)
            .endpoint_url(text("endpoint").ok_or("no endpoint")?)
            .credentials(credentials)
            .build()?;
        let headers = async |config: &Config| {
            let request = config.request(&Operation::converse("m").unwrap(), "{}".into(), time).await?;
            Ok::<_, bedrock_stream_http::Error>(request.headers().clone())
        };
        assert_eq!(headers(&config).await?, headers(&expected).await?, "{name}");
        let shown = format!("{config:?}");
        assert!(!shown.contains("secret") && !shown.contains("tok/"), "{shown}");
    }
    Ok(())
}

#[test]
fn a_profile_that_needs_a_provider_is_an_error_that_says_so() -> Result<(), Box<dyn Error>> {
    let keys = "aws_access_key_id = AKID\naws_secret_access_key = hunter2\n";
    for (config, credentials, setting) in [
        ("role_arn = r\nsource_profile = x\n", keys, Some("role_arn")),
        ("sso_session = s\n", keys, Some("sso_session")),
        ("web_identity_token_file = f\n", "", Some("web_identity_token_file")),
        ("credential_process = p\n", keys, None),
        ("credential_process = p\n", "", Some("credential_process")),
    ] {
        let home = tempfile::tempdir()?;
        fs::create_dir(home.path().join(".aws"))?;
        fs::write(home.path().join(".aws/config"), format!("[default]\nregion = us-east-1\n{config}"))?;
        fs::write(home.path().join(".aws/credentials"), format!("[default]\n{credentials}"))?;
        let variable = |token: Option<&'static str>| {
            let home = home.path().to_str().map(str::to_owned);
            move |name: &str| match name {
                "HOME" => home.clone(),
                "AWS_BEARER_TOKEN_BEDROCK" => token.map(str::to_owned),
                _ => None,
            }
        };
        match (Config::builder().env_from(variable(None)).build(), setting) {
            (Err(error @ ConfigError::ProfileProvider { setting: found, .. }), Some(setting)) => {
                assert_eq!(found, setting);
                let sentence = error.to_string();
                assert!(sentence.contains("`aws-config`") && sentence.contains("`aws-types`"), "{sentence}");
            }
            (Ok(_), None) => {}
            (other, _) => panic!("{config}: {other:?}"),
        }
        // A bearer token takes precedence, so this is not an error.
        assert!(Config::builder().env_from(variable(Some("token"))).build().is_ok());
    }
    Ok(())
}
