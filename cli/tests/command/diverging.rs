//! Runs that come to nothing: a loss that is not finite stops the job with step and rows on record, and a model that says the
//! same of every row is called by name.

use crate::folder::{Folder, rows};

#[test]
fn loss_that_is_not_finite_stops_the_run() {
    let folder = Folder::new();
    let train =
        "train --model model --task task.toml --batch 4 --lr 1e30 --warmup 0 --epochs 1 --out out --json";
    let run = folder.run(train).code(1).stdout("");
    let stderr = String::from_utf8_lossy(&run.get_output().stderr).into_owned();
    let failure = folder.json("out/failure.json");
    let step = failure["step"].as_u64().unwrap();
    let text = |key: &str| failure[key].as_str().unwrap().to_owned();
    let rows: Vec<u64> =
        failure["rows"].as_array().unwrap().iter().map(|row| row.as_u64().unwrap()).collect();
    assert!(rows.len() == 4 && rows.iter().all(|&row| row < 144), "{failure}");
    assert!(["NaN", "inf"].contains(&text("loss").as_str()) || text("grad_norm") == "NaN", "{failure}");
    let learning_rate = failure["learning_rate"].as_f64().unwrap();
    assert_eq!(
        stderr.lines().last(),
        Some(format!(
            "error: loss {}, gradient norm {} at step {step} (learning rate {learning_rate:e}) on training rows {rows:?}: lower \
             the learning rate, or look at these rows",
            text("loss"),
            text("grad_norm")
        ).as_str())
    );
    assert_eq!(
        folder.read("out/steps.jsonl").lines().count() as u64,
        step - 1,
        "the steps before are on record"
    );
    assert!(!folder.path("out/result.json").exists());
}

#[test]
fn model_that_predicts_one_class_is_called_by_name() {
    let folder = Folder::new();
    // Nearly all rows are of one class, and the step is large: nothing but that class is learnt.
    let one_sided = rows(160, "train", true).replace("\tno\n", "\tyes\n");
    folder.write("train.tsv", one_sided + "w1 w2\tno\nw3 w4\tno\n");
    let train =
        "train --model model --task task.toml --epochs 1 --batch 8 --lr 3e-3 --protocol fixed --out out";
    let run = folder.run(train).success();
    let stderr = String::from_utf8_lossy(&run.get_output().stderr).into_owned();
    assert_eq!(
        stderr.lines().last(),
        Some(
            "warning: toy: the predictions on dev are degenerate (one-class-predicted); this seed did not learn the task"
        )
    );
    assert_eq!(folder.json("out/result.json")["metrics"]["degenerate"], "one-class-predicted");
    folder
        .run("evaluate --model out/model --task task.toml --json")
        .success()
        .stderr("warning: the predictions are degenerate: one-class-predicted\n");
}
