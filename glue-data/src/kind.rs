//! What a task's target is, and by which metrics it can be scored.

/// The names of all metrics a task may ask for, classification's first.
pub const METRICS: [&str; 7] = ["accuracy", "f1", "mcc", "macro-f1", "pearson", "spearman", "mse"];

/// What a task's target is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Kind {
    /// One of a fixed list of labels.
    Classification,
    /// A finite number.
    Regression,
}

impl Kind {
    /// The kind's name as it is written in a task file.
    pub fn name(self) -> &'static str {
        match self {
            Kind::Classification => "classification",
            Kind::Regression => "regression",
        }
    }

    /// The names of the metrics that are defined for this kind, a part of [`METRICS`].
    pub fn metrics(self) -> &'static [&'static str] {
        match self {
            Kind::Classification => &METRICS[..4],
            Kind::Regression => &METRICS[4..],
        }
    }
}
