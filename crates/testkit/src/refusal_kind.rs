use http::StatusCode;

use crate::fault::named;

named! {
    /// The refusals in the operation's model. Source: the Amazon Bedrock Runtime API, `ConverseStream`, errors.
    ///
    /// ```
    /// use bedrock_stream_testkit::{FakeBedrock, Refusal, RefusalKind};
    ///
    /// assert_eq!(RefusalKind::Throttling.status(), 429);
    /// assert_eq!(RefusalKind::Throttling.name(), "ThrottlingException");
    /// let builder = FakeBedrock::builder().reply("*", Refusal::of(RefusalKind::Throttling).retry_after(3));
    /// # let _ = builder;
    /// ```
    pub enum RefusalKind {
        /// 403.
        AccessDenied => "AccessDeniedException",
        /// 400.
        Validation => "ValidationException",
        /// 404.
        ResourceNotFound => "ResourceNotFoundException",
        /// 400.
        ServiceQuotaExceeded => "ServiceQuotaExceededException",
        /// 408.
        ModelTimeout => "ModelTimeoutException",
        /// 424.
        ModelError => "ModelErrorException",
        /// 429.
        Throttling => "ThrottlingException",
        /// 429.
        ModelNotReady => "ModelNotReadyException",
        /// 500.
        InternalServer => "InternalServerException",
        /// 503.
        ServiceUnavailable => "ServiceUnavailableException",
    }
}

impl RefusalKind {
    /// Its HTTP status.
    #[must_use]
    pub const fn status(self) -> StatusCode {
        match self {
            Self::AccessDenied => StatusCode::FORBIDDEN,
            Self::Validation | Self::ServiceQuotaExceeded => StatusCode::BAD_REQUEST,
            Self::ResourceNotFound => StatusCode::NOT_FOUND,
            Self::ModelTimeout => StatusCode::REQUEST_TIMEOUT,
            Self::ModelError => StatusCode::FAILED_DEPENDENCY,
            Self::Throttling | Self::ModelNotReady => StatusCode::TOO_MANY_REQUESTS,
            Self::InternalServer => StatusCode::INTERNAL_SERVER_ERROR,
            Self::ServiceUnavailable => StatusCode::SERVICE_UNAVAILABLE,
        }
    }

    pub(crate) const fn message(self) -> &'static str {
        match self {
            Self::AccessDenied => "You don't have access to the model with the specified model ID.",
            Self::Validation => "The provided request is not valid.",
            Self::ResourceNotFound => "The specified model was not found.",
            Self::ServiceQuotaExceeded => "Your request exceeds a service quota of your account.",
            Self::ModelTimeout => "The model took too long to answer.",
            Self::ModelError => "The model could not process the request.",
            Self::Throttling => "Too many requests, please wait before trying again.",
            Self::ModelNotReady => "The model is not ready for inference yet. Try your request again.",
            Self::InternalServer => {
                "The system encountered an unexpected error during processing. Try your request \
                                     again."
            }
            Self::ServiceUnavailable => "Model is getting throttled. Try your request again.",
        }
    }
}
