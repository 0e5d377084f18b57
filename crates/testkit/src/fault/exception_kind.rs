use super::named::named;

named! {
    /// Bedrock's errors inside a stream.
    pub enum ExceptionKind {
        /// Too many requests or tokens.
        Throttling => "throttlingException",
        /// The service is overloaded or down.
        ServiceUnavailable => "serviceUnavailableException",
        /// Bedrock failed.
        InternalServer => "internalServerException",
        /// The model failed.
        ModelStreamError => "modelStreamErrorException",
        /// The model took too long.
        ModelTimeout => "modelTimeoutException",
        /// The request was invalid, which was noticed late.
        Validation => "validationException",
        /// An exception that the API does not have.
        Unknown => "unheardOfException",
    }
}
