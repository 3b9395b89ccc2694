//! The probability from which on a row counts as the positive of two labels, where another than the greater logit is asked for.
//!
//! It is kept in the model's `config.json` under a key of our own, which transformers reads past, so that it goes where the
//! model goes. Nobody uses it unasked: a prediction is the greater logit's unless a threshold is given.

use std::path::Path;
use std::str::FromStr;

use mtlift_eval::{Kind, Metric};
use mtlift_files::read_json;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::Error;

/// The key in `config.json`.
pub(crate) const KEY: &str = "mtlift_threshold";

/// A threshold.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Threshold {
    /// The label that a row has if its probability is at least `probability`; else it has the other.
    pub label: String,
    /// In `[0, 1]`.
    pub probability: f64,
}

/// By what a threshold is chosen.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ThresholdBy {
    /// The task's headline.
    Headline,
    /// A metric of classes.
    #[serde(untagged)]
    Metric(Metric),
}

impl ThresholdBy {
    /// Its name.
    pub fn name(self) -> &'static str {
        match self {
            ThresholdBy::Headline => "headline",
            ThresholdBy::Metric(metric) => metric.name(),
        }
    }
}

impl FromStr for ThresholdBy {
    type Err = Error;

    fn from_str(name: &str) -> Result<Self, Error> {
        if name == ThresholdBy::Headline.name() {
            return Ok(ThresholdBy::Headline);
        }
        let metric: Option<Metric> = name.parse().ok();
        metric.filter(|metric| metric.kind() == Kind::Classes).map(ThresholdBy::Metric).ok_or_else(|| {
            Error::Setting {
                name: "choose-threshold",
                value: name.to_owned(),
                expected: "headline, accuracy, f1, mcc or macro-f1",
            }
        })
    }
}

impl Threshold {
    /// That of the model in a directory, if it has one.
    ///
    /// # Errors
    /// If its configuration cannot be read, or what stands under the key is no threshold.
    pub(crate) fn of_model(directory: &Path) -> Result<Option<Self>, Error> {
        let file = directory.join("config.json");
        let mut config: Map<String, Value> = read_json(&file)?;
        let Some(there) = config.remove(KEY) else { return Ok(None) };
        let read: Option<Threshold> = serde_json::from_value(there.clone()).ok();
        read.filter(|read| (0.0..=1.0).contains(&read.probability)).map(Some).ok_or_else(|| {
            let what = format!("`{KEY}` is {there}, expected a label and a probability from 0 to 1");
            mtlift_files::Error::Record { file, what }.into()
        })
    }
}
