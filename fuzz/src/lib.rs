#![doc = include_str!("../README.md")]

mod campaign;
mod memory;
mod mutate;
mod readers;
mod target;

pub use campaign::{Found, Limit, Record, run};
pub use readers::{NAMES, target};
pub use target::Target;
