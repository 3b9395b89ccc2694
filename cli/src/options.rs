//! Options that several commands share. A command takes in only the groups that it uses: a flag without use is an error.

mod built_in_model;
mod hub;
mod output;
mod places;
mod settings;
mod threads;
mod trained;
mod untouched;
mod words;

pub(crate) use hub::{MAIN, glue_repository};
pub(crate) use output::{OutFile, Output};
pub(crate) use places::{Cache, Home};
pub(crate) use settings::{
    SettingsFlags, TrainingFlags, show_pretraining_defaults, show_study_defaults, show_train_defaults,
};
pub(crate) use threads::Threads;
pub(crate) use trained::Trained;
pub(crate) use untouched::Untouched;
pub(crate) use words::one_of;

/// What all commands that run a model take.
#[derive(clap::Args, Clone)]
pub(crate) struct Common {
    #[command(flatten)]
    pub(crate) threads: Threads,
    #[command(flatten)]
    pub(crate) home: Home,
    #[command(flatten)]
    pub(crate) cache: Cache,
    #[command(flatten)]
    pub(crate) output: Output,
}

/// Replaces a value where one is given.
pub(crate) fn set<T>(place: &mut T, given: Option<T>) {
    if let Some(value) = given {
        *place = value;
    }
}
