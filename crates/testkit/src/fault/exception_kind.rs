use super::named::named;

named! {
    /// Bedrock's errors inside a stream.
    ///
    /// ```
    /// use bedrock_stream_testkit::{ExceptionKind, Fault, InjectionPoint};
    ///
    /// let exception = ExceptionKind::ServiceUnavailable;
    /// assert_eq!(exception.name(), "serviceUnavailableException");
    /// let fault = Fault::Raise { exception, at: InjectionPoint::Middle };
    /// assert_eq!(fault.to_string(), "exception:serviceUnavailableException@middle");
    /// ```
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
