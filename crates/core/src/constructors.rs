/// Writes a constructor for each variant with members, since variants that may grow cannot be written out elsewhere.
macro_rules! constructors {
    (impl $(<$life:lifetime>)? $Type:ident $(<$of:lifetime>)? { $($name:ident => $Variant:ident { $($member:ident: $Member:ty),* $(,)? },)* }) => {
        /// A constructor for each variant with members, such as decoders of other formats and tests need.
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
