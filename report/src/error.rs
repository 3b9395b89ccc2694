//! Why a report could not be written.

use crate::canvas::DrawingError;

/// Errors of this crate.
#[derive(Debug, thiserror::Error)]
#[allow(missing_docs, reason = "the message of each variant is its documentation")]
pub enum Error {
    #[error("a plot of the report cannot be drawn: {0}")]
    Drawing(#[from] DrawingError),
    #[error("the page of the report cannot be written: {0}")]
    Page(#[from] minijinja::Error),
}
