//! What all types of a kind have: enums, structures, unions and builders. Generated code names each type once.

/// The conversions of an open enum, whose variant `Unknown` holds what the document does not list.
#[macro_export]
#[doc(hidden)]
macro_rules! words {
    ($own:ident: $($variant:ident = $word:literal),*) => {
        impl $own {
            /// The value as it stands on the wire.
            pub fn as_str(&self) -> &str {
                match self {
                    $(Self::$variant => $word,)*
                    Self::Unknown(value) => value,
                }
            }
        }
        impl ::std::fmt::Display for $own {
            fn fmt(&self, f: &mut ::std::fmt::Formatter<'_>) -> ::std::fmt::Result {
                f.write_str(self.as_str())
            }
        }
        impl ::std::convert::From<&str> for $own {
            fn from(value: &str) -> Self {
                match value {
                    $($word => Self::$variant,)*
                    other => Self::Unknown(other.to_owned()),
                }
            }
        }
        impl ::std::convert::From<::std::string::String> for $own {
            fn from(value: ::std::string::String) -> Self {
                Self::from(value.as_str())
            }
        }
        impl ::std::str::FromStr for $own {
            type Err = ::std::convert::Infallible;
            fn from_str(value: &str) -> ::std::result::Result<Self, ::std::convert::Infallible> {
                ::std::result::Result::Ok(Self::from(value))
            }
        }
        impl $crate::runtime::IntoOption<$own> for &str {
            fn into_option(
                self,
            ) -> ::std::result::Result<::std::option::Option<$own>, ::std::string::String> {
                ::std::result::Result::Ok(::std::option::Option::Some($own::from(self)))
            }
        }
        impl ::serde::Serialize for $own {
            fn serialize<S: ::serde::Serializer>(
                &self,
                serializer: S,
            ) -> ::std::result::Result<S::Ok, S::Error> {
                serializer.serialize_str(self.as_str())
            }
        }
        impl<'de> ::serde::Deserialize<'de> for $own {
            fn deserialize<D: ::serde::Deserializer<'de>>(
                deserializer: D,
            ) -> ::std::result::Result<Self, D::Error> {
                $crate::runtime::de::word(deserializer)
            }
        }
    };
}

/// Lets structures read themselves.
#[macro_export]
#[doc(hidden)]
macro_rules! structures {
    ($($own:ident),*) => {
        $(impl<'de> ::serde::Deserialize<'de> for $own {
            #[inline]
            fn deserialize<D: ::serde::Deserializer<'de>>(
                deserializer: D,
            ) -> ::std::result::Result<Self, D::Error> {
                $crate::runtime::de::structure(deserializer)
            }
        })*
    };
}

/// Lets a union write and read itself; its variant `Unknown` holds what fits no other.
#[macro_export]
#[doc(hidden)]
macro_rules! alternatives {
    ($own:ident: $($variant:ident),*) => {
        impl ::serde::Serialize for $own {
            fn serialize<S: ::serde::Serializer>(
                &self,
                serializer: S,
            ) -> ::std::result::Result<S::Ok, S::Error> {
                match self {
                    $(Self::$variant(value) => ::serde::Serialize::serialize(value, serializer),)*
                    Self::Unknown(value) => ::serde::Serialize::serialize(value, serializer),
                }
            }
        }
        impl<'de> ::serde::Deserialize<'de> for $own {
            fn deserialize<D: ::serde::Deserializer<'de>>(
                deserializer: D,
            ) -> ::std::result::Result<Self, D::Error> {
                $crate::runtime::union::union(deserializer)
            }
        }
    };
}

/// Lets a builder become the structure that it makes, the structure become a builder again, and a builder stand where the
/// structure may be absent. What must be given is named first, with its name on the wire; all that is missing is reported
/// at once.
#[macro_export]
#[doc(hidden)]
macro_rules! builder {
    ($own:ident: $($required:ident = $wire:literal),*; $($optional:ident),*) => {
        impl ::std::convert::TryFrom<$own> for super::$own {
            type Error = $crate::runtime::Gaps;
            #[allow(irrefutable_let_patterns, unused_mut)]
            fn try_from(value: $own) -> ::std::result::Result<Self, Self::Error> {
                let mut gaps = $crate::runtime::Gaps::default();
                $(let $required = gaps.required($wire, value.$required);)*
                $(let $optional = gaps.given(value.$optional);)*
                let ($(::std::option::Option::Some($required),)* $(::std::option::Option::Some($optional),)*) =
                    ($($required,)* $($optional,)*)
                else {
                    return ::std::result::Result::Err(gaps);
                };
                ::std::result::Result::Ok(Self { $($required,)* $($optional,)* })
            }
        }
        impl ::std::convert::From<super::$own> for $own {
            fn from(value: super::$own) -> Self {
                Self {
                    $($required: ::std::result::Result::Ok(::std::option::Option::Some(value.$required)),)*
                    $($optional: ::std::result::Result::Ok(value.$optional),)*
                }
            }
        }
        impl $crate::runtime::IntoOption<super::$own> for $own {
            fn into_option(
                self,
            ) -> ::std::result::Result<::std::option::Option<super::$own>, ::std::string::String> {
                ::std::convert::TryFrom::try_from(self)
                    .map(::std::option::Option::Some)
                    .map_err(|gaps: $crate::runtime::Gaps| gaps.to_string())
            }
        }
    };
}

/// Makes a structure of what it must have; what can be one word only is that word, and the rest is absent.
#[macro_export]
#[doc(hidden)]
macro_rules! constructor {
    ($(#[$doc:meta])* $own:ident() $($words:tt)*) => {
        $crate::constructor! { @new $(#[$doc])* $own() $($words)* }
        impl ::std::default::Default for $own {
            fn default() -> Self {
                Self::new()
            }
        }
    };
    ($(#[$doc:meta])* $own:ident($($taken:tt)+) $($words:tt)*) => {
        $crate::constructor! { @new $(#[$doc])* $own($($taken)+) $($words)* }
    };
    (
        @new
        $(#[$doc:meta])*
        $own:ident($($field:ident: $ty:ty),*) $($fixed:ident = $word:literal),*; $($rest:ident),*
    ) => {
        impl $own {
            $(#[$doc])*
            #[must_use]
            pub fn new($($field: impl ::std::convert::Into<$ty>),*) -> Self {
                Self {
                    $($field: $field.into(),)*
                    $($fixed: $word.into(),)*
                    $($rest: ::std::default::Default::default(),)*
                }
            }
        }
    };
}

/// Lets each alternative of a union, and a literal of one, stand where the union may be absent.
#[macro_export]
#[doc(hidden)]
macro_rules! given {
    ($own:ident: $($given:ty),*) => {
        $(impl $crate::runtime::IntoOption<$own> for $given {
            fn into_option(
                self,
            ) -> ::std::result::Result<::std::option::Option<$own>, ::std::string::String> {
                ::std::result::Result::Ok(::std::option::Option::Some(self.into()))
            }
        })*
    };
}

/// Lets builders, the words of enums and the alternatives of unions stand where a null may be sent too.
#[macro_export]
#[doc(hidden)]
macro_rules! nullable {
    ($($given:ty => $own:ty),*) => {
        $(impl $crate::runtime::IntoNullable<$own> for $given {
            fn into_nullable(
                self,
            ) -> ::std::result::Result<$crate::runtime::Given<$own>, ::std::string::String> {
                $crate::runtime::IntoOption::into_option(self).map(::std::convert::Into::into)
            }
        })*
    };
}
