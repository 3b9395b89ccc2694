//! Text to token ids, on all threads. Throughput: bytes of UTF-8 text.
//!
//! The id says what was tokenised: `data-home` is the tokenizer of all-MiniLM-L6-v2 on the first 1024 training rows of the
//! task, if `MTLIFT_HOME` has them; otherwise `generated` is a vocabulary of some hundred pieces on sentences of the task's
//! lengths. The two are not to be compared with each other.

use std::hint::black_box;
use std::path::{Path, PathBuf};

use criterion::{BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};
use mtlift_benches::{LENGTHS, Lengths, config, values};
use mtlift_glue_data::{Example, Task};
use mtlift_tokenizer::Tokenizer;

const ROWS: usize = 1024;
const MAX_TOKENS: usize = 128;

/// The first half are pieces of the generated vocabulary, the rest are spelt letter by letter.
const WORDS: [&str; 32] = [
    "the",
    "of",
    "and",
    "to",
    "in",
    "a",
    "was",
    "that",
    "he",
    "it",
    "for",
    "said",
    "with",
    "on",
    "is",
    "at",
    "government",
    "company",
    "president",
    "election",
    "scientists",
    "discovered",
    "linguistics",
    "book",
    "yesterday",
    "oil",
    "population",
    "students",
    "river",
    "doubt",
    "quickly",
    "believes",
];

fn data_home() -> Option<(Tokenizer, Vec<Vec<Example>>)> {
    let home = PathBuf::from(std::env::var_os("MTLIFT_HOME")?);
    let model = home.join("models/all-MiniLM-L6-v2");
    let tasks: Vec<Task> =
        LENGTHS.iter().map(|lengths| Task::find(lengths.name, Some(&home))).collect::<Result<_, _>>().ok()?;
    let has_train = |task: &Task| task.files.iter().any(|file| file.split == "train" && file.path.is_file());
    if !model.is_dir() || !tasks.iter().all(has_train) {
        return None;
    }
    let texts = tasks.iter().map(|task| {
        let mut rows = task.read("train").expect("the data home's files are readable").examples;
        rows.truncate(ROWS);
        rows
    });
    Some((Tokenizer::open(&model, MAX_TOKENS).expect("the model has a tokenizer"), texts.collect()))
}

fn generated() -> (Tokenizer, Vec<Vec<Example>>) {
    let directory = tempfile::tempdir().expect("a directory for temporary files");
    write_vocabulary(directory.path());
    let tokenizer = Tokenizer::open(directory.path(), MAX_TOKENS).expect("a complete vocabulary");
    (tokenizer, LENGTHS.into_iter().map(sentences).collect())
}

fn write_vocabulary(directory: &Path) {
    let special = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"].map(str::to_owned);
    let letters = ('a'..='z').flat_map(|letter| [letter.to_string(), format!("##{letter}")]);
    let words = WORDS[..WORDS.len() / 2].iter().filter(|word| word.len() > 1).map(|&word| word.to_owned());
    let pieces: Vec<String> = special.into_iter().chain(letters).chain(words).collect();
    std::fs::write(directory.join("vocab.txt"), pieces.join("\n")).expect("a writable temporary directory");
}

/// As many words as the task's rows have tokens.
fn sentences(lengths: Lengths) -> Vec<Example> {
    let words: usize = lengths.total() * ROWS / lengths.tokens.len();
    let mut words = values(lengths.name, words)
        .into_iter()
        .map(|value| WORDS[((value + 1.0) / 2.0 * WORDS.len() as f32) as usize % WORDS.len()]);
    (0..ROWS)
        .map(|row| {
            let length = lengths.tokens[row % lengths.tokens.len()];
            let text: Vec<&str> = words.by_ref().take(length).collect();
            let text_a = text.join(" ");
            Example { text_a, text_b: None, target: None, group: None, index: row.to_string(), line: row + 1 }
        })
        .collect()
}

fn tokenise(c: &mut Criterion) {
    let mut group = c.benchmark_group("tokenise");
    let (source, (tokenizer, texts)) = match data_home() {
        Some(real) => ("data-home", real),
        None => ("generated", generated()),
    };
    for (lengths, rows) in LENGTHS.iter().zip(&texts) {
        let len = |row: &Example| row.text_a.len() + row.text_b.as_ref().map_or(0, String::len);
        group.throughput(Throughput::Bytes(rows.iter().map(len).sum::<usize>() as u64));
        group.bench_function(BenchmarkId::new(source, lengths.name), |b| {
            b.iter(|| tokenizer.encode(black_box(rows)).expect("a word-piece tokenizer takes any text"));
        });
    }
}

criterion_group!(name = benches; config = config(); targets = tokenise);
criterion_main!(benches);
