/// Defines a constructor for each variant with members, since other crates cannot construct `#[non_exhaustive]`
/// variants directly.
macro_rules! constructors {
    (impl $(<$life:lifetime>)? $Type:ident $(<$of:lifetime>)? { $($name:ident => $Variant:ident { $($member:ident: $Member:ty),* $(,)? },)* }) => {
        /// A constructor for each variant with members, for decoders of other formats and for tests.
        impl $(<$life>)? $Type $(<$of>)? {
            $(
                #[doc = concat!("[`", stringify!($Variant), "`](Self::", stringify!($Variant), ") with these members.")]
                #[must_use]
                pub const fn $name($($member: $Member),*) -> Self {
                    Self::$Variant { $($member),* }
                }
            )*
        }
    };
}
