//! A model that gets used to a task's texts: what it learns, what it does not look at, what it leaves for fine-tuning to start from.

use std::fs;

use mtlift_encoder::{Checkpoint, Config};
use mtlift_files::TensorFile;
use mtlift_glue_data::Task;
use mtlift_schedule::HeadStart;
use mtlift_train::{
    ClassWeights, Error, MaskedEvaluation, Mixing, Observer, Outcome, Protocol, RunFiles, Settings, adapt,
    check_texts, train_adapted,
};

use crate::folder::{Folder, Run, Silent, assert_same};
use crate::pretraining::StopsAt;

fn settings() -> Settings {
    Settings { epochs: 30, ..Run::new(Mixing::default()).settings }
}

fn run(
    folder: &Folder,
    settings: &Settings,
    out: &str,
    observer: &mut dyn Observer,
) -> Result<Outcome, Error> {
    let run = Run { settings: settings.clone(), resume: true, ..Run::new(Mixing::default()) };
    run.job(folder, &[folder.task("pairs")], out, |job| adapt(job, observer))
}

#[test]
fn masked_tokens_are_guessed_better_and_labels_are_not_learnt() {
    let folder = Folder::with_tasks();
    let outcome = run(&folder, &settings(), "out", &mut Silent).unwrap();
    // An epoch has six steps.
    let losses: Vec<f64> =
        folder.lines("out/steps.jsonl").iter().map(|step| step["loss"].as_f64().unwrap()).collect();
    let mean = |losses: &[f64]| losses.iter().sum::<f64>() / losses.len() as f64;
    let (first, last) = (mean(&losses[..6]), mean(&losses[losses.len() - 6..]));
    assert!(last < first - 0.5, "{last} after {first}");
    let looks: Vec<MaskedEvaluation> = folder
        .lines("out/evals.jsonl")
        .into_iter()
        .map(|look| serde_json::from_value(look).unwrap())
        .collect();
    assert_eq!(looks.last().map(|look| look.scores), outcome.result.adapted);
    let target = &outcome.result.target;
    assert_eq!((target.train_rows, target.seen), (43, 30 * 43), "those that fine-tuning has");
    assert_eq!((&target.metrics, target.selected_score), (&None, None));
    assert_eq!(RunFiles::at(&folder.path("out")).result().unwrap(), outcome.result);
}

/// Under the protocol that holds nothing out, since what is held out is drawn by label.
#[test]
fn labels_make_no_difference() {
    let folder = Folder::with_tasks();
    let settings = Settings { protocol: Protocol::Paper, epochs: 2, ..settings() };
    let before = run(&folder, &settings, "before", &mut Silent).unwrap();
    let file = folder.path("pairs-train.tsv");
    let text = fs::read_to_string(&file).unwrap();
    let mut row = 0;
    let relabelled = text.lines().map(|line| match line.split_once('\t') {
        Some((text, "no" | "yes")) => {
            row += 1;
            format!("{text}\t{}\n", ["no", "yes", "yes"][row % 3])
        }
        _ => format!("{line}\n"),
    });
    let relabelled: String = relabelled.collect();
    assert_ne!(relabelled, text);
    fs::write(&file, relabelled).unwrap();
    let after = run(&folder, &settings, "after", &mut Silent).unwrap();
    assert_eq!(before.result.target.parameters, after.result.target.parameters);
}

/// What needs labels, or is another way to make a step, is not asked for.
#[test]
fn settings_of_fine_tuning_change_nothing() {
    let folder = Folder::with_tasks();
    let plain = Settings { epochs: 3, ..settings() };
    let more = Settings {
        patience: Some(1),
        class_weights: ClassWeights::Balanced,
        flat_minima: Some("sam".parse().unwrap()),
        weight_average: Some("ema".parse().unwrap()),
        ..plain.clone()
    };
    run(&folder, &plain, "plain", &mut Silent).unwrap();
    run(&folder, &more, "more", &mut Silent).unwrap();
    assert_same(&folder.path("more"), &folder.path("plain"), "with settings of fine-tuning");
}

#[test]
fn a_run_that_was_stopped_ends_with_the_same_bits() {
    let folder = Folder::with_tasks();
    let settings = Settings { epochs: 3, ..settings() };
    let steps = run(&folder, &settings, "whole", &mut Silent).unwrap().result.steps;
    for step in [2, 7, 8, steps] {
        let stopped =
            std::panic::catch_unwind(|| run(&folder, &settings, "stopped", &mut StopsAt(step)).map(drop));
        assert!(stopped.is_err(), "it was to stop at step {step}");
    }
    run(&folder, &settings, "stopped", &mut Silent).unwrap();
    assert_same(&folder.path("stopped"), &folder.path("whole"), "stopped");
}

/// Nothing of the model that it started from is lost for fine-tuning, and the head that was made is there for who goes on.
#[test]
fn a_pooler_goes_along_and_a_head_is_left() {
    let folder = Folder::with_tasks();
    folder.write_model("model", "bert", &["no", "yes"]);
    let settings = Settings { epochs: 1, ..settings() };
    run(&folder, &settings, "out", &mut Silent).unwrap();
    let tensor = |model: &str, name: &str| {
        TensorFile::open(&folder.path(model).join("model.safetensors")).unwrap().f32(name).unwrap()
    };
    let model = "out/model";
    for name in ["bert.pooler.dense.weight", "bert.pooler.dense.bias"] {
        assert_eq!(tensor(model, name), tensor("model", name));
    }
    let words = "bert.embeddings.word_embeddings.weight";
    assert_ne!(tensor(model, words), tensor("model", words));
    assert_eq!(Config::read(&folder.path(model)).unwrap().head, None, "it is none for labels");
    let names = Checkpoint::open(&folder.path(model)).unwrap();
    let of_head: Vec<&str> = names.names().filter(|name| name.starts_with("cls.")).collect();
    assert_eq!(
        of_head,
        [
            "cls.predictions.bias",
            "cls.predictions.transform.LayerNorm.bias",
            "cls.predictions.transform.LayerNorm.weight",
            "cls.predictions.transform.dense.bias",
            "cls.predictions.transform.dense.weight"
        ]
    );

    // And it is read where it is: one step on, masked tokens are guessed as well as before.
    let at = |model: &'static str, out: &str| {
        let settings = Settings { epochs: 20, max_steps: Some(1), learning_rate: 1e-9, ..settings.clone() };
        let tasks: [Task; 1] = [folder.task("pairs")];
        let run = Run { model, settings, ..Run::new(Mixing::default()) };
        run.job(&folder, &tasks, out, |job| adapt(job, &mut Silent)).unwrap().result.adapted.unwrap()
    };
    let long = Settings { epochs: 30, ..settings.clone() };
    let learnt = run(&folder, &long, "long", &mut Silent).unwrap().result.adapted.unwrap();
    let (again, anew) = (at("long/model", "again"), at("model", "anew"));
    assert!((again.loss - learnt.loss).abs() < 1e-3, "{again} after {learnt}");
    assert!((anew.loss - learnt.loss).abs() > 0.1, "{anew} before {learnt}");
}

#[test]
fn a_tokenizer_without_a_mask_is_refused() {
    let folder = Folder::with_tasks();
    assert!(check_texts(&folder.path("model")).is_ok());
    let vocabulary = folder.path("model/vocab.txt");
    let words = fs::read_to_string(&vocabulary).unwrap().replace("[MASK]", "w99");
    fs::write(&vocabulary, words).unwrap();
    for error in [
        check_texts(&folder.path("model")).unwrap_err(),
        run(&folder, &settings(), "out", &mut Silent).unwrap_err(),
    ] {
        assert!(error.to_string().starts_with("the tokenizer cannot mask"), "{error}");
    }
    assert!(!folder.path("out").exists());
}

fn train_adapted_on(
    folder: &Folder,
    tasks: &[Task],
    how: &str,
    out: &str,
    observer: &mut dyn Observer,
) -> Result<Outcome, Error> {
    let run = Run { resume: true, ..Run::new(Mixing::default()) };
    run.job(folder, tasks, out, |job| train_adapted(how.parse().unwrap(), job, observer))
}

/// The two phases are those that can be made one by one.
#[test]
fn one_run_adapts_and_trains() {
    let folder = Folder::with_tasks();
    let pairs = [folder.task("pairs")];
    let whole = train_adapted_on(&folder, &pairs, "adapt(epochs=3,lr=0.02)", "whole", &mut Silent).unwrap();
    let settings = Settings { epochs: 3, learning_rate: 0.02, ..settings() };
    run(&folder, &settings, "texts", &mut Silent).unwrap();
    assert_same(&folder.path("whole/adapted"), &folder.path("texts"), "the first phase");
    let by_hand = Run { model: "texts/model", ..Run::new(Mixing::default()) };
    let by_hand = folder.train(&by_hand, &pairs, "by hand", &mut Silent).unwrap();
    assert_eq!(whole.result, by_hand.result);
    let plain = folder.train(&Run::new(Mixing::default()), &pairs, "plain", &mut Silent).unwrap();
    assert_ne!(whole.result.target.parameters, plain.result.target.parameters);
    assert!(folder.path("whole/adapted/model/config.json").exists(), "it is what a resumed run starts from");
}

/// Rows are held out class by class, so a head whose labels stand in another order would have the first phase learn the texts that the second
/// holds out.
#[test]
fn a_head_with_labels_in_another_order_holds_out_the_same_rows() {
    let folder = Folder::with_tasks();
    folder.write_model("model", "bert", &["yes", "no"]);
    let pairs = [folder.task("pairs")];
    let adapted = |start: HeadStart, out: &str| {
        let run = Run { start, ..Run::new(Mixing::default()) };
        let how = "adapt(epochs=2)".parse().unwrap();
        run.job(&folder, &pairs, out, |job| train_adapted(how, job, &mut Silent)).unwrap().result
    };
    assert_eq!(adapted(HeadStart::Kept, "kept"), adapted(HeadStart::Fresh, "fresh"));
    assert_same(&folder.path("kept"), &folder.path("fresh"), "whatever becomes of the head");
}

/// In either phase, and between them.
#[test]
fn a_run_that_adapts_and_was_stopped_ends_with_the_same_bits() {
    let folder = Folder::with_tasks();
    let pairs = [folder.task("pairs")];
    let make = |out: &str, observer: &mut dyn Observer| {
        train_adapted_on(&folder, &pairs, "adapt(epochs=2)", out, observer).map(drop)
    };
    make("whole", &mut Silent).unwrap();
    let adapted = folder.path("stopped/adapted/result.json");
    for (step, before) in [(3, true), (8, true), (12, true), (5, false), (11, false)] {
        let stopped = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| {
            make("stopped", &mut StopsAt(step)).unwrap();
        }));
        assert!(stopped.is_err(), "it was to stop at step {step}");
        assert_eq!(!adapted.exists(), before, "step {step}");
    }
    make("stopped", &mut Silent).unwrap();
    assert_same(&folder.path("stopped"), &folder.path("whole"), "stopped");
    make("stopped", &mut Silent).unwrap();
    assert_same(&folder.path("stopped"), &folder.path("whole"), "resumed when it was finished");
}

/// Before anything is trained.
#[test]
fn a_directory_of_another_run_is_not_adapted_in() {
    let folder = Folder::with_tasks();
    let pairs = [folder.task("pairs")];
    folder.train(&Run::new(Mixing::default()), &pairs, "plain", &mut Silent).unwrap();
    let error = train_adapted_on(&folder, &pairs, "adapt(epochs=2)", "plain", &mut Silent).unwrap_err();
    assert!(error.to_string().contains("differs in adapt (none there, adapt(epochs=2) asked)"), "{error}");
    assert!(!folder.path("plain/adapted").exists());
    fs::create_dir(folder.path("mine")).unwrap();
    fs::write(folder.path("mine/notes.txt"), "mine").unwrap();
    let error = train_adapted_on(&folder, &pairs, "adapt(epochs=2)", "mine", &mut Silent).unwrap_err();
    assert!(matches!(error, Error::Occupied { .. }), "{error}");
    assert!(!folder.path("mine/adapted").exists());
    // A run that adapted is none that did not, and none that adapted otherwise.
    train_adapted_on(&folder, &pairs, "adapt(epochs=2)", "adapted", &mut Silent).unwrap();
    let run = Run { resume: true, ..Run::new(Mixing::default()) };
    let error = folder.train(&run, &pairs, "adapted", &mut Silent).unwrap_err();
    assert!(matches!(error, Error::OtherRun { .. }), "{error}");
    let error = train_adapted_on(&folder, &pairs, "adapt(epochs=3)", "adapted", &mut Silent).unwrap_err();
    assert!(matches!(error, Error::OtherRun { .. }), "{error}");
    let error = train_adapted_on(&folder, &folder.tasks(), "adapt", "several", &mut Silent).unwrap_err();
    assert!(matches!(error, Error::Setting { name: "adapt", .. }), "{error}");
}
