use core::fmt;
use std::borrow::Cow;
use std::error::Error as StdError;

use crate::error::printable::{Printable, is_control};

/// An HTTP client's error and its causes, with secrets and control characters removed.
pub(crate) struct RedactedError {
    text: String,
    debug: String,
    source: Option<Box<Self>>,
}

impl RedactedError {
    /// `None` if the error can be shown as it is: `hide` changes nothing, and there are no control characters.
    pub(crate) fn new(error: &(dyn StdError + 'static), hide: impl Fn(&str) -> Cow<'_, str>) -> Option<Self> {
        let mut links = Vec::new();
        let mut next = Some(error);
        let mut differs = false;
        while let Some(error) = next.filter(|_| links.len() < MAX_CAUSES) {
            let shown = |text: String| match hide(&text) {
                Cow::Borrowed(_) if !text.contains(is_control) => (text, false),
                hidden => (Printable(&*hidden).to_string(), true),
            };
            let (text, text_differs) = shown(error.to_string());
            let debug = format!("{error:?}");
            let hidden = match hide(&debug) {
                Cow::Borrowed(_) => None,
                Cow::Owned(hidden) => Some(hidden),
            };
            differs |= text_differs || hidden.is_some();
            links.push((text, hidden.unwrap_or(debug)));
            next = error.source();
        }
        if !differs {
            return None;
        }
        let source =
            |source: Option<Self>, (text, debug)| Some(Self { text, debug, source: source.map(Box::new) });
        links.into_iter().rev().fold(None, source)
    }
}

impl fmt::Display for RedactedError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

impl fmt::Debug for RedactedError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.debug)
    }
}

impl StdError for RedactedError {
    fn source(&self) -> Option<&(dyn StdError + 'static)> {
        self.source.as_deref().map(|source| source as _)
    }
}

/// How many levels of causes are kept.
const MAX_CAUSES: usize = 16;
