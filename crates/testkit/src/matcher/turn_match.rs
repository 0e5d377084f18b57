use std::fmt;

use serde::de::value::MapAccessDeserializer;
use serde::de::{Deserialize, Deserializer, Error, MapAccess, Unexpected, Visitor};
use serde::ser::{Serialize, SerializeMap as _, Serializer};

/// Which answers of a conversation, counted from 1.
///
/// In JSON a number, or `{"at_least": 2}`.
///
/// ```
/// use bedrock_stream_testkit::{FakeBedrock, TurnMatch, When, answer};
///
/// let builder = FakeBedrock::builder()
///     .reply_when("*", When::new().turn(1), answer().text("Hello."))
///     .reply_when("*", When::new().turn(TurnMatch::AtLeast(2)), answer().text("You again."));
/// # let _ = builder;
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum TurnMatch {
    /// This one.
    Is(u64),
    /// This one and all later ones.
    AtLeast(u64),
}

impl TurnMatch {
    pub(super) const fn matches(self, turn: u64) -> bool {
        match self {
            Self::Is(number) => turn == number,
            Self::AtLeast(number) => turn >= number,
        }
    }
}

/// [`TurnMatch::Is`].
impl From<u64> for TurnMatch {
    fn from(turn: u64) -> Self {
        Self::Is(turn)
    }
}

impl Serialize for TurnMatch {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Is(turn) => serializer.serialize_u64(*turn),
            Self::AtLeast(turn) => {
                let mut map = serializer.serialize_map(Some(1))?;
                map.serialize_entry("at_least", turn)?;
                map.end()
            }
        }
    }
}

impl<'de> Deserialize<'de> for TurnMatch {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        #[derive(serde::Deserialize)]
        #[serde(deny_unknown_fields)]
        struct Members {
            at_least: u64,
        }

        struct Turns;
        impl<'de> Visitor<'de> for Turns {
            type Value = TurnMatch;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a number from 1, or an object with at_least")
            }

            fn visit_u64<E: Error>(self, turn: u64) -> Result<TurnMatch, E> {
                // Nobody asks for an answer before the first one, so it would never match.
                if turn == 0 {
                    return Err(E::invalid_value(Unexpected::Unsigned(0), &self));
                }
                Ok(turn.into())
            }

            fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<TurnMatch, A::Error> {
                let Members { at_least } = Members::deserialize(MapAccessDeserializer::new(map))?;
                Ok(TurnMatch::AtLeast(at_least))
            }
        }
        deserializer.deserialize_any(Turns)
    }
}
