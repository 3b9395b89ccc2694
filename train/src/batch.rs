//! A batch ready to be run: packed tokens, and which of its sequences are whose, with what targets.

use mtlift_glue_data::{Batch, Target};
use mtlift_tokenizer::Encoded;

/// The rows of one step or micro-batch, of one or several tasks. Refilled, it allocates nothing once grown.
#[derive(Clone, Debug, Default)]
pub struct PackedBatch {
    tokens: Batch,
    groups: Vec<Group>,
    keys: Vec<u64>,
}

/// One task's share of a batch.
#[derive(Clone, Debug, Default)]
pub(crate) struct Group {
    /// The task's sequences in the batch.
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
        let group = &mut self.groups[task];
        group.sequences.push(self.tokens.sequences());
        match target {
            Some(Target::Class(class)) => group.classes.push(class),
            Some(Target::Value(value)) => group.values.push(value),
            None => {}
        }
        self.tokens.push(encoded, row);
        self.keys.push((task as u64) << 32 | row as u64);
    }

    /// As [`PackedBatch::push`], for a row of class `class` whose loss weighs `weight`. Of one task all rows of a batch are
    /// weighed or none.
    ///
    /// # Panics
    /// As [`PackedBatch::push`].
    pub fn push_weighted(&mut self, task: usize, encoded: &Encoded, row: usize, class: usize, weight: f64) {
        self.push(task, encoded, row, Some(Target::Class(class)));
        self.groups[task].weights.push(weight);
    }

    /// As [`PackedBatch::push`], for a row with a distribution over the labels, `[L]`, that is learned at a temperature, and whose loss
    /// may weigh something. Of one task all rows of a batch are such or none, at one temperature, weighed or not.
    ///
    /// # Panics
    /// As [`PackedBatch::push`].
    pub fn push_soft(
        &mut self,
        task: usize,
        encoded: &Encoded,
        row: usize,
        distribution: &[f64],
        temperature: f64,
        weight: Option<f64>,
    ) {
        self.push(task, encoded, row, None);
        let group = &mut self.groups[task];
        group.distributions.extend(distribution);
        group.temperature = temperature;
        group.weights.extend(weight);
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
