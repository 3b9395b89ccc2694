//! What loading and saving need beside the model. The process's peak is measured, so the test is a program of its own.

#![cfg(target_os = "linux")]
#![allow(clippy::unwrap_used, reason = "in a test an unwrap is an assertion")]

use std::fs;

use mtlift_encoder::{Checkpoint, Want, save};

mod files;
use files::directory;

/// A model must not be in memory twice: checkpoints are the largest files there are.
#[test]
fn loading_and_saving_take_no_second_copy() {
    fn peak_mib() -> usize {
        let status = fs::read_to_string("/proc/self/status").unwrap();
        let line = status.lines().find(|line| line.starts_with("VmHWM:")).unwrap();
        line.split_whitespace().nth(1).unwrap().parse::<usize>().unwrap() / 1024
    }
    const MIB: usize = 64;
    let layout = files::layout(&[("a", &[MIB / 2, 1 << 18]), ("b", &[MIB / 2, 1 << 18])]);
    let mut store = layout.zeros();
    store.values_mut().fill(1.5);
    let before = peak_mib();
    let directory = directory();
    save(directory.path(), &layout, &store).unwrap();
    let checkpoint = Checkpoint::open(directory.path()).unwrap();
    checkpoint.load("bert", &layout, &mut store, |_| Want::Required).unwrap();
    let grown = peak_mib() - before;
    assert!(grown < MIB / 4, "{grown} MiB more were needed to save and load {MIB}");
}
