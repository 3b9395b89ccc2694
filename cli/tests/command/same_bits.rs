//! The same command gives the same bits, however many threads work; another seed gives others.

use crate::folder::{Folder, TRAIN, bert};
use crate::study::{COMPARE, folder};
use crate::study_killed::outcome;

#[test]
fn one_two_and_three_threads() {
    let folder = Folder::new();
    // Wide enough that products, attention and optimiser are divided among threads.
    let mut config = bert();
    config["hidden_size"] = 128.into();
    config["intermediate_size"] = 512.into();
    folder.write_model("wide", config);
    let train =
        TRAIN.replace("--model model", "--model wide --max-steps 12").replace("--batch 8", "--batch 32");
    for threads in [1, 2, 3] {
        let result = folder.run_json(&format!("{train} --threads {threads} --out {threads}"));
        assert_eq!(result["threads"], threads);
    }
    let one = folder.snapshot("1");
    folder.snapshot("2").assert_same(&one, "two threads");
    folder.snapshot("3").assert_same(&one, "three threads");
}

#[test]
fn same_seed_twice_and_another() {
    let folder = Folder::new();
    let parameters = |seed: u64, out: &str| {
        folder.run_json(&format!("{TRAIN} --seed {seed} --max-steps 10 --out {out}"))["parameters"].clone()
    };
    let (one, again, other) = (parameters(1, "one"), parameters(1, "again"), parameters(2, "other"));
    assert_eq!(one, again);
    assert_ne!(one, other);
    folder.snapshot("one").assert_same(&folder.snapshot("again"), "the same command twice");
    assert_ne!(folder.read("one/predictions-dev.tsv"), folder.read("other/predictions-dev.tsv"));
}

/// The cache spares work and decides nothing.
#[test]
fn with_and_without_cached_tokens() {
    let folder = Folder::new();
    let train = format!("{TRAIN} --max-steps 10");
    folder.run(&format!("{train} --out cold")).success();
    assert!(folder.path("cache").read_dir().unwrap().next().is_some(), "tokens were kept");
    folder.run(&format!("{train} --out warm")).success();
    folder.snapshot("warm").assert_same(&folder.snapshot("cold"), "with cached tokens");
}

/// A study's runs know nothing of each other, nor of how many are made at a time.
#[test]
fn a_study_by_one_worker_and_by_two() {
    let folder = folder();
    let compare = COMPARE.replace("help.toml,other.toml", "help.toml").replace(" --jobs 1", "");
    for (study, how) in [("one", "--jobs 1 --threads 2"), ("two", "--jobs 2"), ("thread", "--threads 1")] {
        folder.run(&format!("{compare} {how} --out {study}")).success();
    }
    let one = outcome(&folder, "one");
    assert_eq!(one.0.keys().filter(|name| name.ends_with("result.json")).count(), 8);
    outcome(&folder, "two").assert_same(&one, "two workers");
    outcome(&folder, "thread").assert_same(&one, "one thread");
}
