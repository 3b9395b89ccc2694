//! A model with a head for masked-language modelling writes rows from others: some of their tokens are masked and sampled again from what
//! the head guesses (Wang and Cho 2019: Gibbs sampling from BERT).
//!
//! The one decision: which tokens, in which order and as what is a function of (seed, row, copy, sweep). So the rows depend on no batch and
//! on no thread, and a run that was killed writes them again to the bit.

mod draft;
mod sampling;

use std::path::Path;

use mtlift_encoder::{Checkpoint, Config, Want};
use mtlift_nn::random::Stream;
use mtlift_nn::{Role, Store};
use mtlift_schedule::Infilling;
use mtlift_tokenizer::{Encoded, Tokenizer};

use crate::{Error, MAX_TOKENS, MaskedBatch, MaskedNetwork, MaskedWorkspace, Masking};
use draft::Draft;
use sampling::Sampler;

/// Tokens of a batch: enough for the products.
const TOKENS: usize = 2048;
/// Logits of a batch: 32 MiB of them.
const LOGITS: usize = 1 << 23;

/// A model that writes rows.
#[derive(Debug)]
pub struct Infiller {
    network: MaskedNetwork,
    params: Store<f32>,
    masking: Masking,
    /// The tokens that it may write, ascending.
    vocabulary: Vec<u32>,
    stream: Stream,
}

/// Whether the model in `directory` can write rows. No weights are read.
///
/// # Errors
/// If its configuration, tokenizer or weights cannot be opened, it has no head for masked-language modelling, or its tokenizer no mask.
pub fn check_infilling(directory: &Path) -> Result<(), Error> {
    Masking::new(&Tokenizer::open(directory, MAX_TOKENS)?, 0)?;
    let config = Config::read(directory)?;
    check_head(directory, &config, &Checkpoint::open(directory)?, &MaskedNetwork::new(&config))
}

impl Infiller {
    /// The model in `directory` for rows of its tokenizer; what it writes is drawn under `seed`.
    ///
    /// # Errors
    /// If the weights cannot be read or have no head for masked-language modelling, or the tokenizer no mask.
    pub fn open(directory: &Path, config: &Config, tokenizer: &Tokenizer, seed: u64) -> Result<Self, Error> {
        let masking = Masking::new(tokenizer, seed)?;
        let is_written =
            |&id: &u32| !tokenizer.library().id_to_token(id).is_none_or(|token| is_reserved(&token));
        let vocabulary: Vec<u32> = masking.ordinary().iter().copied().filter(is_written).collect();
        if vocabulary.is_empty() {
            return Err(Error::NoMaskToken);
        }
        let (network, checkpoint) = (MaskedNetwork::new(config), Checkpoint::open(directory)?);
        check_head(directory, config, &checkpoint, &network)?;
        let (params, _) = checkpoint.read(config.family.prefix(), network.layout(), |_| Want::Required)?;
        Ok(Self { network, params, masking, vocabulary, stream: Stream::new(seed, "infilling") })
    }

    /// The rows that are written from `gold`: of each all its copies, one after the other. Special tokens, segments and lengths are those
    /// of the gold row.
    ///
    /// # Errors
    /// If a guess is not finite.
    pub fn write(&self, gold: &Encoded, infilling: &Infilling) -> Result<Encoded, Error> {
        let mut rows = copied(gold, infilling.copies);
        let (mut workspace, mut batch) = (self.network.workspace(), MaskedBatch::default());
        let (mut row, most_guesses) = (0, LOGITS / self.masking.ordinary().len());
        while row < rows.rows() {
            let (mut drafts, mut tokens, mut guesses) = (Vec::new(), 0, 0);
            while row < rows.rows() && (drafts.is_empty() || tokens < TOKENS && guesses < most_guesses) {
                let draft = self.begin(&mut rows, row, infilling);
                tokens += rows.range(row).len();
                guesses += draft.places().len().min(infilling.block);
                drafts.push(draft);
                row += 1;
            }
            for sweep in 0..infilling.sweeps {
                drafts.iter_mut().for_each(|draft| draft.begin_sweep(sweep as u64));
                while self.pass(&mut rows, &mut drafts, infilling, &mut workspace, &mut batch)? {}
            }
        }
        Ok(rows)
    }

    /// Masks what is to be written of a row, the copy of a gold one.
    fn begin(&self, rows: &mut Encoded, row: usize, infilling: &Infilling) -> Draft {
        let (gold, copy) = (row / infilling.copies, row % infilling.copies);
        let ids = &mut rows.ids[rows.offsets[row]..rows.offsets[row + 1]];
        let places: Vec<usize> =
            (0..ids.len()).filter(|&place| self.masking.may_be_masked(ids[place])).collect();
        let stream = self.stream.child(gold as u64).child(copy as u64);
        let draft = Draft::new(row, stream, places, |tokens| infilling.count(tokens));
        draft.places().iter().for_each(|&place| ids[place] = self.masking.mask());
        draft
    }

    /// Samples the next block of every draft that has one; whether one had.
    fn pass(
        &self,
        rows: &mut Encoded,
        drafts: &mut [Draft],
        infilling: &Infilling,
        workspace: &mut MaskedWorkspace<f32>,
        batch: &mut MaskedBatch,
    ) -> Result<bool, Error> {
        batch.clear();
        for draft in drafts.iter() {
            let (block, start) = (draft.block(infilling.block), rows.offsets[draft.row()]);
            block.iter().for_each(|place| rows.ids[start + place] = self.masking.mask());
            if !block.is_empty() {
                batch.push_guessed(rows, draft.row(), block);
            }
        }
        if batch.masked() == 0 {
            return Ok(false);
        }
        self.network.forward(&self.params, batch, None, workspace);
        let logits = workspace.logits();
        let mut logits = logits.rows().into_iter();
        let mut sampler = Sampler::new(&self.vocabulary, infilling.temperature);
        for draft in drafts.iter_mut() {
            let (row, start) = (draft.row(), rows.offsets[draft.row()]);
            draft.sample(infilling.block, |place, rng| {
                let guesses = logits.next().expect("a row of logits for each place");
                let token = sampler.draw(guesses, rng);
                rows.ids[start + place] =
                    token.ok_or(Error::GuessNotFinite { row: row / infilling.copies })?;
                Ok::<_, Error>(())
            })?;
        }
        Ok(true)
    }
}

/// Whether a checkpoint has the head.
fn check_head(
    directory: &Path,
    config: &Config,
    checkpoint: &Checkpoint,
    network: &MaskedNetwork,
) -> Result<(), Error> {
    let missing = checkpoint.missing(config.family.prefix(), network.layout())?;
    let is_of_head =
        |name: &String| network.layout().find(name).is_some_and(|entry| entry.role != Role::Encoder);
    match missing.into_iter().find(is_of_head) {
        None => Ok(()),
        Some(tensor) => Err(Error::NoMaskedHead { directory: directory.to_owned(), tensor }),
    }
}

/// So many copies of each row, one after the other.
fn copied(gold: &Encoded, copies: usize) -> Encoded {
    let mut rows = Encoded::default();
    for row in 0..gold.rows() {
        let range = gold.range(row);
        for _ in 0..copies {
            rows.ids.extend_from_slice(&gold.ids[range.clone()]);
            rows.segments.extend_from_slice(&gold.segments[range.clone()]);
            rows.offsets.push(rows.ids.len());
        }
    }
    rows
}

/// Whether a token of a vocabulary stands for nothing, as BERT's `[unused7]`, fairseq's `madeupword0001` and CamemBERT's `<s>NOTUSED`.
fn is_reserved(token: &str) -> bool {
    let is_number = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    let of_bert = token.strip_prefix("[unused").and_then(|rest| rest.strip_suffix(']'));
    of_bert.or_else(|| token.strip_prefix("madeupword")).is_some_and(is_number) || token.ends_with("NOTUSED")
}
