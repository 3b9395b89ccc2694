//! Many mutated files for one reader. The next input is a function of the seed and of what earlier ones led to, so a campaign can
//! be repeated.

use std::any::Any;
use std::cell::RefCell;
use std::collections::BTreeSet;
use std::panic::{self, AssertUnwindSafe};
use std::sync::Once;
use std::time::{Duration, Instant};

use crate::memory;
use crate::mutate::Mutator;
use crate::target::Target;

/// Inputs that are mutated further, besides the genuine ones.
const KEPT: usize = 200;
/// Times the longest genuine file that an input may be long.
const LONGEST: usize = 4;

/// What a campaign came to.
#[derive(Clone, Debug, Default)]
pub struct Record {
    /// Inputs read.
    pub executions: u64,
    /// Those that were read without an error.
    pub accepted: u64,
    /// The first input of each place that panicked.
    pub found: Vec<Found>,
    /// The time of the slowest input.
    pub slowest: Duration,
    /// The most bytes in use while one input was read.
    pub most_memory: usize,
}

/// An input that made the reader panic.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Found {
    /// File, line and column.
    pub place: String,
    /// What was said.
    pub message: String,
    /// The input.
    pub input: Vec<u8>,
}

/// Feeds `executions` inputs to a reader.
///
/// # Panics
/// If the reader refuses one of its genuine files: there is nothing to mutate then.
pub fn run(target: &mut Target, executions: u64, seed: u64) -> Record {
    let mut record = Record::default();
    for genuine in &target.genuine.clone() {
        target.read(genuine).expect("a genuine file can be read");
    }
    let longest = LONGEST * target.genuine.iter().map(Vec::len).max().unwrap_or(0) + 64;
    let mut inputs = target.genuine.clone();
    let genuine = inputs.len();
    let mut mutator = Mutator::new(target.form, seed);
    let mut outcomes = BTreeSet::new();
    for execution in 0..executions {
        let mut input = mutator.mutate(&inputs);
        input.truncate(longest);
        let started = Instant::now();
        let (outcome, bytes) = memory::of(|| quietly(|| target.read(&input)));
        record.slowest = record.slowest.max(started.elapsed());
        record.most_memory = record.most_memory.max(bytes);
        record.executions += 1;
        let outcome = match outcome {
            Ok(Ok(())) => {
                record.accepted += 1;
                "read".to_owned()
            }
            Ok(Err(message)) => kind(&message),
            Err(Panic { place, message }) => {
                if record.found.iter().all(|found| found.place != place) {
                    record.found.push(Found { place: place.clone(), message, input: input.clone() });
                }
                place
            }
        };
        if outcomes.insert(outcome) {
            if inputs.len() - genuine < KEPT {
                inputs.push(input);
            } else {
                inputs[genuine + execution as usize % KEPT] = input;
            }
        }
    }
    record
}

/// A message without what differs between inputs alike: numbers and what is in quotes.
fn kind(message: &str) -> String {
    let unquoted = message.split(['`', '"', '\'']).step_by(2).collect::<String>();
    unquoted.chars().filter(|c| !c.is_ascii_digit()).take(120).collect()
}

/// Where and why a piece of work panicked.
struct Panic {
    place: String,
    message: String,
}

thread_local! {
    static PLACE: RefCell<Option<String>> = const { RefCell::new(None) };
}

/// Does the work without a word on standard error if it panics.
fn quietly<T>(work: impl FnOnce() -> T) -> Result<T, Panic> {
    static HOOK: Once = Once::new();
    HOOK.call_once(|| {
        let before = panic::take_hook();
        panic::set_hook(Box::new(move |info| {
            let is_expected = PLACE.with_borrow(Option::is_some);
            if !is_expected {
                return before(info);
            }
            let place = info.location().map_or_else(String::new, ToString::to_string);
            PLACE.with_borrow_mut(|kept| *kept = Some(place));
        }));
    });
    PLACE.with_borrow_mut(|place| *place = Some(String::new()));
    let result = panic::catch_unwind(AssertUnwindSafe(work));
    let place = PLACE.with_borrow_mut(Option::take).unwrap_or_default();
    result.map_err(|payload| Panic { place, message: text(&*payload) })
}

fn text(payload: &(dyn Any + Send)) -> String {
    let text = payload.downcast_ref::<String>().map(String::as_str);
    text.or_else(|| payload.downcast_ref::<&str>().copied()).unwrap_or("no message").to_owned()
}
