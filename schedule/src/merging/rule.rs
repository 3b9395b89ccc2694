//! What a rule of merging sees and gives, and what its table says of it.

use std::fmt;
use std::ops::Range;

use rand::RngCore;

use super::statistics::{LooksAt, Statistics};
use crate::Error;
use crate::about::{About, Values};

/// A line of the table: what is said of a rule, and how it merges.
#[derive(Debug)]
pub struct MergeRule {
    /// Its name, source and parameters; a merge makes no step, so it costs no share of one.
    pub about: About,
    /// How what it does here stands to its source.
    pub standing: Standing,
    /// Whether it looks at how models changed from what they started from.
    pub needs_base: bool,
    /// What it looks at beside parameters, and the place of the parameter that says by how many rows.
    pub(super) looks_at: Option<(LooksAt, usize)>,
    /// The only number of models that it takes, if there is one.
    pub takes: Option<usize>,
    /// Which of its parameters can be chosen by trying; none where a formula says all.
    pub choice: Option<Choice>,
    pub(super) merge: fn(&Values, &Models<'_>, &Draws<'_>) -> Merged,
}

/// How what is done here stands to its source.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Standing {
    /// The paper's formula.
    Paper,
    /// As others have written it down, where the paper leaves it open or its code could not be had.
    Reconstruction,
    /// The idea, on another kind of object than in the source.
    Analogue,
}

impl fmt::Display for Standing {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Standing::Paper => "the paper's",
            Standing::Reconstruction => "a reconstruction",
            Standing::Analogue => "an analogue",
        })
    }
}

/// A parameter that can be chosen by trying its values on rows that nothing was trained on.
#[derive(Debug)]
pub struct Choice {
    /// Its place among the rule's parameters.
    pub(super) place: usize,
    /// The values to try, in the order of preference where they score alike.
    pub(super) values: &'static [f64],
}

/// Models to be merged: their values in one order.
#[derive(Clone, Copy, Debug)]
pub struct Models<'a> {
    /// What all of them started from, if it is known.
    pub base: Option<&'a [f32]>,
    /// `[models]`, each with as many values; a rule may treat the first apart.
    pub models: &'a [&'a [f32]],
    /// Where the values of each tensor are; what lies in none of them is not merged.
    pub tensors: &'a [Range<usize>],
    /// `[models]`: what rows say of each, where the rule looks at it; else empty.
    pub statistics: &'a [Statistics],
}

/// The draws for a model (by its place) and a tensor (by its place), which come from nowhere else.
pub type Draws<'a> = dyn Fn(usize, usize) -> Box<dyn RngCore> + 'a;

/// What came of a merge.
#[derive(Clone, Debug, PartialEq)]
pub struct Merged {
    /// The values, in the models' order; 0 where there is no tensor.
    pub values: Vec<f32>,
    /// `[models]`: what each model counts, where one number says it; else empty.
    pub coefficients: Vec<f64>,
}

impl MergeRule {
    /// What it looks at beside parameters, if at something.
    pub fn looks_at(&self) -> Option<LooksAt> {
        self.looks_at.map(|(at, _)| at)
    }
}

impl Models<'_> {
    /// Whether a rule can merge these.
    ///
    /// # Errors
    /// If it needs the base or statistics and there are none, or takes another number of models.
    ///
    /// # Panics
    /// If models differ in length.
    pub(super) fn check(&self, rule: &MergeRule) -> Result<(), Error> {
        let length = self.models.first().map_or(0, |first| first.len());
        let all = self.models.iter().chain(&self.base);
        assert!(all.clone().all(|values| values.len() == length), "models of one length");
        let (method, found) = (rule.about.name, self.models.len());
        match rule.takes {
            Some(takes) if takes != found => {
                Err(Error::MergedModels { method, expected: format!("{takes}"), found })
            }
            _ if found == 0 => Err(Error::MergedModels { method, expected: "at least 1".to_owned(), found }),
            _ if rule.needs_base && self.base.is_none() => Err(Error::NoBase { method }),
            _ if !self.has_statistics(rule) => Err(Error::NoStatistics { method }),
            _ => Ok(()),
        }
    }

    /// Whether there is of every model what a rule looks at.
    fn has_statistics(&self, rule: &MergeRule) -> bool {
        let is =
            |at| self.statistics.len() == self.models.len() && self.statistics.iter().all(|of| of.is(at));
        rule.looks_at().is_none_or(is)
    }

    /// The base, of a rule that needs it.
    pub(super) fn started(&self) -> &[f32] {
        self.base.expect("what was checked has its base")
    }

    /// How far a model has gone from the base in one tensor.
    pub(super) fn change(&self, model: usize, tensor: &Range<usize>) -> Vec<f64> {
        let (base, model) = (&self.started()[tensor.clone()], &self.models[model][tensor.clone()]);
        model.iter().zip(base).map(|(&now, &then)| f64::from(now) - f64::from(then)).collect()
    }

    /// `[models]`: how far each model has gone from the base, ‖τ‖², over all tensors.
    ///
    /// # Panics
    /// If there is no base.
    pub fn squared_changes(&self) -> Vec<f64> {
        let of_model = |model| -> f64 {
            let of_tensor = |tensor| self.change(model, tensor).iter().map(|x| x * x).sum::<f64>();
            self.tensors.iter().map(of_tensor).sum()
        };
        (0..self.models.len()).map(of_model).collect()
    }

    /// As many zeros as a model has values.
    pub(super) fn zeros(&self) -> Vec<f32> {
        vec![0.0; self.models[0].len()]
    }
}
