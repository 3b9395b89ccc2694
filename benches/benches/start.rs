//! What is done before the first row goes through a model: weights read and packed, tokenizer opened, a task's rows read and their tokens
//! found in the cache. Files are in the system's memory after the first round, so this is the program's own time.
//!
//! All of it is of the data home that `MTLIFT_HOME` names; without one there is nothing to measure.

use std::hint::black_box;
use std::path::{Path, PathBuf};

use criterion::{Criterion, criterion_group, criterion_main};
use mtlift_benches::config;
use mtlift_encoder::{Checkpoint, Config, Encoder, Want};
use mtlift_glue_data::{Task, TokenCache};
use mtlift_nn::{Layout, Precision, Store};
use mtlift_tokenizer::Tokenizer;

const MODEL: &str = "all-MiniLM-L6-v2";
const TASKS: [(&str, &str); 3] = [("RTE", "train"), ("CoLA", "train"), ("QNLI", "dev")];

fn load(directory: &Path, precision: Precision) -> (Encoder, Store<f32>) {
    let mut config = Config::read(directory).expect("the model has a configuration");
    config.precision = precision;
    let mut layout = Layout::default();
    let encoder = Encoder::new(&mut layout, &config);
    let checkpoint = Checkpoint::open(directory).expect("the model has weights");
    let params = checkpoint.read(config.family.prefix(), &layout, |_| Want::Required);
    (encoder, params.expect("the weights fit the configuration").0)
}

fn start(c: &mut Criterion) {
    let Some(home) = std::env::var_os("MTLIFT_HOME").map(PathBuf::from) else { return };
    let directory = home.join("models").join(MODEL);
    let mut group = c.benchmark_group("start");
    group.bench_function(format!("weights/{MODEL}"), |b| {
        b.iter(|| load(black_box(&directory), Precision::Float32));
    });
    for precision in Precision::ALL.into_iter().filter(|precision| precision.is_fast()) {
        let (encoder, mut params) = load(&directory, precision);
        group.bench_function(format!("packed in {}/{MODEL}", precision.name()), |b| {
            b.iter(|| encoder.pack(&mut params));
        });
    }
    group.bench_function(format!("tokenizer/{MODEL}"), |b| {
        b.iter(|| Tokenizer::open(black_box(&directory), 128).expect("the model has a tokenizer"));
    });

    let tokenizer = Tokenizer::open(&directory, 128).expect("the model has a tokenizer");
    let cached = tempfile::tempdir().expect("a directory for temporary files");
    let cache = TokenCache::new(cached.path());
    for (name, split) in TASKS {
        let task = Task::find(name, Some(&home)).expect("a task of GLUE");
        let open = || {
            let rows = task.read(split).expect("the data home has the task").examples;
            cache.get_or_encode(&rows, &tokenizer).expect("any text has tokens")
        };
        open();
        group.bench_function(format!("cached/{name} {split}"), |b| b.iter(open));
    }
}

criterion_group!(name = benches; config = config(); targets = start);
criterion_main!(benches);
