//! OpenAI's Responses.
//!
//! Source: `response_stream_event.py`, `response.py` and the types that they name, of OpenAI's SDK.

mod delta_events;
mod encoder;
mod item;
mod namespaces;
mod output;
mod response_object;
mod sequence_number;

pub use encoder::ResponsesEncoder;
