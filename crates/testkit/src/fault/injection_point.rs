use super::named::named;

named! {
    /// Where in a stream something is injected.
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
