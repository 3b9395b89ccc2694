//! Rows without labels in a step, and their twins (`mtlift_schedule::Consistency`): the model is drawn to say of a twin what it says of the row.
//!
//! The one decision: which rows a step has, and their dropout, are functions of seed and step. So there is nothing to save, and a step that
//! passes twice compares the same.

use mtlift_heads::Sharpened;
use mtlift_nn::random::Stream;
use mtlift_nn::{DropoutStep, Gradients, Store};
use mtlift_schedule::{Consistency, in_passes};
use mtlift_tokenizer::Encoded;

use crate::{Network, PackedBatch, Workspace};

/// What dropout knows a row and its twin by, beside the row's number: their masks are as those of two texts.
const ROW: usize = 0;
const TWIN: usize = 1;

/// Rows of a run's one task with their twins.
#[derive(Debug)]
pub(crate) struct Twins {
    how: Consistency,
    rows: Encoded,
    /// One of each row, in their order.
    twins: Encoded,
    /// Rows of a step.
    batch: usize,
    order: Stream,
    dropout: Stream,
}

impl Twins {
    /// With `batch` rows in each step; their order and dropout are drawn under `seed`.
    ///
    /// # Panics
    /// If there is no row, or there are not as many twins.
    pub(crate) fn new(how: Consistency, rows: Encoded, twins: Encoded, batch: usize, seed: u64) -> Self {
        assert!(rows.rows() > 0 && rows.rows() == twins.rows(), "a twin of each row");
        let order = Stream::new(seed, "order of rows with twins");
        Self { how, rows, twins, batch, order, dropout: Stream::new(seed, "dropout of rows with twins") }
    }

    /// Adds the gradients of a step's twins to `grads`, and gives their loss. At most `micro_batch` rows are in memory at a time.
    pub(super) fn add(
        &self,
        params: &Store<f32>,
        network: &Network,
        workspace: &mut Workspace<f32>,
        batch: &mut PackedBatch,
        micro_batch: usize,
        step: u64,
        grads: &mut Gradients<f32>,
    ) -> f64 {
        let places = step * self.batch as u64..(step + 1) * self.batch as u64;
        let rows = in_passes(self.rows.rows(), places, |pass| self.order.at(pass));
        let weight = self.how.weight / rows.len() as f64;
        let mut loss = 0.0;
        for part in rows.chunks(micro_batch) {
            let wanted = self.wanted(part, params, network, workspace, batch, step);
            batch.clear(1);
            let mut entropy = 0.0;
            for (&row, wanted) in part.iter().zip(&wanted) {
                // A row that does not count adds nothing, and is in no pass.
                let Some(wanted) = wanted else { continue };
                batch.push_text((TWIN, row as usize), &self.twins, row as usize);
                batch.label_softly(0, &wanted.wanted, 1.0, None);
                entropy += wanted.entropy;
            }
            if batch.tokens().sequences() == 0 {
                continue;
            }
            let dropout = Some(DropoutStep::new(self.dropout, step, batch.keys()));
            network.forward(params, batch, dropout, workspace);
            let cross_entropy: f64 = network.losses(batch, &[weight], workspace).sum();
            loss += weight * (cross_entropy - entropy);
            network.backward(params, batch, dropout, workspace, grads);
        }
        loss
    }

    /// What the model says of rows, as it is wanted of their twins; none of those that do not count.
    fn wanted(
        &self,
        rows: &[u32],
        params: &Store<f32>,
        network: &Network,
        workspace: &mut Workspace<f32>,
        batch: &mut PackedBatch,
        step: u64,
    ) -> Vec<Option<Sharpened>> {
        batch.clear(1);
        for &row in rows {
            batch.push_text((ROW, row as usize), &self.rows, row as usize);
            batch.label(0, None, None);
        }
        let dropout = Some(DropoutStep::new(self.dropout, step, batch.keys()));
        network.forward(params, batch, dropout, workspace);
        let Consistency { temperature, threshold, .. } = self.how;
        let logits = workspace.logits(0);
        logits.rows().into_iter().map(|row| Sharpened::of(row, temperature, threshold)).collect()
    }
}
