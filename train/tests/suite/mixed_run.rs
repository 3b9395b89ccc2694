//! Whole runs over several tasks: interrupted anywhere, on one thread or two, and what they leave for each task.

use std::fs;
use std::num::NonZeroU32;
use std::path::Path;

use mtlift_eval::Scores;
use mtlift_schedule::{Combine, Exposure, FlatMinima, Mix, Sampler};
use mtlift_train::{
    EvaluationRecord, HeadSharing, Job, Mixing, Observer, Protocol, Rehearsal, RunFiles, StepReport,
    TrainedModel, rehearse, write_predictions,
};
use serde_json::json;

use crate::folder::{Folder, Run, Silent, assert_same};

/// Sampled by the gap to these scores.
fn dynamic(exposure: Exposure) -> Mixing {
    let mix = Mix { sampler: Sampler::Dynamic, exposure, ..Mix::default() };
    Mixing { mix, single_scores: vec![0.9, 0.6], ..Mixing::default() }
}

/// Copies the run's directory as it is on the disk when something is heard: what a process that is killed at that moment
/// leaves. The moments: before any checkpoint; when the support, the second task, is scored at the end of the first
/// epoch, by which the next is sampled; and within the second, past a checkpoint.
struct Copies<'a> {
    folder: &'a Folder,
    evaluations: u64,
    steps_since: u64,
}

/// Names, evaluations heard of, steps since the last of them, and checkpoints on the disk.
const MOMENTS: [(&str, u64, u64, usize); 3] =
    [("at-first", 0, 2, 0), ("between-epochs", 4, 0, 1), ("within-second", 6, 1, 2)];

impl Copies<'_> {
    fn copy(&self) {
        for (name, evaluations, steps, _) in MOMENTS {
            if (evaluations, steps) == (self.evaluations, self.steps_since) {
                copy(&self.folder.path("whole"), &self.folder.path(name));
            }
        }
    }
}

fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        let to = to.join(entry.file_name());
        if entry.path().is_dir() {
            copy(&entry.path(), &to);
        } else {
            fs::copy(entry.path(), to).unwrap();
        }
    }
}

impl Observer for Copies<'_> {
    fn warn(&mut self, _: &str) {}
    fn note(&mut self, _: &str) {}
    fn begin(&mut self, _: u64, _: u64) {}
    fn step(&mut self, _: u64, _: f64, _: &StepReport) {
        self.steps_since += 1;
        self.copy();
    }
    fn evaluation(&mut self, _: &EvaluationRecord) {
        (self.evaluations, self.steps_since) = (self.evaluations + 1, 0);
        self.copy();
    }
}

/// Resumes a run from each of the moments.
#[track_caller]
fn check_resumed(exposure: Exposure, combine: &str) {
    check_run_resumed(&mut Run::new(Mixing { combine: combine.parse().unwrap(), ..dynamic(exposure) }));
}

#[track_caller]
fn check_run_resumed(run: &mut Run) {
    let folder = Folder::with_tasks();
    folder.write_deep_encoder("deep", 2);
    let tasks = folder.tasks();
    let mut copies = Copies { folder: &folder, evaluations: 0, steps_since: 0 };
    folder.train(run, &tasks, "whole", &mut copies).unwrap();
    run.resume = true;
    for (name, _, _, there) in MOMENTS {
        let checkpoints = fs::read_dir(folder.path(name))
            .unwrap()
            .filter(|entry| entry.as_ref().unwrap().file_name().to_str().unwrap().starts_with("checkpoint-"));
        assert_eq!(checkpoints.count(), there, "{name}");
        assert!(!folder.path(name).join("result.json").exists());
        folder.train(run, &tasks, name, &mut Silent).unwrap();
        assert_same(&folder.path(name), &folder.path("whole"), &format!("{:?}, {name}", run.mixing));
    }
}

#[test]
fn resumed_truncating() {
    check_resumed(Exposure::Truncating, "sum");
}

#[test]
fn resumed_target_full() {
    check_resumed(Exposure::TargetFull, "sum");
}

#[test]
fn resumed_all_full() {
    check_resumed(Exposure::AllFull, "sum");
}

/// Its projections are in an order that is drawn.
#[test]
fn resumed_with_pcgrad() {
    check_resumed(Exposure::AllFull, "pcgrad");
}

/// What they carry from step to step is in the checkpoint: means of cosines, coefficients kept for some steps, learnt weights and Adam's
/// means, losses of a window or an epoch, scores.
#[test]
fn resumed_with_rules_that_have_a_memory() {
    for combine in
        ["gradvac", "nash(every=3)", "gradnorm", "uncertainty", "dwa(every=2)", "dwa", "dtp", "famo"]
    {
        check_resumed(Exposure::AllFull, combine);
    }
}

/// A gradient that is taken nearby leaves nothing behind; where each task climbs, a rule carries a state for the climbs too.
#[test]
fn resumed_with_flat_minima() {
    for (combine, flat_minima) in
        [("gradvac", "asam"), ("gradvac", "fs-mtl"), ("nash(every=3)", "fs-mtl"), ("uncertainty", "fs-mtl")]
    {
        let mut run = Run::new(Mixing { combine: combine.parse().unwrap(), ..dynamic(Exposure::AllFull) });
        run.settings.flat_minima = Some(flat_minima.parse().unwrap());
        check_run_resumed(&mut run);
    }
}

/// Batches whose rows stand in another order than they were drawn in, and heads that read of others.
#[test]
fn resumed_with_architectures() {
    for architecture in
        ["layers(pairs=1,triples=2)", "hierarchical", "shared-private(adversary=1,orthogonality=1)"]
    {
        let mixing = dynamic(Exposure::AllFull);
        let mut run = Run::new(Mixing { architecture: Some(architecture.parse().unwrap()), ..mixing });
        run.model = "deep";
        check_run_resumed(&mut run);
    }
}

/// The mean of the weights is in the checkpoint, and what is kept, scored and exported is the mean.
#[test]
fn resumed_with_an_average() {
    for average in ["ema", "swa(start=0.2)"] {
        let folder = Folder::with_tasks();
        let tasks = folder.tasks();
        let mut run = Run::new(dynamic(Exposure::AllFull));
        run.settings.weight_average = Some(average.parse().unwrap());
        let mut copies = Copies { folder: &folder, evaluations: 0, steps_since: 0 };
        folder.train(&run, &tasks, "whole", &mut copies).unwrap();
        run.resume = true;
        for (name, ..) in MOMENTS {
            folder.train(&run, &tasks, name, &mut Silent).unwrap();
            assert_same(&folder.path(name), &folder.path("whole"), &format!("{average}, {name}"));
        }
        run.resume = false;
        run.settings.weight_average = None;
        folder.train(&run, &tasks, "plain", &mut Silent).unwrap();
        let steps = |name: &str| RunFiles::at(&folder.path(name)).steps().unwrap();
        assert_eq!(steps("plain").first(), steps("whole").first(), "steps are made as without");
        let parameters = |name: &str| RunFiles::at(&folder.path(name)).result().unwrap().target.parameters;
        assert_ne!(parameters("plain"), parameters("whole"));
    }
}

/// The coefficients of a step are in its line; those that are added have none.
#[test]
fn steps_say_what_each_task_counted() {
    let folder = Folder::with_tasks();
    for (out, combine) in [("added", "sum"), ("drawn", "rlw")] {
        let run = Run::new(Mixing { combine: combine.parse().unwrap(), ..Mixing::default() });
        folder.train(&run, &folder.tasks(), out, &mut Silent).unwrap();
        let steps = RunFiles::at(&folder.path(out)).steps().unwrap();
        assert!(!steps.is_empty());
        for step in steps {
            let weights: Vec<f64> = step.tasks.iter().filter_map(|task| task.weight).collect();
            match combine {
                "sum" => assert!(weights.is_empty()),
                _ => assert!((weights.iter().sum::<f64>() - 1.0).abs() < 1e-12, "{weights:?}"),
            }
        }
    }
}

/// A run that records conflict is the same run but for what its steps say, and goes on with the same bits.
#[test]
fn recorded_conflict_is_in_the_steps_alone() {
    for (combine, flat_minima) in
        [("sum", None), ("gradvac", None), ("sum", Some("fs-mtl")), ("gradvac", Some("fs-mtl"))]
    {
        let folder = Folder::with_tasks();
        let tasks = folder.tasks();
        let mut run = Run::new(Mixing { combine: combine.parse().unwrap(), ..dynamic(Exposure::AllFull) });
        run.settings.flat_minima = flat_minima.map(|name| name.parse().unwrap());
        folder.train(&run, &tasks, "plain", &mut Silent).unwrap();
        run.conflict_every = NonZeroU32::new(2);
        let mut copies = Copies { folder: &folder, evaluations: 0, steps_since: 0 };
        folder.train(&run, &tasks, "whole", &mut copies).unwrap();
        run.resume = true;
        for (name, ..) in MOMENTS {
            folder.train(&run, &tasks, name, &mut Silent).unwrap();
            assert_same(&folder.path(name), &folder.path("whole"), name);
        }

        let [plain, whole] = ["plain", "whole"].map(|out| RunFiles::at(&folder.path(out)).steps().unwrap());
        for (step, plain) in whole.iter().zip(&plain) {
            let mut stripped = step.clone();
            for (place, task) in stripped.tasks.iter_mut().enumerate() {
                let (norm, cosines) = (task.grad_norm.take(), std::mem::take(&mut task.cosines));
                let is_looked_at = step.step % 2 == 1;
                assert_eq!(norm.is_some_and(|norm| norm > 0.0), is_looked_at, "{combine}: {step:?}");
                assert_eq!(cosines.len(), if is_looked_at { place } else { 0 }, "{combine}: {step:?}");
            }
            assert_eq!(stripped, *plain, "{combine}");
        }
        assert!(whole.iter().any(|step| step.tasks.len() > 1));
        fs::copy(folder.path("plain/steps.jsonl"), folder.path("whole/steps.jsonl")).unwrap();
        assert_same(&folder.path("whole"), &folder.path("plain"), combine);
    }
}

/// Wide enough that products, attention and optimiser are divided among threads.
#[test]
fn one_and_two_threads() {
    let folder = Folder::with_tasks();
    folder.write_encoder("wide", 128);
    let tasks = folder.tasks();
    for (name, combine, flat_minima) in [("plain", "sum", None), ("apart", "nash", Some("fs-mtl"))] {
        let mixing = Mixing { combine: combine.parse().unwrap(), ..dynamic(Exposure::TargetFull) };
        let mut run = Run { model: "wide", ..Run::new(mixing) };
        (run.settings.batch, run.settings.learning_rate) = (32, 1e-3);
        run.settings.flat_minima = flat_minima.map(|name| name.parse().unwrap());
        let [one, two] = [1, 2].map(|threads| {
            let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
            let out = format!("{name}-{threads}");
            let outcome = pool.install(|| folder.train(&run, &tasks, &out, &mut Silent)).unwrap();
            assert_eq!(outcome.timing.threads, threads);
            folder.path(&out)
        });
        assert_same(&two, &one, &format!("{name}, two threads"));
    }
}

/// Every method of the table, on a model wide enough that its gradients are divided among threads.
#[test]
fn every_method_on_one_and_two_threads() {
    let folder = Folder::with_tasks();
    folder.write_encoder("wide", 128);
    let tasks = folder.tasks();
    let rules = Combine::rules().iter().map(|rule| (rule.about.name, None));
    let flat = FlatMinima::all().map(|climb| ("nash", Some(climb.about().name)));
    for (combine, flat_minima) in rules.chain(flat) {
        let mixing = Mixing { combine: combine.parse().unwrap(), ..dynamic(Exposure::AllFull) };
        let mut run = Run { model: "wide", ..Run::new(mixing) };
        (run.settings.batch, run.settings.max_steps) = (32, Some(5));
        run.settings.flat_minima = flat_minima.map(|name| name.parse().unwrap());
        run.conflict_every = NonZeroU32::new(2);
        let out = |threads: usize| format!("{combine}-{}-{threads}", flat_minima.unwrap_or_default());
        for threads in [1, 2] {
            let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
            let outcome = pool.install(|| folder.train(&run, &tasks, &out(threads), &mut Silent)).unwrap();
            assert_eq!((outcome.timing.threads, outcome.result.steps), (threads, 5));
        }
        assert_same(&folder.path(&out(2)), &folder.path(&out(1)), &format!("{combine} on two threads"));
    }
}

/// Each task's files and result, with heads of their own and shared: the model is that of the task's own best step, and
/// makes the predictions that were written and scored.
#[test]
fn every_task_has_its_own_best_model() {
    let folder = Folder::with_tasks();
    let tasks = ["pairs", "triples", "twins"].map(|name| folder.task(name));
    for (out, heads) in [("alone", HeadSharing::PerTask), ("shared", HeadSharing::ByLabelCount)] {
        let mut run = Run::new(Mixing { heads, ..Mixing::default() });
        // Dev selects and scores, so the score of the model tells whether it is the selected one.
        run.settings.protocol = Protocol::Paper;
        let result = folder.train(&run, &tasks, out, &mut Silent).unwrap().result;
        let evaluations = folder.lines(&format!("{out}/evals.jsonl"));
        let mut selected = Vec::new();
        for (index, task) in tasks.iter().enumerate() {
            let name = &task.name;
            let found = result.tasks().nth(index).unwrap();
            assert_eq!(found.task, *name);
            let mut best = None;
            for line in evaluations.iter().filter(|line| line["task"] == json!(name)) {
                let score = line["scores"]["headline"].as_f64().unwrap();
                let better = best.is_none_or(|(_, so_far)| score > so_far);
                assert_eq!(line["selected"], better, "{out}: {line}");
                if better {
                    best = Some((line["step"].as_u64().unwrap(), score));
                }
            }
            let (step, score) = best.unwrap();
            assert_eq!((found.selected_step, found.selected_score), (step, Some(score)));
            selected.push(step);

            let directory = folder.path(out);
            let files = RunFiles::at(&directory);
            let model = TrainedModel::open(&files.model(3, name), task, None, None).unwrap();
            assert!(directory.join(format!("model-{name}")).is_dir());
            let rows = model.read(task, "dev", None, &mut |_| {}).unwrap();
            let logits = model.logits(&rows).unwrap();
            let scores: Scores =
                model.score(task, &rows, &model.predictions(&logits, None).unwrap()).unwrap();
            assert_eq!(scores.headline(), score, "{out}, {name}");
            assert_eq!(found.metrics, Some(scores), "{out}, {name}");
            let again = folder.path("again.tsv");
            write_predictions(&again, &rows.indices, &task.labels, &logits).unwrap();
            let written = files.predictions(3, name, "dev");
            assert_eq!(written, directory.join(format!("predictions-{name}-dev.tsv")));
            assert_eq!(fs::read_to_string(written).unwrap(), fs::read_to_string(again).unwrap());
        }
        selected.dedup();
        assert!(selected.len() > 1, "{out}: the tasks do not have the same best step, {selected:?}");
    }
}

#[test]
fn a_rehearsal_writes_nothing() {
    let folder = Folder::with_tasks();
    let before = folder.names();
    let run = Run::new(dynamic(Exposure::TargetFull));
    let rehearsed = |time: Option<std::time::Duration>| -> Rehearsal {
        let rehearsal = |job: Job<'_>| rehearse(job, time, &mut Silent);
        run.job(&folder, &folder.tasks(), "out", rehearsal).unwrap()
    };
    let read = rehearsed(None);
    assert_eq!((read.rows, read.speed), (43, None));
    let timed = rehearsed(Some(std::time::Duration::from_millis(5)));
    assert!(timed.speed.is_some_and(|speed| speed.training > 0.0 && speed.evaluation > 0.0));
    assert_eq!(Rehearsal { speed: None, ..timed }, read);
    assert_eq!(folder.names(), before);
}
