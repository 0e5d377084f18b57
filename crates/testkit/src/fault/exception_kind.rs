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
        /// The request was wrong, which showed late.
        Validation => "validationException",
        /// One that no version of the API has.
        Unknown => "unheardOfException",
    }
}
