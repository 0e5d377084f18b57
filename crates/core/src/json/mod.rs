//! How JSON of an open, growing API is read and written: a null member counts as absent, `28.0` is an integer, a lone
//! surrogate escape reads as U+FFFD, and members that a type does not know are kept as raw JSON.
//!
//! Types with these rules are declared by three macros: `object!`, `union!` and `string_enum!`.

#[macro_use]
mod string_enum;
#[macro_use]
mod object;
#[macro_use]
mod union;
mod any_json;
mod blob;
mod fields;
mod key;
mod open_json;
mod quoted;
mod scanner;
mod unquote;
mod value;

pub use blob::Blob;
pub use fields::{Fields, Member};
pub(crate) use open_json::ALLOCATION_LEN;
// Used by the expansion of the macros above in the other crates of this workspace; not part of the public interface.
#[doc(hidden)]
pub use {
    key::Key,
    open_json::{AsJson, Lenient, OpenJson, repeated_member},
    quoted::Quoted,
    scanner::Scanner,
};

pub(crate) use scanner::{plain_len, plain_len_of_word};
pub(crate) use unquote::unquote;
pub use value::Json;
