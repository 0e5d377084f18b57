//! Amazon Nova, invoked: Converse's events as members of a payload, with an index for each piece of text.

mod reader;
#[cfg(test)]
mod tests;

pub(super) use reader::NovaReader;
