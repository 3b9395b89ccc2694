//! The report: findings as a page, as tables and as lines for a terminal. All three are pure functions of [`Findings`], so a
//! report is made anew from the JSON of a study without its runs, and says the same in each form.

mod canvas;
mod figure;
mod format;
mod page;
mod palette;
mod tables;
mod terminal;

pub use page::html;
pub use tables::tables;
pub use terminal::terminal;

#[cfg(doc)]
use crate::Findings;

/// Why a report could not be written.
#[derive(Debug, thiserror::Error)]
#[allow(missing_docs, reason = "the message of each variant is its documentation")]
pub enum Error {
    #[error("a plot of the report cannot be drawn: {0}")]
    Drawing(#[from] canvas::DrawingError),
    #[error("the page of the report cannot be written: {0}")]
    Page(#[from] minijinja::Error),
}
