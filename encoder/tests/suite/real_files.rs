//! Real models and the reference directories that transformers wrote.

use std::path::Path;

use mtlift_encoder::{Checkpoint, Config, LoadReport, ProblemType, Want, save};
use mtlift_files::TensorFile;
use mtlift_nn::{Activation, Entry, Layout, Store};

use crate::files::{data_home, directory};

/// The parameters of a BERT with a pooler and a classifier for two labels.
fn bert(config: &Config) -> Layout {
    let (h, f) = (config.hidden, config.feed_forward);
    let mut layout = Layout::default();
    let norm = |layout: &mut Layout, name: &str| {
        layout.vector(format!("{name}.weight"), h);
        layout.vector(format!("{name}.bias"), h);
    };
    let linear = |layout: &mut Layout, name: &str, rows, columns| {
        layout.matrix(format!("{name}.weight"), rows, columns);
        layout.vector(format!("{name}.bias"), rows);
    };
    layout.table("bert.embeddings.word_embeddings.weight", config.vocabulary, h);
    layout.table("bert.embeddings.position_embeddings.weight", config.positions, h);
    layout.matrix("bert.embeddings.token_type_embeddings.weight", config.segments, h);
    norm(&mut layout, "bert.embeddings.LayerNorm");
    for i in 0..config.layers {
        let block = format!("bert.encoder.layer.{i}");
        for part in ["query", "key", "value"] {
            linear(&mut layout, &format!("{block}.attention.self.{part}"), h, h);
        }
        linear(&mut layout, &format!("{block}.attention.output.dense"), h, h);
        norm(&mut layout, &format!("{block}.attention.output.LayerNorm"));
        linear(&mut layout, &format!("{block}.intermediate.dense"), f, h);
        linear(&mut layout, &format!("{block}.output.dense"), h, f);
        norm(&mut layout, &format!("{block}.output.LayerNorm"));
    }
    linear(&mut layout, "bert.pooler.dense", h, h);
    linear(&mut layout, "classifier", 2, h);
    layout
}

fn want(entry: &Entry) -> Want {
    if entry.name.starts_with("bert.") && !entry.name.starts_with("bert.pooler.") {
        Want::Required
    } else {
        Want::Optional
    }
}

fn load(model_dir: &Path) -> (Layout, Store<f32>, LoadReport) {
    let layout = bert(&Config::read(model_dir).unwrap());
    let mut store = layout.zeros();
    let report = Checkpoint::open(model_dir).unwrap().load("bert", &layout, &mut store, want).unwrap();
    (layout, store, report)
}

/// The values of a parameter against those of a tensor, as the safetensors crate reads it.
fn assert_same(model_dir: &Path, tensor: &str, layout: &Layout, store: &Store<f32>, parameter: &str) {
    let bytes = std::fs::read(model_dir.join("model.safetensors")).unwrap();
    let file = safetensors::SafeTensors::deserialize(&bytes).unwrap();
    let range = layout.find(parameter).unwrap().range.clone();
    let values: Vec<_> = store.values()[range].iter().flat_map(|value| value.to_le_bytes()).collect();
    assert!(values == file.tensor(tensor).unwrap().data(), "{parameter} is not {tensor}");
}

#[test]
#[ignore = "needs the data home: set MTLIFT_HOME and run with --include-ignored"]
fn minilm_has_no_prefix_a_pooler_and_a_buffer() {
    let home = data_home();
    let model = home.join("models/all-MiniLM-L6-v2");
    let config = Config::read(&model).unwrap();
    assert_eq!((config.family.prefix(), config.hidden, config.layers, config.heads), ("bert", 384, 6, 12));
    assert_eq!((config.max_tokens(), config.head.as_ref()), (512, None));

    let (layout, store, report) = load(&model);
    assert_eq!(
        report.to_string(),
        "103 applied; 2 missing: classifier.bias, classifier.weight; 1 unused (buffers, other heads)"
    );
    assert_eq!(report.unused, ["embeddings.position_ids"]);
    let dense = "encoder.layer.5.intermediate.dense.weight";
    assert_same(&model, dense, &layout, &store, &format!("bert.{dense}"));
    assert_same(&model, "pooler.dense.bias", &layout, &store, "bert.pooler.dense.bias");
}

#[test]
#[ignore = "needs the data home: set MTLIFT_HOME and run with --include-ignored"]
fn splade_has_old_names_a_language_model_head_and_no_pooler() {
    let home = data_home();
    let model = home.join("models/bert-tiny-splade");
    let config = Config::read(&model).unwrap();
    assert_eq!((config.hidden, config.layers, config.heads, config.head.as_ref()), (128, 2, 2, None));

    let (layout, store, report) = load(&model);
    assert_eq!(
        report.to_string(),
        "37 applied; 4 missing: bert.pooler.dense.bias, bert.pooler.dense.weight, classifier.bias, ..; \
         5 unused (buffers, other heads)"
    );
    for (old, new) in [("gamma", "weight"), ("beta", "bias")] {
        let norm = "bert.encoder.layer.1.output.LayerNorm";
        assert_same(&model, &format!("{norm}.{old}"), &layout, &store, &format!("{norm}.{new}"));
    }
}

#[test]
#[ignore = "needs the data home: set MTLIFT_HOME and run with --include-ignored"]
fn a_real_model_is_saved_and_loaded_to_the_bit() {
    let home = data_home();
    let (layout, store, _) = load(&home.join("models/all-MiniLM-L6-v2"));
    let directory = directory();
    save(directory.path(), &layout, &store).unwrap();
    let mut again = layout.zeros();
    let report = Checkpoint::open(directory.path())
        .unwrap()
        .load("bert", &layout, &mut again, |_| Want::Required)
        .unwrap();
    assert_eq!(report.to_string(), "105 applied");
    assert!(store.values().iter().map(|x| x.to_bits()).eq(again.values().iter().map(|x| x.to_bits())));
}

#[test]
#[ignore = "needs the data home: set MTLIFT_HOME and run with --include-ignored"]
fn roberta_base_is_read_as_transformers_reads_it() {
    let home = data_home();
    let config = Config::read(&home.join("models/roberta-base-tokenizer")).unwrap();
    assert_eq!((config.family.prefix(), config.vocabulary, config.segments), ("roberta", 50265, 1));
    assert_eq!((config.positions, config.max_tokens(), config.layer_norm_eps), (514, 512, 1e-5));
}

#[test]
#[ignore = "needs the data home: set MTLIFT_HOME and run with --include-ignored"]
fn reference_directories_are_what_their_script_made() {
    let home = data_home();
    use ProblemType::{Regression, SingleLabelClassification};
    let cases = [
        ("bert-2class", "bert", 2, SingleLabelClassification, 2, 32, 40),
        ("bert-regression", "bert", 1, Regression, 2, 32, 40),
        ("roberta-3class", "roberta", 3, SingleLabelClassification, 1, 32, 40),
        ("distilbert-2class", "distilbert", 2, SingleLabelClassification, 0, 32, 40),
        ("electra-2class", "electra", 2, SingleLabelClassification, 2, 16, 40),
    ];
    for (name, family, labels, problem_type, segments, embedding, max_tokens) in cases {
        let directory = home.join("goldens").join(name);
        let config = Config::read(&directory).unwrap();
        assert_eq!((config.family.prefix(), config.vocabulary, config.hidden), (family, 99, 32), "{name}");
        assert_eq!((config.layers, config.heads, config.feed_forward), (2, 4, 64), "{name}");
        assert_eq!(
            (config.segments, config.embedding, config.max_tokens()),
            (segments, embedding, max_tokens)
        );
        assert_eq!(
            (config.hidden_dropout, config.attention_dropout, config.classifier_dropout),
            (0., 0., 0.)
        );
        assert_eq!(config.activation, Activation::Gelu);
        let head = config.head.unwrap();
        assert_eq!(
            (head.names.len(), head.problem_type, head.are_placeholders()),
            (labels, problem_type, true)
        );

        let prefix = format!("{family}.");
        let checkpoint = Checkpoint::open(&directory).unwrap();
        assert!(checkpoint.names().any(|name| name.starts_with(&prefix)), "{name}");

        let golden = TensorFile::open(&directory.join("golden.safetensors")).unwrap();
        let (shape, ids) = golden.i64("input_ids").unwrap();
        assert!(shape == [6, 16] && ids.iter().all(|id| (0..99).contains(id)), "{name}");
        let (shape, logits) = golden.f32("logits").unwrap();
        assert!(shape == [6, labels] && logits.iter().all(|logit| logit.is_finite()), "{name}");
    }
}
