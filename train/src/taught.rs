//! Rows that a task is trained on in place of its own: the same rows with what other models predict of them, or more than the task has
//! labels for.
//!
//! The one decision: they replace the rows to train on and nothing else. Which rows select and which score stays what the task's files
//! and the settings say, so whatever is taught is compared on the same rows.

use crate::{Rows, SoftLabels};

/// Rows to train on, ready to be used.
#[derive(Clone, Debug)]
pub struct TaughtRows {
    /// Their tokens and targets, which must be there.
    pub rows: Rows,
    /// What each should come to in place of its target, of a classification.
    pub soft_labels: Option<SoftLabels>,
}

impl TaughtRows {
    /// Rows with distributions over the labels. Their targets become the likeliest labels.
    ///
    /// # Panics
    /// If there are not as many.
    pub fn soft(rows: Rows, soft_labels: SoftLabels) -> Self {
        assert_eq!(rows.encoded.rows(), soft_labels.rows(), "a distribution for each row");
        let rows = Rows { targets: Some(soft_labels.likeliest()), ..rows };
        Self { rows, soft_labels: Some(soft_labels) }
    }

    /// blake3 of all that training on them depends on, in hexadecimal.
    pub(crate) fn fingerprint(&self) -> String {
        let Self { rows, soft_labels } = self;
        let mut hasher = blake3::Hasher::new();
        let mut add = |bytes: &[u8]| {
            // Each part with its length, so that no two lists of parts are the same bytes.
            hasher.update(&bytes.len().to_le_bytes());
            hasher.update(bytes);
        };
        let encoded = &rows.encoded;
        add(&encoded.ids.iter().flat_map(|id| id.to_le_bytes()).collect::<Vec<u8>>());
        add(&encoded.segments.iter().flat_map(|segment| segment.to_le_bytes()).collect::<Vec<u8>>());
        add(&encoded.offsets.iter().flat_map(|&offset| (offset as u64).to_le_bytes()).collect::<Vec<u8>>());
        add(format!("{:?}", rows.targets).as_bytes());
        if let Some(soft) = soft_labels {
            add(&soft.temperature().to_le_bytes());
            add(&soft.values().iter().flat_map(|p| p.to_le_bytes()).collect::<Vec<u8>>());
        }
        hasher.finalize().to_hex().to_string()
    }
}
