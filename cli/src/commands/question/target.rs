//! A target and its supports.

use clap::Args;
use mtlift_study::Spec;

use crate::options::set;

/// Which task is helped, and by which.
#[derive(Args)]
pub(crate) struct TargetFlags {
    /// The task whose score matters: GLUE's, the built-in suite's (demo:sentiment), or a TOML file that describes your own
    #[arg(long, value_name = "TASK")]
    target: Option<String>,
    /// Tasks that may help
    #[arg(long, value_name = "TASK,...", value_delimiter = ',')]
    support: Option<Vec<String>>,
}

impl TargetFlags {
    /// Whether nothing is said about either.
    pub(crate) fn are_missing(&self) -> bool {
        self.target.is_none() && self.support.is_none()
    }

    pub(crate) fn apply(&self, spec: &mut Spec) {
        set(&mut spec.targets, self.target.clone().map(|target| vec![target]));
        set(&mut spec.supports, self.support.clone());
    }
}
