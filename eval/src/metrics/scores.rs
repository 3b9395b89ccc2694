//! What a task's metrics say of one outcome, and the one number it is judged by: their mean, as GLUE defines it. A file
//! holds it as one flat object, written and read here, so that whoever reads a result has what the evaluation reported.

use super::metric::Metric;
use super::outcome::Outcome;
use super::score::{Degenerate, Score};
use super::task_metrics::TaskMetrics;
use crate::error::Error;
use serde::de::{self, Deserialize, Deserializer, MapAccess, Unexpected, Visitor};
use serde::ser::{Serialize, SerializeMap, Serializer};
use std::fmt;

/// What one evaluation of one task reports.
///
/// Serialises to an object with a number for each metric in the listed order, then `headline`, then, only where there
/// is one, the name of the degenerate case as `degenerate`: `{"accuracy":0.5,"f1":0.0,"headline":0.25,"degenerate":"one-class-predicted"}`.
///
/// A metric's own [`Score::degenerate`] is not written and is `None` in what is read. Two are equal if they are written
/// alike, so what is read equals what was written.
#[derive(Clone, Debug)]
pub struct Scores {
    scores: Vec<(Metric, Score)>,
    headline: f64,
    degenerate: Option<Degenerate>,
}

impl Scores {
    /// The metrics and their scores in the listed order.
    pub fn iter(&self) -> impl Iterator<Item = (Metric, Score)> + '_ {
        self.scores.iter().copied()
    }

    /// The score of a metric, where it was listed.
    pub fn get(&self, metric: Metric) -> Option<Score> {
        self.iter().find(|&(listed, _)| listed == metric).map(|(_, score)| score)
    }

    /// The mean of the listed metrics' values; finite.
    pub fn headline(&self) -> f64 {
        self.headline
    }

    /// What is degenerate about the outcome ([`Outcome::degenerate`]), or else about its first undefined metric.
    pub fn degenerate(&self) -> Option<Degenerate> {
        self.degenerate
    }
}

impl TaskMetrics {
    /// Every listed metric and their mean.
    ///
    /// # Errors
    /// [`Error::WrongKind`] where the metrics read something else than the outcome holds.
    pub fn score(&self, outcome: &Outcome) -> Result<Scores, Error> {
        let scores: Vec<(Metric, Score)> = self
            .as_slice()
            .iter()
            .map(|&metric| Ok((metric, outcome.score(metric)?)))
            .collect::<Result<_, Error>>()?;
        let headline = scores.iter().map(|(_, score)| score.value).sum::<f64>() / scores.len() as f64;
        let undefined = scores.iter().find_map(|(_, score)| score.degenerate);
        Ok(Scores { scores, headline, degenerate: outcome.degenerate().or(undefined) })
    }
}

impl PartialEq for Scores {
    fn eq(&self, other: &Scores) -> bool {
        let values = |(metric, score): (Metric, Score)| (metric, score.value);
        self.iter().map(values).eq(other.iter().map(values))
            && (self.headline, self.degenerate) == (other.headline, other.degenerate)
    }
}

impl Serialize for Scores {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut object = serializer.serialize_map(None)?;
        for (metric, score) in &self.scores {
            object.serialize_entry(metric, &score.value)?;
        }
        object.serialize_entry("headline", &self.headline)?;
        if let Some(degenerate) = self.degenerate {
            object.serialize_entry("degenerate", &degenerate)?;
        }
        object.end()
    }
}

/// Reads what is written, in any order of the keys; the order of the metrics is kept. Refuses what [`TaskMetrics::check`]
/// refuses, other keys, and a value or a headline that there cannot be; takes the headline as it is written.
impl<'de> Deserialize<'de> for Scores {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Scores, D::Error> {
        deserializer.deserialize_map(ScoresVisitor)
    }
}

struct ScoresVisitor;

impl<'de> Visitor<'de> for ScoresVisitor {
    type Value = Scores;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object with a task's metrics and `headline`")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut object: A) -> Result<Scores, A::Error> {
        let (mut scores, mut headline, mut degenerate) = (Vec::new(), None, None);
        while let Some(key) = object.next_key::<String>()? {
            match &*key {
                "headline" => once(&mut headline, "headline", object.next_value()?)?,
                "degenerate" => once(&mut degenerate, "degenerate", object.next_value()?)?,
                name => {
                    let metric: Metric = name.parse().map_err(de::Error::custom)?;
                    let value = within(name, object.next_value()?, metric.range())?;
                    scores.push((metric, Score::defined(value)));
                }
            }
        }
        let listed: Vec<Metric> = scores.iter().map(|&(metric, _)| metric).collect();
        let range = TaskMetrics::check(&listed).map_err(de::Error::custom)?.range();
        let headline = headline.ok_or_else(|| de::Error::missing_field("headline"))?;
        Ok(Scores { scores, headline: within("headline", headline, range)?, degenerate })
    }
}

fn once<T, E: de::Error>(slot: &mut Option<T>, key: &'static str, value: T) -> Result<(), E> {
    match slot.replace(value) {
        Some(_) => Err(E::duplicate_field(key)),
        None => Ok(()),
    }
}

fn within<E: de::Error>(name: &str, value: f64, (least, most): (f64, f64)) -> Result<f64, E> {
    if value.is_finite() && least <= value && value <= most {
        return Ok(value);
    }
    let expected = format!("{name} to be finite and from {least} to {most}");
    Err(E::invalid_value(Unexpected::Float(value), &&*expected))
}
