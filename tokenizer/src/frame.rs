//! How a tokenizer's special tokens stand around one text and around two, so that token ids can be put together without the
//! text that they came from. It is learnt by looking at what the tokenizer does with a pair.

use crate::encoded::Encoded;
use tokenizers::{Encoding, Tokenizer as Library};

/// Token ids, each with its segment.
type Tokens = Vec<(u32, u32)>;

/// What stands before, between and after texts.
#[derive(Clone, Debug)]
pub struct Frame {
    /// Around a text alone: before and after it.
    single: [Tokens; 2],
    /// Around a pair: before, between and after.
    pair: [Tokens; 3],
    /// The segments of a pair's texts; a text alone has the first.
    segments: [u32; 2],
}

impl Frame {
    /// Of a tokenizer, as it treats a text and a pair.
    pub(crate) fn of(library: &Library) -> tokenizers::Result<Frame> {
        let (single, pair) = (library.encode_fast("a", true)?, library.encode_fast(("a", "a"), true)?);
        let segment = |text| {
            let at = pair.get_sequence_ids().iter().position(|of| *of == Some(text));
            at.map_or(0, |at| pair.get_type_ids()[at])
        };
        let segments = [segment(0), segment(1)];
        let [before, _, after] = specials(&single);
        Ok(Frame { single: [before, after], pair: specials(&pair), segments })
    }

    /// The special tokens around `texts` texts, one or two.
    pub fn special(&self, texts: usize) -> usize {
        let frame = if texts == 1 { &self.single[..] } else { &self.pair[..] };
        frame.iter().map(Vec::len).sum()
    }

    /// Adds a row of one text, or of two where the second is not empty.
    pub fn push(&self, a: &[u32], b: &[u32], to: &mut Encoded) {
        let [first, second] = self.segments;
        let text = |ids: &[u32], segment: u32| ids.iter().map(|&id| (id, segment)).collect::<Tokens>();
        let parts = if b.is_empty() {
            let [before, after] = self.single.clone();
            vec![before, text(a, first), after]
        } else {
            let [before, between, after] = self.pair.clone();
            vec![before, text(a, first), between, text(b, second), after]
        };
        for (id, segment) in parts.concat() {
            to.ids.push(id);
            to.segments.push(segment);
        }
        to.offsets.push(to.ids.len());
    }
}

/// The tokens of no text: before the first text, after it, and after the second, if there is one.
fn specials(row: &Encoding) -> [Tokens; 3] {
    let mut found: [Tokens; 3] = Default::default();
    let mut place = 0;
    let pair = row.get_sequence_ids().contains(&Some(1));
    for (at, text) in row.get_sequence_ids().into_iter().enumerate() {
        match text {
            None => found[place].push((row.get_ids()[at], row.get_type_ids()[at])),
            Some(0) if pair => place = 1,
            Some(_) => place = 2,
        }
    }
    found
}
