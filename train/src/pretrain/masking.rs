//! Which tokens are masked, and what stands in their place (Devlin et al. 2019, section 3.1).
//!
//! Dynamic, as RoBERTa's: an epoch masks other tokens than the one before. Yet it is a function of seed, epoch and row, so a
//! run that goes on masks what an uninterrupted one would have masked, and no batch matters to another.

use mtlift_nn::random::{Generator, Stream};
use mtlift_tokenizer::Tokenizer;

use crate::Error;

/// The share of a sequence's tokens, special ones aside, that are to be guessed: at least one.
pub(super) const SHARE: f64 = 0.15;
/// Of these, the share that is replaced by the mask, and the share that is replaced by any token. The rest stays.
const REPLACED: [f64; 2] = [0.8, 0.1];

/// Masks sequences.
#[derive(Clone, Debug)]
pub struct Masking {
    stream: Stream,
    mask: u32,
    /// For each id whether it is a special token: these are neither masked nor put in a token's place.
    special: Vec<bool>,
    /// The ids that are not.
    ordinary: Vec<u32>,
}

impl Masking {
    /// Of a tokenizer's sequences, drawn under `seed`.
    ///
    /// # Errors
    /// If the tokenizer has no mask token, or no token that is not special.
    pub fn new(tokenizer: &Tokenizer, seed: u64) -> Result<Self, Error> {
        let mut special = vec![false; tokenizer.vocabulary_size()];
        tokenizer.special_ids().into_iter().for_each(|id| special[id as usize] = true);
        let ordinary: Vec<u32> = (0..special.len() as u32).filter(|&id| !special[id as usize]).collect();
        match tokenizer.mask_id() {
            Some(mask) if !ordinary.is_empty() => {
                Ok(Self { stream: Stream::new(seed, "masking"), mask, special, ordinary })
            }
            _ => Err(Error::NoMaskToken),
        }
    }

    /// How many tokens of a sequence are to be guessed.
    pub fn count(&self, ids: &[u32]) -> usize {
        match ids.iter().filter(|&&id| self.may_be_masked(id)).count() {
            0 => 0,
            candidates => ((SHARE * candidates as f64).round() as usize).max(1),
        }
    }

    /// Masks a sequence, which is `row` of its text, as `epoch` does; `masked` is shown the place and the token of each that
    /// is to be guessed, in order.
    pub fn apply(&self, epoch: u64, row: u64, ids: &mut [u32], mut masked: impl FnMut(usize, u32)) {
        let mut rng = self.stream.child(epoch).at(row);
        let mut left = ids.iter().filter(|&&id| self.may_be_masked(id)).count();
        let mut wanted = self.count(ids);
        for (place, id) in ids.iter_mut().enumerate() {
            if !self.may_be_masked(*id) {
                continue;
            }
            // Selection sampling (Knuth, TAOCP 2, algorithm S): every set of this size is as likely.
            if rng.uniform() * (left as f64) < wanted as f64 {
                wanted -= 1;
                masked(place, *id);
                *id = self.replacement(*id, &mut rng);
            }
            left -= 1;
        }
    }

    /// Whether a token is none of the special ones.
    pub(crate) fn may_be_masked(&self, id: u32) -> bool {
        !self.special[id as usize]
    }

    /// The token that stands for a masked one.
    pub(crate) fn mask(&self) -> u32 {
        self.mask
    }

    /// The tokens that are not special, ascending.
    pub(crate) fn ordinary(&self) -> &[u32] {
        &self.ordinary
    }

    fn replacement(&self, id: u32, rng: &mut Generator) -> u32 {
        let [masks, others] = REPLACED;
        let draw = rng.uniform();
        if draw < masks {
            self.mask
        } else if draw < masks + others {
            self.ordinary[(rng.uniform() * self.ordinary.len() as f64) as usize]
        } else {
            id
        }
    }
}
