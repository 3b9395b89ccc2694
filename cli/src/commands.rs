//! One file for each command.

pub(crate) mod advise;
pub(crate) mod compare;
pub(crate) mod data;
pub(crate) mod evaluate;
pub(crate) mod predict;
pub(crate) mod question;
pub(crate) mod study;
pub(crate) mod submit;
pub(crate) mod train;
pub(crate) mod verify;
