//! A question as flags ask it: what is given, on top of a study file, on top of the protocol's settings.

mod file;
mod mixing;
mod seeds;
mod support_phase;
mod target;

use std::str::FromStr;

use anyhow::Result;
use clap::Args;
use mtlift_eval::Plan as LookPlan;
use mtlift_schedule::{ArmSpec, split_list};
use mtlift_study::{Question, Spec};
use mtlift_train::{Protocol, Yardstick};

pub(crate) use self::file::StudyFile;
pub(crate) use self::target::TargetFlags;

use self::mixing::MixingFlags;
use self::support_phase::SupportPhaseFlags;
use crate::misuse::Misuse;
use crate::options::{SettingsFlags, one_of, set, show_study_defaults};

/// A list of arms, whose parameters may have commas too.
#[derive(Clone)]
struct Arms(Vec<ArmSpec>);

impl FromStr for Arms {
    type Err = mtlift_schedule::Error;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Ok(Self(split_list(text).into_iter().map(str::parse).collect::<Result<_, _>>()?))
    }
}

/// What all questions have in common. What is not given is the study file's, or else the protocol's.
#[derive(Args)]
#[command(mut_args(show_study_defaults))]
pub(crate) struct QuestionFlags {
    /// The model to start from: a directory in Hugging Face layout, or a name below the data home's models/
    #[arg(long)]
    model: Option<String>,
    /// The arms to compare: single, single:steps (as many steps as the longest), stilts, mtl, mtl-all, mtl-then-target, merge, merge-then-target, adapt, soup, distill,
    /// self-train, self-train:support, self-train:infill; also with a method of `mtlift methods`, as mtl:nash, single:sam, single:jtt, merge:metagpt, 'mtl:cagrad(c=0.5)' or 'distill(temperature=2)' [default: single,stilts,mtl; a sweep
    /// also mtl-all]
    #[arg(long, value_name = "ARM,...")]
    arms: Option<Vec<Arms>>,
    /// How many seeds, or which ones (1,7,42; a single one with a comma: 42,) [default: 5]
    #[arg(long, value_name = "N|SEED,...")]
    seeds: Option<String>,
    /// At how many seeds gains over single are looked at, ascending and from 3 up: it is fixed before the first run, and each
    /// look is so strict that all of them together err in 5 of 100 studies [default: 3,5,10,20]
    #[arg(long, value_name = "N,...", value_delimiter = ',')]
    looks: Option<Vec<usize>>,
    /// By which number arms are compared and the verdict is given: score, or worst-group, the accuracy of the worst of the target's groups;
    /// it is chosen before the first run, and no run depends on it [default: score]
    #[arg(long, value_parser = one_of(&Yardstick::ALL, Yardstick::name))]
    judge_by: Option<Yardstick>,
    /// Which rows select the checkpoint and which score it: held-out, or paper, which also sets everything else as Weller et al.
    /// (2022) did [default: held-out]
    #[arg(long, value_name = "held-out|paper")]
    protocol: Option<Protocol>,
    #[command(flatten)]
    settings: SettingsFlags,
    #[command(flatten)]
    support_phase: SupportPhaseFlags,
    #[command(flatten)]
    mixing: MixingFlags,
}

impl QuestionFlags {
    /// Whether seeds were asked for.
    pub(crate) fn has_seeds(&self) -> bool {
        self.seeds.is_some()
    }

    /// So many seeds, `usual` ones first.
    pub(crate) fn first_seeds(count: usize, usual: &[u64]) -> Result<Vec<u64>> {
        seeds::parse(&count.to_string(), usual)
    }

    /// The question that the file asks, with the flags on top.
    pub(crate) fn spec(&self, question: Question, file: Option<&StudyFile>) -> Result<Spec> {
        let mut spec = match file {
            None => Spec::defaults(question, self.protocol.unwrap_or(Protocol::HeldOut)),
            Some(file) => file.spec(question, self.protocol)?,
        };
        set(&mut spec.model, self.model.clone());
        set(
            &mut spec.arms,
            self.arms.as_ref().map(|lists| lists.iter().flat_map(|Arms(arms)| arms).cloned().collect()),
        );
        if let Some(seeds) = &self.seeds {
            spec.seeds = seeds::parse(seeds, &spec.seeds)?;
        }
        if let Some(looks) = &self.looks {
            spec.looks = LookPlan::check(looks).map_err(|error| Misuse(format!("--looks: {error}")))?;
        }
        set(&mut spec.judge_by, self.judge_by);
        self.settings.apply(&mut spec.settings)?;
        self.support_phase.apply(&mut spec);
        self.mixing.apply(&mut spec);
        Ok(spec)
    }
}
