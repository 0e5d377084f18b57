use alloc::string::String;

use crate::content::{CachePointBlock, GuardContent};

union! {
    /// One part of the instructions for the model (the union `SystemContentBlock`).
    ///
    /// ```
    /// use bedrock_stream_core::content::CachePointBlock;
    /// use bedrock_stream_core::converse::{Request, SystemBlock};
    ///
    /// let request = Request::new().system("A long manual.").system(CachePointBlock::new()).user("Hello");
    /// let system = request.system.unwrap_or_default();
    /// assert!(matches!(&system[..], [SystemBlock::Text(_), SystemBlock::CachePoint(_)]));
    /// ```
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
