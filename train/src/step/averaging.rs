//! A mean of the parameters over the steps (`mtlift_schedule::WeightAverage`), beside those that are in training.

use mtlift_nn::Store;
use mtlift_schedule::WeightAverage;
use rayon::prelude::*;

/// Values that one thread takes at a time; each is on its own, so that their number changes nothing.
const CHUNK: usize = 1 << 14;

/// The mean so far, and what each step adds.
#[derive(Debug)]
pub(super) struct Averaging {
    average: WeightAverage,
    total_steps: u64,
    pub(super) mean: Store<f32>,
}

impl Averaging {
    /// Of a run that begins with these parameters.
    pub(super) fn new(average: WeightAverage, total_steps: u64, params: &Store<f32>) -> Self {
        Self { average, total_steps, mean: params.clone() }
    }

    /// Adds the parameters after a step, counted from 1.
    pub(super) fn add(&mut self, params: &Store<f32>, step: u64) {
        let share = self.average.share(step, self.total_steps) as f32;
        let mean = self.mean.values_mut().par_chunks_mut(CHUNK);
        mean.zip(params.values().par_chunks(CHUNK)).for_each(|(mean, params)| {
            for (mean, &now) in mean.iter_mut().zip(params) {
                // All of it, to the bit.
                *mean = if share == 1.0 { now } else { *mean + share * (now - *mean) };
            }
        });
    }
}
