//! What a row is to a tokenizer: one text or two. Data sets have more in a row; they say by a conversion which these are.

/// One text, or a pair that is tokenised together.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Texts<'a> {
    /// The first or only text.
    pub first: &'a str,
    /// The second text of a pair.
    pub second: Option<&'a str>,
}

impl<'a, S: AsRef<str> + ?Sized> From<&'a S> for Texts<'a> {
    fn from(text: &'a S) -> Self {
        Texts { first: text.as_ref(), second: None }
    }
}

impl<'a> From<(&'a str, &'a str)> for Texts<'a> {
    fn from((first, second): (&'a str, &'a str)) -> Self {
        Texts { first, second: Some(second) }
    }
}
