//! What the labels of one task say of those of another: p(label of the second | label of the first), by the labels' names.
//!
//! The one decision: a table that follows from names is exact or is none. Where a label could be one of several, somebody who knows
//! or the data must say how often.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

/// Prefixes by which a label's name denies another's.
const DENIALS: [&str; 6] = ["not_", "not-", "not ", "non_", "non-", "no_"];

/// A table between the labels of two tasks.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LabelTable {
    /// The task whose label is given.
    pub from: String,
    /// The task of whose label something is said.
    pub to: String,
    /// For each label of the first the probabilities of the second's, 1 in sum; those that are not named are 0.
    pub rows: BTreeMap<String, BTreeMap<String, f64>>,
}

impl LabelTable {
    /// The table that follows from the names of the labels: a label says the one of the same name, or else the only one that denies
    /// another label of its task (`neutral` says `not_entailment`, because it is not `entailment`). None where a label says nothing,
    /// where a label is said by none, which would be denied of every row, or where a name says nothing by itself, as `1` or `yes`.
    pub fn by_names(from: (&str, &[String]), to: (&str, &[String])) -> Option<Self> {
        let ((from, given), (to, said)) = (from, to);
        let means_something = |name: &String| {
            name.parse::<f64>().is_err()
                && !["yes", "no", "true", "false"].contains(&name.to_lowercase().as_str())
        };
        if !given.iter().chain(said).all(means_something) {
            return None;
        }
        let row = |label: &String| {
            let denied = |name: &String| {
                let denied = DENIALS.iter().find_map(|denial| name.strip_prefix(denial))?;
                given.iter().find(|other| *other == denied)
            };
            let mut denials = said.iter().filter(|&name| denied(name).is_some_and(|other| other != label));
            let said = match (said.contains(label), denials.next(), denials.next()) {
                (true, ..) => label,
                (false, Some(only), None) => only,
                _ => return None,
            };
            Some((label.clone(), BTreeMap::from([(said.clone(), 1.0)])))
        };
        let rows: BTreeMap<String, BTreeMap<String, f64>> = given.iter().map(row).collect::<Option<_>>()?;
        if !said.iter().all(|label| rows.values().any(|row| row.contains_key(label))) {
            return None;
        }
        Some(Self { from: from.to_owned(), to: to.to_owned(), rows })
    }

    /// `[A, B]`, row after row, for labels in this order; none where the table names other labels, or a row is no distribution.
    pub fn probabilities(&self, from: &[String], to: &[String]) -> Option<Vec<f64>> {
        let names_all = self.rows.len() == from.len()
            && self.rows.values().flat_map(BTreeMap::keys).all(|name| to.contains(name));
        let row = |label: &String| -> Option<Vec<f64>> {
            let row = self.rows.get(label)?;
            let row: Vec<f64> = to.iter().map(|name| row.get(name).copied().unwrap_or(0.0)).collect();
            let is_distribution = row.iter().all(|p| p.is_finite() && *p >= 0.0)
                && (row.iter().sum::<f64>() - 1.0).abs() < 1e-6;
            is_distribution.then_some(row)
        };
        let rows: Vec<Vec<f64>> = from.iter().map(row).collect::<Option<_>>()?;
        names_all.then(|| rows.concat())
    }
}
