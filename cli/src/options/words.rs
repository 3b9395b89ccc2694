//! The words that a flag takes. The enum has them, so help, parser and messages list the same.

use clap::builder::{PossibleValuesParser, TypedValueParser};

/// One of a list, by its name; the help lists the names.
pub(crate) fn one_of<T>(all: &'static [T], name: fn(T) -> &'static str) -> impl TypedValueParser<Value = T>
where
    T: Copy + Send + Sync + 'static,
{
    let find = move |word: String| all.iter().copied().find(|&value| name(value) == word);
    PossibleValuesParser::new(all.iter().map(|&value| name(value)))
        .map(move |word| find(word).expect("the parser takes these words alone"))
}
