//! One file for each command.

pub(crate) mod data;
pub(crate) mod evaluate;
pub(crate) mod predict;
pub(crate) mod train;
pub(crate) mod verify;
