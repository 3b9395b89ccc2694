//! Which texts tasks have in common. A row of the target's that is never trained on may be known all the same, from a support that
//! labels the same texts in another way; nothing but the texts can tell.

use std::collections::HashSet;

use mtlift_glue_data::Example;

/// Hashes of a task's texts.
#[derive(Clone, Debug, Default)]
pub(crate) struct SeenTexts {
    /// Of all training rows.
    train: HashSet<blake3::Hash>,
    /// Of the unused ones that are scored, in their order.
    scored: Vec<blake3::Hash>,
}

impl SeenTexts {
    /// Of a training split of which these rows are scored.
    pub(super) fn of(train: &[Example], scored: &[usize]) -> Self {
        Self {
            train: train.iter().map(texts).collect(),
            scored: scored.iter().map(|&row| texts(&train[row])).collect(),
        }
    }

    /// How many of the scored rows have the texts of a training row of another task.
    pub(super) fn shared_with(&self, other: &SeenTexts) -> usize {
        self.scored.iter().filter(|texts| other.train.contains(texts)).count()
    }
}

fn texts(example: &Example) -> blake3::Hash {
    let mut hasher = blake3::Hasher::new();
    hasher.update(&example.text_a.len().to_le_bytes()).update(example.text_a.as_bytes());
    hasher.update(example.text_b.as_deref().unwrap_or_default().as_bytes());
    hasher.finalize()
}
