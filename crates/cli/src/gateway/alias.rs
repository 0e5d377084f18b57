use std::fmt;

use bedrock_stream_dialects::Dialect;
use bedrock_stream_dialects::request::{ModelFamily, ReasoningStyle, ThinkingBudgets};
use bedrock_stream_gateway::Alias;
use serde::de::value::MapAccessDeserializer;
use serde::de::{MapAccess, Visitor};
use serde::{Deserialize, Deserializer};

/// What the file of `--config` says of a name: its model, or a table that says more.
pub(super) enum AliasEntry {
    Model(String),
    Table(AliasTable),
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct AliasTable {
    model: String,
    family: Option<Family>,
    reasoning: Option<Style>,
    thinking_budgets: Option<Budgets>,
    allowed_betas: Option<Vec<String>>,
    native: Option<Vec<NativeDialect>>,
}

/// An untagged enum would not say which member of the table is wrong.
impl<'de> Deserialize<'de> for AliasEntry {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct ModelOrTable;

        impl<'de> Visitor<'de> for ModelOrTable {
            type Value = AliasEntry;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(
                    "a model, or a table with `model` and any of `family`, `reasoning`, `thinking_budgets`, `allowed_betas` and `native`",
                )
            }

            fn visit_str<E>(self, model: &str) -> Result<AliasEntry, E> {
                Ok(AliasEntry::Model(model.to_owned()))
            }

            fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<AliasEntry, A::Error> {
                AliasTable::deserialize(MapAccessDeserializer::new(map)).map(AliasEntry::Table)
            }
        }

        deserializer.deserialize_any(ModelOrTable)
    }
}

/// [`ModelFamily`], by the names of its variants.
#[derive(Clone, Copy, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Family {
    Anthropic,
    Nova,
    OpenAi,
    DeepSeek,
    Plain,
    Unknown,
}

/// [`ReasoningStyle`], by the names of its variants.
#[derive(Clone, Copy, Deserialize)]
#[serde(rename_all = "kebab-case")]
enum Style {
    Adaptive,
    Budget,
    Effort,
    ReasoningConfig,
    Unmapped,
    None,
}

/// Those that are not set keep their defaults.
#[derive(Clone, Copy, Deserialize)]
#[serde(deny_unknown_fields)]
struct Budgets {
    low: Option<Budget>,
    medium: Option<Budget>,
    high: Option<Budget>,
    xhigh: Option<Budget>,
    max: Option<Budget>,
}

/// As many tokens as Claude accepts, so that a smaller number is an error of the file and not of each request.
#[derive(Clone, Copy, Deserialize)]
#[serde(try_from = "u32")]
struct Budget(u32);

impl TryFrom<u32> for Budget {
    type Error = String;

    fn try_from(tokens: u32) -> Result<Self, String> {
        // The default's `low` is the least that Claude accepts.
        let least = ThinkingBudgets::default().low;
        if tokens < least {
            return Err(format!("a budget has at least {least} tokens, and this one has {tokens}"));
        }
        Ok(Self(tokens))
    }
}

#[derive(Clone, Copy, Deserialize)]
#[serde(rename_all = "lowercase")]
enum NativeDialect {
    Chat,
    Responses,
    Messages,
}

impl From<AliasEntry> for Alias {
    fn from(entry: AliasEntry) -> Self {
        let table = match entry {
            AliasEntry::Model(model) => return Self::new(model),
            AliasEntry::Table(table) => table,
        };
        let mut alias = Self::new(table.model);
        if let Some(family) = table.family {
            alias = alias.family(match family {
                Family::Anthropic => ModelFamily::Anthropic,
                Family::Nova => ModelFamily::Nova,
                Family::OpenAi => ModelFamily::OpenAi,
                Family::DeepSeek => ModelFamily::DeepSeek,
                Family::Plain => ModelFamily::Plain,
                Family::Unknown => ModelFamily::Unknown,
            });
        }
        if let Some(reasoning) = table.reasoning {
            alias = alias.reasoning_style(match reasoning {
                Style::Adaptive => ReasoningStyle::Adaptive,
                Style::Budget => ReasoningStyle::Budget,
                Style::Effort => ReasoningStyle::Effort,
                Style::ReasoningConfig => ReasoningStyle::ReasoningConfig,
                Style::Unmapped => ReasoningStyle::Unmapped,
                Style::None => ReasoningStyle::None,
            });
        }
        if let Some(Budgets { low, medium, high, xhigh, max }) = table.thinking_budgets {
            let default = ThinkingBudgets::default();
            alias = alias.thinking_budgets(ThinkingBudgets {
                low: low.map_or(default.low, |Budget(tokens)| tokens),
                medium: medium.map_or(default.medium, |Budget(tokens)| tokens),
                high: high.map_or(default.high, |Budget(tokens)| tokens),
                extra_high: xhigh.map_or(default.extra_high, |Budget(tokens)| tokens),
                max: max.map_or(default.max, |Budget(tokens)| tokens),
            });
        }
        if let Some(names) = table.allowed_betas {
            alias = alias.allowed_betas(names);
        }
        match table.native {
            Some(dialects) => alias.native(dialects.into_iter().map(|dialect| match dialect {
                NativeDialect::Chat => Dialect::Chat,
                NativeDialect::Responses => Dialect::Responses,
                NativeDialect::Messages => Dialect::Messages,
            })),
            None => alias,
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use bedrock_stream_dialects::Dialect;
    use bedrock_stream_dialects::request::{ModelFamily, ReasoningStyle, ThinkingBudgets};
    use bedrock_stream_gateway::Alias;

    use super::AliasEntry;

    #[test]
    fn a_table_says_more_of_a_model() {
        let entries: BTreeMap<String, AliasEntry> = toml::from_str(
            r#"
            plain = "m"
            full = { model = "m", family = "openai", reasoning = "reasoning-config", native = ["chat", "responses"] }
            budgets = { model = "m", thinking_budgets = { low = 2000, xhigh = 9000 }, allowed_betas = ["new-2030-01-01"] }
            "#,
        )
        .unwrap();
        let aliases: Vec<Alias> = entries.into_values().map(Alias::from).collect();
        let budgets = ThinkingBudgets { low: 2_000, extra_high: 9_000, ..ThinkingBudgets::default() };
        assert_eq!(
            aliases,
            [
                Alias::new("m").thinking_budgets(budgets).allowed_betas(["new-2030-01-01"]),
                Alias::new("m")
                    .family(ModelFamily::OpenAi)
                    .reasoning_style(ReasoningStyle::ReasoningConfig)
                    .native([Dialect::Chat, Dialect::Responses]),
                Alias::new("m"),
            ]
        );
    }

    #[test]
    fn what_is_no_alias_is_refused() {
        for (wrong, told) in [
            ("a = 1", "expected a model, or a table with `model`"),
            ("a = {}", "missing field `model`"),
            ("a = { model = \"m\", family = \"gpt\" }", "unknown variant `gpt`, expected one of `anthropic`"),
            (
                "a = { model = \"m\", thinking_budgets = { low = 1023 } }",
                "a budget has at least 1024 tokens, and this one has 1023",
            ),
            ("a = { model = \"m\", n = 1 }", "unknown field `n`, expected one of `model`"),
        ] {
            let error = toml::from_str::<BTreeMap<String, AliasEntry>>(wrong).err().unwrap().to_string();
            assert!(error.contains(told), "{error}");
        }
    }
}
