//! What a run is recognised by, and what it writes down.

use mtlift_schedule::{Exposure, Mix};
use mtlift_train::{Identity, Mixing, RunFiles, Settings, read_predictions};
use serde_json::json;

use crate::folder::{Folder, Run, Silent};

/// The settings by which runs of 0.1.0 are named: a setting that came later is not among them while it is at its default.
#[test]
fn identity_of_default_settings_is_that_of_0_1_0() {
    assert_eq!(
        Settings::default().identity().to_string(),
        "{\"batch\":32,\"clip\":1.0,\"dropout\":null,\"epochs\":3,\"evaluate_every\":0.5,\"held_out\":0.1,\
         \"learning_rate\":0.00005,\"max_steps\":null,\"max_tokens\":null,\"max_train\":null,\"micro_batch\":null,\
         \"patience\":null,\"protocol\":\"held-out\",\"schedule\":\"linear\",\"seed\":42,\"warmup\":0.06,\
         \"weight_decay\":0.01}"
    );
    assert_eq!(
        Mixing::default().identity().to_string(),
        "{\"heads\":\"per-task\",\"loss\":\"task-means\",\
         \"mix\":{\"batches\":\"heterogeneous\",\"exposure\":\"target-full\",\"sampler\":\"size\"}}"
    );
    let mixing = Mixing { combine: "pcgrad".parse().unwrap(), ..Mixing::default() };
    assert_eq!(mixing.identity()["combine"], "pcgrad");
}

#[test]
fn settings_of_0_1_0_are_read() {
    let mixing = json!({"mix": Mix::default(), "loss": "task-means", "heads": "per-task"});
    assert_eq!(serde_json::from_value::<Mixing>(mixing).unwrap(), Mixing::default());
}

/// A release does not orphan a run that is half made: the version is recorded and not compared.
#[test]
fn a_run_begun_by_another_version_goes_on() {
    let folder = Folder::with_tasks();
    let tasks = folder.tasks();
    let mut run = Run::new(Mixing::default());
    folder.train(&run, &tasks, "out", &mut Silent).unwrap();
    let file = folder.path("out/run.json");
    let text = std::fs::read_to_string(&file).unwrap();
    let version = format!("\"mtlift\": \"{}\"", env!("CARGO_PKG_VERSION"));
    assert!(text.contains(&version), "{text}");
    std::fs::write(&file, text.replace(&version, "\"mtlift\": \"0.0.7\"")).unwrap();
    std::fs::remove_file(folder.path("out/result.json")).unwrap();
    run.resume = true;
    folder.train(&run, &tasks, "out", &mut Silent).unwrap();
}

#[test]
fn a_step_says_what_each_task_lost_on_how_many_rows() {
    let folder = Folder::with_tasks();
    let tasks = folder.tasks();
    let mix = Mix { exposure: Exposure::AllFull, ..Mix::default() };
    let run = Run::new(Mixing { mix, ..Mixing::default() });
    let result = folder.train(&run, &tasks, "out", &mut Silent).unwrap().result;
    let files = RunFiles::at(&folder.path("out"));
    let steps = files.steps().unwrap();
    assert_eq!(steps.len() as u64, result.steps);
    for step in &steps {
        // The loss of a mixed batch is the sum of its tasks' means.
        let sum: f64 = step.tasks.iter().map(|task| task.loss).sum();
        assert!((sum - step.loss).abs() < 1e-9 * step.loss, "{step:?}");
        assert!(step.tasks.iter().all(|task| task.rows > 0));
    }
    for task in result.tasks() {
        let rows = steps.iter().flat_map(|step| &step.tasks).filter(|of| of.task == task.task);
        assert_eq!(rows.map(|of| of.rows as u64).sum::<u64>(), task.seen, "{}", task.task);
    }
    assert_eq!(files.result().unwrap(), result);
    assert_eq!(files.failure().unwrap(), None);
    assert_eq!(files.evaluations().unwrap().len(), 8);

    let dev = tasks[0].read("dev").unwrap();
    let table = read_predictions(&files.predictions(2, "pairs", "dev")).unwrap();
    assert_eq!(table.labels, tasks[0].labels);
    let read = table.rows;
    assert!(read.iter().map(|row| &row.index).eq(dev.examples.iter().map(|row| &row.index)));
    for row in read {
        let likelier = usize::from(row.logits[1] > row.logits[0]);
        assert_eq!(row.prediction, tasks[0].labels[likelier]);
    }
}
