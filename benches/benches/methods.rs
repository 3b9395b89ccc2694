//! What a method of training together costs beside plain `mtl`: steps a second and peak memory, for two and for nine tasks, on a
//! model of all-MiniLM-L6-v2's size. No criterion bench, because memory is a process's: every measurement is a process of its own,
//! and the methods take turns, so that what else happens on the machine falls on all of them.
//!
//! `--python PATH` has an interpreter with torch, transformers and TorchJD measured on the same batches, in the same rounds. `--only nash`
//! measures methods whose names begin so, and plain training.

#![allow(
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "this is a program, and its table is its result"
)]

use std::collections::BTreeMap;
use std::fs::read_to_string;
use std::io::Write;
use std::num::NonZeroU32;
use std::process::{Command, Stdio};
use std::time::Instant;

use mtlift_benches::{LENGTHS, SHAPES, Shape, encoded, parameters};
use mtlift_glue_data::Target;
use mtlift_nn::AdamWConfig;
use mtlift_nn::random::Stream;
use mtlift_schedule::{Combine, FlatMinima, Row};
use mtlift_train::{Network, Trainer, TrainingRows};
use serde_json::{Value, json};

/// Rows of a step.
const BATCH: usize = 32;
/// Small enough that the weights stay as they were drawn, however many steps are measured.
const LEARNING_RATE: f64 = 1e-7;
/// What is compared with.
const PLAIN: &str = "sum";
/// What stands before the name of a method of TorchJD.
const TORCHJD: &str = "torchjd:";
/// The other side's script, and what it measures: `sum` is plain training in torch.
const SCRIPT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../docs/results/methods/torchjd_cost.py");
const OF_TORCHJD: [&str; 7] = ["sum", "pcgrad", "upgrad", "mgda", "imtl-g", "aligned-mtl", "nash"];

/// What was asked.
struct Asked {
    rounds: usize,
    steps: usize,
    tasks: Vec<usize>,
    python: Option<String>,
    /// What a method's name begins with to be measured beside plain training.
    only: String,
}

/// What a process measured.
#[derive(Clone, Copy, Debug)]
struct Measured {
    seconds: f64,
    mib: f64,
}

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).filter(|argument| argument != "--bench").collect();
    let value = |name: &str| {
        arguments.iter().position(|argument| argument == name).map(|at| arguments[at + 1].clone())
    };
    let number = |name: &str, default: usize| value(name).map_or(default, |text| text.parse().expect(name));
    let steps = number("--steps", 3);
    if let Some(method) = value("--measure") {
        let Measured { seconds, mib } = measure(&method, number("--tasks", 2), steps);
        println!("{}", json!({"seconds": seconds, "mib": mib}));
        return;
    }
    let tasks = value("--tasks")
        .map_or(vec![2, 9], |list| list.split(',').map(|one| one.parse().expect("--tasks")).collect());
    let only = value("--only").unwrap_or_default();
    compare(&Asked { rounds: number("--rounds", 5), steps, tasks, python: value("--python"), only });
}

/// Measures all methods in turns, and prints a table.
fn compare(asked: &Asked) {
    let rules = Combine::rules().iter().map(|rule| rule.about.name.to_owned());
    let flat = FlatMinima::all().map(|climb| format!("{PLAIN}+{}", climb.about().name));
    let own: Vec<String> = rules.chain(flat).chain([format!("{PLAIN}, every step looked at")]).collect();
    let others = OF_TORCHJD.iter().filter(|_| asked.python.is_some()).map(|name| format!("{TORCHJD}{name}"));
    let is_asked_for =
        |name: &String| name.trim_start_matches(TORCHJD) == PLAIN || name.starts_with(&asked.only);
    let methods: Vec<String> = own.into_iter().chain(others).filter(is_asked_for).collect();
    let mut found: BTreeMap<(usize, &str), Vec<Measured>> = BTreeMap::new();
    let before = load();
    for round in 0..asked.rounds {
        for &tasks in &asked.tasks {
            // Every round begins elsewhere.
            for at in 0..methods.len() {
                let method = &methods[(at + round * methods.len() / asked.rounds) % methods.len()];
                found.entry((tasks, method)).or_default().push(in_a_process(asked, method, tasks));
            }
            eprintln!("round {} of {}, {tasks} tasks", round + 1, asked.rounds);
        }
    }
    println!("Load {before} before and {} after, {} rounds, medians.\n", load(), asked.rounds);
    let heads: String =
        asked.tasks.iter().map(|tasks| format!(" steps/s, {tasks} tasks | times | MiB |")).collect();
    println!("| method |{heads}\n| --- |{}", " --- | --- | --- |".repeat(asked.tasks.len()));
    for method in &methods {
        let plain = if method.starts_with(TORCHJD) { format!("{TORCHJD}{PLAIN}") } else { PLAIN.to_owned() };
        let cells: String = asked
            .tasks
            .iter()
            .map(|&tasks| {
                let (own, plain) = (&found[&(tasks, method.as_str())], &found[&(tasks, plain.as_str())]);
                let times = median(own.iter().zip(plain).map(|(own, plain)| own.seconds / plain.seconds));
                let steps = 1.0 / median(own.iter().map(|own| own.seconds));
                let mib = own.iter().map(|own| own.mib).fold(0.0, f64::max);
                format!(" {steps:.2} | {times:.2} | {mib:.0} |")
            })
            .collect();
        println!("| `{method}` |{cells}");
    }
}

/// Measures a method in a process of its own.
fn in_a_process(asked: &Asked, method: &str, tasks: usize) -> Measured {
    let (steps, tasks_text) = (asked.steps.to_string(), tasks.to_string());
    let (mut command, input) = match (method.strip_prefix(TORCHJD), &asked.python) {
        (Some(method), Some(python)) => {
            let mut command = Command::new(python);
            command.args([SCRIPT, method, &steps]);
            (command, batch(tasks).to_string())
        }
        _ => {
            let mut command = Command::new(std::env::current_exe().expect("this program's path"));
            command.args(["--measure", method, "--tasks", &tasks_text, "--steps", &steps]);
            (command, String::new())
        }
    };
    let mut process = command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().expect("a process");
    process.stdin.take().expect("its input").write_all(input.as_bytes()).expect("it reads");
    let output = process.wait_with_output().expect("it ends");
    assert!(output.status.success(), "{method} failed");
    let printed: Value = serde_json::from_slice(&output.stdout).expect("it prints what it measured");
    let of = |key: &str| printed[key].as_f64().expect("a number");
    Measured { seconds: of("seconds"), mib: of("mib") }
}

/// The rows of a step: tasks take turns, and every other task has sentences in place of pairs.
fn rows(tasks: usize) -> Vec<Row> {
    (0..BATCH)
        .map(|at| Row { task: (at % tasks) as u32, row: ((at % tasks * 4 + at / tasks) % BATCH) as u32 })
        .collect()
}

/// The same as the tasks and lengths of the rows, and the model, for another program.
fn batch(tasks: usize) -> Value {
    let rows: Vec<[usize; 2]> = rows(tasks)
        .iter()
        .map(|row| [row.task as usize, LENGTHS[row.task as usize % 2].tokens[row.row as usize]])
        .collect();
    let Shape { hidden, heads, feed_forward, layers, vocabulary, .. } = shape();
    json!({
        "tasks": tasks, "rows": rows, "hidden": hidden, "heads": heads, "feed_forward": feed_forward, "layers": layers,
        "vocabulary": vocabulary, "threads": std::thread::available_parallelism().map_or(1, usize::from),
    })
}

fn shape() -> Shape {
    SHAPES.into_iter().find(|shape| shape.name == "MiniLM").expect("a shape of the table")
}

/// The median of some steps after one, and the most memory.
fn measure(method: &str, tasks: usize, steps: usize) -> Measured {
    let shape = shape();
    let network = Network::new(&shape.config(), &vec![2; tasks]);
    let params = parameters(network.layout());
    let dropout = Some(Stream::new(42, "dropout"));
    let mut trainer = Trainer::new(network, params, AdamWConfig::default(), dropout, 1.0, BATCH);
    let (method, is_looked_at) = match method.split_once(", ") {
        Some((method, _)) => (method, true),
        None => (method, false),
    };
    let (rule, flat_minima) = match method.split_once('+') {
        Some((rule, flat_minima)) => (rule, Some(flat_minima)),
        None => (method, None),
    };
    if let Some(flat_minima) = flat_minima {
        trainer = trainer.climbing(flat_minima.parse().expect("a method of the table"));
    }
    if let Some(rule) = rule.parse::<Combine>().expect("a rule of the table").combination() {
        trainer = trainer.combining(rule, Stream::new(42, "combination"));
    }
    if is_looked_at {
        trainer = trainer.watching(NonZeroU32::MIN);
    }
    let encoded: Vec<_> = (0..tasks).map(|task| encoded(LENGTHS[task % 2], shape.vocabulary)).collect();
    let targets: Vec<Target> = (0..BATCH).map(|row| Target::Class(row % 2)).collect();
    let training: Vec<TrainingRows<'_>> =
        encoded.iter().map(|encoded| TrainingRows::plain(encoded, &targets)).collect();
    let (rows, weights) = (rows(tasks), vec![1.0 / BATCH as f64; tasks]);
    let mut seconds = (0..=steps).map(|_| {
        let started = Instant::now();
        trainer.step(&training, &rows, &weights, LEARNING_RATE);
        started.elapsed().as_secs_f64()
    });
    seconds.next();
    let seconds = median(seconds);
    Measured { seconds, mib: peak_mib() }
}

/// The most memory that this process had.
fn peak_mib() -> f64 {
    let status = read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    let kib = line.and_then(|line| line.trim().trim_end_matches(" kB").parse::<f64>().ok());
    kib.map_or(f64::NAN, |kib| kib / 1024.0)
}

fn load() -> String {
    let load = read_to_string("/proc/loadavg").unwrap_or_default();
    load.split(' ').next().unwrap_or("unknown").to_owned()
}

fn median(values: impl Iterator<Item = f64>) -> f64 {
    let mut values: Vec<f64> = values.collect();
    values.sort_by(f64::total_cmp);
    values[values.len() / 2]
}
