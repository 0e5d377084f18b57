use alloc::string::String;
use alloc::vec::Vec;
use serde::de::Deserialize;

/// JSON while it arrives, such as a tool call's arguments, or the text of an answer with an
/// [`OutputFormat`](crate::converse::OutputFormat): at every moment one valid JSON value, made by closing the strings and
/// containers that are still open. A program can use it to show a form that fills in. It takes one value: calls may arrive
/// interleaved, so each needs its own.
///
/// A member without a value is omitted. A number appears as soon as it is one, so `12` may become `123`; a literal
/// appears once it is whole. If the text stops being valid JSON, or is nested more than 127 levels deep, the view stops
/// growing.
///
/// Pushing costs time linear in what is pushed, so a whole call costs time linear in its arguments.
///
/// ```
/// use bedrock_stream_core::answer::PartialJson;
///
/// let mut input = PartialJson::new();
/// input.push(r#"{"city": "Par"#);
/// assert_eq!(input.as_str(), Some(r#"{"city": "Par"}"#));
/// input.push(r#"is", "days"#);
/// assert_eq!(input.as_str(), Some(r#"{"city": "Paris"}"#));
/// input.push(r#"": 3}"#);
/// assert_eq!(input.as_str(), Some(r#"{"city": "Paris", "days": 3}"#));
/// assert!(input.is_complete());
/// ```
#[derive(Clone, Debug)]
pub struct PartialJson {
    /// The text up to the last place where it can be closed, followed by what closes it.
    view: String,
    /// Where in `view` the closing begins.
    closable: usize,
    /// The text after that place.
    pending: String,
    /// The closing brackets of the open containers, the innermost last.
    open: Vec<char>,
    /// Whether the place lies inside a string.
    in_string: bool,
    state: State,
}

/// What the next character belongs to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    /// A value, or with `or_end` the end of the array that has just begun.
    Value {
        or_end: bool,
    },
    /// A member's name, or with `or_end` the end of the object that has just begun.
    Key {
        or_end: bool,
    },
    Colon,
    /// What follows a value: a comma, a closing bracket, or nothing.
    AfterValue,
    String {
        is_key: bool,
        escape: Escape,
    },
    Number(Number),
    /// The rest of `true`, `false` or `null`.
    Literal(&'static [u8]),
    Broken,
}

/// The state inside an escape.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Escape {
    None,
    Backslash,
    Unit { digits: u8, value: u16 },
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Number {
    Minus,
    Zero,
    Integer,
    Point,
    Fraction,
    Exponent,
    ExponentSign,
    ExponentDigits,
}

impl PartialJson {
    /// A view of arguments before anything has arrived.
    #[must_use]
    pub const fn new() -> Self {
        Self {
            view: String::new(),
            closable: 0,
            pending: String::new(),
            open: Vec::new(),
            in_string: false,
            state: State::Value { or_end: false },
        }
    }

    /// Adds the next characters: the `arguments_delta` of a [`Chunk::ToolCallDelta`](super::Chunk::ToolCallDelta).
    pub fn push(&mut self, arguments_delta: &str) {
        self.view.truncate(self.closable);
        let mut rest = arguments_delta;
        while let Some(byte) = rest.bytes().next() {
            let len = match self.state {
                State::Broken => break,
                State::String { escape: Escape::None, .. } => self.string_run(rest),
                _ => self.step(byte, rest),
            };
            rest = &rest[len..];
        }
        if self.in_string {
            self.view.push('"');
        }
        self.view.extend(self.open.iter().rev());
    }

    /// The view: one JSON value. `None` until one has begun.
    #[must_use]
    pub fn as_str(&self) -> Option<&str> {
        (self.closable > 0).then_some(&*self.view)
    }

    /// Whether the text is one whole JSON value. A number on its own counts as whole, although more digits might
    /// follow.
    #[must_use]
    pub fn is_complete(&self) -> bool {
        let is_value = match self.state {
            State::AfterValue => true,
            State::Number(number) => number.is_whole(),
            _ => false,
        };
        is_value && self.open.is_empty()
    }

    /// Deserializes the view, in time linear in its length. `None` until a value has begun.
    ///
    /// # Errors
    ///
    /// The view does not fit the type. Members that have not arrived are missing, so the type must have defaults for them. Make it
    /// a type of its own, and read the finished value as another without defaults: with them, `{}` passes for a whole value,
    /// and the type's JSON Schema requires nothing.
    pub fn parse<'de, T: Deserialize<'de>>(&'de self) -> Option<Result<T, serde_json::Error>> {
        self.as_str().map(serde_json::from_str)
    }

    /// Takes one character outside a string's plain text; returns how many bytes were used: 0 if a number ended
    /// before it.
    fn step(&mut self, byte: u8, rest: &str) -> usize {
        let is_space = matches!(byte, b' ' | b'\t' | b'\n' | b'\r');
        let next = match self.state {
            State::Value { .. } | State::Key { .. } | State::Colon | State::AfterValue if is_space => {
                return self.keep(&rest[..1]);
            }
            State::Value { or_end: true } if byte == b']' => return self.close(),
            State::Value { .. } => match byte {
                b'"' => State::String { is_key: false, escape: Escape::None },
                b'{' => return self.open('}', State::Key { or_end: true }),
                b'[' => return self.open(']', State::Value { or_end: true }),
                b't' => State::Literal(b"rue"),
                b'f' => State::Literal(b"alse"),
                b'n' => State::Literal(b"ull"),
                b'-' => State::Number(Number::Minus),
                b'0' => State::Number(Number::Zero),
                b'1'..=b'9' => State::Number(Number::Integer),
                _ => State::Broken,
            },
            State::Key { or_end: true } if byte == b'}' => return self.close(),
            State::Key { .. } if byte == b'"' => State::String { is_key: true, escape: Escape::None },
            State::Colon if byte == b':' => State::Value { or_end: false },
            State::AfterValue => match (byte, self.open.last()) {
                (b',', Some('}')) => State::Key { or_end: false },
                (b',', Some(_)) => State::Value { or_end: false },
                (_, Some(&bracket)) if char::from(byte) == bracket => return self.close(),
                _ => State::Broken,
            },
            State::Literal(left) => match left.split_first() {
                Some((&expected, [])) if expected == byte => State::AfterValue,
                Some((&expected, left)) if expected == byte => State::Literal(left),
                _ => State::Broken,
            },
            State::Number(number) => match number.next(byte) {
                Some(number) => State::Number(number),
                None if number.is_whole() => {
                    self.state = State::AfterValue;
                    return 0;
                }
                None => State::Broken,
            },
            State::String { is_key, escape } => self.escape_step(is_key, escape, byte),
            State::Key { .. } | State::Colon | State::Broken => State::Broken,
        };
        self.state = next;
        if next == State::Broken {
            return rest.len();
        }
        let len = self.keep(&rest[..1]);
        match next {
            State::AfterValue => self.mark_closable(false),
            State::Number(number) if number.is_whole() => self.mark_closable(false),
            State::String { is_key: false, escape: Escape::None } if !self.ends_in_high_surrogate() => {
                self.mark_closable(true);
            }
            _ => {}
        }
        len
    }

    /// Takes a string's plain text up to its end, to an escape, or to the end of what was pushed.
    fn string_run(&mut self, rest: &str) -> usize {
        let State::String { is_key, .. } = self.state else { return 0 };
        let end =
            rest.bytes().position(|byte| byte < b' ' || byte == b'"' || byte == b'\\').unwrap_or(rest.len());
        if end > 0 {
            self.keep(&rest[..end]);
            if !is_key {
                self.mark_closable(true);
            }
        }
        let Some(&special) = rest.as_bytes().get(end) else { return end };
        self.state = match special {
            b'"' if is_key => State::Colon,
            b'"' => State::AfterValue,
            b'\\' => State::String { is_key, escape: Escape::Backslash },
            _ => {
                self.state = State::Broken;
                return rest.len();
            }
        };
        self.keep(&rest[end..=end]);
        if self.state == State::AfterValue {
            self.mark_closable(false);
        }
        end + 1
    }

    fn escape_step(&self, is_key: bool, escape: Escape, byte: u8) -> State {
        let escape = match (escape, byte) {
            (Escape::Backslash, b'u') => Escape::Unit { digits: 0, value: 0 },
            (Escape::Backslash, b'"' | b'\\' | b'/' | b'b' | b'f' | b'n' | b'r' | b't') => Escape::None,
            (Escape::Unit { digits, value }, _) => match char::from(byte).to_digit(16) {
                Some(_) if digits == 3 => Escape::None,
                Some(digit) => Escape::Unit { digits: digits + 1, value: value << 4 | digit as u16 },
                None => return State::Broken,
            },
            _ => return State::Broken,
        };
        State::String { is_key, escape }
    }

    /// Whether the pending text ends in the escape of a high surrogate, whose other half must come before the string can
    /// be closed.
    fn ends_in_high_surrogate(&self) -> bool {
        let bytes = self.pending.as_bytes();
        let Some(escape) = bytes.len().checked_sub(6).map(|start| &bytes[start..]) else { return false };
        escape.starts_with(b"\\u")
            && matches!(escape[2], b'd' | b'D')
            && matches!(escape[3], b'8' | b'9' | b'a' | b'b' | b'A' | b'B')
    }

    fn open(&mut self, bracket: char, state: State) -> usize {
        if self.open.len() >= MAX_DEPTH {
            self.state = State::Broken;
            return 1;
        }
        self.state = state;
        self.keep(if bracket == '}' { "{" } else { "[" });
        self.open.push(bracket);
        self.mark_closable(false);
        1
    }

    fn close(&mut self) -> usize {
        self.state = State::AfterValue;
        if let Some(bracket) = self.open.pop() {
            self.pending.push(bracket);
        }
        self.mark_closable(false);
        1
    }

    fn keep(&mut self, text: &str) -> usize {
        self.pending.push_str(text);
        text.len()
    }

    /// Marks that the text can be closed here.
    fn mark_closable(&mut self, in_string: bool) {
        self.view.push_str(&self.pending);
        self.pending.clear();
        self.closable = self.view.len();
        self.in_string = in_string;
    }
}

impl Default for PartialJson {
    fn default() -> Self {
        Self::new()
    }
}

impl Number {
    fn next(self, byte: u8) -> Option<Self> {
        Some(match (self, byte) {
            (Self::Minus, b'0') => Self::Zero,
            (Self::Minus, b'1'..=b'9') | (Self::Integer, b'0'..=b'9') => Self::Integer,
            (Self::Zero | Self::Integer, b'.') => Self::Point,
            (Self::Point | Self::Fraction, b'0'..=b'9') => Self::Fraction,
            (Self::Zero | Self::Integer | Self::Fraction, b'e' | b'E') => Self::Exponent,
            (Self::Exponent, b'+' | b'-') => Self::ExponentSign,
            (Self::Exponent | Self::ExponentSign | Self::ExponentDigits, b'0'..=b'9') => Self::ExponentDigits,
            _ => return None,
        })
    }

    const fn is_whole(self) -> bool {
        matches!(self, Self::Zero | Self::Integer | Self::Fraction | Self::ExponentDigits)
    }
}

/// One less than the nesting that serde_json parses.
const MAX_DEPTH: usize = 127;
