use core::fmt;

use serde::de::{Deserialize, DeserializeSeed, Deserializer, IgnoredAny, MapAccess, Visitor};

use crate::telemetry::scalar::Scalar;

/// What a request's body says about how the model is to answer, in any dialect. Nothing of the conversation is kept.
///
/// Source of the members' names: Bedrock Runtime's service model, OpenAI's and Anthropic's API references, and the user
/// guide's "Inference request parameters and response fields for foundation models".
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct RequestFacts {
    pub(super) model: Option<String>,
    pub(super) guardrail: Option<String>,
    pub(super) max_tokens: Option<u64>,
    pub(super) temperature: Option<f64>,
    pub(super) top_p: Option<f64>,
    pub(super) top_k: Option<u64>,
    pub(super) frequency_penalty: Option<f64>,
    pub(super) presence_penalty: Option<f64>,
    pub(super) seed: Option<u64>,
    /// How many answers are asked for, if not one.
    pub(super) choices: Option<u64>,
    pub(super) shape: Shape,
}

/// The shape of the body of an invoked model.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Shape {
    /// A conversation.
    Chat,
    /// A text to continue.
    Prompt,
    #[default]
    Other,
}

impl RequestFacts {
    /// Reads a body. What cannot be read is not known.
    pub(super) fn of(body: &[u8]) -> Self {
        let mut facts = Self::default();
        let mut deserializer = serde_json::Deserializer::from_slice(body);
        // After an error, what was read before it stands.
        let _ = Object(&mut facts).deserialize(&mut deserializer);
        facts
    }

    fn set(&mut self, name: &str, value: Scalar) {
        match name {
            "model" => self.model = value.text().or(self.model.take()),
            "guardrailIdentifier" => self.guardrail = value.text(),
            "max_tokens"
            | "maxTokens"
            | "max_completion_tokens"
            | "max_output_tokens"
            | "max_new_tokens"
            | "max_tokens_to_sample"
            | "max_gen_len"
            | "maxTokenCount" => {
                self.max_tokens = value.integer().or(self.max_tokens);
            }
            "temperature" => self.temperature = value.float(),
            "top_p" | "topP" | "p" => self.top_p = value.float(),
            "top_k" | "topK" | "k" => self.top_k = value.integer(),
            "frequency_penalty" => self.frequency_penalty = value.float(),
            "presence_penalty" => self.presence_penalty = value.float(),
            "seed" => self.seed = value.integer(),
            "n" | "num_generations" => self.choices = value.integer().filter(|number| *number != 1),
            _ => {}
        }
    }
}

/// Reads an object's members into the facts.
struct Object<'a>(&'a mut RequestFacts);

impl<'de> DeserializeSeed<'de> for Object<'_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_map(self)
    }
}

impl<'de> Visitor<'de> for Object<'_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<(), A::Error> {
        while let Some(Name(name)) = members.next_key()? {
            match &*name {
                "inferenceConfig" | "textGenerationConfig" | "guardrailConfig" => {
                    members.next_value_seed(Object(self.0))?;
                }
                "messages" | "message" => {
                    self.0.shape = Shape::Chat;
                    members.next_value::<IgnoredAny>()?;
                }
                "prompt" | "inputText" => {
                    self.0.shape = Shape::Prompt;
                    members.next_value::<IgnoredAny>()?;
                }
                "system" | "input" | "instructions" | "tools" | "toolConfig" => {
                    members.next_value::<IgnoredAny>()?;
                }
                _ => self.0.set(&name, members.next_value()?),
            }
        }
        Ok(())
    }
}

/// A member's name, without a copy if it has no escapes.
struct Name<'de>(std::borrow::Cow<'de, str>);

impl<'de> Deserialize<'de> for Name<'de> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct NameVisitor;
        impl<'de> Visitor<'de> for NameVisitor {
            type Value = Name<'de>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a name")
            }

            fn visit_borrowed_str<E>(self, name: &'de str) -> Result<Name<'de>, E> {
                Ok(Name(name.into()))
            }

            fn visit_str<E>(self, name: &str) -> Result<Name<'de>, E> {
                Ok(Name(name.to_owned().into()))
            }
        }
        deserializer.deserialize_str(NameVisitor)
    }
}

#[cfg(test)]
mod tests {
    use bedrock_stream_core::converse::Request;

    use super::*;

    #[test]
    fn each_dialect_has_its_own_words() {
        let told = RequestFacts {
            max_tokens: Some(100),
            temperature: Some(0.5),
            top_p: Some(0.25),
            ..RequestFacts::default()
        };
        for (body, shape) in [
            (
                r#"{"messages":[],"inferenceConfig":{"maxTokens":100,"temperature":0.5,"topP":0.25}}"#,
                Shape::Chat,
            ),
            (
                r#"{"messages":[],"inferenceConfig":{"max_new_tokens":100,"temperature":0.5,"top_p":0.25}}"#,
                Shape::Chat,
            ),
            (r#"{"messages":[],"max_tokens":100,"temperature":0.5,"top_p":0.25}"#, Shape::Chat),
            (r#"{"max_completion_tokens":100,"temperature":0.5,"top_p":0.25,"messages":[]}"#, Shape::Chat),
            (r#"{"input":[],"max_output_tokens":100.0,"temperature":0.5,"top_p":0.25}"#, Shape::Other),
            (r#"{"prompt":"a","max_gen_len":100,"temperature":0.5,"top_p":0.25}"#, Shape::Prompt),
            (r#"{"prompt":"a","max_tokens_to_sample":100,"temperature":0.5,"top_p":0.25}"#, Shape::Prompt),
            (
                r#"{"inputText":"a","textGenerationConfig":{"maxTokenCount":100,"temperature":0.5,"topP":0.25}}"#,
                Shape::Prompt,
            ),
            (r#"{"message":"a","max_tokens":100,"temperature":0.5,"p":0.25}"#, Shape::Chat),
        ] {
            assert_eq!(RequestFacts::of(body.as_bytes()), RequestFacts { shape, ..told.clone() }, "{body}");
        }
        let request = Request::new().user("a").max_tokens(7);
        assert_eq!(RequestFacts::of(&serde_json::to_vec(&request).unwrap()).max_tokens, Some(7));
    }

    #[test]
    fn every_parameter_is_read_and_nothing_of_the_conversation() {
        let body = r#"{"model":"m","top_k":40,"frequency_penalty":-1,"presence_penalty":0.5,"seed":3,"n":2,
            "stop":["secret"],"system":"secret","metadata":{"model":"secret","seed":9},
            "guardrailConfig":{"guardrailIdentifier":"g","guardrailVersion":"1"},
            "messages":[{"content":"secret","temperature":9}]}"#;
        let facts = RequestFacts::of(body.as_bytes());
        let told = RequestFacts {
            model: Some("m".to_owned()),
            guardrail: Some("g".to_owned()),
            top_k: Some(40),
            frequency_penalty: Some(-1.0),
            presence_penalty: Some(0.5),
            seed: Some(3),
            choices: Some(2),
            shape: Shape::Chat,
            ..RequestFacts::default()
        };
        assert_eq!(facts, told);
        assert_eq!(
            RequestFacts::of(br#"{"n":1,"model":{"a":[1]},"temperature":"hot"}"#),
            RequestFacts::default()
        );
    }

    #[test]
    fn any_bytes_are_read() {
        let long = format!(r#"{{"model":"{}"}}"#, "m".repeat(3000));
        let deep = [r#"{"messages":"#, &"[".repeat(100_000)].concat();
        for body in ["", "null", "[1]", "\"a\"", "{", "\u{0}", &long] {
            assert_eq!(RequestFacts::of(body.as_bytes()), RequestFacts::default(), "{body:.20}");
        }
        assert_eq!(RequestFacts::of(deep.as_bytes()).shape, Shape::Chat);
        let broken = RequestFacts::of(br#"{"max_tokens":5,"temperature":"#);
        assert_eq!(broken.max_tokens, Some(5), "what was read before an error stands");
    }
}
