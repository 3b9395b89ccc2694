//! The built-in suite on the command line: its tasks stand wherever a task does, and `compare` has a question of its own.

use crate::folder::Folder;

/// `compare` without tasks, but for what makes it take seconds.
const TOUR: &str = "compare --model model --max-train 40 --seeds 2 --epochs 1 --support-epochs 1";

#[test]
fn nothing_asked_is_answered_with_where_to_begin() {
    let folder = Folder::new();
    let run = folder.run("").success().stderr("");
    let page = String::from_utf8_lossy(&run.get_output().stdout).into_owned();
    assert!(page.contains("\n  mtlift compare\n") && page.lines().count() < 25, "{page}");
}

#[test]
fn data_show_prints_rows_of_any_task() {
    let folder = Folder::new();
    let show = |arguments: &str| {
        let run = folder.run(&format!("data show {arguments}")).success().stderr("");
        String::from_utf8_lossy(&run.get_output().stdout).into_owned()
    };
    let shown = show("demo:entailment --split dev --rows 3");
    let lines: Vec<&str> = shown.lines().collect();
    assert_eq!(
        lines[0],
        "demo:entailment dev: 3 of 500 rows, labels entailment, not_entailment (demo:entailment/dev)"
    );
    assert_eq!(lines.len(), 1 + 3 * 4, "a row is a gap, its target and two texts: {shown}");
    assert!(
        lines[2].starts_with("0  ") && lines[3].starts_with("    ") && lines[3].ends_with('.'),
        "{shown}"
    );

    // A user's own file, with what a terminal would obey.
    folder.write("test.tsv", "text\na\u{1b}[31mred\n");
    assert_eq!(
        show("task.toml --split test"),
        "toy test: 1 of 1 rows, labels no, yes (test.tsv)\n\n0  no target\n    a\\u{1b}[31mred\n"
    );

    let json = folder.run_json("data show demo:stars:rows=30:noise=0.5 --rows 40 --json");
    assert_eq!((&json["task"], &json["split"]), (&"demo:stars:rows=30:noise=0.5".into(), &"train".into()));
    assert_eq!((&json["split_rows"], json["rows"].as_array().unwrap().len()), (&30.into(), 30));
    assert!(json["rows"][0]["target"].is_number() && json["rows"][0]["text_b"].is_null(), "{json}");
}

#[test]
fn knobs_that_cannot_be_meant() {
    let folder = Folder::new();
    for (arguments, message) in [
        (
            "data show demo:stars:row=30",
            "demo:stars:row=30: there is no knob `row`, found `row=30`; the knobs are `seed` (a whole number), `rows` (20 to \
             100000), `noise` (0 to 1), `vocabulary` (20 to 600), `relatedness` (0 to 1), separated by colons",
        ),
        (
            "data show demo:start",
            "unknown task `demo:start`; did you mean `demo:stars`?; the tasks are `demo:acceptability`, `demo:sentiment`, \
             `demo:stars`, `demo:paraphrase`, `demo:similarity`, `demo:answer`, `demo:inference`, `demo:entailment`, \
             `demo:coreference`, or give the path of a .toml file",
        ),
    ] {
        folder.run(arguments).code(2).stdout("").stderr(format!("error: {message}\n"));
    }
    folder.fails(
        "data show demo:stars --split best",
        "demo:stars has no split `best`; its splits are `train`, `dev`, `test`",
    );
}

#[test]
fn the_suite_is_listed_with_its_knobs() {
    let folder = Folder::new();
    let list = folder.run("data list").success();
    let list = String::from_utf8_lossy(&list.get_output().stdout).into_owned();
    assert!(
        list.lines().any(|line| line.starts_with("demo:sentiment ") && line.ends_with("built in")),
        "{list}"
    );
    assert!(list.contains("relatedness (0 to 1)"), "{list}");
    let json = folder.run_json("data list --json");
    assert_eq!(
        (&json["demo"][1]["name"], &json["demo_knobs"][1]["name"]),
        (&"demo:sentiment".into(), &"rows".into())
    );
}

#[test]
fn train_evaluate_predict_and_check_take_a_task_of_the_suite() {
    let folder = Folder::new();
    let task = "demo:coreference:rows=60";
    let result = folder.run_json(&format!("train --model model --task {task} --epochs 1 --out out --json"));
    assert_eq!((&result["task"], &result["train_rows"]), (&task.into(), &54.into()));
    let evaluation = folder.run_json(&format!("evaluate --model out/model --task {task} --json"));
    assert_eq!(evaluation["metrics"], folder.json("out/result.json")["metrics"]);
    folder
        .run(&format!("predict --model out/model --task {task} --split test --out predictions.tsv"))
        .success();
    assert_eq!(folder.read("predictions.tsv").lines().count(), 501);
    folder.write("mine.tsv", "text_a\ttext_b\nAnna left.\tAnna stayed.\n");
    folder
        .run(&format!("predict --model out/model --task {task} --input mine.tsv --out mine-predictions.tsv"))
        .success();
    assert_eq!(folder.read("mine-predictions.tsv").lines().count(), 2);
    let report = folder.run_json(&format!("data check {task} --json"));
    assert_eq!(report["splits"][0]["rows"], 60);
}

#[test]
fn compare_asks_a_question_of_its_own() {
    let folder = Folder::new();
    let question = folder.run("compare --print-study").success();
    let question: toml::Table = String::from_utf8_lossy(&question.get_output().stdout).parse().unwrap();
    assert_eq!(question["model"].as_str(), Some("demo"));
    assert_eq!(question["targets"].to_string(), "[\"demo:sentiment\"]");
    assert_eq!(question["seeds"].to_string(), "[1, 2, 3, 4, 5]");
    // Flags stand above it.
    let question = folder.run("compare --print-study --seeds 3 --model model --epochs 2").success();
    let question: toml::Table = String::from_utf8_lossy(&question.get_output().stdout).parse().unwrap();
    assert_eq!(
        (question["model"].as_str(), question["seeds"].to_string()),
        (Some("model"), "[1, 2, 3]".to_owned())
    );
    assert_eq!(question["settings"]["epochs"].as_integer(), Some(2));

    let run = folder.run(TOUR).success();
    let (stdout, stderr) = (&run.get_output().stdout, &run.get_output().stderr);
    let [stdout, stderr] = [stdout, stderr].map(|text| String::from_utf8_lossy(text).into_owned());
    assert!(stdout.contains("report: studies/demo/report.html\n\nNext: "), "{stdout}");
    assert!(stderr.contains("[14/14] "), "{stderr}");

    // Once more: it goes on where it is, and says so.
    let again = folder.run(TOUR).success();
    let stderr = String::from_utf8_lossy(&again.get_output().stderr).into_owned();
    assert!(
        stderr.starts_with("studies/demo is there already and goes on; --out makes another\n")
            && stderr.contains("14 runs, 14 of them finished"),
        "{stderr}"
    );
    // Another question is not mixed in.
    let other = folder.run(&TOUR.replace("--epochs 1", "--epochs 2")).code(1).stdout("");
    let stderr = String::from_utf8_lossy(&other.get_output().stderr).into_owned();
    assert!(
        stderr.contains("studies/demo holds another study, which differs in settings.epochs"),
        "{stderr}"
    );
}
