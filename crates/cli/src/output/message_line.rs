use bedrock_stream_core::frame::{EncodeError, Header, Message, Value, encode};
use bedrock_stream_core::json::Blob;
use serde::de::{Deserialize, Deserializer, Error as _};
use serde::ser::{Serialize, SerializeStruct, Serializer};
use serde_json::Value as Json;

/// A message as a line of JSON: `{"offset":0,"headers":[[NAME,TYPE,VALUE],..],"payload":"<base64>"}`.
///
/// Byte arrays are base64, timestamps milliseconds, UUIDs in canonical form.
#[derive(Debug, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct MessageLine {
    /// Where the message started in its stream. Not used.
    #[serde(rename = "offset", default)]
    _offset: u64,
    headers: Vec<OwnedHeader>,
    payload: Blob,
}

impl MessageLine {
    /// Appends the message to `out`.
    pub(crate) fn encode(&self, out: &mut Vec<u8>) -> Result<(), EncodeError> {
        let headers: Vec<Header<'_>> = self.headers.iter().map(OwnedHeader::borrow).collect();
        encode(&headers, self.payload.as_ref(), out)
    }
}

/// The same for a decoded message at `offset` of its stream.
pub(crate) fn message_line(message: Message<'_>, offset: u64) -> impl Serialize {
    struct Line<'m> {
        message: Message<'m>,
        offset: u64,
    }
    impl Serialize for Line<'_> {
        fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
            let mut line = serializer.serialize_struct("Message", 3)?;
            line.serialize_field("offset", &self.offset)?;
            line.serialize_field("headers", &Headers(self.message))?;
            line.serialize_field("payload", &Blob::from(self.message.payload().to_vec()))?;
            line.end()
        }
    }
    Line { message, offset }
}

/// The headers of a message, written one by one since there may be millions.
struct Headers<'m>(Message<'m>);

impl Serialize for Headers<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let headers = self.0.headers();
        serializer
            .collect_seq(headers.map(|Header { name, value }| (name, value.type_name(), HeaderValue(value))))
    }
}

struct HeaderValue<'m>(Value<'m>);

impl Serialize for HeaderValue<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self.0 {
            Value::Bool(bool) => serializer.serialize_bool(bool),
            Value::Byte(byte) => serializer.serialize_i8(byte),
            Value::Short(short) => serializer.serialize_i16(short),
            Value::Integer(integer) => serializer.serialize_i32(integer),
            Value::Long(long) => serializer.serialize_i64(long),
            Value::ByteArray(bytes) => Blob::from(bytes.to_vec()).serialize(serializer),
            Value::String(text) => serializer.serialize_str(text),
            Value::Timestamp(milliseconds) => serializer.serialize_i64(milliseconds),
            Value::Uuid(bytes) => serializer.serialize_str(&uuid_to_text(bytes)),
        }
    }
}

#[derive(Debug)]
struct OwnedHeader {
    name: String,
    value: OwnedValue,
}

#[derive(Debug)]
enum OwnedValue {
    /// A value without a heap allocation.
    Small(Value<'static>),
    ByteArray(Vec<u8>),
    String(String),
}

impl OwnedHeader {
    fn borrow(&self) -> Header<'_> {
        let value = match &self.value {
            OwnedValue::Small(value) => *value,
            OwnedValue::ByteArray(bytes) => Value::ByteArray(bytes),
            OwnedValue::String(text) => Value::String(text),
        };
        Header::new(&self.name, value)
    }
}

impl<'de> Deserialize<'de> for OwnedHeader {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let (name, kind, value) = <(String, String, Json)>::deserialize(deserializer)?;
        let value = OwnedValue::from_json(&kind, &value)
            .ok_or_else(|| D::Error::custom(format_args!("header {name:?} has no value of type {kind:?}")))?;
        Ok(Self { name, value })
    }
}

impl OwnedValue {
    /// `None` if there is no such type, or the value does not fit it.
    fn from_json(kind: &str, json: &Json) -> Option<Self> {
        Some(Self::Small(match kind {
            "bool" => Value::Bool(json.as_bool()?),
            "byte" => Value::Byte(json.as_i64()?.try_into().ok()?),
            "short" => Value::Short(json.as_i64()?.try_into().ok()?),
            "integer" => Value::Integer(json.as_i64()?.try_into().ok()?),
            "long" => Value::Long(json.as_i64()?),
            "byte_array" => return Some(Self::ByteArray(Blob::from_base64(json.as_str()?)?.0)),
            "string" => return Some(Self::String(json.as_str()?.to_owned())),
            "timestamp" => Value::Timestamp(json.as_i64()?),
            "uuid" => Value::Uuid(uuid_from_text(json.as_str()?)?),
            _ => return None,
        }))
    }
}

/// The canonical form: 32 hexadecimal digits in groups of 8, 4, 4, 4 and 12.
pub(crate) fn uuid_to_text(bytes: [u8; 16]) -> String {
    let hex = format!("{:032x}", u128::from_be_bytes(bytes));
    [&hex[..8], &hex[8..12], &hex[12..16], &hex[16..20], &hex[20..]].join("-")
}

fn uuid_from_text(text: &str) -> Option<[u8; 16]> {
    let groups: Vec<&str> = text.split('-').collect();
    let digits = groups.concat();
    let is_canonical = groups.iter().map(|group| group.len()).eq([8, 4, 4, 4, 12])
        && digits.bytes().all(|byte| byte.is_ascii_hexdigit());
    is_canonical.then(|| u128::from_str_radix(&digits, 16).ok()).flatten().map(u128::to_be_bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_type_survives_a_round_trip() {
        let headers = [
            Header::new("t", Value::Bool(true)),
            Header::new("f", Value::Bool(false)),
            Header::new("byte", Value::Byte(-128)),
            Header::new("short", Value::Short(-32768)),
            Header::new("integer", Value::Integer(i32::MIN)),
            Header::new("long", Value::Long(i64::MIN)),
            Header::new("bytes", Value::ByteArray(&[0, 255])),
            Header::string("é", "\"\u{1}\n"),
            Header::string("é", ""),
            Header::new("time", Value::Timestamp(i64::MAX)),
            Header::new("id", Value::Uuid([0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 255])),
        ];
        let mut bytes = Vec::new();
        encode(&headers, b"\0\xff", &mut bytes).unwrap();
        let (message, _) = Message::parse(&bytes).unwrap().unwrap();
        let line = serde_json::to_string(&message_line(message, 7)).unwrap();
        assert!(line.starts_with(
            r#"{"offset":7,"headers":[["t","bool",true],["f","bool",false],["byte","byte",-128],"#
        ));
        assert!(line.contains(r#"["id","uuid","00010203-0405-0607-0809-0a0b0c0d0eff"]"#), "{line}");
        assert!(line.ends_with(r#""payload":"AP8="}"#), "{line}");

        let mut again = Vec::new();
        serde_json::from_str::<MessageLine>(&line).unwrap().encode(&mut again).unwrap();
        assert_eq!(again, bytes);
    }

    #[test]
    fn a_value_of_the_wrong_type_is_named() {
        for header in [
            r#"["n","byte",128]"#,
            r#"["n","byte",1.0]"#,
            r#"["n","long",9223372036854775808]"#,
            r#"["n","bool",1]"#,
            r#"["n","uuid","0001020304050607-0809-0a0b-0c0d-0e0f"]"#,
            r#"["n","uuid","+0010203-0405-0607-0809-0a0b0c0d0e0f"]"#,
            r#"["n","uuid","é001020-0405-0607-0809-0a0b0c0d0e0f"]"#,
            r#"["n","byte_array","*"]"#,
            r#"["n","text","x"]"#,
        ] {
            let line = format!(r#"{{"headers":[{header}],"payload":""}}"#);
            let error = serde_json::from_str::<MessageLine>(&line).unwrap_err().to_string();
            assert!(error.starts_with("header \"n\" has no value of type"), "{header}: {error}");
        }
    }
}
