//! A run that was stopped and goes on: its description, its checkpoint, its best model and its logs.

use std::collections::BTreeMap;
use std::fs;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};

use mtlift_glue_data::Task;
use mtlift_schedule::{HeadStart, Mix, Sampler};
use mtlift_train::{Error, EvaluationRecord, Job, JobTask, Mixing, Observer, Settings, StepReport, train};

use super::world::{World, files};
use crate::mutate::Form;
use crate::target::Target;

pub(super) fn description() -> Target {
    target("run.json", Form::Json, Sampler::Size)
}

pub(super) fn checkpoint_state() -> Target {
    target("state.json", Form::Json, Sampler::Dynamic)
}

pub(super) fn checkpoint_tensors() -> Target {
    target("state.safetensors", Form::Tensors, Sampler::Size)
}

pub(super) fn best_model() -> Target {
    target("best-", Form::Tensors, Sampler::Size)
}

pub(super) fn steps() -> Target {
    target("steps.jsonl", Form::JsonLines, Sampler::Size)
}

pub(super) fn evaluations() -> Target {
    target("evals.jsonl", Form::JsonLines, Sampler::Size)
}

/// A folder with a model that was trained, in `out/model-pairs`, and its tasks.
pub(super) fn with_trained_model() -> World {
    let subject = Subject::new(Sampler::Size);
    subject.train(&mut StopsAfter(u64::MAX)).expect("the run can be made");
    subject.world
}

/// The same of a model whose head reads the other task's.
pub(super) fn with_joint_model() -> World {
    let mut subject = Subject::new(Sampler::Size);
    subject.mixing.architecture = Some("hierarchical".parse().expect("an architecture"));
    subject.train(&mut StopsAfter(u64::MAX)).expect("the run can be made");
    subject.world
}

/// A run on two tasks, stopped near its end, of which the file that has `part` in its name is mutated.
fn target(part: &str, form: Form, sampler: Sampler) -> Target {
    let stopped = Stopped::new(sampler);
    let newest = stopped.files.iter().rev().find(|(name, _)| name.contains(part));
    let (name, genuine) =
        newest.map(|(name, bytes)| (name.clone(), bytes.clone())).expect("the run has such a file");
    Target::new(form, vec![genuine], move |bytes| stopped.resume(&name, bytes))
}

/// Stops the run when a step was made, without a word.
struct StopsAfter(u64);

impl Observer for StopsAfter {
    fn warn(&mut self, _: &str) {}
    fn note(&mut self, _: &str) {}
    fn begin(&mut self, _: u64, _: u64) {}
    fn step(&mut self, step: u64, _: f64, _: &StepReport) {
        if step == self.0 {
            resume_unwind(Box::new("stopped"));
        }
    }
    fn evaluation(&mut self, _: &EvaluationRecord) {}
}

/// What a run is about.
struct Subject {
    world: World,
    tasks: [Task; 2],
    mixing: Mixing,
    settings: Settings,
}

impl Subject {
    fn new(sampler: Sampler) -> Self {
        let world = World::with_tasks();
        let tasks = [world.task("pairs"), world.task("triples")];
        let mix = Mix { sampler, ..Mix::default() };
        let mixing = Mixing { mix, single_scores: vec![0.5, 0.5], ..Mixing::default() };
        let settings = Settings {
            epochs: 3,
            batch: 16,
            max_tokens: Some(8),
            evaluate_every: 0.4,
            ..Settings::default()
        };
        Self { world, tasks, mixing, settings }
    }

    fn train(&self, observer: &mut dyn Observer) -> Result<(), Error> {
        let tasks = [0, 1].map(|task| JobTask {
            task: &self.tasks[task],
            max_train: None,
            score_rows: None,
            taught: None,
        });
        let job = Job {
            model: &self.world.path("model"),
            tasks: &tasks,
            mixing: &self.mixing,
            start: HeadStart::Fresh,
            settings: &self.settings,
            out: &self.world.path("out"),
            cache: None,
            resume: true,
            conflict_every: None,
            rebalanced: None,
        };
        train(job, observer).map(drop)
    }
}

/// A run that was stopped.
struct Stopped {
    subject: Subject,
    /// Its files.
    files: BTreeMap<String, Vec<u8>>,
}

impl Stopped {
    fn new(sampler: Sampler) -> Self {
        let subject = Subject::new(sampler);
        // Within the last epoch; those of a sampler that looks at scores are shorter.
        let after = if sampler.needs_scores() { 9 } else { 11 };
        let run = catch_unwind(AssertUnwindSafe(|| subject.train(&mut StopsAfter(after))));
        assert!(run.is_err(), "the run ended before it was stopped");
        let mut files = files(&subject.world.path("out"));
        let checkpoints: Vec<String> =
            files.keys().filter(|name| name.ends_with("state.json")).cloned().collect();
        // With one checkpoint there is none to fall back on.
        for older in &checkpoints[..checkpoints.len() - 1] {
            let directory = older.trim_end_matches("state.json");
            files.retain(|name, _| !name.starts_with(directory));
        }
        Self { subject, files }
    }

    /// Goes on with one of the files changed.
    fn resume(&self, name: &str, bytes: &[u8]) -> Result<(), Error> {
        let world = &self.subject.world;
        fs::remove_dir_all(world.path("out")).expect("the run's directory is there");
        self.files.iter().for_each(|(name, genuine)| world.write(&format!("out/{name}"), genuine));
        world.write(&format!("out/{name}"), bytes);
        self.subject.train(&mut StopsAfter(u64::MAX))
    }
}
