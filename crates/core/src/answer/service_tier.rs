object! {
    /// How a request is queued and priced.
    ///
    /// ```
    /// use bedrock_stream_core::answer::{ServiceTier, ServiceTierType};
    /// use bedrock_stream_core::converse::Request;
    ///
    /// let mut request = Request::new().user("Hello");
    /// request.service_tier = Some(ServiceTier::new(ServiceTierType::Flex));
    /// assert!(request.to_json()?.contains(r#""serviceTier":{"type":"flex"}"#));
    /// # Ok::<(), serde_json::Error>(())
    /// ```
    pub struct ServiceTier {
        /// Which tier.
        "type" => tier: Option<ServiceTierType>,
    }
}

impl ServiceTier {
    /// A service tier of this type.
    #[must_use]
    pub fn new(tier: ServiceTierType) -> Self {
        Self { tier: Some(tier), ..Self::default() }
    }
}

string_enum! {
    /// How the request is queued and priced.
    pub enum ServiceTierType {
        /// Ahead of the others.
        "priority" => Priority,
        /// The standard tier.
        "default" => Default,
        /// Cheaper and slower.
        "flex" => Flex,
        /// From reserved capacity.
        "reserved" => Reserved,
    }
}
