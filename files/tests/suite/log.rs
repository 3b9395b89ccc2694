//! A log is what was appended, less what was cut.

use std::fs;

use mtlift_files::{Log, read_log};
use proptest::prelude::*;

use crate::common::{directory, message};

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(50) })]

    #[test]
    fn a_log_that_is_cut_goes_on_as_if_the_rest_had_never_been(kept: Vec<String>, lost: Vec<String>, more: Vec<String>) {
        let directory = directory();
        let path = directory.path().join("steps.jsonl");
        let mut log = Log::open(&path).unwrap();
        kept.iter().for_each(|line| log.append(line).unwrap());
        let length = log.sync().unwrap();
        lost.iter().for_each(|line| log.append(line).unwrap());
        drop(log);
        let mut log = Log::open(&path).unwrap();
        log.cut(length).unwrap();
        more.iter().for_each(|line| log.append(line).unwrap());
        prop_assert_eq!(read_log::<String>(&path).unwrap(), [kept, more].concat());
    }
}

#[test]
fn a_line_that_is_no_record_is_named() {
    let directory = directory();
    let path = directory.path().join("steps.jsonl");
    fs::write(&path, "1\n2\nthree\n").unwrap();
    assert_eq!(
        message(&read_log::<u32>(&path).unwrap_err(), directory.path()),
        "DIR/steps.jsonl: not what mtlift wrote there: line 3: expected ident at line 1 column 2"
    );
}

#[test]
fn a_cut_is_where_a_line_ends() {
    let directory = directory();
    let path = directory.path().join("steps.jsonl");
    fs::write(&path, "1\n22\n").unwrap();
    let log = Log::open(&path).unwrap();
    [0, 2, 5].iter().for_each(|&length| log.check_cut(length).unwrap());
    for (length, why) in [
        (1, "expected the end of a line at byte 1"),
        (6, "expected 6 bytes or more, found 5"),
        (u64::MAX, "expected 18446744073709551615 bytes or more, found 5"),
    ] {
        let found = message(&log.check_cut(length).unwrap_err(), directory.path());
        assert_eq!(found, format!("DIR/steps.jsonl: not what mtlift wrote there: {why}"));
    }
}
