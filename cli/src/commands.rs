//! One file for each command, and one for each thing that several of them share.

pub(crate) mod advise;
pub(crate) mod compare;
pub(crate) mod completions;
pub(crate) mod data;
pub(crate) mod evaluate;
mod existing;
pub(crate) mod fetch;
mod live_report;
mod making;
pub(crate) mod man;
pub(crate) mod merge;
pub(crate) mod methods;
pub(crate) mod plan;
pub(crate) mod predict;
pub(crate) mod pretrain;
mod question;
pub(crate) mod report;
pub(crate) mod size_curve;
pub(crate) mod study;
mod subjects;
pub(crate) mod submit;
pub(crate) mod sweep;
pub(crate) mod train;
pub(crate) mod verify;
