//! A question as flags and files ask it: what is given, on top of a study file, on top of the protocol's settings.

use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use clap::Args;
use mtlift_glue_data::Task;
use mtlift_schedule::{Arm, BatchKind, Exposure, HeadStart, Sampler, StepLoss};
use mtlift_study::{Question, Spec, SupportSeed};
use mtlift_train::{HeadSharing, Protocol};
use serde::de::DeserializeOwned;
use serde_json::Value;

use crate::options::{Home, Misuse, one_of};

/// The settings of a question; what is not given is the protocol's.
#[derive(Args)]
pub(crate) struct Asked {
    /// The model to start from: a directory in Hugging Face layout, or a name below the data home's models/
    #[arg(long)]
    model: Option<String>,
    /// Arms [default: single,stilts,mtl; a sweep also mtl-all]
    #[arg(long, value_name = "ARM,...", value_delimiter = ',', value_parser = one_of(&Arm::ALL, Arm::name))]
    arms: Option<Vec<Arm>>,
    /// How many seeds, or which (1,7,42; a single one: 42,) [default: 5]
    #[arg(long, value_name = "N|SEED,...")]
    seeds: Option<String>,
    /// Which rows select the checkpoint and which score it; `paper` is the whole protocol of Weller et al. (2022)
    #[arg(long, value_name = "held-out|paper")]
    protocol: Option<Protocol>,
    /// Use this many training rows of each task, the same for every seed, classes in proportion
    #[arg(long, value_name = "N")]
    max_train: Option<usize>,
    /// Passes over the target's rows, in each phase
    #[arg(long, help_heading = "Training")]
    epochs: Option<u32>,
    /// Examples of a step
    #[arg(long, help_heading = "Training")]
    batch: Option<usize>,
    /// The greatest learning rate
    #[arg(long, value_name = "RATE", help_heading = "Training")]
    lr: Option<f64>,
    /// Share of the steps over which the learning rate rises from 0
    #[arg(long, value_name = "SHARE", help_heading = "Training")]
    warmup: Option<f64>,
    /// Passes over the support's rows, where STILTs trains on it first [default: as --epochs]
    #[arg(long, value_name = "EPOCHS", help_heading = "Training", conflicts_with = "support_steps")]
    support_epochs: Option<u32>,
    /// Steps of that phase, in place of epochs
    #[arg(long, value_name = "STEPS", help_heading = "Training")]
    support_steps: Option<u32>,
    /// The greatest learning rate of that phase [default: as --lr]
    #[arg(long, value_name = "RATE", help_heading = "Training")]
    support_lr: Option<f64>,
    /// The most tokens of a row
    #[arg(long, value_name = "N", help_heading = "Training")]
    max_tokens: Option<usize>,
    /// Epochs between evaluations
    #[arg(long, value_name = "EPOCHS", help_heading = "Selection")]
    evaluate_every: Option<f64>,
    /// Share of train that selects the checkpoint (protocol held-out)
    #[arg(long, value_name = "SHARE", help_heading = "Selection")]
    held_out: Option<f64>,
    /// Of which tasks a mixed batch is drawn: uniform, size, temperature:ALPHA, capped:ROWS, annealed, dynamic, dynamic-gap, round-robin
    #[arg(long, help_heading = "Mixing")]
    sampler: Option<Sampler>,
    /// The samplers of mtl-all, an arm each
    #[arg(long, value_name = "SAMPLER,...", value_delimiter = ',', help_heading = "Mixing")]
    mtl_all_samplers: Option<Vec<Sampler>>,
    /// How batches are formed: homogeneous, heterogeneous, forced-heterogeneous, partition
    #[arg(long, value_name = "KIND", help_heading = "Mixing")]
    batches: Option<BatchKind>,
    /// How much of each task a mixed epoch shows: target-full, truncating, all-full
    #[arg(long, help_heading = "Mixing")]
    exposure: Option<Exposure>,
    /// The loss of a mixed batch: task-means (each task's mean, summed) or example-mean
    #[arg(long, help_heading = "Mixing")]
    loss: Option<StepLoss>,
    /// A fixed weight for the loss of each task of a mixed run, the target's first [default: 1 each]
    #[arg(long, value_name = "WEIGHT,...", value_delimiter = ',', help_heading = "Mixing")]
    task_weights: Option<Vec<f64>>,
    /// Which tasks have a head of their own: per-task, by-label-count
    #[arg(long, value_name = "SHARING", value_parser = word::<HeadSharing>, help_heading = "Mixing")]
    head_sharing: Option<HeadSharing>,
    /// The head with which STILTs turns to the target: fresh, kept, mapped-by-name, shared-by-count
    #[arg(long, value_name = "START", value_parser = word::<HeadStart>, help_heading = "Mixing")]
    heads: Option<HeadStart>,
    /// From which seed of the support STILTs goes on: paired, best
    #[arg(long, value_name = "SEED", value_parser = word::<SupportSeed>, help_heading = "Mixing")]
    support_seed: Option<SupportSeed>,
}

/// The model's directory and the tasks of a question.
pub(crate) fn resolve(spec: &Spec, home: &Home) -> Result<(PathBuf, Vec<Task>)> {
    if spec.model.is_empty() {
        return Err(Misuse("a study needs a model: --model".to_owned()).into());
    }
    let tasks = spec.tasks().iter().map(|name| home.task(name)).collect::<Result<_>>()?;
    Ok((home.model(&spec.model)?, tasks))
}

impl Asked {
    /// The question that the file asks, with the flags on top.
    pub(crate) fn spec(&self, question: Question, file: Option<&Path>) -> Result<Spec> {
        let mut spec = match file {
            None => Spec::defaults(question, self.protocol.unwrap_or(Protocol::HeldOut)),
            Some(file) => read(question, self.protocol, file)?,
        };
        set(&mut spec.model, self.model.clone());
        set(&mut spec.arms, self.arms.clone());
        set(&mut spec.mtl_all_samplers, self.mtl_all_samplers.clone());
        set(&mut spec.support_seed, self.support_seed);
        set(&mut spec.heads, self.heads);
        if let Some(seeds) = &self.seeds {
            spec.seeds = parse_seeds(seeds, &spec.seeds)?;
        }
        let support = &mut spec.support_phase;
        if self.support_epochs.is_some() || self.support_steps.is_some() {
            (support.epochs, support.steps) = (self.support_epochs, self.support_steps);
        }
        support.learning_rate = self.support_lr.or(support.learning_rate);
        let mix = &mut spec.mixing.mix;
        set(&mut mix.sampler, self.sampler);
        set(&mut mix.batches, self.batches);
        set(&mut mix.exposure, self.exposure);
        set(&mut spec.mixing.loss, self.loss);
        set(&mut spec.mixing.weights, self.task_weights.clone());
        set(&mut spec.mixing.heads, self.head_sharing);
        let settings = &mut spec.settings;
        set(&mut settings.epochs, self.epochs);
        set(&mut settings.batch, self.batch);
        set(&mut settings.learning_rate, self.lr);
        set(&mut settings.warmup, self.warmup);
        set(&mut settings.evaluate_every, self.evaluate_every);
        set(&mut settings.held_out, self.held_out);
        settings.max_tokens = self.max_tokens.or(settings.max_tokens);
        settings.max_train = self.max_train.or(settings.max_train);
        Ok(spec)
    }
}

pub(crate) fn set<T>(place: &mut T, given: Option<T>) {
    if let Some(value) = given {
        *place = value;
    }
}

/// A study file on top of its protocol's settings.
fn read(question: Question, protocol: Option<Protocol>, file: &Path) -> Result<Spec> {
    let text = std::fs::read_to_string(file).with_context(|| format!("cannot read {}", file.display()))?;
    let faulty = |error: &dyn std::fmt::Display| Misuse(format!("{}: {error}", file.display()));
    let given: toml::Table = text.parse().map_err(|error| faulty(&error))?;
    let named =
        given.get("settings").and_then(|settings| settings.get("protocol")).and_then(toml::Value::as_str);
    let protocol = match (protocol, named) {
        (Some(protocol), _) => protocol,
        (None, Some(name)) => name.parse().map_err(|error| faulty(&error))?,
        (None, None) => Protocol::HeldOut,
    };
    let mut all =
        toml::Table::try_from(Spec::defaults(question, protocol)).context("cannot write the defaults")?;
    merge(&mut all, given);
    Ok(all.try_into().map_err(|error| faulty(&error))?)
}

fn merge(into: &mut toml::Table, from: toml::Table) {
    for (key, value) in from {
        match (into.get_mut(&key), value) {
            (Some(toml::Value::Table(into)), toml::Value::Table(from)) => merge(into, from),
            (_, value) => {
                into.insert(key, value);
            }
        }
    }
}

/// `5`: as many of the protocol's seeds; `1,7,42`: these; `42,`: this one.
fn parse_seeds(given: &str, defaults: &[u64]) -> Result<Vec<u64>> {
    // Who writes 20240101 means a seed.
    const MOST: u64 = 1000;
    let wrong = || {
        Misuse(format!(
            "--seeds {given}: expected how many (1 to {MOST}), or which (1,7,42; a single one with a comma: 42,)"
        ))
    };
    if let Ok(count) = given.parse::<u64>() {
        if !(1..=MOST).contains(&count) {
            return Err(wrong().into());
        }
        let more = (1u64..).filter(|seed| !defaults.contains(seed));
        return Ok(defaults.iter().copied().chain(more).take(count as usize).collect());
    }
    let seeds = given
        .strip_suffix(',')
        .unwrap_or(given)
        .split(',')
        .map(|seed| seed.trim().parse().map_err(|_| wrong()));
    Ok(seeds.collect::<Result<_, _>>()?)
}

/// One of an enum's names, as files have them; the error lists them all.
pub(crate) fn word<T: DeserializeOwned>(given: &str) -> Result<T, String> {
    serde_json::from_value(Value::String(given.to_owned())).map_err(|error| error.to_string())
}
