//! Runs in a study's directory that the study does not ask for, and why.

use std::collections::BTreeSet;

use mtlift_files::{names_in, read_record};
use mtlift_train::{NUMERICS, OF_WEIGHED_LOSSES};
use serde::Deserialize;
use serde_json::Value;

use super::Store;
use crate::error::Error;

/// A run that the study does not ask for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Orphan {
    /// Its id.
    pub id: String,
    /// What it is, as far as it says so.
    pub label: String,
    /// Why it is not used.
    pub reason: String,
}

/// What stands beside a run.
#[derive(Deserialize)]
struct Described {
    label: String,
    description: Value,
}

impl Store {
    /// The runs that are not asked for, by id.
    pub(crate) fn orphans(&self, is_asked_for: impl Fn(&str) -> bool) -> Result<Vec<Orphan>, Error> {
        // A run may have lost its description, or its directory; what has no run's name is somebody's own.
        let is_run = |name: &str| name.len() == 16 && name.bytes().all(|byte| byte.is_ascii_hexdigit());
        let names = names_in(&self.runs())?;
        let ids: BTreeSet<&str> = names
            .iter()
            .map(|name| name.strip_suffix(".json").unwrap_or(name))
            .filter(|id| is_run(id) && !is_asked_for(id))
            .collect();
        let orphan = |id: &str| {
            let (label, reason) = match read_record::<Described>(&self.beside(id, "json")) {
                Err(error) => ("unknown".to_owned(), error.to_string()),
                Ok(Described { label, description }) => (label, reason(&description).to_owned()),
            };
            Orphan { id: id.to_owned(), label, reason }
        };
        Ok(ids.into_iter().map(orphan).collect())
    }
}

fn reason(description: &Value) -> &'static str {
    let is_of_now = |numerics: u64| [NUMERICS, OF_WEIGHED_LOSSES].map(u64::from).contains(&numerics);
    if description["numerics"].as_u64().is_some_and(is_of_now) {
        "made with data, a model or settings that this study does not have"
    } else {
        "made by another version of mtlift, whose runs give other results"
    }
}
