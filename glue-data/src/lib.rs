#![doc = include_str!("../README.md")]

mod batch;
mod cache;
mod check;
mod demo;
mod error;
mod groups;
mod hash_stream;
mod hub_glue;
mod kind;
mod open;
mod reader;
mod registry;
mod source_table;
mod split;
mod task;
mod text;
mod toml_task;

pub use batch::Batch;
pub use cache::{CachedEncoding, TokenCache};
pub use check::{
    CheckReport, Fault, GroupReport, LabelReport, Lengths, Overlap, SplitReport, TargetRange, check,
    majority, target_notes,
};
pub use demo::{DemoRows, DemoTask, demo_knobs, demo_tasks};
pub use error::Error;
pub use registry::{GlueFile, GlueTask, registry};
pub use source_table::{SourceField, SourceTable};
pub use split::stratified_split;
pub use task::{
    Carve, Column, Columns, Example, Format, GroupRule, HeadOf, INPUT, Kind, METRICS, Relations, Source,
    Split, SplitFile, Target, Task, UNLABELLED,
};
pub use text::{Document, Text, pack};
