//! OpenAI's Responses: the events of a response's output items.
//!
//! An event identifies its item by `output_index`, and a part of the item by `content_index` or `summary_index`. The
//! same text arrives up to five times: as deltas, in the `done` events of the text, the part and the item, and in the
//! response that ends the stream. Each copy adds the parts that earlier ones lacked. A copy that contradicts them is
//! reported as unknown data, and what was written stays.
//!
//! Source: "Streaming events" in OpenAI's API reference; the union `ResponseStreamEvent` of its official SDKs.

mod annotation;
mod call_state;
mod delta_scan;
mod event;
mod item_state;
mod items;
mod output_item;
mod part_state;
mod reader;
mod response_object;
#[cfg(test)]
mod tests;
mod written;

pub(super) use reader::ResponsesReader;
