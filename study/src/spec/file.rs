//! A study file: a question in TOML. It says what differs from the protocol's settings.

use mtlift_train::Protocol;

use super::{Question, Spec};
use crate::error::Error;

impl Spec {
    /// The question that a file of this text asks, on top of the settings of `protocol`, or else of the protocol that it names.
    /// `name` is what messages call the file. A file that says for how many epochs means so many, as [`Settings::exactly`](mtlift_train::Settings::exactly).
    ///
    /// # Errors
    /// If it is not such a question. Whether it can be asked is for [`Spec::check`].
    pub fn parse(
        question: Question,
        protocol: Option<Protocol>,
        name: &str,
        text: &str,
    ) -> Result<Self, Error> {
        let faulty = |error: &dyn std::fmt::Display| Error::Spec { what: format!("{name}: {error}") };
        let given: toml::Table = text.parse().map_err(|error| faulty(&error))?;
        let setting = |name| given.get("settings").and_then(|settings| settings.get(name));
        let named = setting("protocol").and_then(toml::Value::as_str);
        let protocol = match (protocol, named) {
            (Some(protocol), _) => protocol,
            (None, Some(name)) => name.parse().map_err(|error| faulty(&error))?,
            (None, None) => Protocol::HeldOut,
        };
        let mut defaults = Self::defaults(question, protocol);
        if setting("epochs").is_some() {
            defaults.settings = defaults.settings.clone().exactly(defaults.settings.epochs);
        }
        let mut all = toml::Table::try_from(defaults).map_err(|error| faulty(&error))?;
        merge(&mut all, given);
        all.try_into().map_err(|error| faulty(&error))
    }
}

fn merge(into: &mut toml::Table, from: toml::Table) {
    for (key, value) in from {
        match (into.get_mut(&key), value) {
            (Some(toml::Value::Table(into)), toml::Value::Table(from)) => merge(into, from),
            (_, value) => {
                into.insert(key, value);
            }
        }
    }
}
