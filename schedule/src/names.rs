//! One name per value of a setting, the same in files, on the command line and in messages. A macro, because
//! a list of values kept in three places is kept in two.

/// Gives a fieldless enum its `ALL`, `name`, `Display` and `FromStr`. Its serde names are kebab-case, and so
/// are these.
///
/// ```
/// #[derive(Clone, Copy, Debug, PartialEq)]
/// enum Meal {
///     Lunch,
///     Supper,
/// }
/// mtlift_schedule::named!(Meal, "meal", Lunch => "lunch", Supper => "supper");
///
/// assert_eq!("supper".parse(), Ok(Meal::Supper));
/// let unknown = "tea".parse::<Meal>().unwrap_err();
/// assert_eq!(unknown.to_string(), "unknown meal `tea`, expected one of lunch, supper");
/// ```
#[macro_export]
macro_rules! named {
    ($type:ident, $what:literal, $($value:ident => $name:literal),+ $(,)?) => {
        impl $type {
            /// Every value, in the order of the documentation.
            pub const ALL: [$type; [$($name),+].len()] = [$($type::$value),+];

            /// The name used in files and on the command line.
            pub fn name(self) -> &'static str {
                match self {
                    $($type::$value => $name),+
                }
            }
        }

        impl std::fmt::Display for $type {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.pad(self.name())
            }
        }

        impl std::str::FromStr for $type {
            type Err = $crate::Error;

            fn from_str(name: &str) -> Result<$type, $crate::Error> {
                $type::ALL.into_iter().find(|value| value.name() == name).ok_or_else(|| $crate::Error::UnknownName {
                    what: $what,
                    name: name.to_owned(),
                    expected: $type::ALL.map($type::name).join(", "),
                })
            }
        }
    };
}

/// A type that is written and read as text is in files what it is on the command line. It has `Display` and `FromStr` with this
/// crate's error.
macro_rules! spelled {
    ($type:ty) => {
        impl TryFrom<String> for $type {
            type Error = $crate::Error;

            fn try_from(text: String) -> Result<Self, $crate::Error> {
                text.parse()
            }
        }

        impl From<$type> for String {
            fn from(value: $type) -> String {
                value.to_string()
            }
        }
    };
}

pub(crate) use spelled;
