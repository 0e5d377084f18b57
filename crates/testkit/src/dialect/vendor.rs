use bedrock_stream_dialects::Dialect;
use serde_json::Value;

/// The vendor whose payloads a model uses with Invoke.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Vendor {
    Anthropic,
    Nova,
    Titan,
    Llama,
    Mistral,
    Cohere,
    Jamba,
    /// R1, which takes a prompt; later models answer as Chat Completions.
    DeepSeek,
    /// gpt-oss, and others that answer as Chat Completions.
    OpenAi,
}

impl Vendor {
    /// The vendor of a model id, with or without the prefix of an inference profile, or of an ARN that ends in one.
    pub(crate) fn of(model_id: &str) -> Option<Self> {
        if Self::is_of_another_kind(model_id) {
            return None;
        }
        let id = model_id.rsplit('/').next().unwrap_or(model_id);
        let starts = |id: &str| VENDORS.iter().find(|(prefix, _)| id.starts_with(prefix)).map(|(_, of)| *of);
        starts(id).or_else(|| starts(id.split_once('.')?.1))
    }

    /// Whether a model is no text or chat model: it makes embeddings, rankings, images, videos or speech, or answers about videos.
    pub(crate) fn is_of_another_kind(model_id: &str) -> bool {
        let id = model_id.rsplit('/').next().unwrap_or(model_id);
        let starts = |id: &str| OTHER_KINDS.iter().any(|prefix| id.starts_with(prefix));
        starts(id) || id.split_once('.').is_some_and(|(_, id)| starts(id))
    }

    /// The prefixes of the model ids with a known vendor, for messages.
    pub(crate) fn prefixes() -> String {
        VENDORS.iter().map(|(prefix, _)| *prefix).collect::<Vec<_>>().join(", ")
    }

    /// The dialect in which its models answer this request. If the request is not known and there is a choice, the one of
    /// conversations.
    pub(crate) fn answers_in(self, request: Option<&Value>) -> Dialect {
        let is_conversation = request.is_none_or(|request| request.get("messages").is_some());
        let has_prompt = request.is_some_and(|request| request.get("prompt").is_some());
        match self {
            Self::Mistral if is_conversation => Dialect::Chat,
            Self::Anthropic if has_prompt && !is_conversation => Dialect::Completion,
            vendor => vendor.dialect(),
        }
    }

    /// Whether its models answer some request in this dialect.
    pub(crate) fn has_answers_in(self, dialect: Dialect) -> bool {
        match self {
            Self::Mistral => matches!(dialect, Dialect::Mistral | Dialect::Chat),
            Self::Anthropic => matches!(dialect, Dialect::Messages | Dialect::Completion),
            vendor => dialect == vendor.dialect(),
        }
    }

    pub(crate) const fn dialect(self) -> Dialect {
        match self {
            Self::Anthropic => Dialect::Messages,
            Self::Nova => Dialect::Nova,
            Self::Titan => Dialect::Titan,
            Self::Llama => Dialect::Llama,
            Self::Mistral => Dialect::Mistral,
            Self::Cohere => Dialect::Cohere,
            Self::Jamba | Self::DeepSeek | Self::OpenAi => Dialect::Chat,
        }
    }
}

/// Source: "Supported foundation models in Amazon Bedrock".
const VENDORS: [(&str, Vendor); 18] = [
    ("anthropic.", Vendor::Anthropic),
    ("amazon.nova", Vendor::Nova),
    ("amazon.titan", Vendor::Titan),
    ("meta.llama", Vendor::Llama),
    ("mistral.", Vendor::Mistral),
    ("cohere.", Vendor::Cohere),
    ("ai21.jamba", Vendor::Jamba),
    ("openai.", Vendor::OpenAi),
    ("qwen.", Vendor::OpenAi),
    ("deepseek.r1", Vendor::DeepSeek),
    ("deepseek.v", Vendor::OpenAi),
    ("zai.", Vendor::OpenAi),
    ("moonshot.", Vendor::OpenAi),
    ("moonshotai.", Vendor::OpenAi),
    ("minimax.", Vendor::OpenAi),
    ("nvidia.", Vendor::OpenAi),
    ("google.", Vendor::OpenAi),
    ("writer.", Vendor::OpenAi),
];

/// Models of other kinds. Source: the same.
const OTHER_KINDS: [&str; 13] = [
    "amazon.nova-canvas",
    "amazon.nova-reel",
    "amazon.nova-sonic",
    "amazon.nova-2-sonic",
    "amazon.nova-2-multimodal-embeddings",
    "amazon.rerank",
    "amazon.titan-embed",
    "amazon.titan-image",
    "cohere.embed",
    "cohere.rerank",
    "luma.",
    "stability.",
    "twelvelabs.",
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_id_tells_the_vendor() {
        let arn = "arn:aws:bedrock:us-east-1:123456789012:inference-profile/us.anthropic.claude-sonnet-4";
        for (id, vendor) in [
            ("anthropic.claude-3-haiku-20240307-v1:0", Some(Vendor::Anthropic)),
            ("global.anthropic.claude-haiku-4-5-20251001-v1:0", Some(Vendor::Anthropic)),
            (arn, Some(Vendor::Anthropic)),
            ("arn:aws:bedrock:us-east-1::foundation-model/amazon.titan-text-lite-v1", Some(Vendor::Titan)),
            ("us.amazon.nova-lite-v1:0", Some(Vendor::Nova)),
            ("eu.meta.llama3-2-1b-instruct-v1:0", Some(Vendor::Llama)),
            ("mistral.mistral-7b-instruct-v0:2", Some(Vendor::Mistral)),
            ("cohere.command-r-v1:0", Some(Vendor::Cohere)),
            ("ai21.jamba-1-5-mini-v1:0", Some(Vendor::Jamba)),
            ("openai.gpt-oss-20b-1:0", Some(Vendor::OpenAi)),
            ("us.deepseek.r1-v1:0", Some(Vendor::DeepSeek)),
            ("deepseek.v3-v1:0", Some(Vendor::OpenAi)),
            ("moonshot.kimi-k2-thinking", Some(Vendor::OpenAi)),
            ("moonshotai.kimi-k2.5", Some(Vendor::OpenAi)),
            ("amazon.rerank-v1:0", None),
            ("amazon.titan-embed-text-v2:0", None),
            ("us.amazon.nova-canvas-v1:0", None),
            ("cohere.rerank-v3-5:0", None),
            ("global.cohere.embed-v4:0", None),
            ("arn:aws:bedrock:us-east-1:123456789012:imported-model/abc123", None),
            ("", None),
        ] {
            assert_eq!(Vendor::of(id), vendor, "{id}");
        }
    }
}
