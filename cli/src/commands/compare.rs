//! `mtlift compare`, `sweep`, `size-curve` and `plan`: four kinds of question, and the study that answers one.

use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::{Context, Result};
use clap::Args;
use mtlift_study::{KeepModels, Question, Sources, Spec, Study, Workers};

use super::question::{Asked, resolve, set, word};
use crate::options::{Common, Misuse};
use crate::progress::{self, Screen, Terminal};
use crate::stdout;

/// Train the arms on a target over several seeds, and say which to use
#[derive(Args)]
#[command(after_help = "\
Example: does a support help RTE, and which?
  mtlift compare --target RTE --support MRPC,QNLI --model all-MiniLM-L6-v2 --max-train 2500 --seeds 3 --out studies/rte

The arms are single (the target alone), stilts (the support first, then the target), mtl (both at once), mtl-all (all tasks
at once) and mtl-then-target. The cost is measured and printed before the first run. A study that was stopped goes on with
--resume, and so does one that is to have more seeds, supports or arms; several processes may work on one. STUDY/report.html
is a file of its own; STUDY/tables has the numbers.")]
pub(crate) struct Compare {
    /// A study file: the question in TOML, as `--print-study` prints it; flags come on top
    study: Option<PathBuf>,
    #[command(flatten)]
    around: Around,
    #[command(flatten)]
    asked: Asked,
    #[command(flatten)]
    made: Made,
}

/// Compare STILTs and MTL on every ordered pair of tasks, with MTL-ALL and single: the paper's figure 1 and table 1
#[derive(Args)]
#[command(after_help = "\
Example: three tasks, six pairs
  mtlift sweep --tasks MRPC,RTE,WNLI --model bert-tiny-splade --lr 3e-4 --out studies/sweep")]
pub(crate) struct Sweep {
    /// A study file: the question in TOML, as `--print-study` prints it; flags come on top
    study: Option<PathBuf>,
    /// The tasks, each of them target and support [default: GLUE's nine, in the order of the paper's figure]
    #[arg(long, value_name = "TASK,...", value_delimiter = ',')]
    tasks: Option<Vec<String>>,
    #[command(flatten)]
    asked: Asked,
    #[command(flatten)]
    made: Made,
}

/// Compare STILTs and MTL with one support cut to several sizes: the paper's controlled size experiment
#[derive(Args)]
#[command(after_help = "\
Example: at which size of the support does the better strategy change?
  mtlift size-curve --target QNLI --support MNLI --ratios 1/3,1/2,1,2,3 --model bert-tiny-splade --max-train 6000 --out studies/size

--max-train cuts the target; the support has ratio times as many rows.")]
pub(crate) struct SizeCurve {
    /// A study file: the question in TOML, as `--print-study` prints it; flags come on top
    study: Option<PathBuf>,
    /// The target
    #[arg(long, value_name = "TASK")]
    target: Option<String>,
    /// The support
    #[arg(long, value_name = "TASK")]
    support: Option<String>,
    /// Rows of the support over rows of the target [default: 1/3,1/2,1,2,3]
    #[arg(long, value_name = "RATIO,...", value_delimiter = ',', value_parser = ratio)]
    ratios: Option<Vec<f64>>,
    #[command(flatten)]
    asked: Asked,
    #[command(flatten)]
    made: Made,
}

/// Print the steps of every arm and how often each task's rows are seen, without training
#[derive(Args)]
#[command(after_help = "\
Example: what the paper's exposure does to a large target with a small support
  mtlift plan --target MNLI --support RTE --model bert-tiny-splade --protocol paper")]
pub(crate) struct Plan {
    /// A study file, as for `mtlift compare`
    study: Option<PathBuf>,
    #[command(flatten)]
    around: Around,
    #[command(flatten)]
    asked: Asked,
    #[command(flatten)]
    common: Common,
}

/// A target and its supports.
#[derive(Args)]
struct Around {
    /// The task whose score matters: GLUE's, or a TOML file that describes your own
    #[arg(long, value_name = "TASK")]
    target: Option<String>,
    /// Tasks that may help
    #[arg(long, value_name = "TASK,...", value_delimiter = ',')]
    support: Option<Vec<String>>,
}

/// How a study is made.
#[derive(Args)]
struct Made {
    /// The study's directory
    #[arg(long, value_name = "STUDY")]
    out: Option<PathBuf>,
    /// Go on with the study in --out, or let it grow
    #[arg(long)]
    resume: bool,
    /// Runs at a time, the threads divided among them [default: one for each thread, at most 4]
    #[arg(long, value_name = "J", value_parser = clap::value_parser!(u16).range(1..))]
    jobs: Option<u16>,
    /// Which models stay on the disk: all (a comparison's default), needed (only those from which a run still starts)
    #[arg(long, value_name = "WHICH", value_parser = word::<KeepModels>)]
    keep_models: Option<KeepModels>,
    /// Take over finished runs of another study where they are the same
    #[arg(long, value_name = "STUDY")]
    reuse: Option<PathBuf>,
    /// Print the study file that asks this question, and stop
    #[arg(long)]
    print_study: bool,
    /// Print the cost, and stop
    #[arg(long)]
    dry_run: bool,
    #[command(flatten)]
    common: Common,
}

/// The tasks of a sweep, in the order of the paper's figure.
const PAPER_ORDER: [&str; 9] = ["MNLI", "QQP", "QNLI", "SST-2", "CoLA", "STS-B", "MRPC", "RTE", "WNLI"];

pub(crate) fn compare(arguments: &Compare) -> Result<ExitCode> {
    let mut spec = arguments.asked.spec(Question::Compare, arguments.study.as_deref())?;
    arguments.around.ask(&mut spec);
    arguments.made.make(spec)
}

pub(crate) fn sweep(arguments: &Sweep) -> Result<ExitCode> {
    let mut spec = arguments.asked.spec(Question::Sweep, arguments.study.as_deref())?;
    let all = || PAPER_ORDER.map(str::to_owned).to_vec();
    if let Some(tasks) = arguments.tasks.clone().or_else(|| spec.targets.is_empty().then(all)) {
        // The paper's order for its own tasks, the user's for the rest after them.
        let mut tasks = tasks;
        tasks.sort_by_key(|task| {
            PAPER_ORDER.iter().position(|name| name.eq_ignore_ascii_case(task)).unwrap_or(9)
        });
        (spec.targets, spec.supports) = (tasks.clone(), tasks);
    }
    arguments.made.make(spec)
}

pub(crate) fn size_curve(arguments: &SizeCurve) -> Result<ExitCode> {
    let mut spec = arguments.asked.spec(Question::SizeCurve, arguments.study.as_deref())?;
    set(&mut spec.targets, arguments.target.clone().map(|target| vec![target]));
    set(&mut spec.supports, arguments.support.clone().map(|support| vec![support]));
    set(&mut spec.ratios, arguments.ratios.clone());
    arguments.made.make(spec)
}

pub(crate) fn plan(arguments: &Plan) -> Result<ExitCode> {
    let mut spec = arguments.asked.spec(Question::Compare, arguments.study.as_deref())?;
    arguments.around.ask(&mut spec);
    let Common { threads, home, cache, output } = &arguments.common;
    let (model, tasks) = resolve(&spec, home)?;
    let cache = cache.open();
    let sources = Sources { model: &model, tasks: &tasks, cache: cache.as_ref() };
    let plans = threads.run(|| mtlift_study::plan(&spec, sources, &mut Terminal::warnings()))??;
    if output.json {
        stdout::print_json(&plans)?;
        return Ok(ExitCode::SUCCESS);
    }
    let mut lines = Vec::new();
    for plan in plans {
        let about =
            if plan.estimated { " (if all tasks stay as far from their single-task scores)" } else { "" };
        lines.push(format!("{}: {} steps in {} epochs{about}", plan.run, plan.steps, plan.epochs));
        for task in plan.tasks {
            let (first, last) = task.seen;
            let seen =
                if first == last { first.to_string() } else { format!("{first} (in the last {last})") };
            lines.push(format!(
                "    {:<8} {seen} of {} rows an epoch: {:.1} % on average",
                task.task,
                task.rows,
                100.0 * task.passes
            ));
        }
    }
    stdout::print(&lines.join("\n"))?;
    Ok(ExitCode::SUCCESS)
}

impl Around {
    fn ask(&self, spec: &mut Spec) {
        set(&mut spec.targets, self.target.clone().map(|target| vec![target]));
        set(&mut spec.supports, self.support.clone());
    }
}

impl Made {
    fn make(&self, mut spec: Spec) -> Result<ExitCode> {
        set(&mut spec.keep_models, self.keep_models);
        if self.print_study {
            stdout::print(&toml::to_string(&spec).context("cannot write the study file")?)?;
            return Ok(ExitCode::SUCCESS);
        }
        spec.check()?;
        let Common { threads, home, cache, output } = &self.common;
        let Some(out) = &self.out else {
            return Err(Misuse("a study needs a place: --out".to_owned()).into());
        };
        if let Some(other) = &self.reuse {
            Study::spec_of(other)?;
        }
        let (model, tasks) = resolve(&spec, home)?;
        let cache = cache.open();
        let sources = Sources { model: &model, tasks: &tasks, cache: cache.as_ref() };
        let all = threads.count();
        let jobs = self.jobs.map_or(all.min(4), usize::from);
        let each = (all / jobs).max(1);

        let mut terminal = Terminal::warnings();
        let (study, grown) =
            threads.with(each, || Study::open(&spec, sources, out, self.resume, &mut terminal))??;
        for more in grown {
            progress::note(&format!("the study grows: {more}"));
        }
        let estimate = study.estimate(jobs, self.reuse.as_deref())?;
        progress::note(&progress::cost(&estimate, jobs));
        if self.dry_run {
            if output.json {
                stdout::print_json(&estimate)?;
            }
            return Ok(ExitCode::SUCCESS);
        }
        let screen = Screen::new(jobs, estimate.minutes);
        let failures = study.run(
            Workers { jobs, threads: each, cache: cache.as_ref(), reuse: self.reuse.as_deref() },
            &screen,
        )?;
        drop(screen);

        let findings = threads.with(all, || study.findings(&command_line()))??;
        study.write_report(&findings)?;
        if output.json {
            stdout::print_json(&findings)?;
        } else {
            stdout::print(&mtlift_report::terminal(&findings, progress::width()))?;
            stdout::print(&format!("\nreport: {}", out.join("report.html").display()))?;
        }
        if !failures.is_empty() {
            progress::warn(&format!(
                "{} of the runs failed, for the reasons above; --resume makes them and what starts from them",
                failures.len()
            ));
        }
        Ok(if failures.is_empty() { ExitCode::SUCCESS } else { ExitCode::from(1) })
    }
}

/// The command that makes the study from nothing, as the user gave it.
fn command_line() -> String {
    let quote = |word: String| if word.contains(' ') { format!("'{word}'") } else { word };
    let words: Vec<String> = std::env::args().skip(1).filter(|word| word != "--resume").map(quote).collect();
    format!("mtlift {}", words.join(" "))
}

/// `1/3` or `0.5`.
fn ratio(given: &str) -> Result<f64, String> {
    let number = |text: &str| text.trim().parse::<f64>().map_err(|error| error.to_string());
    match given.split_once('/') {
        Some((above, below)) => Ok(number(above)? / number(below)?),
        None => number(given),
    }
}
