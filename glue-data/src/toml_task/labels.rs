//! The keys that say what is asked for: labels, the positive one, and metrics that are defined for them.

use super::{Label, Reader};
use crate::error::{Error, listed};
use crate::reader::{self, Labels};
use crate::task::{Kind, SplitFile};

impl Reader<'_> {
    pub(super) fn labels(
        &self,
        kind: Kind,
        labels: Option<Vec<Label>>,
        task: &str,
        train: &SplitFile,
    ) -> Result<Vec<String>, Error> {
        let labels: Vec<String> = match (kind, labels) {
            (Kind::Regression, None) => return Ok(Vec::new()),
            (Kind::Regression, Some(_)) => return Err(self.fault("a regression task has no `labels`")),
            (Kind::Classification, None) => match reader::labels(task, train)? {
                Labels::Named(names) => names,
                Labels::Found(labels) => {
                    return Err(Error::UnlistedLabels { file: self.path.to_owned(), found: found(&labels) });
                }
            },
            (Kind::Classification, Some(labels)) => labels.into_iter().map(Label::into_name).collect(),
        };
        if labels.len() < 2 {
            return Err(self.fault("a classification task needs at least two `labels`"));
        }
        if let Some(label) = labels.iter().find(|label| label.chars().any(char::is_control)) {
            let label = label.escape_debug();
            return Err(self.fault(format!(
                "label `{label}` holds a control character, which would break the lines of predictions: rename it in the data"
            )));
        }
        if labels.iter().any(|label| label.trim().is_empty()) {
            return Err(self.fault("a label is empty: give it a name in the data"));
        }
        match labels.iter().enumerate().find(|(i, label)| labels[..*i].contains(label)) {
            Some((_, twice)) => Err(self.fault(format!("label `{twice}` is listed twice"))),
            None => Ok(labels),
        }
    }

    /// The positive label's place: the second, if none is given and no metric would mean something else by that.
    pub(super) fn positive(
        &self,
        positive: Option<Label>,
        labels: &[String],
        metrics: &[String],
    ) -> Result<usize, Error> {
        let Some(name) = positive.map(Label::into_name) else {
            return match labels.len() {
                3.. if metrics.iter().any(|metric| metric == "f1") => {
                    let (file, labels) = (self.path.to_owned(), labels.len());
                    Err(Error::NoPositive { file, metric: "f1", labels })
                }
                _ => Ok(1),
            };
        };
        if labels.is_empty() {
            return Err(self.fault("a regression task has no `positive` label"));
        }
        labels.iter().position(|label| *label == name).ok_or_else(|| {
            self.fault(format!("`positive` is `{name}`, which is not one of the labels {}", listed(labels)))
        })
    }

    pub(super) fn metrics(&self, kind: Kind, metrics: Option<Vec<String>>) -> Result<Vec<String>, Error> {
        let default = match kind {
            Kind::Classification => vec!["accuracy".to_owned()],
            Kind::Regression => vec!["pearson".to_owned(), "spearman".to_owned()],
        };
        let metrics = metrics.unwrap_or(default);
        if metrics.is_empty() {
            return Err(self.fault("`metrics` is empty: name at least one, or leave it out"));
        }
        if let Some((_, twice)) =
            metrics.iter().enumerate().find(|(i, metric)| metrics[..*i].contains(metric))
        {
            return Err(self.fault(format!("metric `{twice}` is listed twice")));
        }
        match metrics.iter().find(|metric| !kind.metrics().contains(&metric.as_str())) {
            None => Ok(metrics),
            Some(metric) => Err(Error::UnknownMetric {
                file: self.path.to_owned(),
                metric: metric.clone(),
                kind: kind.name(),
                known: listed(kind.metrics()),
            }),
        }
    }
}

/// The most labels a message lists: a wrong label column may have one for every row.
const LISTED: usize = 20;

fn found(labels: &[String]) -> String {
    match labels.len() {
        0..=LISTED => listed(labels),
        count => {
            format!("{} and {} more (is it the right column?)", listed(&labels[..LISTED]), count - LISTED)
        }
    }
}
