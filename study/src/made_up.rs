//! Surveys, questions, arms and recipes for the tests of this crate: none of them reads a file of data or trains.

use std::collections::BTreeMap;
use std::sync::Arc;

use mtlift_eval::{Metric, TaskMetrics};
use mtlift_glue_data::{Kind, Target, Task};
use mtlift_report::{ArmFindings, arm_label};
use mtlift_schedule::ArmSpec;
use mtlift_train::{EvaluationRecord, Observer, Protocol, Rehearsal, StepReport, Yardstick};
use serde_json::{Value, json};

use crate::error::Error;
use crate::plan::{Plan, PlannedRun};
use crate::recipe::{Making, Recipe};
use crate::run_plan::RunPlan;
use crate::spec::{Question, Spec};
use crate::survey::{DevSet, Labelled, SeenTexts, Subject, Survey, Unlabelled};

/// A survey of tasks with so many training rows, a tenth of which is held out, and four dev rows each.
pub(crate) fn survey(tasks: &[(&str, usize)]) -> Survey {
    let metrics = TaskMetrics::check(&[Metric::Accuracy]).expect("a metric");
    let subject = |&(name, rows): &(&str, usize)| Subject {
        given: name.to_owned(),
        task: Task {
            name: name.to_owned(),
            kind: Kind::Classification,
            labels: ["no", "yes"].map(str::to_owned).to_vec(),
            positive: 1,
            metrics: vec!["accuracy".to_owned()],
            files: Vec::new(),
            relations: BTreeMap::new(),
            head_of: None,
        },
        fingerprint: format!("data of {name}"),
        all_rows: rows,
        train_rows: rows,
        rows: rows - rows / 10,
        imbalance: None,
        notes: Vec::new(),
        dev: DevSet {
            dev: Labelled {
                indices: (0..4).map(|index| index.to_string()).collect(),
                targets: vec![Target::Class(0); 4],
            },
            unused: Labelled::default(),
            metrics: metrics.clone(),
            groups: None,
            judge_by: Yardstick::Score,
        },
        head: None,
        texts: SeenTexts::default(),
        unlabelled: Unlabelled { rows: 50, hash: None },
    };
    Survey {
        model: "model".into(),
        model_hash: "a model's hash".to_owned(),
        parameters: 1 << 18,
        all: tasks.iter().map(subject).collect(),
    }
}

/// A question about these tasks.
pub(crate) fn spec(question: Question, targets: &[&str], supports: &[&str]) -> Spec {
    let names = |names: &[&str]| names.iter().map(|&name| name.to_owned()).collect();
    Spec {
        model: "model".to_owned(),
        targets: names(targets),
        supports: names(supports),
        ..Spec::defaults(question, Protocol::HeldOut)
    }
}

/// An arm of which nothing is known but what it is.
pub(crate) fn arm(target: &str, arm: impl Into<ArmSpec>, support: Option<&str>) -> ArmFindings {
    let arm = arm.into();
    ArmFindings {
        target: target.to_owned(),
        label: arm_label(arm.clone(), support, None, None),
        arm,
        support: support.map(str::to_owned),
        sampler: None,
        scores: Vec::new(),
        mean: None,
        deviation: None,
        gain: None,
        over_single_steps: None,
        best: None,
        shrunken: None,
        gold_probability: None,
        groups: None,
        gradients: None,
        dropped: None,
        tuned: None,
        self_trained: Vec::new(),
        compared: Vec::new(),
        cost: None,
        model: None,
        passes: Vec::new(),
        improving: false,
        curve: Vec::new(),
    }
}

/// A recipe that leaves a result and a model, or fails.
#[derive(Clone, Debug, Default)]
pub(crate) struct Pretence {
    pub(crate) name: &'static str,
    pub(crate) starts_from: Vec<String>,
    pub(crate) fails: bool,
}

impl Recipe for Pretence {
    fn starts_from(&self) -> &[String] {
        &self.starts_from
    }

    fn looks_at(&self) -> &[String] {
        &[]
    }

    fn describe(&self, _: &Survey) -> Value {
        json!({"pretence": self.name, "starts_from": self.starts_from})
    }

    fn plan(&self, label: &str, _: &Survey) -> Result<RunPlan, Error> {
        Ok(RunPlan {
            run: label.to_owned(),
            steps: 10,
            may_stop_early: false,
            estimated: false,
            epochs: 1,
            tasks: Vec::new(),
        })
    }

    fn seconds(&self, plan: &RunPlan, _: &[Rehearsal]) -> f64 {
        plan.steps as f64
    }

    fn make(&self, making: Making<'_>, _: &mut dyn Observer) -> Result<(), Error> {
        if self.fails {
            return Err(Error::Spec { what: format!("{} fails", self.name) });
        }
        for id in &self.starts_from {
            assert!(making.store.model(id, "target")?.is_dir(), "what a run starts from has its model");
        }
        let result = json!({
            "protocol": "held-out", "seed": 1, "steps": 10, "tokens": 100, "task": "target",
            "metrics": {"accuracy": 0.5, "headline": 0.5}, "train_rows": 9, "seen": 9, "selected_step": 10,
            "selected_score": 0.5, "parameters": ""
        });
        let timing = json!({
            "seconds": 1.0, "training_seconds": 1.0, "tokens_per_s": 100.0, "peak_rss_mib": null, "threads": 1,
            "instructions": "portable"
        });
        mtlift_files::make_directory(&making.out.join("model"))?;
        mtlift_files::write_record(&making.out.join("timing.json"), &timing)?;
        Ok(mtlift_files::write_record(&making.out.join("result.json"), &result)?)
    }
}

/// Adds a run of one task to a plan.
pub(crate) fn add(plan: &mut Plan, recipe: Pretence) -> String {
    let description = recipe.describe(&survey(&[]));
    plan.add(PlannedRun::new(recipe.name.to_owned(), vec![0], Arc::new(recipe), description))
}

/// Hears nothing.
pub(crate) struct Silent;

impl Observer for Silent {
    fn warn(&mut self, _: &str) {}
    fn note(&mut self, _: &str) {}
    fn begin(&mut self, _: u64, _: u64) {}
    fn step(&mut self, _: u64, _: f64, _: &StepReport) {}
    fn evaluation(&mut self, _: &EvaluationRecord) {}
}
