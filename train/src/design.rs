//! How the heads of several tasks lie on one encoder: what an architecture comes to for the tasks of a run.

use mtlift_encoder::Config;
use mtlift_schedule::Architecture;

use crate::{Error, HeadSharing, Mixing, Network, Reads, RelatedTasks};

/// How the heads of several tasks lie on one encoder.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Design {
    /// Which tasks have a head of their own.
    pub sharing: HeadSharing,
    /// After which layer each task's head reads, from 1; empty where all read after the last.
    pub layers: Vec<usize>,
    /// What heads read beside the encoder.
    pub reads: Option<Reads>,
    /// What heads learn from where they disagree counts, and by what labels say of each other.
    pub matching: Option<(f64, Vec<RelatedTasks>)>,
}

impl Design {
    /// What a mixing says of tasks of these names on this encoder.
    ///
    /// # Errors
    /// If the architecture names another task or a layer that the model does not have, or needs heads that are shared.
    pub(crate) fn of(mixing: &Mixing, tasks: &[&str], config: &Config) -> Result<Self, Error> {
        let Some(architecture) = &mixing.architecture else {
            return Ok(Self { sharing: mixing.heads, ..Self::default() });
        };
        architecture.check(tasks, config.layers)?;
        let layer = |task: &&str| architecture.layer(task).unwrap_or(config.layers);
        let reads = match *architecture {
            Architecture::Layers(_) | Architecture::Match { .. } => None,
            Architecture::Cooperative { radius } => Some(Reads::Features { radius }),
            Architecture::Hierarchical => Some(Reads::Predictions),
            Architecture::SharedPrivate { adversary, orthogonality } => {
                Some(Reads::Private { adversary, orthogonality })
            }
        };
        if architecture.needs_own_heads() && mixing.heads != HeadSharing::PerTask {
            return Err(Error::Setting {
                name: "head sharing",
                value: mixing.heads.to_string(),
                expected: "per-task: of this architecture every task has a head of its own",
            });
        }
        let layers = match architecture {
            Architecture::Layers(_) => tasks.iter().map(layer).collect(),
            _ => Vec::new(),
        };
        Ok(Self { sharing: mixing.heads, layers, reads, matching: None })
    }

    /// A network of this design, with a head of `outputs[i]` logits for task `i`; layers above all heads are left out.
    ///
    /// # Panics
    /// If `layers` are not of the tasks, or the model does not have one.
    pub fn network(&self, config: &Config, outputs: &[usize]) -> Network {
        let network = match self.sharing {
            HeadSharing::PerTask => Network::new(&self.used(config), outputs),
            HeadSharing::ByLabelCount => Network::sharing_heads(&self.used(config), outputs),
        };
        let network = if self.layers.is_empty() { network } else { network.reading_after(&self.layers) };
        let network = match self.reads {
            Some(reads) => network.reading_beside(reads, config.hidden),
            None => network,
        };
        match &self.matching {
            Some((weight, related)) => network.matching(*weight, related.clone()),
            None => network,
        }
    }

    /// The model without the layers above all heads.
    pub fn used(&self, config: &Config) -> Config {
        self.layers.iter().max().map_or_else(|| config.clone(), |&layers| config.cut_to(layers))
    }
}
