//! Pretraining: its gradient, its masks, and its runs, which learn and go on where they were stopped.

use std::fs;
use std::path::Path;

use mtlift_encoder::Config;
use mtlift_files::FloatType;
use mtlift_glue_data::Text;
use mtlift_nn::check::{self, random_store};
use mtlift_nn::{DropoutStep, Layout};
use mtlift_tokenizer::{Encoded, Tokenizer, TokenizerKind};
use mtlift_train::{
    Error, EvaluationRecord, MaskedBatch, MaskedNetwork, Masking, ModelShape, Observer, PretrainingJob,
    PretrainingOutcome, PretrainingStart, Settings, StepReport, pretrain,
};

use crate::folder::{Folder, Silent};
use crate::models::{Shape, TINY, masks};

const SHAPE: ModelShape = ModelShape { layers: 1, hidden: 16, heads: 2, feed_forward: 32, positions: 32 };

/// Lines of one of two kinds: in each kind every place has its word, so that a masked word can be told from its place and from
/// the words beside it, but not from one alone.
fn write_text(folder: &Folder) -> Text {
    let line = |row: usize| {
        ('a'..='i').map(|letter| format!("{}{letter}", ["red", "b"][row % 2])).collect::<Vec<_>>().join(" ")
    };
    fs::write(folder.path("text.txt"), (0..120).map(|row| line(row) + "\n").collect::<String>()).unwrap();
    Text::read(&folder.path("text.txt")).unwrap()
}

fn settings() -> Settings {
    Settings {
        epochs: 40,
        batch: 8,
        micro_batch: Some(3),
        learning_rate: 1e-2,
        dropout: Some(0.05),
        max_tokens: Some(24),
        held_out: 0.1,
        ..PretrainingJob::default_settings()
    }
}

fn job<'a>(
    texts: &'a [Text],
    start: PretrainingStart<'a>,
    settings: &'a Settings,
    out: &'a Path,
) -> PretrainingJob<'a> {
    PretrainingJob { texts, start, settings, float: FloatType::F32, out, resume: true }
}

fn run(
    folder: &Folder,
    start: PretrainingStart<'_>,
    settings: &Settings,
    out: &str,
) -> Result<PretrainingOutcome, Error> {
    pretrain(job(&[write_text(folder)], start, settings, &folder.path(out)), &mut Silent)
}

fn fresh(tokenizer: TokenizerKind, vocabulary: usize) -> PretrainingStart<'static> {
    PretrainingStart::Fresh { shape: SHAPE, tokenizer, vocabulary }
}

/// A tokenizer of as many tokens as the tiny models have, of which five are special.
fn tokenizer(folder: &Folder, vocabulary: usize) -> Tokenizer {
    let words: String = (5..vocabulary).map(|word| format!("w{word}\n")).collect();
    fs::write(folder.path("vocab.txt"), format!("[PAD]\n[UNK]\n[CLS]\n[SEP]\n[MASK]\n{words}")).unwrap();
    Tokenizer::open(folder.path("").as_path(), 32).unwrap()
}

/// Every parameter of every family, tied embedding, dropout and small hidden states included, against differences in f64.
#[test]
fn gradient() {
    let folder = Folder::new();
    for family in ["bert", "roberta", "distilbert", "electra"] {
        let config = Shape { family, dropout: 0.2, ..TINY }.config();
        let network = MaskedNetwork::new(&config);
        let masking = Masking::new(&tokenizer(&folder, config.vocabulary), 3).unwrap();
        let params = random_store::<f64>(network.layout(), "params");
        let ids: Vec<u32> = vec![2, 6, 7, 3, 2, 8, 9, 6, 5, 3];
        let encoded = Encoded { segments: vec![0; ids.len()], ids, offsets: vec![0, 4, 10], truncated: 0 };
        let mut batch = MaskedBatch::default();
        [1, 0].into_iter().for_each(|row| batch.push(&encoded, row, &masking, 5));
        assert_eq!(batch.masked(), 2);
        let (mut workspace, mut grads) = (network.workspace(), network.layout().gradients());
        let step = DropoutStep::new(masks(), 0, batch.keys());
        network.forward(&params, &batch, Some(step), &mut workspace);
        workspace.loss(&batch, 0.5);
        network.backward(&params, &batch, Some(step), 0.2, &mut workspace, &mut grads);
        let mut moved = params.clone();
        check::gradient(params.values(), grads.store().values(), |values| {
            moved.values_mut().copy_from_slice(values);
            network.forward(&moved, &batch, Some(step), &mut workspace);
            let loss = 0.5 * workspace.loss(&batch, 0.0);
            let mut unused = network.layout().gradients();
            loss + network.backward(&moved, &batch, Some(step), 0.2, &mut workspace, &mut unused)
        });
    }
}

#[test]
fn masks_are_functions_of_seed_epoch_and_row() {
    let folder = Folder::new();
    let tokenizer = tokenizer(&folder, 1005);
    let ids: Vec<u32> = [2].into_iter().chain(5..1005).chain([3]).collect();
    let mask = |seed, epoch, row| {
        let (mut ids, mut masked) = (ids.clone(), Vec::new());
        Masking::new(&tokenizer, seed)
            .unwrap()
            .apply(epoch, row, &mut ids, |place, id| masked.push((place, id)));
        (ids, masked)
    };
    let (masked_ids, masked) = mask(1, 4, 9);
    assert_eq!(mask(1, 4, 9), (masked_ids.clone(), masked.clone()));
    for other in [mask(2, 4, 9), mask(1, 5, 9), mask(1, 4, 8)] {
        assert_ne!(other.1, masked);
    }
    assert_eq!(masked.len(), 150, "15 % of the tokens that are not special");
    assert!(masked.iter().all(|&(place, id)| ids[place] == id && (5..1005).contains(&id)));
    let changed: Vec<usize> = (0..ids.len()).filter(|&place| ids[place] != masked_ids[place]).collect();
    assert!(changed.iter().all(|place| masked.iter().any(|(masked, _)| masked == place)));
    let share = |of: &dyn Fn(usize) -> bool| {
        masked.iter().filter(|&&(place, _)| of(place)).count() as f64 / masked.len() as f64
    };
    // Five standard deviations of a binomial share of 150.
    let near = |share: f64, want: f64| (share - want).abs() < 5.0 * (want * (1.0 - want) / 150.0).sqrt();
    assert!(near(share(&|place| masked_ids[place] == 4), 0.8));
    assert!(near(share(&|place| masked_ids[place] == ids[place]), 0.1));
    assert!(near(share(&|place| masked_ids[place] != ids[place] && masked_ids[place] > 4), 0.1));
}

#[test]
fn a_model_learns_from_places_and_from_other_words() {
    let folder = Folder::new();
    let settings = Settings { epochs: 80, ..settings() };
    for (kind, out) in [(TokenizerKind::Wordpiece, "pieces"), (TokenizerKind::ByteLevelBpe, "bytes")] {
        let outcome = run(&folder, fresh(kind, 330), &settings, out).unwrap();
        let scores = outcome.result.held_out;
        // Who knows the place alone wavers between two words: ln 2 is 0.69.
        assert!(scores.loss < 0.4, "{}: {scores}", kind.name());
        let model = folder.path(out).join("model");
        let config = Config::read(&model).unwrap();
        assert_eq!((config.hidden, config.max_tokens()), (16, 32));
        assert!(Tokenizer::open(&model, 16).unwrap().vocabulary_size() <= config.vocabulary);
    }
}

/// Stops the program at a step, as a kill does.
pub(crate) struct StopsAt(pub(crate) u64);

impl Observer for StopsAt {
    fn warn(&mut self, _: &str) {}
    fn note(&mut self, _: &str) {}
    fn begin(&mut self, _: u64, _: u64) {}
    fn step(&mut self, step: u64, _: f64, _: &StepReport) {
        assert_ne!(step, self.0, "stopped on purpose");
    }
    fn evaluation(&mut self, _: &EvaluationRecord) {}
}

/// As for every run: resumed equals uninterrupted, in every file but the times.
#[test]
fn a_run_that_was_stopped_ends_with_the_same_bits() {
    let folder = Folder::new();
    let (start, settings) = (fresh(TokenizerKind::Wordpiece, 60), Settings { epochs: 3, ..settings() });
    let whole = run(&folder, start, &settings, "whole").unwrap();
    let texts = [write_text(&folder)];
    let out = folder.path("stopped");
    let job = job(&texts, start, &settings, &out);
    for step in [3, 20, 21, whole.result.steps] {
        let stopped = std::panic::catch_unwind(|| pretrain(job, &mut StopsAt(step)).map(drop));
        assert!(stopped.is_err(), "it was to stop at step {step}");
    }
    pretrain(job, &mut Silent).unwrap();
    for file in
        ["result.json", "steps.jsonl", "evals.jsonl", "model/model.safetensors", "model/tokenizer.json"]
    {
        let read = |out: &str| fs::read(folder.path(out).join(file)).unwrap();
        assert_eq!(read("whole"), read("stopped"), "{file}");
    }
    let other = Settings { learning_rate: 2e-2, ..settings };
    let error = run(&folder, start, &other, "stopped").unwrap_err().to_string();
    assert!(error.contains("differs in settings.learning_rate"), "{error}");
}

#[test]
fn a_model_goes_on_with_its_own_tokenizer() {
    let folder = Folder::new();
    run(&folder, fresh(TokenizerKind::Wordpiece, 60), &settings(), "first").unwrap();
    let model = folder.path("first/model");
    let (one_step, start) = (Settings { max_steps: Some(1), ..settings() }, PretrainingStart::Model(&model));
    let outcome = run(&folder, start, &one_step, "second").unwrap();
    assert!(outcome.result.held_out.loss < 0.5, "{}: it starts where it was", outcome.result.held_out);
    let tokenizer = |out: &str| fs::read(folder.path(out).join("model/tokenizer.json")).unwrap();
    assert_eq!(tokenizer("first"), tokenizer("second"));
    assert!(parameters(&model).entries().iter().any(|entry| entry.name == "cls.predictions.bias"));
}

fn parameters(model: &Path) -> Layout {
    MaskedNetwork::new(&Config::read(model).unwrap()).layout().clone()
}

#[test]
fn text_without_enough_documents_is_refused() {
    let folder = Folder::new();
    fs::write(folder.path("short.txt"), "one line\n").unwrap();
    let texts = [Text::read(&folder.path("short.txt")).unwrap()];
    let (settings, out) = (settings(), folder.path("out"));
    let start = fresh(TokenizerKind::Wordpiece, 60);
    let job = job(&texts, start, &settings, &out);
    let error = pretrain(job, &mut Silent).unwrap_err().to_string();
    assert!(error.contains("found 1 in all"), "{error}");
}
