//! `mtlift sweep` and `mtlift size-curve`: which runs there are, which of them are shared, and what is found.

use std::collections::BTreeSet;

use serde_json::Value;

use crate::folder::Folder;
use crate::study::{folder, label, runs};

/// All ordered pairs of three tasks, MTL-ALL by two samplers, under one seed.
const SWEEP: &str = "sweep --model model --tasks task.toml,help.toml,other.toml --mtl-all-samplers size,uniform --seeds 1 \
     --epochs 1 --batch 16 --lr 1e-2 --jobs 1";

const TASKS: [&str; 3] = ["toy", "help", "other"];

/// The ordered pairs of [`TASKS`].
fn pairs() -> Vec<(&'static str, &'static str)> {
    let of = |target| {
        TASKS.into_iter().filter(move |&support| support != target).map(move |support| (target, support))
    };
    TASKS.into_iter().flat_map(of).collect()
}

/// The run of the first seed of an arm.
fn run<'a>(findings: &'a Value, target: &str, arm: &str) -> &'a str {
    let arms = findings["arms"].as_array().unwrap();
    let arm = arms.iter().find(|there| there["target"] == target && there["label"] == arm).unwrap();
    arm["scores"][0]["run"].as_str().unwrap()
}

/// How many runs a sweep has.
fn count(folder: &Folder, more: &str) -> Value {
    folder.run_json(&format!("{SWEEP} {more} --out nowhere --dry-run --json"))["runs"].clone()
}

#[test]
fn a_sweep_has_every_ordered_pair_and_shares_what_is_the_same() {
    let folder = folder();
    folder.run(&format!("{SWEEP} --out study")).success();
    // Three singles, six target phases of STILTs, a mixed run for each pair of tasks, MTL-ALL once by size and for each
    // target by the uniform sampler: with it the target's rows decide when the epoch ends.
    assert_eq!(runs(&folder, "study").len(), 3 + 6 + 3 + 1 + 3);
    let findings = folder.json("study/findings.json");
    assert_eq!(findings["progress"], serde_json::json!([16, 16]));
    for (target, support) in pairs() {
        let of = |target: &str, support: &str| run(&findings, target, &format!("mtl with {support}"));
        assert_eq!(of(target, support), of(support, target), "one mixed run serves both directions");
        let after = run(&findings, target, &format!("stilts from {support}"));
        assert_eq!(label(&folder, "study", after), format!("{target}: stilts from {support}, seed 1"));
        let description = folder.json(&format!("study/runs/{after}.json"))["description"].clone();
        let single = run(&findings, support, "single");
        assert_eq!(
            description["start"]["best_of"],
            serde_json::json!([single]),
            "the support phase is its single"
        );
    }
    let all = |sampler: &str| {
        let arm = format!("mtl-all ({sampler})");
        TASKS.map(|target| run(&findings, target, &arm)).into_iter().collect::<BTreeSet<_>>().len()
    };
    assert_eq!((all("size"), all("uniform")), (1, 3));

    let cells = findings["cells"].as_array().unwrap();
    let of = |cell: &Value, name: &str| cell[name].as_str().unwrap().to_owned();
    let found: Vec<_> = cells.iter().map(|cell| (of(cell, "target"), of(cell, "support"))).collect();
    let expected: Vec<_> =
        pairs().into_iter().map(|(target, support)| (target.to_owned(), support.to_owned())).collect();
    assert_eq!(found, expected);
    let sizes = |name: &str| [160, 96, 64][TASKS.iter().position(|&task| task == name).unwrap()];
    for cell in cells {
        assert_eq!(cell["sizes"]["target"], sizes(&of(cell, "target")));
        assert_eq!(cell["sizes"]["support"], sizes(&of(cell, "support")));
    }
    choices_are_averages(&findings, sizes);
    let html = folder.read("study/report.html");
    assert!(html.contains("<h2>All pairs</h2>"), "the heat map");
    assert!(html.contains("<h2>What the size rule would have said</h2>"), "the rules");
    let lines = |table: &str| folder.read(&format!("study/tables/{table}.csv")).lines().count();
    // A header; single, two of STILTs, two of MTL and two of MTL-ALL for each target; pairs; four rules by four tests.
    assert_eq!((lines("arms"), lines("cells"), lines("rules")), (1 + 3 * 7, 1 + 6, 1 + 16));
    assert_eq!(lines("choices"), 1 + 8 * (3 + 1));
}

/// That each way to choose scores what its arms score, which for the size rule follows from the sizes alone.
fn choices_are_averages(findings: &Value, sizes: impl Fn(&str) -> u64) {
    let arms = findings["arms"].as_array().unwrap();
    let of = |target: &str, fits: &dyn Fn(&Value) -> bool| -> Vec<f64> {
        let arms = arms.iter().filter(|arm| arm["target"] == target && fits(arm));
        arms.map(|arm| arm["scores"][0]["score"].as_f64().unwrap()).collect()
    };
    let mean = |scores: Vec<f64>| scores.iter().sum::<f64>() / scores.len() as f64;
    let labelled = |label: &'static str| move |target: &str| mean(of(target, &|arm| arm["label"] == label));
    let of_arm = |name: &'static str| move |target: &str| mean(of(target, &|arm| arm["arm"] == name));
    let by_size = |target: &str| {
        mean(of(target, &|arm| {
            let Some(support) = arm["support"].as_str() else { return false };
            arm["arm"] == if sizes(target) < sizes(support) { "mtl" } else { "stilts" }
        }))
    };
    let best = |key: &'static str| {
        move |target: &str| {
            let arms = arms.iter().filter(|arm| arm["target"] == target);
            let value = |arm: &Value| arm["scores"][0][key].as_f64().unwrap();
            let best = arms.rev().max_by(|a, b| value(a).total_cmp(&value(b))).unwrap();
            best["scores"][0]["score"].as_f64().unwrap()
        }
    };
    let expected = [
        ("single", TASKS.map(labelled("single"))),
        ("mtl-all (size)", TASKS.map(labelled("mtl-all (size)"))),
        ("mtl-all (uniform)", TASKS.map(labelled("mtl-all (uniform)"))),
        ("mtl, average support", TASKS.map(of_arm("mtl"))),
        ("stilts, average support", TASKS.map(of_arm("stilts"))),
        ("size rule, average support", TASKS.map(by_size)),
        ("best on the selecting rows", TASKS.map(best("selected"))),
        ("best on dev (oracle)", TASKS.map(best("score"))),
    ];
    let choices = findings["choices"].as_array().unwrap();
    assert_eq!(choices.len(), expected.len());
    for (choice, (way, scores)) in choices.iter().zip(expected) {
        assert_eq!(choice["way"], way);
        let close = |found: &Value, expected: f64| (found.as_f64().unwrap() - expected).abs() < 1e-12;
        for ((found, target), score) in choice["scores"].as_array().unwrap().iter().zip(TASKS).zip(scores) {
            assert!(found[0] == target && close(&found[1], score), "{way}: {found}");
        }
        assert!(close(&choice["mean"], mean(scores.to_vec())), "{way}: {choice}");
        assert!(choice["deviation"].is_null(), "one seed");
    }
}

#[test]
fn how_much_is_shared_depends_on_sampler_and_exposure() {
    let folder = folder();
    // With the uniform sampler a pair's two directions are two runs, unless an epoch is the same for both.
    for (more, expected) in [
        ("--sampler uniform", 3 + 6 + 6 + 1 + 3),
        ("--sampler uniform --exposure all-full", 3 + 6 + 3 + 1 + 1),
    ] {
        assert_eq!(count(&folder, more), expected, "{more}");
    }
}

#[test]
fn a_size_curve_cuts_the_support() {
    let folder = folder();
    let curve = "size-curve --model model --target other.toml --support task.toml --ratios 1,1/2 --seeds 2 --epochs 1 \
                 --batch 16 --lr 1e-2 --jobs 1";
    folder.run(&format!("{curve} --out study")).success();
    // Under each seed a single, and for each ratio the support phase, the target phase and the mixed run.
    let mut labels: Vec<String> =
        runs(&folder, "study").iter().map(|id| label(&folder, "study", id)).collect();
    labels.retain(|label| label.ends_with("seed 2"));
    labels.sort();
    let expected = [
        "other: mtl with toy at ratio 0.50, seed 2",
        "other: mtl with toy at ratio 1.00, seed 2",
        "other: single, seed 2",
        "other: stilts from toy at ratio 0.50, seed 2",
        "other: stilts from toy at ratio 1.00, seed 2",
        "toy (32 rows): single, seed 2",
        "toy (64 rows): single, seed 2",
    ];
    assert_eq!(labels, expected);

    let findings = folder.json("study/findings.json");
    let curve = &findings["size_curve"];
    assert_eq!((&curve["target"], &curve["support"]), (&"other".into(), &"toy".into()));
    let points = curve["points"].as_array().unwrap();
    let of = |name: &str| points.iter().map(|point| point[name].clone()).collect::<Vec<_>>();
    assert_eq!(of("ratio"), [0.5, 1.0]);
    assert_eq!(of("support_rows"), [32, 64]);
    for (point, (ratio, rows)) in points.iter().zip([("0.50", 32), ("1.00", 64)]) {
        let id = run(&findings, "other", &format!("mtl with toy at ratio {ratio}"));
        let description = folder.json(&format!("study/runs/{id}.json"))["description"].clone();
        let tasks = description["tasks"].as_array().unwrap();
        let rows_of = |name: &str| tasks.iter().find(|task| task["task"] == name).unwrap()["rows"].clone();
        assert_eq!((rows_of("other"), rows_of("toy")), (Value::Null, rows.into()));
        assert!(point["stilts"]["value"].is_f64() && point["mtl"]["value"].is_f64(), "{point}");
        assert_eq!(point["seeds"].as_array().unwrap().len(), 2);
        assert_eq!(point["difference"]["seeds"], 2);
    }
    for name in ["slope", "intercept", "crossover"] {
        assert!(curve.get(name).is_some(), "{name}: {curve}");
    }
    for name in ["slope", "intercept"] {
        assert!(curve[name]["value"].is_f64() && curve[format!("{name}_p")].is_f64(), "{name}: {curve}");
    }
    assert_eq!(curve["seeds"], 2);
    let line = folder.read("study/tables/curve.csv");
    assert!(line.starts_with("name,value,low,high,p\nslope,") && line.contains("\nintercept,"), "{line}");
    assert_eq!(findings["cells"], serde_json::json!([]), "that is what a sweep has");
    let arms = folder.read("study/tables/arms.csv");
    for arm in findings["arms"].as_array().unwrap() {
        let label = arm["label"].as_str().unwrap();
        assert_eq!(arms.lines().filter(|line| line.contains(&format!(",{label},"))).count(), 1, "{arms}");
    }
    assert_eq!(folder.read("study/tables/seeds.csv").lines().count(), 1 + 5 * 2);
    assert!(folder.read("study/report.html").contains("<h2>As the support is cut</h2>"));
}
