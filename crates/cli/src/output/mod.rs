//! Output: results on standard output, everything else on standard error.

mod color;
mod columns;
mod encoded_view;
mod failure;
mod message_line;
mod numbers;
mod printable;
mod stdout;
mod stop_note;
mod text_view;
mod timing;
mod view;
mod word_wrap;

pub(crate) use color::ColorChoice;
pub(crate) use encoded_view::EncodedView;
pub(crate) use failure::Failure;
pub(crate) use message_line::{MessageLine, message_line, uuid_to_text};
pub(crate) use numbers::{format_count, format_duration, format_offset};
pub(crate) use printable::{Printable, is_terminal_control};
pub(crate) use stdout::Output;
pub(crate) use text_view::TextFormat;
pub(crate) use timing::Timing;
pub(crate) use view::View;
