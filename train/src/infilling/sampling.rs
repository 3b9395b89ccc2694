//! A token drawn from what a head guesses.

use mtlift_nn::random::Generator;
use mtlift_nn::softmax_rows;
use ndarray::ArrayView1;

/// Draws tokens of a vocabulary.
#[derive(Debug)]
pub(super) struct Sampler<'a> {
    vocabulary: &'a [u32],
    temperature: f64,
    /// A value for each token of the vocabulary.
    values: Vec<f32>,
}

impl<'a> Sampler<'a> {
    pub(super) fn new(vocabulary: &'a [u32], temperature: f64) -> Self {
        Self { vocabulary, temperature, values: Vec::new() }
    }

    /// A token with the probability that it has among those of the vocabulary in the softmax of the logits divided by the temperature; at
    /// temperature 0 the first with the greatest logit. None if a logit is not finite.
    pub(super) fn draw(&mut self, logits: ArrayView1<'_, f32>, rng: &mut Generator) -> Option<u32> {
        let Self { vocabulary, temperature, values } = self;
        values.clear();
        values.extend(vocabulary.iter().map(|&token| logits[token as usize]));
        if values.iter().any(|value| !value.is_finite()) {
            return None;
        }
        if *temperature == 0.0 {
            let greatest = (1..values.len())
                .fold(0, |best, place| if values[place] > values[best] { place } else { best });
            return Some(vocabulary[greatest]);
        }
        let width = values.len();
        softmax_rows(values, width, ((1.0 / *temperature) as f32).min(f32::MAX));
        let total: f64 = values.iter().copied().map(f64::from).sum();
        let (wanted, mut sum) = (rng.uniform() * total, 0.0);
        let reached = values.iter().position(|&value| {
            sum += f64::from(value);
            sum > wanted
        });
        reached.map(|place| vocabulary[place])
    }
}
