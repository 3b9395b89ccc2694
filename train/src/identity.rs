//! What a run is recognised by, in a form that can grow.
//!
//! Settings are part of a run's description, and a study names its runs by the hash of theirs. So a setting that comes
//! later must not rename the runs that were made before it: it is listed only where it differs from its default, which
//! is what those runs did. The settings of 0.1.0 are always listed, because they were.

use serde::Serialize;
use serde_json::Value;

/// Settings that a run is recognised by.
pub trait Identity: Serialize + Default {
    /// The fields that are listed wherever they are serialised: those of 0.1.0. None is ever added.
    const ALWAYS: &[&str];

    /// The fields that are always listed, and those that differ from their default. A default that changes after its field
    /// has come renames runs: `NUMERICS` is raised then.
    fn identity(&self) -> Value {
        let (mut own, default) = (serde_json::json!(self), serde_json::json!(Self::default()));
        if let Value::Object(fields) = &mut own {
            fields.retain(|name, value| {
                Self::ALWAYS.contains(&name.as_str()) || default.get(name) != Some(value)
            });
        }
        own
    }
}
