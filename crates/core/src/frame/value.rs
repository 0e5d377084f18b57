/// The value of a header, in one of the ten types of the specification (two of them are the two values of `bool`).
///
/// Exhaustive on purpose: the specification says that the set of types is "fixed and not open to extension".
///
/// ```
/// use bedrock_stream_core::frame::Value;
///
/// assert_eq!(Value::String("event").as_str(), Some("event"));
/// assert_eq!(Value::Integer(7).as_str(), None);
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Value<'a> {
    /// Types 0 (true) and 1 (false). The type is the value; no bytes follow.
    Bool(bool),
    /// Type 2.
    Byte(i8),
    /// Type 3.
    Short(i16),
    /// Type 4.
    Integer(i32),
    /// Type 5.
    Long(i64),
    /// Type 6.
    ByteArray(&'a [u8]),
    /// Type 7.
    String(&'a str),
    /// Type 8: milliseconds since the Unix epoch.
    Timestamp(i64),
    /// Type 9: a UUID, as sixteen bytes in the order of its canonical text form.
    Uuid([u8; 16]),
}

impl<'a> Value<'a> {
    /// The text of a `string`; `None` for any other type.
    #[must_use]
    pub const fn as_str(self) -> Option<&'a str> {
        match self {
            Self::String(text) => Some(text),
            _ => None,
        }
    }

    /// The type's name in the specification.
    #[must_use]
    pub const fn type_name(self) -> &'static str {
        match self {
            Self::Bool(_) => "bool",
            Self::Byte(_) => "byte",
            Self::Short(_) => "short",
            Self::Integer(_) => "integer",
            Self::Long(_) => "long",
            Self::ByteArray(_) => "byte_array",
            Self::String(_) => "string",
            Self::Timestamp(_) => "timestamp",
            Self::Uuid(_) => "uuid",
        }
    }
}
