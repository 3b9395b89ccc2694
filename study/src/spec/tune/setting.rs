//! One of the settings that a search tries: values by the names of their flags.
//!
//! The one decision: a value replaces a field of [`Settings`], as in a study file. So a setting that a study can be told can be
//! tried by a line of the table, as far as it leaves scores on the held-out rows comparable.

use std::collections::BTreeMap;
use std::fmt::{Display, Formatter};

use mtlift_schedule::{LearningRate, Selection};
use mtlift_train::Settings;
use serde_json::{Value, json};

use crate::error::Error;

/// What can be tried: the name of its flag, and its field of [`Settings`]. Of equally good settings the first is used, in this order.
pub(super) const NAMES: [(&str, &str); 10] = [
    ("lr", "learning_rate"),
    (EPOCHS, "epochs"),
    (MIN_STEPS, "min_steps"),
    ("patience", "patience"),
    (BATCH, "batch"),
    ("warmup", "warmup"),
    ("schedule", "schedule"),
    ("weight-decay", "weight_decay"),
    ("clip", "clip"),
    ("dropout", "dropout"),
];
pub(super) const EPOCHS: &str = "epochs";
pub(super) const MIN_STEPS: &str = "min-steps";
pub(super) const BATCH: &str = "batch";

/// Settings that are tried together: a value for each name, in the order of the table.
#[derive(Clone, Debug)]
pub(crate) struct Setting(Vec<(&'static str, Value)>);

impl Setting {
    /// All combinations of values, those first that have the first ones.
    pub(super) fn all(values: &BTreeMap<String, Vec<Value>>) -> Vec<Setting> {
        let mut all = vec![Setting(Vec::new())];
        for (name, _) in NAMES {
            let Some(values) = values.get(name) else { continue };
            let with = |setting: Setting| {
                let extended = move |value: &Value| {
                    let mut setting = setting.clone();
                    setting.0.push((name, value.clone()));
                    setting
                };
                values.iter().map(extended)
            };
            all = all.into_iter().flat_map(with).collect();
        }
        all
    }

    /// The settings with these in place of their own. Epochs are so many and no more, as by `--epochs`: unless least steps or patience
    /// are among what is tried, there are none.
    pub(crate) fn applied_to(&self, settings: &Settings) -> Result<Settings, Error> {
        let has_epochs = self.0.iter().any(|(name, _)| *name == EPOCHS);
        let base = settings.clone();
        let mut fields = json!(if has_epochs { base.exactly(settings.epochs) } else { base });
        for (name, value) in &self.0 {
            let field = NAMES.iter().find(|(known, _)| known == name).map_or(*name, |(_, field)| field);
            let never = *name == "patience" && value == "never";
            fields[field] = if never { Value::Null } else { value.clone() };
        }
        serde_json::from_value(fields).map_err(|fault| self.faulty(&fault))
    }

    /// Whether they can be tried on top of these settings.
    pub(super) fn check(&self, settings: &Settings) -> Result<(), Error> {
        let with = self.applied_to(settings)?;
        with.check().map_err(|fault| self.faulty(&fault))?;
        let Settings { schedule, learning_rate, warmup, patience, .. } = with;
        let rate = LearningRate::check(schedule, learning_rate, warmup, 1).map(drop);
        rate.and(Selection::check(patience).map(drop)).map_err(|fault| self.faulty(&fault))
    }

    fn faulty(&self, fault: &dyn Display) -> Error {
        Error::Spec { what: format!("`tune` cannot try {self}: {fault}") }
    }
}

impl Display for Setting {
    fn fmt(&self, f: &mut Formatter<'_>) -> std::fmt::Result {
        let items: Vec<String> =
            self.0.iter().map(|(name, value)| format!("{name}={}", shown(value))).collect();
        f.write_str(&items.join(","))
    }
}

/// A number, or else a word.
pub(super) fn read(text: &str) -> Value {
    let text = text.trim();
    let whole = text.parse::<u64>().ok().map(Value::from);
    let number = || text.parse::<f64>().ok().filter(|number| number.is_finite()).map(Value::from);
    whole.or_else(number).unwrap_or_else(|| text.into())
}

/// A value as a user writes it: `5e-5`, `0.1`, `linear`.
pub(super) fn shown(value: &Value) -> String {
    match value {
        Value::String(word) => word.clone(),
        Value::Number(number) => match number.as_f64().filter(|_| number.is_f64()) {
            Some(small) if small != 0.0 && small.abs() < 0.01 => format!("{small:e}"),
            _ => number.to_string(),
        },
        other => other.to_string(),
    }
}
