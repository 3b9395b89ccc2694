//! A folder with a tiny model and a task that it can learn, and `mtlift` run in it. Commands run in the folder and name files
//! relative to it, so that their messages are the same everywhere.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use assert_cmd::assert::Assert;
use mtlift_encoder::{Config, Encoder};
use mtlift_nn::random::{Generator, Stream};
use mtlift_nn::{Layout, Store, draw_normal};
use serde_json::{Value, json};
use tempfile::TempDir;

/// A run of 72 steps, in which 16 evaluations of held-out rows select.
pub(crate) const TRAIN: &str =
    "train --model model --task task.toml --epochs 4 --batch 8 --lr 1e-2 --evaluate-every 0.25 --json";

pub(crate) const TASK: &str = r#"name = "toy"
kind = "classification"
labels = ["no", "yes"]
metrics = ["accuracy", "f1"]
text = "text"
label = "label"
[files]
train = "train.tsv"
dev = "dev.tsv"
test = "test.tsv"
"#;

/// No command and no wait takes as long, however busy the machine.
pub(crate) const PATIENCE: Duration = Duration::from_secs(60);

/// A temporary folder.
pub(crate) struct Folder(TempDir);

impl Folder {
    /// With `model/`, `task.toml` and the task's files.
    pub(crate) fn new() -> Self {
        let folder = Self(TempDir::new().unwrap());
        folder.write_model("model", bert());
        folder.write("task.toml", TASK);
        folder.write("train.tsv", rows(160, "train", true));
        folder.write("dev.tsv", rows(40, "dev", true));
        folder.write("test.tsv", rows(10, "test", false));
        folder
    }

    /// With a copy of all that is in another folder.
    pub(crate) fn copy_of(other: &Path) -> Self {
        let folder = Self(TempDir::new().unwrap());
        let mut files = BTreeMap::new();
        collect(other, "", &mut files);
        files.iter().for_each(|(name, content)| folder.write(name, content));
        folder
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    pub(crate) fn write(&self, name: &str, content: impl AsRef<[u8]>) {
        let path = self.path(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, content).unwrap();
    }

    pub(crate) fn read(&self, name: &str) -> String {
        fs::read_to_string(self.path(name)).unwrap()
    }

    /// A file's JSON.
    pub(crate) fn json(&self, name: &str) -> Value {
        serde_json::from_str(&self.read(name)).unwrap()
    }

    /// Writes an encoder of this configuration with random weights, and a vocabulary of the words of [`rows`].
    pub(crate) fn write_model(&self, name: &str, config: Value) {
        self.write(&format!("{name}/config.json"), config.to_string());
        let words: Vec<String> = (0..WORDS).map(|word| format!("w{word}\n")).collect();
        self.write(
            &format!("{name}/vocab.txt"),
            format!("[PAD]\n[UNK]\n[CLS]\n[SEP]\n[MASK]\n{}", words.concat()),
        );
        let (layout, params) = self.encoder(name);
        mtlift_encoder::save(&self.path(name), &layout, &params).unwrap();
    }

    /// The random parameters of the encoder that the configuration in `model` describes.
    pub(crate) fn encoder(&self, model: &str) -> (Layout, Store<f32>) {
        let config = Config::read(&self.path(model)).unwrap();
        let mut layout = Layout::default();
        Encoder::new(&mut layout, &config);
        let mut params = layout.zeros();
        for entry in layout.entries() {
            let values = &mut params.values_mut()[entry.range.clone()];
            if entry.shape.len() == 2 {
                draw_normal(values, 0.1, Stream::new(0, &entry.name));
            } else if entry.name.ends_with("LayerNorm.weight") {
                values.fill(1.0);
            }
        }
        (layout, params)
    }

    /// `mtlift` with these arguments, separated by spaces, and nothing of the caller's environment that it reads.
    pub(crate) fn command(&self, arguments: &str) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_mtlift"));
        command.args(arguments.split_whitespace()).current_dir(self.0.path());
        command.env_remove("MTLIFT_HOME").env("MTLIFT_CACHE", self.path("cache"));
        for (name, _) in
            std::env::vars().filter(|(name, _)| name.starts_with("HF_") || name.ends_with("_proxy"))
        {
            command.env_remove(name);
        }
        command.env_remove("TRANSFORMERS_OFFLINE").env("HF_HUB_CACHE", self.path("hub"));
        command
    }

    pub(crate) fn run(&self, arguments: &str) -> Assert {
        assert_cmd::Command::from_std(self.command(arguments)).timeout(PATIENCE).assert()
    }

    /// Standard output of a command that succeeds, as the one JSON value it must be.
    pub(crate) fn run_json(&self, arguments: &str) -> Value {
        serde_json::from_slice(&self.run(arguments).success().get_output().stdout).unwrap()
    }

    /// Fails as a job fails, with exactly this on standard error and nothing on standard output.
    #[track_caller]
    pub(crate) fn fails(&self, arguments: &str, message: &str) {
        self.run(arguments).code(1).stdout("").stderr(format!("error: {message}\n"));
    }

    /// Fails as a job fails, after notes; the last line on standard error is this.
    #[track_caller]
    pub(crate) fn fails_at_last(&self, arguments: &str, message: &str) {
        let run = self.run(arguments).code(1).stdout("");
        let stderr = String::from_utf8(run.get_output().stderr.clone()).unwrap();
        assert_eq!(stderr.lines().last(), Some(format!("error: {message}").as_str()), "{stderr}");
    }

    /// Starts a command, to be killed or waited for.
    pub(crate) fn start(&self, arguments: &str) -> Child {
        self.command(arguments).stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap()
    }

    /// All files of a run, but for the two that differ from process to process.
    pub(crate) fn snapshot(&self, out: &str) -> Snapshot {
        let mut files = BTreeMap::new();
        collect(&self.path(out), "", &mut files);
        files.retain(|name, _| !["lock", "timing.json"].iter().any(|other| Path::new(name).ends_with(other)));
        Snapshot(files)
    }
}

/// The files of a run by their names.
pub(crate) struct Snapshot(pub(crate) BTreeMap<String, Vec<u8>>);

impl Snapshot {
    /// That both have the same files with the same bytes.
    #[track_caller]
    pub(crate) fn assert_same(&self, other: &Snapshot, what: &str) {
        let names = |snapshot: &Snapshot| snapshot.0.keys().cloned().collect::<Vec<_>>();
        assert_eq!(names(self), names(other), "{what}");
        let differing: Vec<_> =
            self.0.iter().filter(|(name, bytes)| other.0[*name] != **bytes).map(|x| x.0).collect();
        assert!(differing.is_empty(), "{what}: these differ: {differing:?}");
    }
}

fn collect(directory: &Path, prefix: &str, files: &mut BTreeMap<String, Vec<u8>>) {
    for entry in fs::read_dir(directory).unwrap() {
        let path = entry.unwrap().path();
        let name = format!("{prefix}{}", path.file_name().unwrap().to_str().unwrap());
        if path.is_dir() {
            collect(&path, &format!("{name}/"), files);
        } else {
            files.insert(name, fs::read(&path).unwrap());
        }
    }
}

/// The configuration of the tiny BERT.
pub(crate) fn bert() -> Value {
    json!({
        "model_type": "bert",
        "architectures": ["BertModel"],
        "vocab_size": 60,
        "hidden_size": 16,
        "num_hidden_layers": 2,
        "num_attention_heads": 2,
        "intermediate_size": 32,
        "max_position_embeddings": 32,
        "type_vocab_size": 2,
    })
}

const WORDS: u64 = 55;

/// Rows of a few words without meaning and three that tell the label; the labels take turns.
pub(crate) fn rows(count: u64, name: &str, labelled: bool) -> String {
    let mut lines = vec![if labelled { "text\tlabel" } else { "text" }.to_owned()];
    for row in 0..count {
        let mut rng = Stream::new(0, name).at(row);
        let yes = row % 2;
        let telling = 45 + 5 * yes;
        let mut words: Vec<u64> = (0..3 + below(&mut rng, 5)).map(|_| below(&mut rng, 45)).collect();
        for _ in 0..3 {
            let place = below(&mut rng, words.len() as u64) as usize;
            words.insert(place, telling + below(&mut rng, 5));
        }
        // One label in eight is wrong, so that no score is perfect, which would hide a wrong one.
        let label = ["no", "yes"][(yes ^ u64::from(below(&mut rng, 8) == 0)) as usize];
        let text = words.iter().map(|word| format!("w{word}")).collect::<Vec<_>>().join(" ");
        lines.push(if labelled { format!("{text}\t{label}") } else { text });
    }
    lines.join("\n") + "\n"
}

/// A random whole number below `end`.
pub(crate) fn below(rng: &mut Generator, end: u64) -> u64 {
    (rng.uniform() * end as f64) as u64
}
