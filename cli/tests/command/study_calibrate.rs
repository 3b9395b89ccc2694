//! `mtlift study calibrate`: small studies are drawn from a study's own runs, the same ones whenever it is asked.

use std::fs;

use serde_json::{Value, json};

use crate::study::{folder, label, runs};

const DRAWS: &str = "study calibrate study --studies 25 --seeds 6 --rows 20";

#[test]
fn arms_with_enough_seeds_are_drawn_from() {
    let folder = folder();
    folder
        .run(
            "compare --model model --target other.toml --support help.toml --arms single,mtl --seeds 12 --epochs 1 \
             --batch 16 --lr 3e-2 --jobs 2 --out study",
        )
        .success();
    let calibrate = |more: &str| folder.run(&format!("{DRAWS} {more}")).success().get_output().stdout.clone();
    let one = calibrate("--json --threads 1");
    assert_eq!(one, calibrate("--json --threads 2"), "the same draws");
    let outcome: Value = serde_json::from_slice(&one).unwrap();
    assert_eq!(outcome["draws"], json!({"studies": 25, "seeds": 6, "rows": 20, "replicates": 2000}));
    let all = outcome["calibration"].as_array().unwrap();
    let names: Vec<&str> = all.iter().map(|one| one["comparison"].as_str().unwrap()).collect();
    assert_eq!(
        names,
        [
            "other: single against itself",
            "other: mtl with help against itself",
            "other: mtl with help against single"
        ]
    );
    let findings = folder.json("study/findings.json");
    let mean = |arm: usize| findings["arms"][arm]["mean"]["value"].as_f64().unwrap();
    for (one, (same, truth)) in all.iter().zip([(true, 0.0), (true, 0.0), (false, mean(1) - mean(0))]) {
        assert_eq!((&one["same"], &one["studies"]), (&same.into(), &25.into()));
        assert!((one["truth"].as_f64().unwrap() - truth).abs() < 1e-12, "{one}: {truth}");
        let count = |name: &str| one[name].as_u64().unwrap();
        assert!(
            ["covered", "called_different", "called_different_at_looks", "called_different_by_paper"]
                .iter()
                .all(|name| count(name) <= 25)
        );
        // Where the truth is 0, what is called different has an interval that does not hold it.
        if same {
            assert!(count("covered") + count("called_different") <= 25, "{one}");
        }
    }
    let text = String::from_utf8(calibrate("")).unwrap();
    assert_eq!(text.lines().count(), 3);
    assert!(text.starts_with("other: single against itself: true difference +0.00 points, "), "{text}");

    // Without one of its seeds an arm has fewer than two small studies need.
    let lost = runs(&folder, "study")
        .into_iter()
        .find(|id| label(&folder, "study", id) == "other: mtl with help, seed 7");
    fs::remove_dir_all(folder.path(&format!("study/runs/{}", lost.unwrap()))).unwrap();
    let outcome = folder.run_json(&format!("{DRAWS} --json"));
    assert_eq!(outcome["calibration"], json!([all[0]]));
    let too_many = |seeds: usize, rows: usize| {
        folder.fails(
            &format!("study calibrate study --seeds {seeds} --rows {rows}"),
            &format!(
                "no arm has {} finished seeds and {rows} dev rows: give smaller --seeds and --rows",
                2 * seeds
            ),
        );
    };
    too_many(7, 20);
    too_many(6, 31);
    let run = folder.run("study calibrate study --studies 0").code(2).stdout("");
    let said = String::from_utf8_lossy(&run.get_output().stderr).into_owned();
    assert!(said.starts_with("error: invalid value '0' for '--studies <N>': "), "{said}");
}
