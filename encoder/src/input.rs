//! A packed batch as the encoder reads it.

use mtlift_nn::DropoutStep;

use crate::family::SegmentUse;
use crate::{Config, Error};

/// The sequences of a batch, end to end.
#[derive(Clone, Copy, Debug)]
pub struct Input<'a> {
    /// `[T]`: token ids.
    pub ids: &'a [u32],
    /// `[T]`: segment of each token; families without segments do not read it.
    pub segments: &'a [u32],
    /// `[B + 1]`: sequence `b` is `offsets[b]..offsets[b + 1]`.
    pub offsets: &'a [usize],
    /// The step's dropout; none in evaluation.
    pub dropout: Option<DropoutStep<'a>>,
}

impl<'a> Input<'a> {
    /// The batch of its first sequences.
    ///
    /// # Panics
    /// If there are fewer.
    pub(crate) fn first(&self, sequences: usize) -> Input<'a> {
        let tokens = self.offsets[sequences];
        Input {
            ids: &self.ids[..tokens],
            segments: &self.segments[..tokens],
            offsets: &self.offsets[..=sequences],
            dropout: self.dropout,
        }
    }

    /// Number of sequences, `B`.
    pub fn sequences(&self) -> usize {
        self.offsets.len() - 1
    }

    /// Whether an encoder of this configuration can take the batch. Once for a data set is enough.
    ///
    /// # Errors
    /// If a sequence is empty or longer than the position table, or a token or segment is outside its table.
    pub fn check(&self, config: &Config) -> Result<(), Error> {
        for pair in self.offsets.windows(2) {
            let (tokens, limit) = (pair[1] - pair[0], config.max_tokens());
            if tokens == 0 || tokens > limit {
                return Err(Error::SequenceLength { tokens, limit });
            }
        }
        let outside = |ids: &[u32], rows: usize| ids.iter().copied().find(|&id| id as usize >= rows);
        if let Some(id) = outside(self.ids, config.vocabulary) {
            return Err(Error::TokenId { id, vocabulary: config.vocabulary });
        }
        match outside(self.segments, config.segments) {
            Some(segment) if config.reads_segments() => {
                Err(Error::Segment { segment, segments: config.segments })
            }
            _ => Ok(()),
        }
    }
}

impl Config {
    /// Whether the tokenizer's segments are read: a family may have a table for them and look up segment 0 alone.
    pub fn reads_segments(&self) -> bool {
        self.family.segments == SegmentUse::Read
    }
}
