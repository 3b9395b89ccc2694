//! A temporary folder with tiny models of random weights, tasks of made-up words that they can learn, and runs in it.

use std::collections::BTreeMap;
use std::fs;
use std::num::NonZeroU32;
use std::path::{Path, PathBuf};

use mtlift_encoder::{Config, Encoder, ProblemType};
use mtlift_glue_data::{Kind, Task};
use mtlift_nn::random::{Generator, Stream};
use mtlift_nn::{Layout, Store, draw_normal};
use mtlift_schedule::HeadStart;
use mtlift_train::{
    Error, EvaluationRecord, Job, JobTask, MaskedNetwork, Mixing, Network, Observer, Outcome, RunFiles,
    Settings, StepReport, TrainedModel, train, write_predictions,
};
use serde_json::{Value, json};
use tempfile::TempDir;

const WORDS: u64 = 55;

/// A temporary folder.
pub(crate) struct Folder(TempDir);

/// The configuration of a tiny model.
fn configuration(family: &str, hidden: usize) -> Value {
    json!({
        "model_type": family,
        "architectures": ["Model"],
        "vocab_size": WORDS + 5,
        "hidden_size": hidden,
        "num_hidden_layers": 1,
        "num_attention_heads": 2,
        "intermediate_size": 2 * hidden,
        "max_position_embeddings": 34,
        "type_vocab_size": 2,
        "initializer_range": 0.3,
    })
}

impl Folder {
    pub(crate) fn new() -> Self {
        Self(TempDir::new().unwrap())
    }

    /// With the encoder `model` and the tasks `pairs`, `triples` and `twins`.
    pub(crate) fn with_tasks() -> Self {
        let folder = Self::new();
        folder.write_encoder("model", 16);
        folder.write_task("pairs", &["no", "yes"], [48, 24], 0);
        folder.write_task("triples", &["a", "b", "c"], [80, 30], 2);
        folder.write_task("twins", &["left", "right"], [40, 20], 1);
        folder
    }

    /// A target of two labels, and a support of three.
    pub(crate) fn tasks(&self) -> [Task; 2] {
        ["pairs", "triples"].map(|name| self.task(name))
    }

    pub(crate) fn task(&self, name: &str) -> Task {
        Task::find(self.path(&format!("{name}.toml")).to_str().unwrap(), None).unwrap()
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    /// The lines of a file, each of which is JSON.
    pub(crate) fn lines(&self, name: &str) -> Vec<Value> {
        let text = fs::read_to_string(self.path(name)).unwrap();
        text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
    }

    /// All names of files below the folder.
    pub(crate) fn names(&self) -> Vec<String> {
        files(self.0.path()).into_keys().collect()
    }

    /// A checkpoint of an encoder without head, with the tokenizer of the tasks' words.
    pub(crate) fn write_encoder(&self, name: &str, hidden: usize) {
        let config = self.write_config(name, configuration("bert", hidden));
        let words: String = (0..WORDS).map(|word| format!("w{word}\n")).collect();
        fs::write(self.path(name).join("vocab.txt"), format!("[PAD]\n[UNK]\n[CLS]\n[SEP]\n[MASK]\n{words}"))
            .unwrap();
        let mut layout = Layout::default();
        Encoder::new(&mut layout, &config);
        self.write_weights(name, &layout);
    }

    /// As [`Folder::write_encoder`], with a head for masked-language modelling.
    pub(crate) fn write_masked_model(&self, name: &str) {
        self.write_encoder(name, 16);
        let config = Config::read(&self.path(name)).unwrap();
        self.write_weights(name, MaskedNetwork::new(&config).layout());
    }

    /// As [`Folder::write_encoder`], of this many layers.
    pub(crate) fn write_deep_encoder(&self, name: &str, layers: usize) {
        self.write_encoder(name, 16);
        let mut json = configuration("bert", 16);
        json["num_hidden_layers"] = layers.into();
        let config = self.write_config(name, json);
        let mut layout = Layout::default();
        Encoder::new(&mut layout, &config);
        self.write_weights(name, &layout);
    }

    /// A checkpoint with a head for these labels, or without one if there are none; one label is a regression. Its
    /// structure and its values.
    pub(crate) fn write_model(&self, name: &str, family: &str, labels: &[&str]) -> (Layout, Store<f32>) {
        let config = self.write_config(name, configuration(family, 16));
        let mut layout = Layout::default();
        if labels.is_empty() {
            Encoder::new(&mut layout, &config);
        } else {
            let names: Vec<String> = labels.iter().map(|&label| label.to_owned()).collect();
            let kind = match labels.len() {
                1 => ProblemType::Regression,
                _ => ProblemType::SingleLabelClassification,
            };
            self.write_config(name, config.to_json(&names, kind));
            layout = Network::new(&config, &[labels.len()]).layout().clone();
        }
        let values = self.write_weights(name, &layout);
        (layout, values)
    }

    fn write_config(&self, name: &str, json: Value) -> Config {
        let directory = self.path(name);
        fs::create_dir_all(&directory).unwrap();
        fs::write(directory.join("config.json"), json.to_string()).unwrap();
        Config::read(&directory).unwrap()
    }

    fn write_weights(&self, name: &str, layout: &Layout) -> Store<f32> {
        let mut values = layout.zeros();
        for entry in layout.entries() {
            let stream = Stream::new(0, &entry.name);
            let of_entry = &mut values.values_mut()[entry.range.clone()];
            draw_normal(of_entry, 0.3, stream);
            if entry.name.ends_with("LayerNorm.weight") {
                of_entry.fill(1.0);
            }
        }
        mtlift_encoder::save(&self.path(name), layout, &values).unwrap();
        values
    }

    /// A task whose label decides three of a row's words, beside a few that mean nothing; `first` sets its words apart.
    fn write_task(&self, name: &str, labels: &[&str], rows: [u64; 2], first: u64) {
        for (split, rows) in ["train", "dev"].iter().zip(rows) {
            let text = self::rows(&format!("{name} {split}"), labels, rows, first);
            fs::write(self.path(&format!("{name}-{split}.tsv")), text).unwrap();
        }
        let toml = format!(
            "name = \"{name}\"\nkind = \"classification\"\nlabels = {labels:?}\nmetrics = [\"accuracy\"]\n\
             text = \"text\"\nlabel = \"label\"\n[files]\ntrain = \"{name}-train.tsv\"\ndev = \"{name}-dev.tsv\"\n"
        );
        fs::write(self.path(&format!("{name}.toml")), toml).unwrap();
    }

    /// That the model which a run of so many tasks left for one makes the predictions that were written.
    #[track_caller]
    pub(crate) fn assert_predicts(&self, files: &RunFiles, tasks: usize, task: &Task) {
        let trained = TrainedModel::open(&files.model(tasks, &task.name), task, None, None).unwrap();
        let rows = trained.read_labelled(task, "dev", None, &mut |_| {}).unwrap();
        let again = self.path("again.tsv");
        let labels = &trained.head().labels.names;
        write_predictions(&again, &rows.indices, labels, &trained.logits(&rows).unwrap()).unwrap();
        let written = files.predictions(tasks, &task.name, "dev");
        assert_eq!(fs::read_to_string(written).unwrap(), fs::read_to_string(again).unwrap());
    }

    /// Trains on `tasks` in the directory `out`.
    pub(crate) fn train(
        &self,
        run: &Run,
        tasks: &[Task],
        out: &str,
        observer: &mut dyn Observer,
    ) -> Result<Outcome, Error> {
        run.job(self, tasks, out, |job| train(job, observer))
    }
}

/// What [`Folder::train`] does, besides the tasks.
#[derive(Clone, Debug)]
pub(crate) struct Run {
    pub(crate) model: &'static str,
    pub(crate) mixing: Mixing,
    pub(crate) settings: Settings,
    pub(crate) start: HeadStart,
    pub(crate) resume: bool,
    pub(crate) conflict_every: Option<NonZeroU32>,
}

impl Run {
    pub(crate) fn new(mixing: Mixing) -> Self {
        let settings =
            Settings { epochs: 2, batch: 8, learning_rate: 1e-2, evaluate_every: 0.5, ..Settings::default() };
        Self {
            model: "model",
            mixing,
            settings,
            start: HeadStart::Fresh,
            resume: false,
            conflict_every: None,
        }
    }

    pub(crate) fn job<T>(
        &self,
        folder: &Folder,
        tasks: &[Task],
        out: &str,
        work: impl FnOnce(Job<'_>) -> T,
    ) -> T {
        let of_task = |task| JobTask { task, max_train: None, score_rows: None, taught: None };
        let tasks: Vec<JobTask<'_>> = tasks.iter().map(of_task).collect();
        work(Job {
            model: &folder.path(self.model),
            tasks: &tasks,
            mixing: &self.mixing,
            start: self.start,
            settings: &self.settings,
            out: &folder.path(out),
            cache: None,
            resume: self.resume,
            conflict_every: self.conflict_every,
            rebalanced: None,
        })
    }
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

/// A task of these labels without files; of one label, a regression.
pub(crate) fn task(labels: &[&str]) -> Task {
    let (kind, metric) = match labels.len() {
        1 => (Kind::Regression, "spearman"),
        _ => (Kind::Classification, "accuracy"),
    };
    let labels = match kind {
        Kind::Regression => Vec::new(),
        Kind::Classification => labels.iter().map(|&label| label.to_owned()).collect(),
    };
    Task {
        name: "made up".to_owned(),
        kind,
        labels,
        positive: 1,
        metrics: vec![metric.to_owned()],
        files: Vec::new(),
        relations: BTreeMap::new(),
        head_of: None,
    }
}

/// The bytes of all files of a run that it answers for: not its lock, and not how long it took.
fn outcome(directory: &Path) -> BTreeMap<String, Vec<u8>> {
    let mut all = files(directory);
    all.retain(|name, _| !["lock", "timing.json"].iter().any(|other| Path::new(name).ends_with(other)));
    all
}

/// That two runs left the same files with the same bytes.
#[track_caller]
pub(crate) fn assert_same(found: &Path, expected: &Path, what: &str) {
    let (found, expected) = (outcome(found), outcome(expected));
    assert!(found.keys().eq(expected.keys()), "{what}: {:?} and {:?}", found.keys(), expected.keys());
    let differing: Vec<&String> = found.keys().filter(|&name| found[name] != expected[name]).collect();
    assert!(differing.is_empty(), "{what}: these differ: {differing:?}");
}

/// The bytes of all files below a directory, by their names in it.
pub(crate) fn files(directory: &Path) -> BTreeMap<String, Vec<u8>> {
    let mut all = BTreeMap::new();
    for entry in fs::read_dir(directory).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_name().unwrap().to_str().unwrap().to_owned();
        if path.is_dir() {
            all.extend(files(&path).into_iter().map(|(below, bytes)| (format!("{name}/{below}"), bytes)));
        } else {
            all.insert(name, fs::read(&path).unwrap());
        }
    }
    all
}

/// Lines of text and label, with a header.
pub(crate) fn rows(name: &str, labels: &[&str], count: u64, first: u64) -> String {
    let mut lines = vec!["text\tlabel".to_owned()];
    for row in 0..count {
        let mut rng = Stream::new(0, name).at(row);
        let told = row % labels.len() as u64;
        let mut words: Vec<u64> = (0..2 + below(&mut rng, 4)).map(|_| below(&mut rng, 30)).collect();
        words.extend((0..3).map(|_| 30 + 5 * (first + told) + below(&mut rng, 5)));
        // One label in eight is wrong, so that no score is perfect, which would hide a wrong one.
        let wrong = u64::from(below(&mut rng, 8) == 0);
        let label = labels[(told + wrong) as usize % labels.len()];
        let text: Vec<String> = words.iter().map(|word| format!("w{word}")).collect();
        lines.push(format!("{}\t{label}", text.join(" ")));
    }
    lines.join("\n") + "\n"
}

/// A random whole number below `end`.
fn below(rng: &mut Generator, end: u64) -> u64 {
    (rng.uniform() * end as f64) as u64
}
