//! `mtlift compare`.

mod until;

use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::Result;
use clap::Args;
use mtlift_study::{Question, Tune};

use super::making::{Making, Tour};
use super::question::{QuestionFlags, StudyFile, TargetFlags};
use crate::options::set;
use until::UntilFlags;

/// Train the arms on a target over several seeds, and say which to use
#[derive(Args)]
#[command(after_help = "\
Example: the built-in suite, in a few minutes, without data or model of yours; the study is in studies/demo
  mtlift compare

Example: does a support help RTE, and which?
  mtlift compare --target RTE --support MRPC,QNLI --model all-MiniLM-L6-v2 --max-train 2500 --seeds 3 --out studies/rte

Example: no more runs than it takes to know what to use within half a point, and at most an hour and a half of them
  mtlift compare --target RTE --support MRPC,QNLI --model all-MiniLM-L6-v2 --until regret:0.5 --budget 90m --out studies/rte

The arms are single (the target alone), single:steps (the target alone, for as many steps as the arm that has the most), stilts (the support first, then the target), mtl (both at once), mtl-all (all tasks \
at once), mtl-then-target (both at once, then the target); merge:metagpt and others make one model of two runs, soup of three on the target (docs/merging.md); distill has one learn what three of its own predict together (docs/distillation.md); adapt guesses masked words of the target's own texts first; self-train trains on rows without labels too, which the target's own model labels, and self-train:infill on rows that the model itself writes from gold ones, an analogue of SELF-GUIDE (docs/self-training.md); single:consistency compares rows without labels with twins that the model writes of them, an analogue of UDA. The cost is measured and printed before the first run. --resume \
continues a study that was stopped, and adds seeds, supports or arms to one that is finished. Several processes may work on \
one study. STUDY/report.html needs no other file; STUDY/tables has the numbers.")]
pub(crate) struct Arguments {
    /// A study file: the question in TOML, as `--print-study` prints it; flags replace what it says
    study: Option<PathBuf>,
    #[command(flatten)]
    target: TargetFlags,
    #[command(flatten)]
    question: QuestionFlags,
    #[command(flatten)]
    until: UntilFlags,
    /// Try settings for the last phase of every arm, single's too, on the held-out rows under two seeds that are not used
    /// afterwards (seeds=N: under N), and train with the best: lr, epochs, min-steps, patience, batch, warmup, schedule,
    /// weight-decay, clip, dropout, with their values as lr=1e-5/5e-5,epochs=3/10 [default: the
    /// same settings for every arm]
    #[arg(long, value_name = "NAME=VALUE/VALUE,...")]
    tune: Option<Tune>,
    #[command(flatten)]
    making: Making,
}

/// What is asked where neither a file nor flags name a task.
const DEMO: &str = include_str!("compare/demo.toml");

const TOUR: Tour<'_> = Tour {
    out: "studies/demo",
    next: "\
Next: `mtlift data show demo:stars` prints rows of a task; `mtlift compare --help` says what else can be compared.
With data of your own: describe it in a TOML file, as docs/task-files.md shows, and run
  mtlift compare --target mine.toml --support other.toml --model demo --out studies/mine",
};

pub(crate) fn run(arguments: &Arguments) -> Result<ExitCode> {
    let is_tour = arguments.study.is_none() && arguments.target.are_missing();
    let file = match &arguments.study {
        Some(file) => Some(StudyFile::read(file)?),
        None => is_tour.then(|| StudyFile::built_in("the built-in question", DEMO)),
    };
    let mut spec = arguments.question.spec(Question::Compare, file.as_ref())?;
    arguments.target.apply(&mut spec);
    set(&mut spec.tune, arguments.tune.clone().map(Some));
    let file_has_seeds = file.is_some_and(|file| file.names("seeds"));
    arguments.until.apply(&mut spec, &arguments.question, file_has_seeds)?;
    arguments.making.make(spec, is_tour.then_some(&TOUR), arguments.until.budget())
}
