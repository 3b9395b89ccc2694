//! What a mixture that cannot be trained is told.

use mtlift_schedule::{HeadStart, Mix, Sampler};
use mtlift_train::Mixing;

use crate::folder::{Folder, Run, Silent};

#[track_caller]
fn refuses(mixing: &Mixing, tasks: usize, message: &str) {
    assert_eq!(mixing.check(tasks).unwrap_err().to_string(), message);
}

fn sampled(sampler: Sampler) -> Mixing {
    Mixing { mix: Mix { sampler, ..Mix::default() }, ..Mixing::default() }
}

#[test]
fn of_weights() {
    for (weights, value) in [
        (vec![1.0], "1"),
        (vec![1.0, 2.0, 0.5], "1,2,0.5"),
        (vec![1.0, 0.0], "1,0"),
        (vec![-1.0, 1.0], "-1,1"),
        (vec![1.0, f64::NAN], "1,NaN"),
        (vec![f64::INFINITY, 1.0], "inf,1"),
    ] {
        let mixing = Mixing { weights, ..Mixing::default() };
        refuses(&mixing, 2, &format!("task weights is {value}, expected a number above 0 for each task"));
    }
    for weights in [vec![], vec![0.5, 3.0]] {
        Mixing { weights, ..Mixing::default() }.check(2).unwrap();
    }
}

#[test]
fn of_single_task_scores() {
    for (single_scores, value) in [
        (vec![], ""),
        (vec![0.5], "0.5"),
        (vec![0.5, 0.5, 0.5], "0.5,0.5,0.5"),
        (vec![0.5, f64::NAN], "0.5,NaN"),
        // A score is a share: 70 would be a gap that no sampler knows.
        (vec![0.5, 70.0], "0.5,70"),
    ] {
        for sampler in [Sampler::Dynamic, Sampler::DynamicGap] {
            let mixing = Mixing { single_scores: single_scores.clone(), ..sampled(sampler) };
            let expected = "a score between -1 and 1 for each task, which this sampler needs";
            refuses(&mixing, 2, &format!("single-task scores is {value}, expected {expected}"));
        }
    }
    Mixing { single_scores: vec![0.5, -0.1], ..sampled(Sampler::Dynamic) }.check(2).unwrap();
    sampled(Sampler::Size).check(2).unwrap();
    sampled(Sampler::Dynamic).check(1).unwrap();
}

#[test]
fn of_tasks_that_do_not_go_together() {
    let folder = Folder::with_tasks();
    let [pairs, triples] = folder.tasks();
    let refused = |mixing: Mixing, tasks: &[_], message: &str| {
        let error = folder.train(&Run::new(mixing), tasks, "out", &mut Silent).unwrap_err();
        assert_eq!(error.to_string(), message);
        assert!(!folder.path("out").exists(), "nothing was written");
    };
    let twice = [pairs.clone(), triples.clone(), pairs.clone()];
    refused(Mixing::default(), &twice, "list of tasks is pairs,triples,pairs, expected different names");

    // The labels of this one are read as numbers, and scored in their square.
    let numbers: Vec<String> = (0..12).map(|row| format!("w{row}\t{row}\n")).collect();
    std::fs::write(folder.path("numbers.tsv"), format!("text\tlabel\n{}", numbers.concat())).unwrap();
    let toml = "name = \"numbers\"\nkind = \"regression\"\nmetrics = [\"mse\"]\ntext = \"text\"\nlabel = \"label\"\n\
                [files]\ntrain = \"numbers.tsv\"\ndev = \"numbers.tsv\"\n";
    std::fs::write(folder.path("numbers.toml"), toml).unwrap();
    let numbers = mtlift_glue_data::Task::find(folder.path("numbers.toml").to_str().unwrap(), None).unwrap();
    let mixing = Mixing { single_scores: vec![0.5, 0.5], ..sampled(Sampler::Dynamic) };
    let expected = "one that does not look at scores, because a task is scored by mse";
    refused(mixing, &[pairs, numbers], &format!("sampler is dynamic, expected {expected}"));
}

/// The same labels in another order: by name the head's rows are turned, by count they are not.
#[test]
fn of_a_head_that_started_otherwise() {
    let folder = Folder::with_tasks();
    let mut run = Run::new(Mixing::default());
    run.settings.max_steps = Some(1);
    folder.train(&run, &[folder.task("pairs")], "first", &mut Silent).unwrap();

    let toml = std::fs::read_to_string(folder.path("pairs.toml")).unwrap();
    let turned = toml.replace(r#"["no", "yes"]"#, r#"["yes", "no"]"#);
    std::fs::write(folder.path("turned.toml"), turned).unwrap();
    let second = Run { model: "first/model", start: HeadStart::MappedByName, ..run };
    folder.train(&second, &[folder.task("turned")], "second", &mut Silent).unwrap();
    let by_count = Run { start: HeadStart::SharedByCount, resume: true, ..second };
    let error = folder.train(&by_count, &[folder.task("turned")], "second", &mut Silent).unwrap_err();
    let out = folder.path("second");
    let message = "holds another run, which differs in tasks.head.mapped.from ([1,0] there, [0,1] asked): give another --out";
    assert_eq!(error.to_string(), format!("{} {message}", out.display()));
}

#[test]
fn of_rows_with_a_loss_that_is_not_finite() {
    let folder = Folder::with_tasks();
    let mut run = Run::new(Mixing::default());
    (run.settings.learning_rate, run.settings.warmup) = (1e30, 0.0);
    let error = folder.train(&run, &folder.tasks(), "out", &mut Silent).unwrap_err().to_string();
    let failure = std::fs::read_to_string(folder.path("out/failure.json")).unwrap();
    let failure: serde_json::Value = serde_json::from_str(&failure).unwrap();
    let rows = |task: &str| -> Vec<u64> {
        failure["rows"][task].as_array().unwrap().iter().map(|row| row.as_u64().unwrap()).collect()
    };
    let (pairs, triples) = (rows("pairs"), rows("triples"));
    assert_eq!(pairs.len() + triples.len(), 8, "{failure}");
    let named =
        format!("on training rows {pairs:?} of pairs, {triples:?} of triples: lower the learning rate");
    assert!(error.contains(&named), "{error}");
}
