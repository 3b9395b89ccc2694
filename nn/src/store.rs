//! Parameters are flat: one vector holds all values, a layout says what lies where.
//!
//! Gradients and both of Adam's moments are stores of the same layout, so the optimiser, clipping, checkpoints and
//! norms are loops over slices, and a layer needs only small copyable handles.

mod gradients;
mod handle;
mod layout;
mod parts;
mod row_set;
mod several;
mod values;

pub use gradients::Gradients;
pub use handle::{Mat, Table, Vector};
pub use layout::{Entry, Layout, Role};
pub(crate) use row_set::RowSet;
pub use values::Store;
