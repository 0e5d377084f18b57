//! OpenAI's Responses: the events of a response's output items.
//!
//! An event names its item by `output_index`, and a part of it by `content_index` or `summary_index`. The same text comes
//! up to five times: as deltas, in the `done` events of the text, the part and the item, and in the response that ends the
//! stream. Each copy writes what the ones before it lacked. One that contradicts them is told as unknown data: what was
//! written stays.
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
