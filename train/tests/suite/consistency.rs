//! Rows without labels and their twins: what they add to a step's loss, that nothing comes of what the model says of a row but what is wanted
//! of its twin, and that runs with them are runs like others.

use std::fs;

use mtlift_encoder::Config;
use mtlift_glue_data::{Task, UNLABELLED};
use mtlift_schedule::Auxiliary;
use mtlift_tokenizer::Tokenizer;
use mtlift_train::{
    ConsistencyRecord, Error, Infiller, Mixing, Outcome, Protocol, RunFiles, Settings, TrainedModel,
};

use crate::folder::{Folder, Run, Silent, assert_same, rows};
use crate::pretraining::StopsAt;

/// A folder whose model can write, with 60 rows of `triples` without labels.
fn folder() -> Folder {
    let folder = Folder::with_tasks();
    folder.write_masked_model("model");
    let text = rows("triples more", &["a", "b", "c"], 60, 2);
    let texts: Vec<&str> = text.lines().map(|line| line.split('\t').next().unwrap()).collect();
    fs::write(folder.path("more.tsv"), texts.join("\n") + "\n").unwrap();
    let toml = folder.path("triples.toml");
    let with_more = fs::read_to_string(&toml).unwrap() + "unlabelled = \"more.tsv\"\n";
    fs::write(&toml, with_more).unwrap();
    folder
}

fn learning(auxiliary: &str) -> Option<Auxiliary> {
    (!auxiliary.is_empty()).then(|| auxiliary.parse().unwrap())
}

fn train(folder: &Folder, task: &Task, settings: &Settings, out: &str) -> Result<Outcome, Error> {
    let run = Run { settings: settings.clone(), resume: true, ..Run::new(Mixing::default()) };
    folder.train(&run, std::slice::from_ref(task), out, &mut Silent)
}

fn settings(auxiliary: &str) -> Settings {
    Settings { auxiliary: learning(auxiliary), ..Run::new(Mixing::default()).settings }
}

fn softmax(logits: &[f32], temperature: f64) -> Vec<f64> {
    let powers: Vec<f64> = logits.iter().map(|&x| (f64::from(x) / temperature).exp()).collect();
    let sum: f64 = powers.iter().sum();
    powers.into_iter().map(|power| power / sum).collect()
}

/// Each of the 60 rows once, under a model that is not changed by the step: its logits of rows and twins, and the formula.
#[test]
fn a_steps_loss_by_hand() {
    let (folder, seed) = (folder(), 42);
    let task = folder.task("triples");
    let settings = |auxiliary: &str| Settings {
        protocol: Protocol::Fixed,
        batch: 60,
        max_steps: Some(1),
        learning_rate: 1e-30,
        dropout: Some(0.0),
        seed,
        ..settings(auxiliary)
    };
    let loss = |auxiliary: &str, out: &str| {
        train(&folder, &task, &settings(auxiliary), out).unwrap();
        folder.lines(&format!("{out}/steps.jsonl"))[0]["loss"].as_f64().unwrap()
    };
    let plain = loss("", "plain");

    let model = TrainedModel::open(&folder.path("plain/model"), &task, None, None).unwrap();
    let found = model.read(&task, UNLABELLED, None, &mut |_| {}).unwrap();
    let said = model.logits(&found).unwrap();
    let mut sure: Vec<f64> =
        said.chunks_exact(3).map(|row| softmax(row, 1.0).into_iter().fold(0.0, f64::max)).collect();
    sure.sort_by(f64::total_cmp);
    let threshold = (sure[29] + sure[30]) / 2.0;
    let asked = format!("consistency(weight=0.7,temperature=0.5,threshold={threshold},masked=0.5)");
    let how = learning(&asked).unwrap().consistency().unwrap();
    let (start, config) = (folder.path("model"), Config::read(&folder.path("model")).unwrap());
    let infiller = Infiller::open(&start, &config, &Tokenizer::open(&start, 32).unwrap(), seed).unwrap();
    let mut twins = found.clone();
    twins.encoded = infiller.write(&found.encoded, &how.infilling).unwrap();
    assert_ne!(twins.encoded, found.encoded);
    let said_of_twins = model.logits(&twins).unwrap();
    let divergence = |(row, twin): (&[f32], &[f32])| {
        if softmax(row, 1.0).into_iter().fold(0.0, f64::max) <= threshold {
            return 0.0;
        }
        softmax(row, 0.5).iter().zip(softmax(twin, 1.0)).map(|(p, q)| p * (p / q).ln()).sum::<f64>()
    };
    let pairs = said.chunks_exact(3).zip(said_of_twins.chunks_exact(3));
    let by_hand = 0.7 * pairs.map(divergence).sum::<f64>() / 60.0;
    let found = loss(&asked, "consistent") - plain;
    assert!(by_hand > 1e-3 && (found - by_hand).abs() < 1e-6, "{found}, by hand {by_hand}");
}

/// A twin that is the row, and is wanted to be said what is said: the run is a plain one. What was said of the row has no gradient, else
/// its entropy would.
#[test]
fn what_is_said_of_both_changes_nothing() {
    let folder = folder();
    let task = folder.task("triples");
    let parameters = |auxiliary: &str, out: &str| {
        let settings = Settings { dropout: Some(0.0), ..settings(auxiliary) };
        train(&folder, &task, &settings, out).unwrap().result.target.parameters
    };
    let plain = parameters("", "plain");
    assert_eq!(parameters("consistency(masked=0,temperature=1,threshold=0)", "same"), plain);
    assert_eq!(parameters("consistency(threshold=1)", "never"), plain, "none is as sure as that");
    assert_ne!(parameters("consistency(masked=0,threshold=0)", "surer"), plain);
    assert_ne!(parameters("consistency(temperature=1,threshold=0)", "twins"), plain);
}

/// To the bit, in every file but the one that says what was asked for, and with a model that could not write.
#[test]
fn what_counts_nothing_changes_nothing() {
    let folder = Folder::with_tasks();
    for (out, auxiliary) in [("plain", ""), ("nothing", "consistency(weight=0)")] {
        train(&folder, &folder.task("pairs"), &settings(auxiliary), out).unwrap();
        fs::remove_file(folder.path(out).join("run.json")).unwrap();
    }
    assert_same(&folder.path("nothing"), &folder.path("plain"), "with a weight of 0");
}

#[test]
fn rows_are_the_tasks_without_labels_or_else_its_own() {
    let folder = folder();
    let record = |task: &str, settings: Settings, out: &str| -> ConsistencyRecord {
        let result = train(&folder, &folder.task(task), &settings, out).unwrap().result;
        assert_eq!(RunFiles::at(&folder.path(out)).result().unwrap(), result);
        result.consistency.unwrap()
    };
    let of = |record: &ConsistencyRecord| -> Vec<(String, usize)> {
        record.from.iter().map(|from| (from.split.clone(), from.rows)).collect()
    };
    let asked = || settings("consistency");
    let found = record("triples", asked(), "own");
    assert_eq!((found.of_gold, found.twins, of(&found)), (false, 60, vec![("unlabelled".to_owned(), 60)]));
    // The texts of the file, with its rows' numbers.
    let more = fs::read_to_string(folder.path("more.tsv")).unwrap();
    let more: Vec<&str> = more.lines().skip(1).collect();
    let table = fs::read_to_string(RunFiles::at(&folder.path("own")).twins()).unwrap();
    let lines: Vec<Vec<&str>> = table.lines().map(|line| line.split('\t').collect()).collect();
    assert_eq!((&lines[0][..], lines.len()), (&["index", "twin", "text"][..], 61));
    for line in &lines[1..] {
        assert_eq!(line[2], format!("[CLS] {} [SEP]", more[line[0].parse::<usize>().unwrap()]));
        assert_eq!(line[1].split(' ').count(), line[2].split(' ').count(), "{line:?}");
    }
    assert!(lines[1..].iter().any(|line| line[1] != line[2]));

    // What is cut away has no label that is read.
    let found = record("triples", Settings { max_train: Some(50), ..asked() }, "cut");
    let both = vec![("unlabelled".to_owned(), 60), ("train".to_owned(), 30)];
    assert_eq!((found.of_gold, found.twins, of(&found)), (false, 90, both));
    // Two steps of 8 show no more than 16.
    let found = record("triples", Settings { max_steps: Some(2), ..asked() }, "short");
    assert_eq!((found.rows(), found.twins), (60, 16));
    // 48 rows, 5 of them held out.
    let found = record("pairs", asked(), "gold");
    assert_eq!((found.of_gold, found.twins), (true, found.rows()));
    assert_eq!(of(&found)[0].0, "train");
}

/// A dev row among the rows without labels is none of them: no model is to be made sure of it.
#[test]
fn texts_that_score_have_no_twins() {
    let folder = folder();
    let dev = fs::read_to_string(folder.path("triples-dev.tsv")).unwrap();
    let text = dev.lines().nth(1).unwrap().split('\t').next().unwrap();
    let more = fs::read_to_string(folder.path("more.tsv")).unwrap() + text + "\n";
    fs::write(folder.path("more.tsv"), more).unwrap();
    let outcome = train(&folder, &folder.task("triples"), &settings("consistency"), "out").unwrap();
    let record = outcome.result.consistency.unwrap();
    assert_eq!((record.rows(), record.twins), (60, 60), "61 rows, of which dev has one");
}

#[test]
fn a_run_that_was_stopped_ends_with_the_same_bits() {
    let folder = folder();
    let task = folder.task("triples");
    for (place, flat_minima) in ["", "sam"].into_iter().enumerate() {
        let settings = Settings {
            // Both passes of a step that climbs compare the same rows.
            flat_minima: (!flat_minima.is_empty()).then(|| flat_minima.parse().unwrap()),
            micro_batch: Some(3),
            ..settings("consistency(threshold=0.4)")
        };
        let (whole, out) = (format!("whole {place}"), format!("stopped {place}"));
        let run = Run { settings: settings.clone(), resume: true, ..Run::new(Mixing::default()) };
        train(&folder, &task, &settings, &whole).unwrap();
        for step in [2, 7, 8] {
            let stop = || folder.train(&run, std::slice::from_ref(&task), &out, &mut StopsAt(step)).map(drop);
            assert!(std::panic::catch_unwind(stop).is_err(), "it was to stop at step {step}");
        }
        train(&folder, &task, &settings, &out).unwrap();
        assert_same(&folder.path(&out), &folder.path(&whole), flat_minima);
    }
    for threads in [1, 3] {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
        let settings = Settings { micro_batch: Some(3), ..settings("consistency(threshold=0.4)") };
        let out = format!("{threads} threads");
        pool.install(|| train(&folder, &task, &settings, &out)).unwrap();
        assert_same(&folder.path(&out), &folder.path("whole 0"), &out);
    }
}

#[test]
fn what_cannot_be_compared_is_refused() {
    let folder = folder();
    let refused = |task: &str| {
        let error = train(&folder, &folder.task(task), &settings("consistency"), "out").unwrap_err();
        assert!(!folder.path("out").exists(), "nothing was written");
        error.to_string()
    };
    for split in ["train", "dev"] {
        let text = fs::read_to_string(folder.path(&format!("twins-{split}.tsv"))).unwrap();
        let text = text.replace("\tleft", "\t0").replace("\tright", "\t1");
        fs::write(folder.path(&format!("twins-{split}.tsv")), text).unwrap();
    }
    let toml = fs::read_to_string(folder.path("twins.toml")).unwrap();
    let toml = toml.replace("labels = [\"left\", \"right\"]\n", "").replace("accuracy", "mse");
    fs::write(folder.path("twins.toml"), toml.replace("classification", "regression")).unwrap();
    assert_eq!(
        refused("twins"),
        "task twins is a regression, and consistency compares probabilities of classes: leave out the arm or the auxiliary objective"
    );
    folder.write_encoder("model", 16);
    assert!(refused("pairs").contains("has no head for masked-language modelling"));
    let run = Run { settings: settings("consistency"), ..Run::new(Mixing::default()) };
    let error = folder.train(&run, &folder.tasks(), "out", &mut Silent).unwrap_err().to_string();
    assert!(error.contains("it is for runs on one task"), "{error}");
}
