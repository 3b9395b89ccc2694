//! How the tasks of a mixed arm lie on the network, where they are not side by side on all of it.
//!
//! The one decision: an architecture is said of tasks by name, so it means the same whichever of them is the target, and a run
//! is recognised by what is said of its own tasks alone.

use std::collections::BTreeMap;
use std::{fmt, str::FromStr};

use serde::{Deserialize, Serialize};

use crate::about::{About, Parameter, name_in, read};
use crate::near::near;
use crate::split::divided;
use crate::{Error, spelled};

/// An architecture by name, with what is said of its tasks: `layers(MNLI=6,RTE=4)`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub enum Architecture {
    /// The layer after which a task's head reads, counted from 1; of a task that is not named the last.
    Layers(BTreeMap<String, usize>),
    /// The target's head reads what the other tasks' heads predict of its rows.
    Hierarchical,
    /// Each head reads the other heads' features of its rows, at the steepest point near them; steps are of one task each.
    Cooperative {
        /// The radius of the ball around the features.
        radius: f64,
    },
    /// Each head also reads features of its own, and an adversary keeps the encoder from telling the tasks apart.
    SharedPrivate {
        /// What the adversary's reversed gradient counts in the encoder.
        adversary: f64,
        /// What shared and private features that are not orthogonal cost.
        orthogonality: f64,
    },
    /// What one head predicts, carried over to another's labels by a table, should be what that predicts.
    Match {
        /// What that counts beside the tasks' own losses.
        weight: f64,
    },
}

static LAYERS: About = About {
    name: "layers",
    summary: "each task's head reads the hidden states after its own layer",
    source: "Søgaard and Goldberg, ACL 2016; Chen et al. 2021 (survey)",
    explanation: "Supervision at different layers: layers(RTE=4,MNLI=6) puts RTE's head after the fourth layer and MNLI's after the sixth; a \
                  task that is not named reads the last. Tasks are called as in the report. The layers above a task's own are not run \
                  for its rows, neither forward nor backward, and cost them nothing. A rule that combines gradients weighs the layers \
                  that several tasks reach; above them a task's own gradient counts as in its head. Layers that no task reaches are left \
                  out. A task's model is exported with the layers up to its own, and loads in transformers as any other.",
    parameters: &[],
    passes: 1.0,
};

static HIERARCHICAL: About = About {
    name: "hierarchical",
    summary: "the target's head also reads what the other tasks predict of its rows",
    source: "Hashimoto et al., EMNLP 2017; Chen et al. 2021 (survey)",
    explanation: "A pipeline of predictions: the supports are the lower tasks. On the target's rows their heads are run too, and what \
                      they predict, probabilities or a value, is projected to the target's logits beside its own features. The target's loss \
                      trains the lower heads too. The projection starts at 0, so a run begins as plain mtl does. The target's model needs \
                      the other heads: mtlift predict and evaluate use it, transformers does not load it. Of the survey's hierarchical \
                      designs this is the pipeline of signals, without label embeddings.",
    parameters: &[],
    passes: 1.0,
};

static COOPERATIVE: About = About {
    name: "cooperative",
    summary: "reconstruction: heads read each other's features, flat with respect to them",
    source: "reconstructed from the abstract of arXiv 2309.12090, MICCAI 2023",
    explanation: "Cooperative learning via flat minima, as far as its abstract tells; its code and equations are not public, so this is \
                      a reconstruction. On a task's rows the other tasks' heads are run too, and their features are projected to the task's \
                      logits beside its own. They are data to it: no gradient goes through them. In training they are moved to the steepest \
                      point of a ball around them, one for each row. Steps are of one task each; with --sampler round-robin tasks take \
                      turns. The models need all heads: mtlift predict and evaluate use them, transformers does not load them.",
    parameters: &[Parameter {
        name: "rho",
        default: 0.05,
        range: 0.0..=100.0,
        whole: false,
        meaning: "the radius of the ball around a row's features",
    }],
    passes: 1.0,
};

static SHARED_PRIVATE: About = About {
    name: "shared-private",
    summary: "analogue: heads read private features too, an adversary keeps the shared ones common",
    source: "Liu et al., ACL 2017; Bousmalis et al., NIPS 2016; Ganin et al. 2016; analogue of arXiv 2110.07197",
    explanation: "The adversarial analogue for text of arXiv 2110.07197, whose tasks are dense predictions; not its method. Shared features are \
                      the first token's last hidden state, as ever. Each task has private ones, tanh of a linear layer from them to a quarter \
                      of their number, which its head reads too by a matrix that starts at 0. A linear adversary tells the task by \
                      the shared features; its gradient goes into the encoder reversed. The squared Frobenius norm of a task's shared with its \
                      private features, rows of unit length, over the square of their number, is added to its loss. The report draws \
                      how often the adversary is right. The models need their private part: mtlift predict and evaluate use them, transformers does not \
                      load them.",
    parameters: &[
        Parameter {
            name: "adversary",
            default: 0.05,
            range: 0.0..=100.0,
            whole: false,
            meaning: "what the adversary's reversed gradient counts in the encoder (lambda)",
        },
        Parameter {
            name: "orthogonality",
            default: 0.01,
            range: 0.0..=100.0,
            whole: false,
            meaning: "what features that are not orthogonal cost (gamma)",
        },
    ],
    passes: 1.0,
};

static MATCH: About = About {
    name: "match",
    summary: "reconstruction: heads agree by a table p(label of one | label of another)",
    source: "reconstructed from the abstract of arXiv 2401.01219, AAAI 2024 (distribution matching, soft co-annotation)",
    explanation: "For tasks whose labels say something of each other, as MNLI's of RTE's. Every row goes through both heads: what the first \
                  predicts, carried over by the table, should be what the second predicts (KL), and a row's label under one head is a soft \
                  label under the other. The table is given in the task file, follows from the labels' names, or is estimated from the \
                  single run of the first task on the second's training rows. The paper's equations are not public. \
                  docs/training-methods.md has ours.",
    parameters: &[Parameter {
        name: "weight",
        default: 1.0,
        range: 0.0..=1000.0,
        whole: false,
        meaning: "what this counts beside a row's own loss; at 0 it is plain mtl",
    }],
    passes: 1.0,
};

/// All of them, in the order in which they are listed.
static ALL: [&About; 5] = [&LAYERS, &HIERARCHICAL, &COOPERATIVE, &SHARED_PRIVATE, &MATCH];

impl Architecture {
    /// What is said of all of them, in the order of the documentation.
    pub fn all() -> &'static [&'static About] {
        &ALL
    }

    /// The architecture that a text begins with the name of, if it does.
    pub fn named_in(text: &str) -> Option<&'static About> {
        ALL.into_iter().find(|about| about.name == name_in(text))
    }

    /// What is said of it.
    pub fn about(&self) -> &'static About {
        match self {
            Architecture::Layers(_) => &LAYERS,
            Architecture::Hierarchical => &HIERARCHICAL,
            Architecture::Cooperative { .. } => &COOPERATIVE,
            Architecture::SharedPrivate { .. } => &SHARED_PRIVATE,
            Architecture::Match { .. } => &MATCH,
        }
    }

    /// Whether a model of it is one that other programs know: an encoder and a head.
    pub fn leaves_plain_models(&self) -> bool {
        matches!(self, Architecture::Layers(_) | Architecture::Match { .. })
    }

    /// Whether every task must have a head of its own.
    pub fn needs_own_heads(&self) -> bool {
        !matches!(self, Architecture::Layers(_))
    }

    /// Whether the target is treated apart.
    pub fn knows_target(&self) -> bool {
        *self == Architecture::Hierarchical
    }

    /// Whether its steps are of one task each.
    pub fn takes_turns(&self) -> bool {
        matches!(self, Architecture::Cooperative { .. })
    }

    /// Whether part of its loss is of all rows of a step together, so that a step cannot be cut.
    pub fn needs_whole_steps(&self) -> bool {
        matches!(self, Architecture::SharedPrivate { orthogonality, .. } if *orthogonality > 0.0)
    }

    /// After which layer the head of the task of this name reads, if not after the last.
    pub fn layer(&self, task: &str) -> Option<usize> {
        match self {
            Architecture::Layers(layers) => layers.get(task).copied(),
            _ => None,
        }
    }

    /// What is left of it among tasks of these names; none where nothing is said of any.
    #[must_use]
    pub fn among(&self, tasks: &[&str]) -> Option<Architecture> {
        let Architecture::Layers(layers) = self else { return Some(self.clone()) };
        let named = layers.iter().filter(|(task, _)| tasks.contains(&task.as_str()));
        let left: BTreeMap<String, usize> = named.map(|(task, &layer)| (task.clone(), layer)).collect();
        (!left.is_empty()).then_some(Architecture::Layers(left))
    }

    /// Whether it can be that of a model of `layers` layers with tasks of these names.
    ///
    /// # Errors
    /// If it names another task, or a layer that the model does not have.
    pub fn check(&self, tasks: &[&str], layers: usize) -> Result<(), Error> {
        let Architecture::Layers(of_tasks) = self else { return Ok(()) };
        for (task, &layer) in of_tasks {
            if !tasks.contains(&task.as_str()) {
                let (name, near, expected) = (task.clone(), near(task, tasks), tasks.join(", "));
                return Err(Error::LayerOfTask { name, near, expected });
            }
            if layer > layers {
                return Err(Error::LayerTooHigh { task: task.clone(), found: layer, layers });
            }
        }
        Ok(())
    }
}

impl fmt::Display for Architecture {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&match self {
            Architecture::Layers(layers) => {
                let layers: Vec<String> =
                    layers.iter().map(|(task, layer)| format!("{task}={layer}")).collect();
                format!("layers({})", layers.join(","))
            }
            Architecture::Hierarchical => HIERARCHICAL.written(&HIERARCHICAL.defaults()),
            Architecture::Cooperative { radius } => COOPERATIVE.written(&[*radius]),
            Architecture::SharedPrivate { adversary, orthogonality } => {
                SHARED_PRIVATE.written(&[*adversary, *orthogonality])
            }
            Architecture::Match { weight } => MATCH.written(&[*weight]),
        })
    }
}

impl FromStr for Architecture {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self, Error> {
        let text = text.trim();
        if Self::named_in(text).is_some_and(|about| about.name == LAYERS.name) {
            return layers(text)
                .map(Architecture::Layers)
                .ok_or_else(|| Error::Layers { found: text.to_owned() });
        }
        let (&about, [first, second, ..]) = read("architecture", text, &ALL, |about| about)?;
        Ok(if about.name == HIERARCHICAL.name {
            Architecture::Hierarchical
        } else if about.name == MATCH.name {
            Architecture::Match { weight: first }
        } else if about.name == COOPERATIVE.name {
            Architecture::Cooperative { radius: first }
        } else {
            Architecture::SharedPrivate { adversary: first, orthogonality: second }
        })
    }
}

/// The layer of each task in `layers(RTE=4,MNLI=6)`.
fn layers(text: &str) -> Option<BTreeMap<String, usize>> {
    let given = text.strip_prefix(LAYERS.name)?.trim().strip_prefix('(')?.strip_suffix(')')?;
    let mut layers = BTreeMap::new();
    for assignment in divided(given, b',') {
        let (task, layer) = assignment.rsplit_once('=')?;
        let (task, layer) = (task.trim(), layer.trim().parse().ok().filter(|&layer| layer >= 1)?);
        if task.is_empty() || layers.insert(task.to_owned(), layer).is_some() {
            return None;
        }
    }
    Some(layers)
}

spelled!(Architecture);
