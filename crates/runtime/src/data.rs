//! Methods of the data that the generator writes: setters that chain in constants, and getters.

/// Rows `with_name(argument: Type) field = value;`.
macro_rules! setters {
    ($($(#[$about:meta])* $name:ident($($argument:ident: $type:ty),*) $field:ident = $value:expr;)*) => {$(
        $(#[$about])*
        #[must_use]
        pub const fn $name(mut self, $($argument: $type),*) -> Self {
            self.$field = $value;
            self
        }
    )*};
}

/// Rows `field: Type;`, where the field is of this type, or `field: Type, as_ref;`.
macro_rules! getters {
    ($($(#[$about:meta])* $name:ident: $type:ty $(, $by:ident)?;)*) => {$(
        $(#[$about])*
        #[must_use]
        pub const fn $name(&self) -> $type {
            self.$name$(.$by())?
        }
    )*};
}
