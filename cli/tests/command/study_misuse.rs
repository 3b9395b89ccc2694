//! What a user of studies trips over: the words say what there is or what to write, and nothing is left behind.

use std::fs;

use crate::folder::Folder;
use crate::study::{COMPARE, folder};

const PAIR: &str = "compare --model model --target task.toml --support help.toml --out study";
const CURVE: &str = "size-curve --model model --target other.toml --support task.toml --out study";

/// Standard error of a command that is refused as misuse.
#[track_caller]
fn misuse(folder: &Folder, arguments: &str) -> String {
    let run = folder.run(arguments).code(2).stdout("");
    assert!(!folder.path("study").exists(), "a refused command writes nothing");
    String::from_utf8(run.get_output().stderr.clone()).unwrap()
}

#[test]
fn seeds() {
    let folder = folder();
    for seeds in ["0", "x", "1,x", "1001", "20240101", "1,,2", "-1,2", ","] {
        assert_eq!(
            misuse(&folder, &format!("{PAIR} --seeds={seeds}")),
            format!(
                "error: --seeds {seeds}: expected how many (1 to 1000), or which (1,7,42; a single one with a comma: 42,)\n"
            )
        );
    }
    assert_eq!(
        misuse(&folder, &format!("{PAIR} --seeds 7,7")),
        "error: expected at least one seed, and each seed only once\n"
    );
    for (given, expected) in
        [("3", "[1, 2, 3]"), ("7,1", "[7, 1]"), ("42,", "[42]"), ("20240101,", "[20240101]")]
    {
        let run = folder.run(&format!("{PAIR} --print-study --seeds {given}")).success();
        let file = String::from_utf8_lossy(&run.get_output().stdout).into_owned();
        let seeds = file.parse::<toml::Table>().unwrap()["seeds"].to_string();
        assert_eq!(seeds, expected, "{given}");
    }
}

#[test]
fn ratios() {
    let folder = folder();
    for (ratios, message) in [
        ("1/0", "a ratio is a finite number above 0"),
        ("0/0", "a ratio is a finite number above 0"),
        ("0,1", "a ratio is a finite number above 0"),
        ("-1", "a ratio is a finite number above 0"),
        ("1,1/1", "a ratio is given twice"),
        ("1/64", "ratio 0.015625 leaves 1 rows of toy, expected at least 2"),
        ("3", "ratio 3 asks for 192 rows of toy, which has 160: cut the target with --max-train"),
    ] {
        assert_eq!(
            misuse(&folder, &format!("{CURVE} --ratios={ratios}")),
            format!("error: {message}\n"),
            "{ratios}"
        );
    }
    for (ratios, why) in [("x", "invalid float literal"), ("1/", "cannot parse float from empty string")] {
        let said = misuse(&folder, &format!("{CURVE} --ratios {ratios}"));
        assert!(
            said.starts_with(&format!("error: invalid value '{ratios}' for '--ratios <RATIO,...>': {why}\n")),
            "{said}"
        );
    }
}

#[test]
fn paces_of_the_support_phase() {
    let folder = folder();
    for (flags, message) in [
        ("--support-epochs 0", "the support phase's epochs are 0, expected at least 1"),
        ("--support-steps 0", "the support phase's steps are 0, expected at least 1"),
        ("--support-epochs 1000001", "the support phase's epochs are 1000001, expected at most 1000000"),
        (
            "--support-steps 4294967295",
            "4294967295 steps of a phase are 1431655765 epochs of its 86 rows, expected at most 1000000",
        ),
        ("--support-lr 0", "peak learning rate is 0, expected a finite number above 0"),
        ("--support-lr=NaN", "peak learning rate is NaN, expected a finite number above 0"),
        (
            "--arms single,mtl --support-epochs 1",
            "settings of the support phase are for the arm stilts, and this study does not have it: add stilts, or leave \
             them out",
        ),
    ] {
        assert_eq!(misuse(&folder, &format!("{PAIR} {flags}")), format!("error: {message}\n"), "{flags}");
    }
    let said = misuse(&folder, &format!("{PAIR} --support-epochs 1 --support-steps 5"));
    assert!(
        said.starts_with("error: the argument '--support-epochs <EPOCHS>' cannot be used with"),
        "{said}"
    );
    folder.write("both.toml", "[support_phase]\nepochs = 1\nsteps = 5\n");
    assert_eq!(
        misuse(&folder, &PAIR.replace("compare", "compare both.toml")),
        "error: the support phase has epochs and steps: give one of them\n"
    );
}

#[test]
fn task_weights() {
    let folder = folder();
    let all = PAIR.replace("help.toml", "help.toml,other.toml");
    for (command, message) in [
        (
            format!("{PAIR} --task-weights 1"),
            "1 task weights, but mtl mixes 2 tasks: give one weight for each task, and leave out the arms \
             (--arms) that mix another number of tasks",
        ),
        (
            format!("{all} --arms single,mtl,mtl-all --task-weights 1,0.5"),
            "2 task weights, but mtl-all mixes 3 tasks: give one weight for each task, and leave out the arms \
             (--arms) that mix another number of tasks",
        ),
        (format!("{PAIR} --task-weights 1,0"), "a task weight is 0, expected a number above 0"),
        (
            format!("{PAIR} --arms single,stilts --task-weights 1,0.5"),
            "task weights are for arms that mix tasks, and this study has none: add mtl, mtl-all or mtl-then-target, or \
             leave out the weights",
        ),
    ] {
        assert_eq!(misuse(&folder, &command), format!("error: {message}\n"));
    }
    // A weight changes the mixed run alone.
    let ids = |more: &str, out: &str| {
        let command =
            "compare --model model --target task.toml --support help.toml --seeds 1 --epochs 1 --jobs 1";
        folder.run(&format!("{command}{more} --out {out}")).success();
        let named = |id: String| (crate::study::label(&folder, out, &id), id);
        crate::study::runs(&folder, out).into_iter().map(named).collect::<std::collections::BTreeMap<_, _>>()
    };
    let (one, half) = (ids("", "one"), ids(" --task-weights 1,0.5", "half"));
    let differ: Vec<&String> = one.keys().filter(|&label| one.get(label) != half.get(label)).collect();
    assert_eq!(differ, ["toy: mtl with help, seed 1"]);
}

#[test]
fn names_that_nothing_has() {
    let folder = folder();
    let samplers =
        "uniform, size, temperature:ALPHA, capped:ROWS, annealed, dynamic, dynamic-gap, round-robin";
    for (flag, value, words) in [
        (
            "--arms <ARM,...>",
            "stilt",
            "unknown arm `stilt`; did you mean stilts? There are single, single:steps, stilts, mtl, mtl-all, mtl-then-target, merge, \
             merge-then-target, adapt, soup, distill, self-train, self-train:support, self-train:infill, also \
             with a method, as mtl:nash or single:sam"
                .to_owned(),
        ),
        ("--sampler <SAMPLER>", "sizes", format!("unknown sampler `sizes`, expected one of {samplers}\n")),
        (
            "--sampler <SAMPLER>",
            "capped:few",
            format!("unknown sampler `capped:few`, expected one of {samplers}\n"),
        ),
        (
            "--mtl-all-samplers <SAMPLER,...>",
            "sizes",
            format!("unknown sampler `sizes`, expected one of {samplers}\n"),
        ),
        ("--exposure <EXPOSURE>", "all", "[possible values: truncating, target-full, all-full]".to_owned()),
        (
            "--batches <KIND>",
            "mixed",
            "[possible values: homogeneous, heterogeneous, forced-heterogeneous, partition]".to_owned(),
        ),
        (
            "--heads <START>",
            "new",
            "[possible values: fresh, kept, mapped-by-name, shared-by-count]".to_owned(),
        ),
        ("--support-seed <SEED>", "first", "[possible values: paired, best]".to_owned()),
        ("--keep-models <WHICH>", "none", "[possible values: all, needed]".to_owned()),
    ] {
        let name = flag.split(' ').next().unwrap();
        let said = misuse(&folder, &format!("{PAIR} {name} {value}"));
        assert!(said.starts_with(&format!("error: invalid value '{value}' for '{flag}'")), "{said}");
        assert!(said.contains(&words), "{said}");
    }
    assert_eq!(
        misuse(&folder, &format!("{PAIR} --arms mtl-all --mtl-all-samplers size,size")),
        "error: mtl-all needs at least one sampler, and each sampler only once\n"
    );
    assert_eq!(
        misuse(&folder, &format!("{PAIR} --arms mtl,mtl")),
        "error: expected at least one arm, and each arm only once\n"
    );
}

#[test]
fn a_task_that_is_asked_for_twice() {
    let folder = folder();
    let compare = |target: &str, support: &str| {
        misuse(&folder, &format!("compare --model model --target {target} --support {support} --out study"))
    };
    assert_eq!(
        compare("task.toml", "task.toml"),
        "error: stilts, mtl, mtl-then-target, merge and self-train:support need a support that is not the target: name one, or leave out these arms\n"
    );
    assert_eq!(
        compare("task.toml", "help.toml,help.toml"),
        "error: a task is named twice: name each task once\n"
    );
    assert_eq!(
        compare("task.toml", "help.toml,./task.toml"),
        "error: task.toml and ./task.toml are both called toy\n"
    );
    fs::create_dir(folder.path("elsewhere")).unwrap();
    for file in ["task.toml", "train.tsv", "dev.tsv", "test.tsv"] {
        fs::copy(folder.path(file), folder.path(&format!("elsewhere/{file}"))).unwrap();
    }
    assert_eq!(
        compare("task.toml", "elsewhere/task.toml"),
        "error: task.toml and elsewhere/task.toml are both called toy\n"
    );
    assert_eq!(
        misuse(&folder, "sweep --model model --tasks task.toml,./task.toml --out study"),
        "error: task.toml and ./task.toml are both called toy\n"
    );
    assert_eq!(
        misuse(&folder, "advise --target task.toml --support ./task.toml"),
        "error: toy cannot be its own support\n"
    );
}

#[test]
fn a_directory_without_a_study() {
    let folder = folder();
    for command in ["report", "study status", "study gc", "study calibrate"] {
        for directory in ["model", "nowhere"] {
            folder.fails(&format!("{command} {directory}"), &format!("{directory} holds no study"));
        }
    }
    folder.write("mine/notes.txt", "of yesterday");
    let before = folder.snapshot("mine");
    folder.fails(
        &PAIR.replace("--out study", "--out mine"),
        "mine holds `notes.txt` but no study: give an --out that is empty or does not exist",
    );
    folder.snapshot("mine").assert_same(&before, "what is not a study's");
}

#[test]
fn json_is_one_value_and_a_dry_run_leaves_nothing() {
    let folder = folder();
    let small = COMPARE.replace("help.toml,other.toml", "help.toml").replace("--seeds 2", "--seeds 1");
    let estimate = folder.run_json(&format!("{small} --out study --dry-run --json"));
    assert_eq!((&estimate["runs"], &estimate["finished"]), (&4.into(), &0.into()));
    let arms = estimate["arms"].as_array().unwrap();
    let names: Vec<&str> = arms.iter().map(|arm| arm["arm"].as_str().unwrap()).collect();
    assert_eq!(names, ["toy: single", "toy: stilts from help", "toy: mtl with help"]);
    // The support phase is part of STILTs' cost: 144 and 86 rows are left to train on, 16 at a time.
    assert_eq!(arms.iter().map(|arm| arm["steps"].clone()).collect::<Vec<_>>(), [9, 9 + 6, 15]);
    assert!(!folder.path("study").exists(), "a dry run leaves nothing");

    let summary = folder.run_json(&format!("{small} --out study --json"));
    assert_eq!(summary["arms"].as_array().unwrap().len(), 3);
    assert_eq!(folder.run_json("report study --json"), summary, "whoever asks");
    let plans =
        folder.run_json("plan --model model --target task.toml --support help.toml --arms mtl --json");
    assert_eq!(plans.as_array().unwrap().len(), 1);
}

#[test]
fn sizes() {
    let folder = folder();
    let seeds: Vec<String> = (0..1001).map(|seed| seed.to_string()).collect();
    let rates: Vec<String> = (1..=1000).map(|cap| format!("\"capped:{cap}\"")).collect();
    for (file, message) in [
        (format!("seeds = [{}]", seeds.join(",")), "`seeds` has 1001 items, expected at most 1000"),
        (
            format!("seeds = [{}]\nmtl_all_samplers = [{}]", seeds[1..].join(","), rates.join(",")),
            "3000000 runs are too many for a study, expected at most 100000: make several studies of it",
        ),
        ("[settings]\nepochs = 4294967295".to_owned(), "epochs is 4294967295, expected 1 to 1000000"),
        (
            "[settings]\nbatch = 9223372036854775807".to_owned(),
            "batch is 9223372036854775807, expected 1 to 1000000",
        ),
    ] {
        folder.write("large.toml", file);
        let said = misuse(&folder, &PAIR.replace("compare", "compare large.toml"));
        assert_eq!(said, format!("error: {message}\n"));
    }
}
