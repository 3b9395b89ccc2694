//! What the hub calls a repository: its kind and its name. A name becomes part of a path and of an address, so it is
//! checked by the hub's own rules before it is either.

use crate::error::Error;

/// What a repository holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// A model.
    Model,
    /// A data set.
    Dataset,
}

/// A repository of the hub's: `distilroberta-base`, `nyu-mll/glue`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Repository {
    kind: Kind,
    id: String,
}

impl Kind {
    /// In a sentence.
    pub fn name(self) -> &'static str {
        match self {
            Self::Model => "model",
            Self::Dataset => "dataset",
        }
    }
}

impl Repository {
    /// A repository by its name: `NAME` or `OWNER/NAME`.
    ///
    /// # Errors
    /// If it breaks the hub's rules for names.
    pub fn new(kind: Kind, id: &str) -> Result<Self, Error> {
        let wrong = |reason: &str| Err(Error::Name { name: id.to_owned(), reason: reason.to_owned() });
        let parts: Vec<&str> = id.split('/').collect();
        let allowed = |c: char| c.is_ascii_alphanumeric() || "-_.".contains(c);
        let at_the_end = |part: &str| part.starts_with(['-', '.']) || part.ends_with(['-', '.']);
        if parts.len() > 2 {
            return wrong("expected NAME or OWNER/NAME");
        }
        if parts.iter().any(|part| part.is_empty() || !part.chars().all(allowed)) {
            return wrong("expected NAME or OWNER/NAME of letters, digits, `-`, `_` and `.`");
        }
        if parts.iter().any(|part| at_the_end(part)) {
            return wrong("no part begins or ends with `-` or `.`");
        }
        if id.contains("--") || id.contains("..") {
            return wrong("`--` and `..` are in no name");
        }
        if id.len() > 96 || id.ends_with(".git") {
            return wrong("expected at most 96 letters, and no .git at the end");
        }
        Ok(Self { kind, id: id.to_owned() })
    }

    /// A model by its name, and the revision after its `@`, if there is one.
    ///
    /// # Errors
    /// If the name or the revision breaks the hub's rules.
    pub fn model_at(name: &str) -> Result<(Self, Option<&str>), Error> {
        let (id, revision) = match name.split_once('@') {
            Some((id, revision)) => (id, Some(revision)),
            None => (name, None),
        };
        Ok((Self::new(Kind::Model, id)?, revision))
    }

    /// The name.
    pub fn id(&self) -> &str {
        &self.id
    }

    /// What it holds.
    pub fn kind(&self) -> Kind {
        self.kind
    }

    /// The name of its folder in the cache.
    pub(crate) fn folder(&self) -> String {
        format!("{}s--{}", self.kind.name(), self.id.replace('/', "--"))
    }

    /// Below the endpoint, where its page and its files are.
    pub(crate) fn path(&self) -> String {
        match self.kind {
            Kind::Model => self.id.clone(),
            Kind::Dataset => format!("datasets/{}", self.id),
        }
    }
}
