//! A run trains on as many rows of each task as the mixture's plan says, a support's from where the last epoch left off, and
//! evaluates twice in each of its epochs, however long they are.

use mtlift_glue_data::Task;
use mtlift_schedule::{BatchKind, Exposure, Mix, Mixture, Sampler};
use mtlift_train::{Mixing, Protocol, rehearse};
use serde_json::Value;

use crate::folder::{Folder, Run, Silent};

const SINGLE_SCORES: [f64; 2] = [0.9, 0.6];

/// Epochs of one length, of several that are known, and of several that depend on scores.
const SAMPLERS: [Sampler; 3] = [Sampler::Uniform, Sampler::Annealed, Sampler::Dynamic];

#[track_caller]
fn check(exposure: Exposure) {
    let folder = Folder::with_tasks();
    let tasks = folder.tasks();
    for sampler in SAMPLERS {
        let mix = Mix { sampler, exposure, ..Mix::default() };
        let run = Run::new(Mixing { mix, single_scores: SINGLE_SCORES.to_vec(), ..Mixing::default() });
        let out = sampler.to_string();
        let result = folder.train(&run, &tasks, &out, &mut Silent).unwrap().result;
        let of_tasks = [&result.target, &result.supports[0]];
        let sizes = of_tasks.map(|task| task.train_rows);
        // A tenth of each is held out.
        assert_eq!(sizes, [43, 72]);

        let evaluations = folder.lines(&format!("{out}/evals.jsonl"));
        let mixture = Mixture::check(mix, &sizes, 0, run.settings.batch, 2).unwrap();
        let (mut seen, mut steps, mut looked_at) = ([0, 0], 0, Vec::new());
        let mut gaps: Option<Vec<f64>> = None;
        for epoch in 0..2 {
            let plan = mixture.plan(epoch, gaps.as_deref());
            seen = [0, 1].map(|task| seen[task] + plan.rows[task]);
            looked_at.extend([(steps + plan.steps.div_ceil(2)), steps + plan.steps]);
            steps += plan.steps;
            let at_end: Vec<&Value> = evaluations.iter().filter(|line| line["step"] == steps).collect();
            assert_eq!(at_end.iter().map(|line| &line["task"]).collect::<Vec<_>>(), ["pairs", "triples"]);
            let now = at_end.iter().map(|line| line["scores"]["headline"].as_f64().unwrap());
            gaps = Some(SINGLE_SCORES.iter().zip(now).map(|(single, now)| single - now).collect());
        }
        assert_eq!(of_tasks.map(|task| task.seen), seen, "{exposure}, {sampler}");
        assert_eq!(result.steps, steps, "{exposure}, {sampler}");
        for task in ["pairs", "triples"] {
            let of_task = evaluations.iter().filter(|line| line["task"] == task);
            assert!(of_task.map(|line| line["step"].as_u64().unwrap()).eq(looked_at.iter().copied()));
        }
        let epochs: Vec<f64> = evaluations.iter().map(|line| line["epoch"].as_f64().unwrap()).collect();
        assert_eq!([epochs[3], epochs[7]], [1.0, 2.0]);
    }
}

#[test]
fn truncating() {
    check(Exposure::Truncating);
}

#[test]
fn target_full() {
    check(Exposure::TargetFull);
}

#[test]
fn all_full() {
    check(Exposure::AllFull);
}

/// Half of the support's rows in each of two epochs: together every row once. Rows are known by their tokens.
#[test]
fn a_support_goes_on_where_it_was() {
    let folder = Folder::with_tasks();
    let tasks = ["twins", "triples"].map(|name| folder.task(name));
    let batches = BatchKind::Partition;
    let mix = Mix { sampler: Sampler::Uniform, batches, exposure: Exposure::TargetFull };
    let mut run = Run::new(Mixing { mix, ..Mixing::default() });
    run.settings.protocol = Protocol::Fixed;
    let tokens_of = |task: &Task| {
        let tasks = std::slice::from_ref(task);
        run.job(&folder, tasks, "none", |job| rehearse(job, None, &mut Silent)).unwrap().tokens as u64
    };
    let [target, support] = tasks.each_ref().map(tokens_of);

    folder.train(&run, &tasks, "out", &mut Silent).unwrap();
    let steps = folder.lines("out/steps.jsonl");
    let tokens: Vec<u64> = steps.iter().map(|step| step["tokens"].as_u64().unwrap()).collect();
    // In batches of 8: 40 rows of the target, then 40 of the support's 80.
    let parts: Vec<&[u64]> = tokens.chunks(5).collect();
    let sum = |part: usize| parts[part].iter().sum::<u64>();
    assert_eq!(parts.len(), 4);
    assert_eq!([sum(0), sum(2), sum(1) + sum(3)], [target, target, support]);
    assert_ne!(parts[0], parts[2], "the target's rows in another order");
}
