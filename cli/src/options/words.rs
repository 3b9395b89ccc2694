//! The words that a flag takes. The enum has them, so help, parser and messages list the same.

use std::str::FromStr;

use clap::builder::{PossibleValuesParser, TypedValueParser};

/// One of a list, by its name; the help lists the names.
pub(crate) fn one_of<T>(all: &[T], name: fn(T) -> &'static str) -> impl TypedValueParser<Value = T>
where
    T: FromStr<Err: std::error::Error + Send + Sync + 'static> + Copy + Send + Sync + 'static,
{
    PossibleValuesParser::new(all.iter().map(|&value| name(value))).try_map(|name| name.parse())
}
