//! Who asks. The type has no way to show what it holds but in the header of a request.

use crate::error::Error;

/// A secret: it is sent to the hub's own origin and never shown.
#[derive(Clone)]
pub struct Token(String);

impl Token {
    /// A token without the white space around it; none if nothing is left.
    ///
    /// # Errors
    /// If it could not be sent; `name` says where it came from.
    pub fn new(text: &str, name: &str) -> Result<Option<Self>, Error> {
        let token: String = text.trim().chars().filter(|&c| c != '\r' && c != '\n').collect();
        if !token.chars().all(|c| c.is_ascii_graphic()) {
            let expected = "a token of the hub's, in ASCII without spaces";
            return Err(Error::Setting { name: name.to_owned(), expected, found: None });
        }
        Ok(if token.is_empty() { None } else { Some(Self(token)) })
    }

    /// As the header says it.
    pub(crate) fn bearer(&self) -> String {
        format!("Bearer {}", self.0)
    }
}

impl std::fmt::Debug for Token {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Token(...)")
    }
}
