//! Memory for packed operands, of which each thread has its own.

use std::cell::Cell;

/// The packing memory of a thread. It is taken out while in use: a nested product finds an empty one and
/// allocates instead of failing.
#[derive(Default)]
pub struct Packing<F> {
    pub(super) columns: Cell<Vec<F>>,
    pub(super) rows: Cell<Vec<F>>,
}

impl<F> Packing<F> {
    /// Nothing yet.
    pub(crate) const fn new() -> Self {
        Self { columns: Cell::new(Vec::new()), rows: Cell::new(Vec::new()) }
    }
}
