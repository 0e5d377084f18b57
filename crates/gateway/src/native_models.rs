use bedrock_stream_dialects::Dialect;

/// Whether Bedrock serves a model in this dialect itself, by the model's id, the id of an inference profile, or an ARN that ends
/// in one of these.
pub(crate) fn is_native(model_id: &str, dialect: Dialect) -> bool {
    let id = model_id.rsplit('/').next().unwrap_or(model_id);
    // The id of an inference profile has a region before the model's: `us.`, `us-gov.`, `global.`.
    let without_region = id.split_once('.').map_or("", |(_, rest)| rest);
    MODELS.iter().any(|(prefix, dialects)| {
        (id.starts_with(prefix) || without_region.starts_with(prefix)) && dialects.contains(&dialect)
    })
}

/// How a model's id begins, and the dialects in which `bedrock-runtime` serves the model itself. Others, such as the models that
/// only `bedrock-mantle` serves, are said by an alias.
///
/// Source: "Chat Completions API", "Responses API" and "Messages API" in the Amazon Bedrock User Guide; a Claude is refused as
/// unknown by Chat Completions there.
const MODELS: &[(&str, &[Dialect])] =
    &[("anthropic.", &[Dialect::Messages]), ("openai.", &[Dialect::Chat, Dialect::Responses])];

#[cfg(test)]
mod tests {
    use bedrock_stream_dialects::Dialect;

    use super::is_native;

    #[test]
    fn a_models_id_tells_in_which_dialects_it_is_served() {
        let told = |model: &str| {
            [Dialect::Chat, Dialect::Responses, Dialect::Messages].map(|dialect| is_native(model, dialect))
        };
        for (model, expected) in [
            ("openai.gpt-oss-120b-1:0", [true, true, false]),
            ("us.openai.gpt-5.6-sol", [true, true, false]),
            ("anthropic.claude-haiku-4-5-20251001-v1:0", [false, false, true]),
            ("us-gov.anthropic.claude-sonnet-4-5-20250929-v1:0", [false, false, true]),
            (
                "arn:aws:bedrock:us-east-1:1:inference-profile/us.anthropic.claude-sonnet-4-6",
                [false, false, true],
            ),
            ("arn:aws:bedrock:us-east-1:1:application-inference-profile/x", [false; 3]),
            ("us.amazon.nova-lite-v1:0", [false; 3]),
            ("meta.llama3-3-70b-instruct-v1:0", [false; 3]),
            ("", [false; 3]),
        ] {
            assert_eq!(told(model), expected, "{model}");
        }
    }
}
