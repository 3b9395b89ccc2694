//! `mtlift compare`, `sweep`, `size-curve` and `plan`: a question, asked by flags or by a file, and its study.

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::{Context, Result};
use clap::Args;
use mtlift_glue_data::Task;
use mtlift_schedule::{Arm, BatchKind, Exposure, HeadStart, Sampler, StepLoss};
use mtlift_study::{KeepModels, Question, Sources, Spec, Study, SupportSeed, Workers, report};
use mtlift_train::{HeadSharing, Protocol};
use serde::de::DeserializeOwned;
use serde_json::Value;

use crate::options::{Common, Home, Misuse, one_of};
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
    /// The task whose score matters: GLUE's, or a TOML file that describes your own
    #[arg(long, value_name = "TASK")]
    target: Option<String>,
    /// Tasks that may help
    #[arg(long, value_name = "TASK,...", value_delimiter = ',')]
    support: Option<Vec<String>>,
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
    /// The target
    #[arg(long, value_name = "TASK")]
    target: Option<String>,
    /// Tasks that may help
    #[arg(long, value_name = "TASK,...", value_delimiter = ',')]
    support: Option<Vec<String>>,
    #[command(flatten)]
    asked: Asked,
    #[command(flatten)]
    common: Common,
}

/// The settings of a question; what is not given is the protocol's.
#[derive(Args)]
struct Asked {
    /// The model to start from: a directory in Hugging Face layout, or a name below the data home's models/
    #[arg(long)]
    model: Option<String>,
    /// Arms [default: single,stilts,mtl; a sweep also mtl-all]
    #[arg(long, value_name = "ARM,...", value_delimiter = ',', value_parser = one_of(&Arm::ALL, Arm::name))]
    arms: Option<Vec<Arm>>,
    /// How many seeds, or which (1,7,42; a single one: 42,) [default: 5]
    #[arg(long, value_name = "N|SEED,...")]
    seeds: Option<String>,
    /// Which rows select the checkpoint and which score it; `paper` is the whole protocol of Weller et al. (2022)
    #[arg(long, value_name = "held-out|paper")]
    protocol: Option<Protocol>,
    /// Use this many training rows of each task, the same for every seed, classes in proportion
    #[arg(long, value_name = "N")]
    max_train: Option<usize>,
    /// Passes over the target's rows, in each phase
    #[arg(long, help_heading = "Training")]
    epochs: Option<u32>,
    /// Examples of a step
    #[arg(long, help_heading = "Training")]
    batch: Option<usize>,
    /// The greatest learning rate
    #[arg(long, value_name = "RATE", help_heading = "Training")]
    lr: Option<f64>,
    /// Share of the steps over which the learning rate rises from 0
    #[arg(long, value_name = "SHARE", help_heading = "Training")]
    warmup: Option<f64>,
    /// The most tokens of a row
    #[arg(long, value_name = "N", help_heading = "Training")]
    max_tokens: Option<usize>,
    /// Epochs between evaluations
    #[arg(long, value_name = "EPOCHS", help_heading = "Selection")]
    evaluate_every: Option<f64>,
    /// Share of train that selects the checkpoint (protocol held-out)
    #[arg(long, value_name = "SHARE", help_heading = "Selection")]
    held_out: Option<f64>,
    /// Of which tasks a mixed batch is drawn: uniform, size, temperature:ALPHA, capped:ROWS, annealed, dynamic, dynamic-gap, round-robin
    #[arg(long, help_heading = "Mixing")]
    sampler: Option<Sampler>,
    /// The samplers of mtl-all, an arm each
    #[arg(long, value_name = "SAMPLER,...", value_delimiter = ',', help_heading = "Mixing")]
    mtl_all_samplers: Option<Vec<Sampler>>,
    /// How batches are formed: homogeneous, heterogeneous, forced-heterogeneous, partition
    #[arg(long, value_name = "KIND", help_heading = "Mixing")]
    batches: Option<BatchKind>,
    /// How much of each task a mixed epoch shows: target-full, truncating, all-full
    #[arg(long, help_heading = "Mixing")]
    exposure: Option<Exposure>,
    /// The loss of a mixed batch: task-means (each task's mean, summed) or example-mean
    #[arg(long, help_heading = "Mixing")]
    loss: Option<StepLoss>,
    /// Which tasks have a head of their own: per-task, by-label-count
    #[arg(long, value_name = "SHARING", value_parser = word::<HeadSharing>, help_heading = "Mixing")]
    head_sharing: Option<HeadSharing>,
    /// The head with which STILTs turns to the target: fresh, kept, mapped-by-name, shared-by-count
    #[arg(long, value_name = "START", value_parser = word::<HeadStart>, help_heading = "Mixing")]
    heads: Option<HeadStart>,
    /// From which seed of the support STILTs goes on: paired, best
    #[arg(long, value_name = "SEED", value_parser = word::<SupportSeed>, help_heading = "Mixing")]
    support_seed: Option<SupportSeed>,
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
    set(&mut spec.targets, arguments.target.clone().map(|target| vec![target]));
    set(&mut spec.supports, arguments.support.clone());
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
    set(&mut spec.targets, arguments.target.clone().map(|target| vec![target]));
    set(&mut spec.supports, arguments.support.clone());
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

/// The model's directory and the tasks of a question.
pub(crate) fn resolve(spec: &Spec, home: &Home) -> Result<(PathBuf, Vec<Task>)> {
    if spec.model.is_empty() {
        return Err(Misuse("a study needs a model: --model".to_owned()).into());
    }
    let tasks = spec.tasks().iter().map(|name| home.task(name)).collect::<Result<_>>()?;
    Ok((home.model(&spec.model)?, tasks))
}

impl Asked {
    /// The question that the file asks, with the flags on top.
    fn spec(&self, question: Question, file: Option<&Path>) -> Result<Spec> {
        let mut spec = match file {
            None => Spec::defaults(question, self.protocol.unwrap_or(Protocol::HeldOut)),
            Some(file) => read(question, self.protocol, file)?,
        };
        set(&mut spec.model, self.model.clone());
        set(&mut spec.arms, self.arms.clone());
        set(&mut spec.mtl_all_samplers, self.mtl_all_samplers.clone());
        set(&mut spec.support_seed, self.support_seed);
        set(&mut spec.heads, self.heads);
        if let Some(seeds) = &self.seeds {
            spec.seeds = parse_seeds(seeds, &spec.seeds)?;
        }
        let mix = &mut spec.mixing.mix;
        set(&mut mix.sampler, self.sampler);
        set(&mut mix.batches, self.batches);
        set(&mut mix.exposure, self.exposure);
        set(&mut spec.mixing.loss, self.loss);
        set(&mut spec.mixing.heads, self.head_sharing);
        let settings = &mut spec.settings;
        set(&mut settings.epochs, self.epochs);
        set(&mut settings.batch, self.batch);
        set(&mut settings.learning_rate, self.lr);
        set(&mut settings.warmup, self.warmup);
        set(&mut settings.evaluate_every, self.evaluate_every);
        set(&mut settings.held_out, self.held_out);
        settings.max_tokens = self.max_tokens.or(settings.max_tokens);
        settings.max_train = self.max_train.or(settings.max_train);
        Ok(spec)
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
        let estimate = study.estimate(jobs)?;
        progress::note(&progress::cost(&estimate, jobs));
        if self.dry_run {
            if output.json {
                stdout::print_json(&estimate)?;
            }
            return Ok(ExitCode::SUCCESS);
        }
        let screen = Screen::new(jobs, estimate.minutes);
        let failures = study.run(Workers { jobs, threads: each, cache: cache.as_ref() }, &screen)?;
        drop(screen);

        let findings = threads.with(all, || study.findings(&command_line()))??;
        study.write_report(&findings)?;
        if output.json {
            stdout::print_json(&findings)?;
        } else {
            stdout::print(&report::terminal(&findings, progress::width()))?;
            stdout::print(&format!("\nreport: {}", out.join("report.html").display()))?;
        }
        for failure in &failures {
            progress::warn(&format!("{} ({}) failed: {}", failure.label, failure.id, failure.error));
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

fn set<T>(place: &mut T, given: Option<T>) {
    if let Some(value) = given {
        *place = value;
    }
}

/// A study file on top of its protocol's settings.
fn read(question: Question, protocol: Option<Protocol>, file: &Path) -> Result<Spec> {
    let text = std::fs::read_to_string(file).with_context(|| format!("cannot read {}", file.display()))?;
    let faulty = |error: &dyn std::fmt::Display| Misuse(format!("{}: {error}", file.display()));
    let given: toml::Table = text.parse().map_err(|error| faulty(&error))?;
    let named =
        given.get("settings").and_then(|settings| settings.get("protocol")).and_then(toml::Value::as_str);
    let protocol = match (protocol, named) {
        (Some(protocol), _) => protocol,
        (None, Some(name)) => name.parse().map_err(|error| faulty(&error))?,
        (None, None) => Protocol::HeldOut,
    };
    let mut all =
        toml::Table::try_from(Spec::defaults(question, protocol)).context("cannot write the defaults")?;
    merge(&mut all, given);
    Ok(all.try_into().map_err(|error| faulty(&error))?)
}

fn merge(into: &mut toml::Table, from: toml::Table) {
    for (key, value) in from {
        match (into.get_mut(&key), value) {
            (Some(toml::Value::Table(into)), toml::Value::Table(from)) => merge(into, from),
            (_, value) => {
                into.insert(key, value);
            }
        }
    }
}

/// `5`: as many of the protocol's seeds; `1,7,42`: these; `42,`: this one.
fn parse_seeds(given: &str, defaults: &[u64]) -> Result<Vec<u64>> {
    // Who writes 20240101 means a seed.
    const MOST: u64 = 1000;
    let wrong = || {
        Misuse(format!(
            "--seeds {given}: expected how many (1 to {MOST}), or which (1,7,42; a single one with a comma: 42,)"
        ))
    };
    if let Ok(count) = given.parse::<u64>() {
        if !(1..=MOST).contains(&count) {
            return Err(wrong().into());
        }
        let more = (1u64..).filter(|seed| !defaults.contains(seed));
        return Ok(defaults.iter().copied().chain(more).take(count as usize).collect());
    }
    let seeds = given
        .strip_suffix(',')
        .unwrap_or(given)
        .split(',')
        .map(|seed| seed.trim().parse().map_err(|_| wrong()));
    Ok(seeds.collect::<Result<_, _>>()?)
}

/// `1/3` or `0.5`.
fn ratio(given: &str) -> Result<f64, String> {
    let number = |text: &str| text.trim().parse::<f64>().map_err(|error| error.to_string());
    match given.split_once('/') {
        Some((above, below)) => Ok(number(above)? / number(below)?),
        None => number(given),
    }
}

/// One of an enum's names, as files have them; the error lists them all.
fn word<T: DeserializeOwned>(given: &str) -> Result<T, String> {
    serde_json::from_value(Value::String(given.to_owned())).map_err(|error| error.to_string())
}
