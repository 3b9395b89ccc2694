//! Many mutated files for one reader. The next input is a function of the seed and of what earlier ones led to, so a campaign can
//! be repeated.

mod quiet;

use std::collections::BTreeSet;
use std::time::{Duration, Instant};

use rayon::ThreadPoolBuilder;

use crate::memory;
use crate::mutate::Mutator;
use crate::target::Target;
use quiet::{Panic, quietly};

/// Inputs that are mutated further, besides the genuine ones: of each file so many.
const KEPT: usize = 200;
/// Times the longest genuine version that a file may be long.
const LONGEST: usize = 4;
/// Longer than any input takes.
const MOST_TIME: Duration = Duration::from_secs(1);
/// More bytes than any input takes: what few kilobytes may become when they are decompressed, and that twice.
const MOST_MEMORY: usize = 640 << 20;

/// When a campaign ends: at whatever comes first.
#[derive(Clone, Copy, Debug)]
pub struct Limit {
    /// After so many inputs.
    pub executions: u64,
    /// After so long.
    pub time: Duration,
}

/// What a campaign came to.
#[derive(Clone, Debug, Default)]
pub struct Record {
    /// Inputs read.
    pub executions: u64,
    /// Those that were read without an error.
    pub accepted: u64,
    /// The first input of each place that panicked, the first that took too long, and the first that took too much memory.
    pub found: Vec<Found>,
    /// How long it took.
    pub time: Duration,
    /// The time of the slowest input.
    pub slowest: Duration,
    /// The most bytes in use while one input was read.
    pub most_memory: usize,
}

/// An input with which the reader does not end as it should.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Found {
    /// Of a panic file, line and column; else `time` or `memory`.
    pub place: String,
    /// What was said, and which of the reader's files it was.
    pub message: String,
    /// The input.
    pub input: Vec<u8>,
}

/// Feeds mutated files to a reader.
///
/// # Panics
/// If the reader refuses one of its genuine files: there is nothing to mutate then.
pub fn run(target: &mut Target, limit: Limit, seed: u64) -> Record {
    // Several threads would mostly wait for each other over files as small as these.
    let pool = ThreadPoolBuilder::new().num_threads(1).build().expect("a thread can be started");
    pool.install(|| feed(target, limit, seed))
}

fn feed(target: &mut Target, limit: Limit, seed: u64) -> Record {
    let began = Instant::now();
    let mut record = Record::default();
    let files = target.files.clone();
    let longest = |versions: &[Vec<u8>]| LONGEST * versions.iter().map(Vec::len).max().unwrap_or(0) + 64;
    for (file, genuine) in files.iter().enumerate() {
        for version in &genuine.versions {
            target.read(file, version).unwrap_or_else(|error| panic!("{} is refused: {error}", genuine.name));
        }
    }
    let mut inputs: Vec<Vec<Vec<u8>>> = files.iter().map(|genuine| genuine.versions.clone()).collect();
    let mut mutator = Mutator::new(seed);
    let mut outcomes = BTreeSet::new();
    while record.executions < limit.executions && began.elapsed() < limit.time {
        let file = mutator.below(files.len());
        let genuine = &files[file];
        let mut input = mutator.mutate(genuine.form, &inputs[file]);
        input.truncate(longest(&genuine.versions));
        let outcome = record.read(target, file, &genuine.name, &input);
        if outcomes.insert((file, outcome)) {
            let (kept, place) = (&mut inputs[file], record.executions as usize % KEPT);
            match kept.get_mut(genuine.versions.len() + place) {
                Some(there) => *there = input,
                None => kept.push(input),
            }
        }
    }
    record.time = began.elapsed();
    record
}

impl Record {
    /// Reads an input; what came of it, the same for inputs alike.
    fn read(&mut self, target: &mut Target, file: usize, name: &str, input: &[u8]) -> String {
        let started = Instant::now();
        let (outcome, bytes) = memory::of(|| quietly(|| target.read(file, input)));
        let mut time = started.elapsed();
        if time > MOST_TIME {
            // The machine may have been busy.
            let again = Instant::now();
            drop(quietly(|| target.read(file, input)));
            time = time.min(again.elapsed());
        }
        self.executions += 1;
        self.slowest = self.slowest.max(time);
        self.most_memory = self.most_memory.max(bytes);
        if time > MOST_TIME {
            self.keep("time", format!("{:.1} s for {name}", time.as_secs_f64()), input);
        }
        if bytes > MOST_MEMORY {
            self.keep("memory", format!("{} MiB for {name}", bytes >> 20), input);
        }
        match outcome {
            Ok(Ok(())) => {
                self.accepted += 1;
                "read".to_owned()
            }
            Ok(Err(message)) => kind(&message),
            Err(Panic { place, message }) => {
                self.keep(&place, format!("{message} at {name}"), input);
                place
            }
        }
    }

    fn keep(&mut self, place: &str, message: String, input: &[u8]) {
        if self.found.iter().all(|found| found.place != place) {
            self.found.push(Found { place: place.to_owned(), message, input: input.to_vec() });
        }
    }
}

/// A message without what differs between inputs alike: numbers and what is in quotes.
fn kind(message: &str) -> String {
    let unquoted = message.split(['`', '"', '\'']).step_by(2).collect::<String>();
    unquoted.chars().filter(|c| !c.is_ascii_digit()).take(120).collect()
}
