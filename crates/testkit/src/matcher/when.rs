use std::fmt;
use std::str::FromStr;

use serde::de::value::{MapAccessDeserializer, SeqAccessDeserializer};
use serde::de::{Error as _, MapAccess, SeqAccess, Visitor};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::result_match::ResultMatch;
use super::text_match::TextMatch;
use super::turn_match::TurnMatch;
use crate::conversation::Conversation;

/// Which requests a reply is for: those that meet every condition given here. Without any condition, all.
///
/// ```
/// use bedrock_stream_testkit::{ResultMatch, TextMatch, TurnMatch, When};
///
/// let first = When::new().prompt("weather").turn(1);
/// let sunny = When::new().tool_result(ResultMatch::new().tool("weather").text("sunny"));
/// let late = When::new().turn(TurnMatch::AtLeast(5)).system(TextMatch::StartsWith("You are".into()));
/// let same: When = r#"{"prompt": "weather", "turn": 1}"#.parse()?;
/// assert_eq!(first, same);
/// # let _ = (sunny, late);
/// # Ok::<(), bedrock_stream_testkit::ParseWhenError>(())
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[must_use]
pub struct When {
    #[serde(skip_serializing_if = "Option::is_none")]
    prompt: Option<TextMatch>,
    #[serde(skip_serializing_if = "Option::is_none")]
    system: Option<TextMatch>,
    #[serde(skip_serializing_if = "Option::is_none")]
    turn: Option<TurnMatch>,
    #[serde(skip_serializing_if = "Option::is_none")]
    tool_result: Option<ResultsMatch>,
    #[serde(skip_serializing_if = "Option::is_none")]
    model: Option<TextMatch>,
    #[serde(skip_serializing_if = "Option::is_none")]
    dialect: Option<RequestDialect>,
    /// Where it is written, for error messages.
    #[serde(skip)]
    place: Option<String>,
}

/// How a request asks: the operation, and what its body looks like.
///
/// ```
/// use bedrock_stream_testkit::{FakeBedrock, RequestDialect, When, answer};
///
/// let builder = FakeBedrock::builder()
///     .reply_when("*", When::new().dialect(RequestDialect::Messages), answer().text("By Messages."))
///     .reply_when("*", When::new(), answer().text("By another API."));
/// # let _ = builder;
/// assert_eq!(When::new().dialect(RequestDialect::Chat).to_string(), r#"{"dialect":"chat"}"#);
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum RequestDialect {
    /// Converse, ConverseStream and CountTokens.
    Converse,
    /// InvokeModel and InvokeModelWithResponseStream, of any vendor.
    Invoke,
    /// OpenAI's Chat Completions.
    Chat,
    /// OpenAI's Responses.
    Responses,
    /// Anthropic's Messages, and its counts of tokens.
    Messages,
}

/// The text is not the JSON of a [`When`].
///
/// ```
/// use bedrock_stream_testkit::When;
///
/// let error = r#"{"promt": "weather"}"#.parse::<When>().unwrap_err();
/// assert!(error.to_string().contains("unknown field `promt`"));
/// ```
#[derive(Debug, thiserror::Error)]
#[error("it is no condition of a reply: {0}")]
pub struct ParseWhenError(#[from] serde_json::Error);

impl When {
    /// All requests.
    pub fn new() -> Self {
        Self::default()
    }

    /// Only if the user's last text is like this; a `&str` must be contained in it. Tool results do not count.
    pub fn prompt(mut self, text: impl Into<TextMatch>) -> Self {
        self.prompt = Some(text.into());
        self
    }

    /// Only if the system prompt is like this.
    pub fn system(mut self, text: impl Into<TextMatch>) -> Self {
        self.system = Some(text.into());
        self
    }

    /// Only if this answer of the conversation is asked for: see [`Conversation::turn`].
    pub fn turn(mut self, turn: impl Into<TurnMatch>) -> Self {
        self.turn = Some(turn.into());
        self
    }

    /// Only if a tool result like this came since the last answer. Can be called several times, once for each of several tool
    /// results.
    pub fn tool_result(mut self, result: impl Into<ResultMatch>) -> Self {
        let mut all = match self.tool_result.take() {
            Some(ResultsMatch::All(all)) => all,
            _ => Vec::new(),
        };
        all.push(result.into());
        self.tool_result = Some(ResultsMatch::All(all));
        self
    }

    /// Only if tool results came since the last answer, or only if none came.
    pub fn has_tool_result(mut self, has_one: bool) -> Self {
        self.tool_result = Some(ResultsMatch::Any(has_one));
        self
    }

    /// Only if the model id is like this.
    pub fn model(mut self, id: impl Into<TextMatch>) -> Self {
        self.model = Some(id.into());
        self
    }

    /// Only in this dialect.
    pub fn dialect(mut self, dialect: RequestDialect) -> Self {
        self.dialect = Some(dialect);
        self
    }

    /// Sets where it is written, which only [`Display`](fmt::Display) uses.
    pub fn written_at(mut self, place: impl Into<String>) -> Self {
        self.place = Some(place.into());
        self
    }

    pub(crate) fn matches(
        &self,
        model_id: &str,
        dialect: Option<RequestDialect>,
        conversation: &Conversation,
    ) -> bool {
        let Conversation { prompt, system, turn, tool_results, .. } = conversation;
        self.prompt.as_ref().is_none_or(|text| text.matches(prompt))
            && self.system.as_ref().is_none_or(|text| text.matches(system))
            && self.model.as_ref().is_none_or(|text| text.matches(model_id))
            && self.turn.is_none_or(|turns| turns.matches(*turn))
            && self.dialect.is_none_or(|asked| dialect == Some(asked))
            && match &self.tool_result {
                None => true,
                Some(ResultsMatch::Any(has_one)) => tool_results.is_empty() != *has_one,
                Some(ResultsMatch::All(all)) => {
                    all.iter().all(|one| tool_results.iter().any(|result| one.matches(result)))
                }
            }
    }
}

/// The JSON, after the place where it is written if that is known.
impl fmt::Display for When {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(place) = &self.place {
            write!(f, "{place}: ")?;
        }
        f.write_str(&serde_json::to_string(self).map_err(|_| fmt::Error)?)
    }
}

/// The JSON: an object with the names of the methods. A `tool_result` is `true`, `false`, a text, an object with `name`, `id`,
/// `error`, and `contains`, `is` or `starts_with`, or a list of these objects.
impl FromStr for When {
    type Err = ParseWhenError;

    fn from_str(json: &str) -> Result<Self, ParseWhenError> {
        Ok(serde_json::from_str(json)?)
    }
}

/// What the tool results since the last answer must be like.
#[derive(Clone, Debug, PartialEq, Eq)]
enum ResultsMatch {
    /// Whether there are any.
    Any(bool),
    /// Each of these must match one of them.
    All(Vec<ResultMatch>),
}

impl Serialize for ResultsMatch {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Any(has_one) => serializer.serialize_bool(*has_one),
            Self::All(all) => match &**all {
                [one] => one.serialize(serializer),
                all => all.serialize(serializer),
            },
        }
    }
}

impl<'de> Deserialize<'de> for ResultsMatch {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Results;
        impl<'de> Visitor<'de> for Results {
            type Value = ResultsMatch;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("true, false, a text, an object, or a list of objects")
            }

            fn visit_bool<E>(self, has_one: bool) -> Result<ResultsMatch, E> {
                Ok(ResultsMatch::Any(has_one))
            }

            fn visit_str<E>(self, part: &str) -> Result<ResultsMatch, E> {
                Ok(ResultsMatch::All(vec![part.into()]))
            }

            fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<ResultsMatch, A::Error> {
                let one = ResultMatch::deserialize(MapAccessDeserializer::new(map))?;
                Ok(ResultsMatch::All(vec![one]))
            }

            fn visit_seq<A: SeqAccess<'de>>(self, seq: A) -> Result<ResultsMatch, A::Error> {
                let all: Vec<ResultMatch> = Vec::deserialize(SeqAccessDeserializer::new(seq))?;
                // It would match every request, which is surely a mistake.
                if all.is_empty() {
                    return Err(A::Error::invalid_length(0, &"at least one object"));
                }
                Ok(ResultsMatch::All(all))
            }
        }
        deserializer.deserialize_any(Results)
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    fn second_turn() -> Conversation {
        Conversation::read(&json!({"system": "You are a guide.", "messages": [
            {"role": "user", "content": "How is the weather in Paris?"},
            {"role": "assistant", "content": [{"type": "tool_use", "id": "t1", "name": "weather", "input": {}}]},
            {"role": "user", "content": [
                {"type": "tool_result", "tool_use_id": "t1", "content": "sunny, 20 degrees", "is_error": false}]},
        ]}))
    }

    #[test]
    fn every_condition_must_hold() {
        let (conversation, dialect) = (second_turn(), Some(RequestDialect::Messages));
        for (when, matches) in [
            (json!({}), true),
            (json!({"prompt": "weather"}), true),
            (json!({"prompt": "Weather"}), false),
            (json!({"prompt": {"is": "How is the weather in Paris?"}}), true),
            (json!({"prompt": {"is": "How is the weather"}}), false),
            (json!({"prompt": {"starts_with": "How is"}}), true),
            (json!({"prompt": {"starts_with": "is"}}), false),
            (json!({"prompt": {"contains": "Paris"}, "system": "guide", "turn": 2}), true),
            (json!({"prompt": "Paris", "system": "guide", "turn": 1}), false),
            (json!({"turn": {"at_least": 2}}), true),
            (json!({"turn": {"at_least": 3}}), false),
            (json!({"model": "claude", "dialect": "messages"}), true),
            (json!({"model": {"is": "claude"}}), false),
            (json!({"dialect": "converse"}), false),
            (json!({"tool_result": true}), true),
            (json!({"tool_result": false}), false),
            (json!({"tool_result": "sunny"}), true),
            (json!({"tool_result": "rain"}), false),
            (json!({"tool_result": {"name": "weather", "contains": "20"}}), true),
            (json!({"tool_result": {"name": "time", "contains": "20"}}), false),
            (json!({"tool_result": {"id": "t1", "error": false}}), true),
            (json!({"tool_result": {"error": true}}), false),
            (json!({"tool_result": [{"starts_with": "sunny"}, {"is": "sunny, 20 degrees"}]}), true),
            (json!({"tool_result": [{"name": "weather"}, {"name": "time"}]}), false),
        ] {
            let read: When = when.to_string().parse().expect("it is a condition");
            let found = read.matches("us.anthropic.claude-v1:0", dialect, &conversation);
            assert_eq!(found, matches, "{when}");
            let again: When = read.to_string().parse().expect("its own text is one too");
            assert_eq!(again, read, "{when}");
        }
    }

    #[test]
    fn what_is_wrong_is_told_with_its_place() {
        for (text, reason) in [
            (r#"{"promt": ""}"#, "unknown field `promt`, expected one of `prompt`, `system`, `turn`"),
            (r#"{"turn": 0}"#, "invalid value: integer `0`, expected a number from 1"),
            (r#"{"turn": "1"}"#, "invalid type: string \"1\", expected a number from 1"),
            (r#"{"turn": {"over": 1}}"#, "unknown field `over`, expected `at_least`"),
            (r#"{"turn": {"at_least": 1, "over": 1}}"#, "unknown field `over`, expected `at_least`"),
            (r#"{"turn": {}}"#, "missing field `at_least`"),
            (r#"{"prompt": 1}"#, "expected a text, or an object with contains, is or starts_with"),
            (
                r#"{"prompt": {"like": "x"}}"#,
                "unknown field `like`, expected one of `contains`, `is`, `starts_with`",
            ),
            (
                r#"{"prompt": {"is": "x", "starts_with": "y"}}"#,
                "only one of contains, is and starts_with can be",
            ),
            (r#"{"prompt": {"is": "x", "is": "y"}}"#, "duplicate field `is`"),
            (r#"{"prompt": {}}"#, "one of contains, is and starts_with must be given"),
            (r#"{"tool_result": []}"#, "invalid length 0, expected at least one object"),
            (r#"{"dialect": "openai"}"#, "unknown variant `openai`, expected one of `converse`, `invoke`"),
            (r#"{"tool_result": 1}"#, "expected true, false, a text, an object, or a list of objects"),
            (r#"{"tool_result": {"nam": "x"}}"#, "unknown field `nam`"),
            (r#"{"tool_result": {"is": "x", "contains": "y"}}"#, "only one of contains, is and starts_with"),
            ("[]", "invalid"),
            ("{", "EOF"),
        ] {
            let error = text.parse::<When>().expect_err("it is wrong").to_string();
            assert!(error.contains(reason) && error.contains("line 1 column "), "{text}: {error}");
        }
        assert!(serde_json::from_value::<When>(Value::Null).is_err());
    }

    #[test]
    fn a_place_is_shown_and_means_nothing() {
        let when = When::new().turn(2).written_at("script.json:3:5");
        assert_eq!(when.to_string(), r#"script.json:3:5: {"turn":2}"#);
    }
}
