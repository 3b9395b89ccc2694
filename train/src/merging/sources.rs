//! What of several models is merged, read and checked against each other before anything of their size is in memory twice: the encoders, or
//! of models of one task the whole.

use std::path::Path;

use mtlift_encoder::{Checkpoint, Config, Encoder, Want};
use mtlift_nn::random::Stream;
use mtlift_nn::{Layout, Store};
use mtlift_schedule::{Draws, Merge, Merged, Models, Statistics};

use super::tokens::check_tokens;
use crate::{Error, Network};

/// Parameters of models of one architecture.
#[derive(Debug)]
pub(crate) struct Sources {
    config: Config,
    layout: Layout,
    /// The first model's weights, for what of it is not merged.
    first: Checkpoint,
    base: Option<Store<f32>>,
    models: Vec<Store<f32>>,
    /// What rows say of each, if the rule looks at it.
    statistics: Vec<Statistics>,
}

/// One encoder of several.
#[derive(Debug)]
pub(crate) struct Merging {
    /// Its parameters.
    pub(crate) params: Store<f32>,
    /// What each model counts, where one number says it; else empty.
    pub(crate) coefficients: Vec<f64>,
}

impl Sources {
    /// Reads the encoders of these models, at least one, and of what they started from.
    pub(crate) fn read(models: &[&Path], base: Option<&Path>) -> Result<Self, Error> {
        let config = Config::read(models[0])?;
        let mut layout = Layout::default();
        Encoder::new(&mut layout, &config);
        Self::read_of(config, layout, models, base)
    }

    /// Reads these models with their heads, which have the same labels in the same order.
    pub(crate) fn read_whole(models: &[&Path]) -> Result<Self, Error> {
        let config = Config::read(models[0])?;
        let labels = |config: &Config, model: &Path| {
            config
                .head
                .as_ref()
                .map(|head| head.names.clone())
                .ok_or_else(|| Error::NoHead { directory: model.to_owned() })
        };
        let expected = labels(&config, models[0])?;
        for &model in &models[1..] {
            let found = labels(&Config::read(model)?, model)?;
            if found != expected {
                let (model, first) = (model.to_owned(), models[0].to_owned());
                let (found, expected) = (found.join(", "), expected.join(", "));
                return Err(Error::OtherArchitecture { model, key: "id2label", found, first, expected });
            }
        }
        let layout = Network::new(&config, &[expected.len()]).layout().clone();
        Self::read_of(config, layout, models, None)
    }

    fn read_of(config: Config, layout: Layout, models: &[&Path], base: Option<&Path>) -> Result<Self, Error> {
        for &other in models[1..].iter().chain(&base) {
            let there = Config::read(other)?;
            if let Some((key, expected, found)) = config.difference(&there) {
                let (model, first) = (other.to_owned(), models[0].to_owned());
                return Err(Error::OtherArchitecture { model, key, found, first, expected });
            }
        }
        check_tokens(models, base)?;
        let prefix = config.family.prefix();
        let read = |model: &Path| -> Result<(Checkpoint, Store<f32>), Error> {
            let checkpoint = Checkpoint::open(model)?;
            let (params, _) = checkpoint.read(prefix, &layout, |_| Want::Required)?;
            Ok((checkpoint, params))
        };
        let (first, params) = read(models[0])?;
        let mut all = vec![params];
        for model in &models[1..] {
            all.push(read(model)?.1);
        }
        let base = base.map(|base| Ok::<_, Error>(read(base)?.1)).transpose()?;
        Ok(Self { config, layout, first, base, models: all, statistics: Vec::new() })
    }

    /// With what rows of its own task say of each model.
    pub(crate) fn with_statistics(self, statistics: Vec<Statistics>) -> Self {
        Self { statistics, ..self }
    }

    /// The encoders as one. Draws are those of the stream `merge` under the seed, by model and tensor.
    pub(crate) fn merge(&self, merge: &Merge, seed: u64) -> Result<Merging, Error> {
        let stream = Stream::new(seed, "merge");
        let draws: &Draws<'_> = &|model, tensor| Box::new(stream.child(model as u64).at(tensor as u64));
        let Merged { values, coefficients } = self.with_models(|models| merge.merge(models, draws))?;
        let is_finite = |range: std::ops::Range<usize>| values[range].iter().all(|value| value.is_finite());
        if let Some(entry) = self.layout.entries().iter().find(|entry| !is_finite(entry.range.clone())) {
            return Err(Error::MergedNotFinite { method: merge.to_string(), tensor: entry.name.clone() });
        }
        let mut params = self.layout.zeros();
        params.values_mut().copy_from_slice(&values);
        Ok(Merging { params, coefficients })
    }

    /// How far each encoder is from the base; empty where there is none.
    pub(crate) fn changes(&self) -> Vec<f64> {
        match self.base {
            None => Vec::new(),
            Some(_) => {
                self.with_models(|models| models.squared_changes().into_iter().map(f64::sqrt).collect())
            }
        }
    }

    /// The first model's configuration.
    pub(crate) fn config(&self) -> &Config {
        &self.config
    }

    /// Where the encoder's parameters lie.
    pub(crate) fn layout(&self) -> &Layout {
        &self.layout
    }

    /// The first model's weights.
    pub(super) fn first(&self) -> &Checkpoint {
        &self.first
    }

    fn with_models<T>(&self, with: impl FnOnce(&Models<'_>) -> T) -> T {
        let models: Vec<&[f32]> = self.models.iter().map(Store::values).collect();
        let tensors: Vec<_> = self.layout.entries().iter().map(|entry| entry.range.clone()).collect();
        with(&Models {
            base: self.base.as_ref().map(Store::values),
            models: &models,
            tensors: &tensors,
            statistics: &self.statistics,
        })
    }
}
