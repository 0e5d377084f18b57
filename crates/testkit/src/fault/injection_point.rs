use super::named::named;

named! {
    /// Where in a stream something is injected.
    ///
    /// ```
    /// use bedrock_stream_testkit::{Conclusion, Fault, InjectionPoint};
    ///
    /// let error = |at| Fault::UnmodeledError { at }.conclusion();
    /// assert_eq!(error(InjectionPoint::Middle), Conclusion::UnmodeledError { code: "InternalFailure".to_owned() });
    /// // Nobody reads what comes after the end.
    /// assert_eq!(error(InjectionPoint::After), Conclusion::Complete);
    /// ```
    pub enum InjectionPoint {
        /// Before everything.
        First => "first",
        /// Half-way through the messages.
        Middle => "middle",
        /// Right before the `messageStop`.
        Last => "last",
        /// Right after the `messageStop`: the answer is proven complete, but its usage has not come.
        Stopped => "stopped",
        /// After everything, when the answer has been proven complete.
        After => "after",
    }
}
