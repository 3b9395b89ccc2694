//! A short campaign for each reader, the same inputs every time. `cargo run -p mtlift-fuzz` makes long ones.

#![allow(clippy::unwrap_used, reason = "in a test an unwrap is an assertion")]

use std::time::Duration;

use mtlift_fuzz::{Limit, NAMES, run, target};

/// Few, because all of them are fed to every reader at every change.
const LIMIT: Limit = Limit { executions: 150, time: Duration::MAX };

#[test]
fn no_input_makes_a_reader_panic_or_take_too_much() {
    for name in NAMES {
        let record = run(&mut target(name).unwrap(), LIMIT, 1);
        assert_eq!(record.found, [], "{name}");
        assert_eq!(record.executions, LIMIT.executions);
    }
}
