use alloc::string::String;

use crate::content::{CachePointBlock, GuardContent};

union! {
    /// One part of the instructions for the model (the union `SystemContentBlock`).
    pub enum SystemBlock {
        /// Text.
        "text" => Text(String),
        /// Content for the guardrail to assess.
        "guardContent" => GuardContent(GuardContent),
        /// Everything before it may be cached.
        "cachePoint" => CachePoint(CachePointBlock),
    }
}

impl From<&str> for SystemBlock {
    fn from(text: &str) -> Self {
        Self::Text(text.into())
    }
}

impl From<String> for SystemBlock {
    fn from(text: String) -> Self {
        Self::Text(text)
    }
}

impl From<GuardContent> for SystemBlock {
    fn from(content: GuardContent) -> Self {
        Self::GuardContent(content)
    }
}

impl From<CachePointBlock> for SystemBlock {
    fn from(cache_point: CachePointBlock) -> Self {
        Self::CachePoint(cache_point)
    }
}
