//! A temporary folder with a tiny model and tasks of made-up words: what readers need around the file that is mutated. It stays
//! between inputs, and is in memory where the system has a place for that: most of an input's time would be the disk's.

#![allow(clippy::unwrap_used, reason = "where the genuine files cannot be made there is nothing to mutate")]

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use mtlift_encoder::{Config, Encoder};
use mtlift_glue_data::Task;
use mtlift_nn::random::Stream;
use mtlift_nn::{Layout, draw_normal};
use serde_json::json;
use tempfile::TempDir;

use crate::mutate::Form;
use crate::target::{Genuine, Target};

/// The words of the vocabulary.
const WORDS: usize = 24;

/// A temporary folder.
pub(super) struct World(TempDir);

impl World {
    /// An empty one.
    pub(super) fn new() -> Self {
        let in_memory = Path::new("/dev/shm");
        let is_there = in_memory.is_dir() && std::env::var_os("TMPDIR").is_none();
        let folder = if is_there { TempDir::new_in(in_memory) } else { TempDir::new() };
        Self(folder.unwrap())
    }

    /// With `model/`, and the tasks `pairs` and `triples`.
    pub(super) fn with_tasks() -> Self {
        let world = Self::new();
        world.write_model();
        world.write_task("pairs", &["no", "yes"], 24);
        world.write_task("triples", &["a", "b", "c"], 30);
        world
    }

    /// With a copy of a folder of this repository.
    pub(super) fn copy_of(folder: &str) -> Self {
        let world = Self::new();
        let from = Path::new(env!("CARGO_MANIFEST_DIR")).join("..").join(folder);
        files(&from).iter().for_each(|(name, bytes)| world.write(name, bytes));
        world
    }

    pub(super) fn root(&self) -> &Path {
        self.0.path()
    }

    pub(super) fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    pub(super) fn write(&self, name: &str, bytes: impl AsRef<[u8]>) {
        let (path, bytes) = (self.path(name), bytes.as_ref());
        if fs::write(&path, bytes).is_err() {
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, bytes).unwrap();
        }
    }

    pub(super) fn read(&self, name: &str) -> Vec<u8> {
        fs::read(self.path(name)).unwrap()
    }

    /// A reader of these files of the folder, one of which is mutated at a time; the others are as they are now.
    pub(super) fn target<E: ToString>(
        self,
        files: &[(&str, Form)],
        mut read: impl FnMut(&World) -> Result<(), E> + Send + 'static,
    ) -> Target {
        let genuine = |&(name, form): &(&str, Form)| Genuine {
            name: name.to_owned(),
            form,
            versions: vec![self.read(name)],
        };
        let genuine: Vec<Genuine> = files.iter().map(genuine).collect();
        let (all, mut mutated) = (genuine.clone(), 0);
        Target::of(genuine, move |file, bytes| {
            if file != mutated {
                self.write(&all[mutated].name, &all[mutated].versions[0]);
                mutated = file;
            }
            self.write(&all[file].name, bytes);
            read(&self)
        })
    }

    pub(super) fn task(&self, name: &str) -> Task {
        Task::find(self.path(&format!("{name}.toml")).to_str().unwrap(), None).unwrap()
    }

    fn write_model(&self) {
        let config = json!({
            "model_type": "bert", "architectures": ["BertModel"], "vocab_size": WORDS + 5, "hidden_size": 8,
            "num_hidden_layers": 1, "num_attention_heads": 2, "intermediate_size": 8, "max_position_embeddings": 16,
            "type_vocab_size": 2,
        });
        self.write("model/config.json", config.to_string());
        let words: String = (0..WORDS).map(|word| format!("w{word}\n")).collect();
        self.write("model/vocab.txt", format!("[PAD]\n[UNK]\n[CLS]\n[SEP]\n[MASK]\n{words}"));
        let config = Config::read(&self.path("model")).unwrap();
        let mut layout = Layout::default();
        Encoder::new(&mut layout, &config);
        let mut values = layout.zeros();
        for entry in layout.entries() {
            draw_normal(&mut values.values_mut()[entry.range.clone()], 0.3, Stream::new(0, &entry.name));
        }
        mtlift_encoder::save(&self.path("model"), &layout, &values).unwrap();
    }

    fn write_task(&self, name: &str, labels: &[&str], rows: usize) {
        let row = |row: usize| {
            let label = row % labels.len();
            format!("w{} w{} w{}\t{}\n", row % WORDS, label, 7 * row % WORDS, labels[label])
        };
        for split in ["train", "dev"] {
            let rows: String = (0..rows).map(row).collect();
            self.write(&format!("{name}-{split}.tsv"), format!("text\tlabel\n{rows}"));
        }
        let toml = format!(
            "name = \"{name}\"\nkind = \"classification\"\nlabels = {labels:?}\nmetrics = [\"accuracy\", \"f1\"]\n\
             text = \"text\"\nlabel = \"label\"\n[files]\ntrain = \"{name}-train.tsv\"\ndev = \"{name}-dev.tsv\"\n"
        );
        self.write(
            &format!("{name}.toml"),
            if labels.len() > 2 { toml.replace(", \"f1\"", "") } else { toml },
        );
    }
}

/// All files below a folder, by their names in it.
pub(super) fn files(folder: &Path) -> BTreeMap<String, Vec<u8>> {
    let mut all = BTreeMap::new();
    for entry in fs::read_dir(folder).unwrap() {
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
