//! A batch ready to be run: packed tokens, and which of its sequences are whose, with what targets.

use mtlift_glue_data::{Batch, Target};
use mtlift_tokenizer::Encoded;

/// Tokens that go through a network at a time, in float32: enough for the products, few enough for memory.
pub(crate) const PASS: usize = 896;

/// The rows of one step or micro-batch, of one or several tasks. Refilled, it allocates nothing once grown.
#[derive(Clone, Debug, Default)]
pub struct PackedBatch {
    tokens: Batch,
    groups: Vec<Group>,
    keys: Vec<u64>,
}

/// One task's share of a batch. A sequence may be of several tasks.
#[derive(Clone, Debug, Default)]
pub(crate) struct Group {
    /// The task's sequences in the batch, ascending.
    pub(crate) sequences: Vec<usize>,
    /// Their labels, or empty.
    pub(crate) classes: Vec<usize>,
    /// `[S, L]`: distributions over their labels, row after row, or empty.
    pub(crate) distributions: Vec<f64>,
    /// At which temperature they are learned.
    pub(crate) temperature: f64,
    /// What their losses weigh, or empty for 1 each.
    pub(crate) weights: Vec<f64>,
    /// Their values, or empty.
    pub(crate) values: Vec<f32>,
}

impl PackedBatch {
    /// Empties the batch for `tasks` tasks, keeping its memory.
    pub fn clear(&mut self, tasks: usize) {
        self.tokens.clear();
        self.keys.clear();
        self.groups.resize_with(tasks, Group::default);
        for group in &mut self.groups {
            group.sequences.clear();
            group.classes.clear();
            group.distributions.clear();
            group.weights.clear();
            group.values.clear();
        }
    }

    /// Adds a row of a task. Its dropout masks are those of (task, row), wherever it stands.
    ///
    /// # Panics
    /// If there is no such row, or the batch was not cleared for as many tasks.
    pub fn push(&mut self, task: usize, encoded: &Encoded, row: usize, target: Option<Target>) {
        self.push_text((task, row), encoded, row);
        self.label(task, target, None);
    }

    /// Adds the tokens of a row, a text that the tasks of the following calls of [`PackedBatch::label`] have in common. Its dropout
    /// masks are those of `key`: which set of texts it is of, and which of them it is.
    ///
    /// # Panics
    /// If there is no such row.
    pub fn push_text(&mut self, key: (usize, usize), encoded: &Encoded, row: usize) {
        self.tokens.push(encoded, row);
        self.keys.push((key.0 as u64) << 32 | key.1 as u64);
    }

    /// Says what the last text should come to for a task, and what its loss weighs, if not 1. Of one task all rows of a batch are weighed
    /// or none.
    ///
    /// # Panics
    /// If there is no text, or the batch was not cleared for as many tasks.
    pub fn label(&mut self, task: usize, target: Option<Target>, weight: Option<f64>) {
        let group = &mut self.groups[task];
        group.sequences.push(self.tokens.sequences() - 1);
        match target {
            Some(Target::Class(class)) => group.classes.push(class),
            Some(Target::Value(value)) => group.values.push(value),
            None => {}
        }
        group.weights.extend(weight);
    }

    /// As [`PackedBatch::label`], for a distribution over the labels, `[L]`, that is learned at a temperature. Of one task all rows of a
    /// batch are such or none, at one temperature, weighed or not.
    ///
    /// # Panics
    /// As [`PackedBatch::label`].
    pub fn label_softly(&mut self, task: usize, distribution: &[f64], temperature: f64, weight: Option<f64>) {
        self.label(task, None, weight);
        let group = &mut self.groups[task];
        group.distributions.extend(distribution);
        group.temperature = temperature;
    }

    /// The packed tokens.
    pub fn tokens(&self) -> &Batch {
        &self.tokens
    }

    /// The shares of the tasks.
    pub(crate) fn groups(&self) -> &[Group] {
        &self.groups
    }

    /// A key for each sequence, by which dropout knows it.
    pub fn keys(&self) -> &[u64] {
        &self.keys
    }
}
