//! A short campaign for each reader, the same inputs every time. `cargo run -p mtlift-fuzz` makes long ones.

#![allow(clippy::unwrap_used, reason = "in a test an unwrap is an assertion")]

use std::time::Duration;

use mtlift_fuzz::{NAMES, run, target};

/// A reader that trains or analyses takes milliseconds for an input, the others microseconds.
const EXECUTIONS: u64 = 150;

/// Far more than any input needs, also where the machine is busy and the build is not optimised.
const PATIENCE: Duration = Duration::from_secs(20);
const MOST_MEMORY: usize = 1 << 30;

#[test]
fn no_input_makes_a_reader_panic() {
    for name in NAMES {
        let record = run(&mut target(name).unwrap(), EXECUTIONS, 1);
        assert_eq!(record.found, [], "{name}");
        assert_eq!(record.executions, EXECUTIONS);
        assert!(record.slowest < PATIENCE, "{name}: {:?}", record.slowest);
        assert!(record.most_memory < MOST_MEMORY, "{name}: {} bytes", record.most_memory);
    }
}
