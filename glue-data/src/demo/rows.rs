//! The rows of a split, as JSON lines. A text belongs to the split that its hash says, so splits are disjoint whatever the
//! knobs; a larger train begins with the rows of a smaller one.

use super::draw::Draw;
use super::knobs::Knobs;
use super::meaning::Meaning;
use super::tasks::{DemoTask, Texts};
use crate::kind::Kind;
use serde_json::{Map, Value};
use std::collections::HashSet;

/// Rows of dev, and of test.
const HELD_BACK: usize = 500;

/// The splits, and which eighths of all texts are theirs.
pub(super) const SPLITS: [(&str, std::ops::Range<u8>); 3] = [("train", 0..6), ("dev", 6..7), ("test", 7..8)];

/// The keys of a row.
pub(super) const TEXT: &str = "text";
pub(super) const TEXTS: [&str; 2] = ["text_a", "text_b"];
pub(super) const TARGET: &str = "label";

/// The rows of one split of a task, to be made when they are asked for.
#[derive(Clone, Debug)]
pub struct DemoRows {
    pub(super) task: &'static DemoTask,
    pub(super) knobs: Knobs,
    pub(super) split: &'static str,
}

impl DemoRows {
    /// The rows as JSON lines.
    pub(crate) fn bytes(&self) -> Vec<u8> {
        let DemoRows { task, knobs, split } = self;
        let meaning = Meaning::new(task.name, knobs);
        let stream = |purpose: &str| Draw::new(knobs.seed, &format!("{} {split}: {purpose}", task.name));
        let (mut texts, mut order, mut noise) = (stream("texts"), stream("answers"), stream("noise"));
        let is_train = *split == "train";
        let rows = if is_train { knobs.rows } else { HELD_BACK };
        let mut seen = HashSet::with_capacity(rows);
        let mut answers: Vec<usize> = Vec::new();
        let mut bytes = Vec::with_capacity(100 * rows);
        for _ in 0..rows {
            if answers.is_empty() {
                // Each answer once in turn, in random order: balanced, and no pattern to learn.
                answers = (0..task.answers).collect();
                order.shuffle(&mut answers);
            }
            let answer = answers.pop().unwrap_or_default();
            let drawn = loop {
                let drawn = (task.make)(&meaning, answer, &mut texts);
                if self.owns(&drawn) && seen.insert(hash(&drawn)) {
                    break drawn;
                }
            };
            let random = noise.below(task.answers);
            let told = if is_train && noise.chance(knobs.noise) { random } else { answer };
            bytes.extend_from_slice(self.line(drawn, told).as_bytes());
            bytes.push(b'\n');
        }
        bytes
    }

    fn owns(&self, texts: &Texts) -> bool {
        let eighth = hash(texts).as_bytes()[0] % 8;
        SPLITS.iter().any(|(split, eighths)| *split == self.split && eighths.contains(&eighth))
    }

    fn line(&self, texts: Texts, answer: usize) -> String {
        let target = match self.task.kind {
            Kind::Classification => Value::from(self.task.labels[answer]),
            Kind::Regression => Value::from(self.task.least + answer),
        };
        let mut row = Map::new();
        match texts.b {
            None => {
                row.insert(TEXT.to_owned(), texts.a.into());
            }
            Some(b) => {
                let [key_a, key_b] = TEXTS.map(str::to_owned);
                row.insert(key_a, texts.a.into());
                row.insert(key_b, b.into());
            }
        }
        row.insert(TARGET.to_owned(), target);
        Value::Object(row).to_string()
    }
}

fn hash(texts: &Texts) -> blake3::Hash {
    let mut hasher = blake3::Hasher::new();
    hasher.update(texts.a.as_bytes()).update(b"\0");
    hasher.update(texts.b.as_deref().unwrap_or_default().as_bytes());
    hasher.finalize()
}
