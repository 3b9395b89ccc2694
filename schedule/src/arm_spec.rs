//! An arm with methods of its own: `mtl`, `mtl:nash`, `single:sam`, `mtl-all:cagrad(c=0.5)+asam`, `mtl:nash+layers(RTE=4)`, `merge:metagpt`,
//! `adapt(epochs=3)`, `self-train(confidence=0.8)`.
//!
//! The one decision: an arm without a method is equal to its shape, and one with a method to no shape. So whoever asks for `single`
//! or `mtl` means the plain one, and what an arm with a method has in common with it is asked of its shape.

use std::{fmt, str::FromStr};

use serde::{Deserialize, Serialize};

use crate::about::name_in;
use crate::near::near;
use crate::split::divided;
use crate::{
    Adapt, Architecture, Arm, Auxiliary, Combine, Distillation, Error, FlatMinima, Merge, Rebalance,
    SelfTraining, WeightAverage, spelled,
};

/// A way to train for a target: its phases, and by which method their steps are made.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct ArmSpec {
    /// Its phases.
    pub shape: Arm,
    /// How the gradients of its mixed phases become one; none where the study says it for all arms.
    pub combine: Option<Combine>,
    /// How the tasks of its mixed phases lie on the network; none where the study says it for all arms.
    pub architecture: Option<Architecture>,
    /// How the update of every phase looks for a flat minimum; none where the study says it for all arms.
    pub flat_minima: Option<FlatMinima>,
    /// Which mean of a run's weights counts in every phase; none where the study says it for all arms.
    pub weight_average: Option<WeightAverage>,
    /// What every phase learns beside its rows' labels; none where the study says it for all arms.
    pub auxiliary: Option<Auxiliary>,
    /// Which rows count more, of an arm on the target alone; of others none.
    pub rebalance: Option<Rebalance>,
    /// How models become one, of an arm that merges; of others none.
    pub merge: Option<Merge>,
    /// How long and how fast a phase on the target's texts is, of an arm that adapts; of others none.
    pub adapt: Option<Adapt>,
    /// How several models teach one, of an arm that distils; of others none.
    pub distillation: Option<Distillation>,
    /// How rows are labelled and filtered, of an arm that trains itself; of others none.
    pub self_training: Option<SelfTraining>,
}

impl ArmSpec {
    /// Whether it has no method of its own.
    pub fn is_plain(&self) -> bool {
        self.combine.is_none()
            && self.architecture.is_none()
            && self.flat_minima.is_none()
            && self.weight_average.is_none()
            && self.auxiliary.is_none()
            && self.rebalance.is_none()
            && self.merge.is_none()
            && self.adapt.is_none_or(|adapt| adapt == Adapt::default())
            && self.distillation.is_none_or(|distillation| distillation == Distillation::default())
            && self.self_training == SelfTraining::of_arm(self.shape)
    }

    /// The arm that ends where this one has merged models.
    #[must_use]
    pub fn only_merging(self) -> Self {
        if self.shape.merges() { Self { shape: Arm::Merge, ..self } } else { self }
    }
}

impl From<Arm> for ArmSpec {
    fn from(shape: Arm) -> Self {
        Self {
            shape,
            combine: None,
            architecture: None,
            flat_minima: None,
            weight_average: None,
            auxiliary: None,
            rebalance: None,
            merge: shape.merges().then(Merge::default),
            adapt: (shape == Arm::Adapt).then(Adapt::default),
            distillation: (shape == Arm::Distill).then(Distillation::default),
            self_training: SelfTraining::of_arm(shape),
        }
    }
}

impl PartialEq<Arm> for ArmSpec {
    fn eq(&self, shape: &Arm) -> bool {
        self.is_plain() && self.shape == *shape
    }
}

impl fmt::Display for ArmSpec {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let methods = [
            self.merge.map(|merge| merge.to_string()),
            self.combine.map(|combine| combine.to_string()),
            self.architecture.as_ref().map(Architecture::to_string),
            self.flat_minima.map(|flat_minima| flat_minima.to_string()),
            self.weight_average.map(|average| average.to_string()),
            self.auxiliary.map(|auxiliary| auxiliary.to_string()),
            self.rebalance.map(|rebalance| rebalance.to_string()),
        ];
        let methods: Vec<String> = methods.into_iter().flatten().collect();
        let colon = if methods.is_empty() { "" } else { ":" };
        let of_shape = self.distillation.map(|own| own.to_string());
        let of_shape = of_shape.or_else(|| self.adapt.map(|own| own.to_string()));
        let parameters = self.self_training.as_ref().map_or(String::new(), SelfTraining::in_parentheses);
        let shape = of_shape.unwrap_or_else(|| format!("{}{parameters}", self.shape));
        f.pad(&format!("{shape}{colon}{}", methods.join("+")))
    }
}

impl FromStr for ArmSpec {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self, Error> {
        let text = text.trim();
        // Of the shapes that it begins with the one with the longest name: some have a colon in it.
        let after = |shape: Arm| {
            let (own, rest) = own_parameters(shape, text.strip_prefix(shape.name())?);
            let method = if rest.is_empty() { None } else { Some(rest.strip_prefix(':')?) };
            Some((shape, own, method))
        };
        let shapes = Arm::ALL.into_iter().filter_map(after);
        let Some((shape, own, method)) = shapes.max_by_key(|(shape, ..)| shape.name().len()) else {
            let names = Arm::ALL.map(Arm::name);
            let name = text.split(':').next().unwrap_or(text);
            let (name, near) = (name.to_owned(), near(name, &names));
            return Err(Error::UnknownArm { name, near, expected: names.join(", ") });
        };
        let mut arm = ArmSpec::from(shape);
        if !own.is_empty() {
            let whole = format!("{shape}{own}");
            if let Some(distillation) = &mut arm.distillation {
                *distillation = whole.parse()?;
            }
            if let Some(adapt) = &mut arm.adapt {
                *adapt = whole.parse()?;
            }
            if let Some(self_training) = &mut arm.self_training {
                *self_training = self_training.with_parentheses(own)?;
            }
        }
        // A rule of merging may have a part of its own after a plus.
        let mut merge: Vec<&str> = Vec::new();
        for method in method.map_or(Vec::new(), |methods| divided(methods, b'+')) {
            let twice = if FlatMinima::is_named_in(method) {
                arm.flat_minima.replace(method.parse()?).is_some()
            } else if WeightAverage::is_named_in(method) {
                arm.weight_average.replace(method.parse()?).is_some()
            } else if Auxiliary::is_named_in(method) {
                arm.auxiliary.replace(method.parse()?).is_some()
            } else if Rebalance::is_named_in(method) {
                arm.rebalance.replace(method.parse()?).is_some()
            } else if shape.merges() {
                merge.push(method);
                false
            } else if Architecture::named_in(method).is_some() {
                arm.architecture.replace(method.parse()?).is_some()
            } else if Combine::is_named_in(method) {
                arm.combine.replace(method.parse()?).is_some()
            } else {
                return Err(unknown_method(method));
            };
            if twice {
                return Err(Error::MethodTwice { arm: text.to_owned(), method: method.to_owned() });
            }
        }
        if !merge.is_empty() {
            arm.merge = Some(merge.join("+").parse()?);
        }
        Ok(arm)
    }
}

spelled!(ArmSpec);

/// What stands in parentheses right after the name of a shape that has parameters of its own, with them, and what follows.
fn own_parameters(shape: Arm, rest: &str) -> (&str, &str) {
    let has_parameters = matches!(shape, Arm::Adapt | Arm::Distill) || shape.trains_itself();
    if !has_parameters || !rest.starts_with('(') {
        return ("", rest);
    }
    // Without an end all is taken, and whoever reads the parameters says what is missing.
    rest.split_at(rest.find(')').map_or(rest.len(), |end| end + 1))
}

/// The error of a name that is no method's of any kind.
pub fn unknown_method(text: &str) -> Error {
    let name = name_in(text);
    let rules = Combine::rules().iter().map(|rule| rule.about.name);
    let architectures = Architecture::all().iter().map(|about| about.name);
    let updates = FlatMinima::all().map(|flat_minima| flat_minima.about().name);
    let averages = WeightAverage::all().iter().map(|about| about.name);
    let auxiliaries = Auxiliary::all().map(|auxiliary| auxiliary.about().name);
    let rebalances = Rebalance::all().iter().map(|about| about.name);
    let all: Vec<&str> = rules
        .chain(architectures)
        .chain(updates)
        .chain(averages)
        .chain(auxiliaries)
        .chain(rebalances)
        .collect();
    Error::UnknownMethod {
        what: "method",
        name: name.to_owned(),
        near: near(name, &all),
        expected: all.join(", "),
    }
}
