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
            fn from_str(value: &str) -> ::std::result::Result<Self, Self::Err> {
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

/// Lets builders stand where the structures that they make may be absent.
#[macro_export]
#[doc(hidden)]
macro_rules! builders {
    ($($own:ident),*) => {
        $(impl $crate::runtime::IntoOption<super::$own> for $own {
            fn into_option(
                self,
            ) -> ::std::result::Result<::std::option::Option<super::$own>, ::std::string::String> {
                $crate::runtime::taken(self).map(::std::option::Option::Some)
            }
        })*
    };
}

/// Lets builders, and the words of enums, stand where a null may be sent too.
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
