//! Byte-pair merges (Sennrich, Haddow & Birch 2016): the commonest pair of neighbouring pieces becomes a piece, again and again.
//! Of pairs that are as common the one with the smaller ids comes first, so the result is a function of the counts.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet, BinaryHeap};

/// A pair that occurs less often is not merged.
const LEAST_COUNT: u64 = 2;

/// What was learnt.
pub(super) struct Learnt {
    /// All tokens in the order of their ids: special ones, characters, merged pieces.
    pub(super) pieces: Vec<String>,
    /// The merges, the first having the highest rank.
    pub(super) merges: Vec<[String; 2]>,
}

/// Two pieces by their ids.
type Pair = (u32, u32);

/// A word as its pieces, and how often it occurs.
struct Word {
    pieces: Vec<u32>,
    count: u64,
}

/// The commonest characters, at most `most`.
pub(super) fn alphabet(words: &BTreeMap<String, u64>, most: usize) -> BTreeSet<char> {
    let mut counts: BTreeMap<char, u64> = BTreeMap::new();
    for (word, count) in words {
        word.chars().for_each(|character| *counts.entry(character).or_default() += count);
    }
    let mut commonest: Vec<(u64, char)> =
        counts.into_iter().map(|(character, count)| (count, character)).collect();
    commonest.sort_by_key(|&(count, character)| (Reverse(count), character));
    commonest.into_iter().take(most).map(|(_, character)| character).collect()
}

/// Learns until there are `size` pieces or no pair is common. A piece that does not begin a word has `continuation` before it.
/// A word with a character outside of the alphabet has no part in it.
pub(super) fn learn(
    words: &BTreeMap<String, u64>,
    specials: &[&str],
    alphabet: &BTreeSet<char>,
    continuation: &str,
    size: usize,
) -> Learnt {
    let mut pieces: Vec<String> = specials.iter().map(|&special| special.to_owned()).collect();
    let mut ids = BTreeMap::new();
    let known = words.iter().filter(|(word, _)| word.chars().all(|character| alphabet.contains(&character)));
    let known: Vec<(&String, &u64)> = known.collect();
    let inside = known.iter().flat_map(|(word, _)| word.chars().skip(1)).collect::<BTreeSet<char>>();
    let first = alphabet.iter().map(char::to_string);
    for piece in first.chain(inside.iter().map(|character| format!("{continuation}{character}"))) {
        ids.entry(piece.clone()).or_insert_with(|| add(&mut pieces, piece));
    }
    let cut = |(word, &count): (&String, &u64)| {
        let piece = |(place, character): (usize, char)| {
            let before = if place == 0 { "" } else { continuation };
            ids[&format!("{before}{character}")]
        };
        Word { pieces: word.chars().enumerate().map(piece).collect(), count }
    };
    let mut words: Vec<Word> = known.into_iter().map(cut).collect();

    let mut pairs = Pairs::default();
    for (index, word) in words.iter().enumerate() {
        pairs.count(word, index);
    }
    let mut merges = Vec::new();
    while pieces.len() < size {
        let Some(pair) = pairs.pop() else { break };
        let [left, right] = [pair.0, pair.1].map(|id| pieces[id as usize].clone());
        let merged = format!("{left}{}", right.strip_prefix(continuation).unwrap_or(&right));
        let id = *ids.entry(merged.clone()).or_insert_with(|| add(&mut pieces, merged));
        merges.push([left, right]);
        for index in pairs.places.remove(&pair).unwrap_or_default() {
            pairs.uncount(&words[index]);
            words[index].merge(pair, id);
            pairs.count(&words[index], index);
        }
    }
    Learnt { pieces, merges }
}

fn add(pieces: &mut Vec<String>, piece: String) -> u32 {
    pieces.push(piece);
    pieces.len() as u32 - 1
}

impl Word {
    fn pairs(&self) -> impl Iterator<Item = Pair> {
        self.pieces.windows(2).map(|pair| (pair[0], pair[1]))
    }

    /// Replaces each occurrence of the pair, from the left.
    fn merge(&mut self, pair: Pair, id: u32) {
        let mut at = 0;
        while at + 1 < self.pieces.len() {
            if (self.pieces[at], self.pieces[at + 1]) == pair {
                self.pieces[at] = id;
                self.pieces.remove(at + 1);
            }
            at += 1;
        }
    }
}

/// How often each pair occurs, and in which words.
#[derive(Default)]
struct Pairs {
    counts: BTreeMap<Pair, u64>,
    /// Words that have the pair, and some that had it.
    places: BTreeMap<Pair, BTreeSet<usize>>,
    /// Pairs by a count that they had at some time; the true one is among them.
    queue: BinaryHeap<(u64, Reverse<Pair>)>,
    changed: BTreeSet<Pair>,
}

impl Pairs {
    fn count(&mut self, word: &Word, index: usize) {
        for pair in word.pairs() {
            *self.counts.entry(pair).or_default() += word.count;
            self.places.entry(pair).or_default().insert(index);
            self.changed.insert(pair);
        }
    }

    fn uncount(&mut self, word: &Word) {
        for pair in word.pairs() {
            if let Some(count) = self.counts.get_mut(&pair) {
                *count -= word.count;
            }
            self.changed.insert(pair);
        }
    }

    /// The commonest pair, if one is common enough.
    fn pop(&mut self) -> Option<Pair> {
        while let Some(pair) = self.changed.pop_first() {
            self.queue.push((self.counts[&pair], Reverse(pair)));
        }
        loop {
            let (count, Reverse(pair)) = self.queue.pop()?;
            if count < LEAST_COUNT {
                return None;
            }
            if self.counts[&pair] == count {
                return Some(pair);
            }
        }
    }
}
