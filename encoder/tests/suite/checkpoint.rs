//! Which tensor becomes which parameter, and which directories are refused, with what words.

use std::fs;
use std::path::Path;

use mtlift_encoder::{Checkpoint, Error, LoadReport, Want};
use mtlift_files::save_tensors;
use mtlift_nn::{Entry, Layout, Store};
use serde_json::json;

use crate::files::{directory, layout, message, write_raw};

/// Writes a file of these tensors; their values are 1, 2, 3, ..
fn write(path: &Path, tensors: &[(&str, &[usize])]) {
    let values: Vec<Vec<f32>> = tensors
        .iter()
        .map(|(_, shape)| (1..=shape.iter().product()).map(|i: usize| i as f32).collect())
        .collect();
    let tensors: Vec<_> = tensors
        .iter()
        .zip(&values)
        .map(|(&(name, shape), values)| (name, shape, values.as_slice()))
        .collect();
    save_tensors(path, &tensors).unwrap();
}

fn load(directory: &Path, layout: &Layout) -> Result<(LoadReport, Store<f32>), Error> {
    let mut store = layout.zeros();
    let want = |entry: &Entry| if entry.name.starts_with("bert.") { Want::Required } else { Want::Optional };
    let report = Checkpoint::open(directory)?.load("bert", layout, &mut store, want)?;
    Ok((report, store))
}

fn refusal(directory: &Path, layout: &Layout) -> String {
    message(&load(directory, layout).expect_err("this directory must be refused"), directory)
}

#[test]
fn names_are_found_with_and_without_prefix_old_and_new() {
    let parameters = layout(&[
        ("bert.embeddings.LayerNorm.weight", &[2]),
        ("bert.embeddings.LayerNorm.bias", &[3]),
        ("bert.encoder.layer.0.output.dense.weight", &[2, 2]),
        ("classifier.weight", &[1, 2]),
    ]);
    let spellings: [[&str; 3]; 4] = [
        [
            "bert.embeddings.LayerNorm.weight",
            "bert.embeddings.LayerNorm.bias",
            "bert.encoder.layer.0.output.dense.weight",
        ],
        [
            "bert.embeddings.LayerNorm.gamma",
            "bert.embeddings.LayerNorm.beta",
            "bert.encoder.layer.0.output.dense.weight",
        ],
        ["embeddings.LayerNorm.weight", "embeddings.LayerNorm.bias", "encoder.layer.0.output.dense.weight"],
        ["embeddings.LayerNorm.gamma", "embeddings.LayerNorm.beta", "encoder.layer.0.output.dense.weight"],
    ];
    for [weight, bias, dense] in spellings {
        let directory = directory();
        let file = directory.path().join("model.safetensors");
        write(&file, &[(weight, &[2]), (bias, &[3]), (dense, &[2, 2]), ("classifier.weight", &[1, 2])]);
        let (report, store) = load(directory.path(), &parameters).unwrap();
        assert_eq!(store.values(), [1., 2., 1., 2., 3., 1., 2., 3., 4., 1., 2.]);
        assert_eq!((report.applied.len(), report.missing.len(), report.unused.len()), (4, 0, 0), "{report}");
    }
}

#[test]
fn the_report_says_what_became_of_every_name() {
    let directory = directory();
    write(
        &directory.path().join("model.safetensors"),
        &[
            ("bert.embeddings.LayerNorm.weight", &[2]),
            ("bert.embeddings.position_ids", &[1, 2]),
            ("bert.encoder.layer.6.output.dense.weight", &[2, 2]),
            ("bert.pooler.dense.bias", &[2]),
            ("cls.predictions.bias", &[2]),
        ],
    );
    let parameters = layout(&[
        ("classifier.weight", &[1, 2]),
        ("bert.embeddings.LayerNorm.weight", &[2]),
        ("classifier.bias", &[1]),
    ]);
    let (report, store) = load(directory.path(), &parameters).unwrap();
    assert_eq!(store.values(), [0., 0., 1., 2., 0.]);
    let names = |names: &[&str]| names.iter().map(|&name| name.to_owned()).collect::<Vec<_>>();
    assert_eq!(
        report,
        LoadReport {
            applied: names(&["bert.embeddings.LayerNorm.weight"]),
            missing: names(&["classifier.bias", "classifier.weight"]),
            unused: names(&[
                "bert.embeddings.position_ids",
                "bert.encoder.layer.6.output.dense.weight",
                "bert.pooler.dense.bias",
                "cls.predictions.bias",
            ]),
            unexpected: names(&["bert.encoder.layer.6.output.dense.weight"]),
            nested: None,
        }
    );
    assert_eq!(
        report.to_string(),
        "1 applied; 2 missing: classifier.bias, classifier.weight; \
         1 unexpected in the encoder: bert.encoder.layer.6.output.dense.weight; 3 unused (buffers, other heads)"
    );
}

#[test]
fn the_summary_of_a_full_match_is_short_and_long_lists_are_cut() {
    let report = |missing: &[&str]| LoadReport {
        applied: vec!["a".into()],
        missing: missing.iter().map(|&name| name.to_owned()).collect(),
        ..LoadReport::default()
    };
    assert_eq!(report(&[]).to_string(), "1 applied");
    assert_eq!(report(&["b", "c", "d", "e"]).to_string(), "1 applied; 4 missing: b, c, d, ..");
    let nested = LoadReport { nested: Some("state_dict"), ..report(&[]) };
    assert_eq!(nested.to_string(), "1 applied, from `state_dict` of a training checkpoint");
}

#[test]
fn a_skipped_parameter_keeps_its_values_whatever_the_checkpoint_has() {
    let directory = directory();
    write(&directory.path().join("model.safetensors"), &[("bert.a", &[2]), ("classifier.weight", &[5, 2])]);
    let parameters = layout(&[("bert.a", &[2]), ("classifier.weight", &[1, 2])]);
    let mut store = parameters.zeros();
    let want = |entry: &Entry| if entry.name == "bert.a" { Want::Required } else { Want::Skipped };
    let report =
        Checkpoint::open(directory.path()).unwrap().load("bert", &parameters, &mut store, want).unwrap();
    assert_eq!(store.values(), [1., 2., 0., 0.]);
    assert_eq!(
        (report.missing, report.unused),
        (vec!["classifier.weight".into()], vec!["classifier.weight".into()])
    );
}

#[test]
fn a_missing_required_tensor_is_named_and_changes_nothing() {
    let directory = directory();
    write(&directory.path().join("model.safetensors"), &[("bert.a", &[1])]);
    let one = layout(&[("bert.a", &[1]), ("bert.b", &[1]), ("classifier.bias", &[1])]);
    assert_eq!(refusal(directory.path(), &one), "DIR: tensor `bert.b` is missing from the weights");
    let three = layout(&[("bert.a", &[1]), ("bert.d", &[1]), ("bert.b", &[1]), ("bert.c", &[1])]);
    assert_eq!(
        refusal(directory.path(), &three),
        "DIR: tensor `bert.b` (and 2 more) is missing from the weights"
    );
    let mut store = three.zeros();
    let checkpoint = Checkpoint::open(directory.path()).unwrap();
    checkpoint.load("bert", &three, &mut store, |_| Want::Required).unwrap_err();
    assert_eq!(store.values(), [0.; 4]);
}

#[test]
fn a_wrong_shape_is_named_with_both_and_changes_nothing() {
    let directory = directory();
    write(&directory.path().join("model.safetensors"), &[("embeddings.a", &[1]), ("embeddings.b", &[2, 3])]);
    let parameters = layout(&[("bert.embeddings.a", &[1]), ("bert.embeddings.b", &[3, 2])]);
    let mut store = parameters.zeros();
    let checkpoint = Checkpoint::open(directory.path()).unwrap();
    let error = checkpoint.load("bert", &parameters, &mut store, |_| Want::Optional).unwrap_err();
    assert_eq!(
        message(&error, directory.path()),
        "DIR/model.safetensors: tensor `embeddings.b` has shape [2, 3], expected [3, 2]"
    );
    assert_eq!(store.values(), [0.; 7]);
}

/// Two shards and their index, with a change to the index.
fn sharded(directory: &Path, weight_map: serde_json::Value) {
    write(&directory.join("model-00001-of-00002.safetensors"), &[("bert.b", &[3]), ("bert.c", &[1])]);
    write(&directory.join("model-00002-of-00002.safetensors"), &[("bert.a", &[2])]);
    let index = json!({"metadata": {"total_size": 24}, "weight_map": weight_map}).to_string();
    fs::write(directory.join("model.safetensors.index.json"), index).unwrap();
}

const FIRST: &str = "model-00001-of-00002.safetensors";
const SECOND: &str = "model-00002-of-00002.safetensors";

#[test]
fn shards_are_read_as_one() {
    let directory = directory();
    sharded(directory.path(), json!({"bert.a": SECOND, "bert.b": FIRST, "bert.c": FIRST}));
    let parameters = layout(&[("bert.a", &[2]), ("bert.b", &[3])]);
    let (report, store) = load(directory.path(), &parameters).unwrap();
    assert_eq!(store.values(), [1., 2., 1., 2., 3.]);
    assert_eq!((report.applied.len(), report.unused), (2, vec!["bert.c".to_owned()]));
}

#[test]
fn an_index_that_does_not_agree_with_its_shards_is_refused() {
    let file = "DIR/model.safetensors.index.json: not a usable index of shards: ";
    let cases = [
        (
            json!({"bert.a": FIRST}),
            "it says that tensor `bert.a` is in model-00001-of-00002.safetensors, which does not have it",
        ),
        (
            json!({"bert.a": SECOND, "bert.b": FIRST}),
            "it does not say that tensor `bert.c` is in model-00001-of-00002.safetensors",
        ),
        (
            json!({"bert.a": "../model.safetensors"}),
            "a shard is called `../model.safetensors`, expected the name of a file in the same directory",
        ),
        (
            json!({"bert.a": "/etc/passwd"}),
            "a shard is called `/etc/passwd`, expected the name of a file in the same directory",
        ),
        (
            json!({"bert.a": ".."}),
            "a shard is called `..`, expected the name of a file in the same directory",
        ),
        (json!({"bert.a": ""}), "a shard is called ``, expected the name of a file in the same directory"),
        (json!([]), "invalid type: sequence, expected a map at line 1 column 43"),
    ];
    for (weight_map, expected) in cases {
        let directory = directory();
        sharded(directory.path(), weight_map);
        let refused = refusal(directory.path(), &layout(&[("bert.a", &[2])]));
        assert!(refused.starts_with(file), "{refused}");
        assert_eq!(&refused[file.len()..], expected);
    }
    let directory = directory();
    sharded(directory.path(), json!({"bert.a": "model-3.safetensors"}));
    assert_eq!(
        refusal(directory.path(), &layout(&[("bert.a", &[2])])),
        "cannot read DIR/model-3.safetensors: No such file or directory (os error 2)"
    );
}

#[test]
fn a_directory_without_weights_says_what_was_looked_for() {
    let directory = directory();
    let refused = |name: Option<&str>| {
        name.inspect(|name| fs::write(directory.path().join(name), "").unwrap());
        let refused = refusal(directory.path(), &layout(&[]));
        name.inspect(|name| fs::remove_file(directory.path().join(name)).unwrap());
        let start = "DIR holds no weights: expected model.safetensors or pytorch_model.bin, or either's index.json with its \
                     shards";
        refused.strip_prefix(start).unwrap_or_else(|| panic!("another error: {refused}")).to_owned()
    };
    assert_eq!(refused(None), "");
    for name in ["model.onnx", "tf_model.h5", "flax_model.msgpack", "model-Q4_K.gguf", "weights.pt"] {
        let cure = "which is not read: get the model in safetensors form, or load it with transformers and `save_pretrained` it";
        assert_eq!(refused(Some(name)), format!("; it has {name}, {cure}"));
    }
    assert_eq!(
        refused(Some("adapter_config.json")),
        "; it holds an adapter, a change to another model: merge the two first (`merge_and_unload()` in peft)"
    );
}

#[test]
fn a_value_that_is_not_finite_is_refused_wherever_it_is() {
    let directory = directory();
    let file = directory.path().join("model.safetensors");
    let save = |values: [f32; 3], unused: f32| {
        save_tensors(&file, &[("bert.a", &[3], &values), ("cls.bias", &[1], &[unused])]).unwrap();
    };
    let parameters = layout(&[("bert.a", &[3])]);
    let cure = "not finite in float32: the file is damaged, or was saved after training had diverged; get or train the model again";
    save([1.0, f32::NAN, f32::INFINITY], 0.0);
    assert_eq!(
        refusal(directory.path(), &parameters),
        format!("DIR/model.safetensors: 2 of the 3 values of tensor `bert.a` are {cure}")
    );
    save([1.0; 3], f32::NEG_INFINITY);
    assert_eq!(
        refusal(directory.path(), &parameters),
        format!("DIR/model.safetensors: 1 of the 1 values of tensor `cls.bias` is {cure}")
    );
    save([1.0; 3], f32::MAX);
    load(directory.path(), &parameters).unwrap();
}

/// Half of all that can be asked for: whoever takes this memory before looking at the weights is killed.
#[test]
fn sizes_that_are_not_those_of_the_weights_take_no_memory() {
    let directory = directory();
    write(&directory.path().join("model.safetensors"), &[("bert.a", &[2, 2])]);
    let parameters = layout(&[("bert.a", &[1 << 30, 1 << 30])]);
    let checkpoint = Checkpoint::open(directory.path()).unwrap();
    let error = checkpoint.read("bert", &parameters, |_| Want::Required).unwrap_err();
    assert_eq!(
        message(&error, directory.path()),
        "DIR/model.safetensors: tensor `bert.a` has shape [2, 2], expected [1073741824, 1073741824]"
    );
}

#[test]
fn doubles_are_read() {
    let directory = directory();
    let header = r#"{"bert.a":{"dtype":"F64","shape":[2],"data_offsets":[0,16]}}"#;
    let file = directory.path().join("model.safetensors");
    let save = |values: [f64; 2]| write_raw(&file, header, &values.map(f64::to_le_bytes).concat());
    let parameters = layout(&[("bert.a", &[2])]);
    save([0.1, -2.0]);
    assert_eq!(load(directory.path(), &parameters).unwrap().1.values(), [0.1_f32, -2.0]);
    save([0.1, 1e39]);
    assert!(
        refusal(directory.path(), &parameters)
            .contains("1 of the 2 values of tensor `bert.a` is not finite in float32")
    );
}

#[test]
fn a_needed_tensor_of_another_type() {
    let directory = directory();
    let header = r#"{"w":{"dtype":"I64","shape":[1],"data_offsets":[0,8]}}"#;
    write_raw(&directory.path().join("model.safetensors"), header, &[0; 8]);
    let checkpoint = Checkpoint::open(directory.path()).unwrap();
    let layout = layout(&[("w", &[1])]);
    let error = checkpoint.load("bert", &layout, &mut layout.zeros(), |_| Want::Optional).unwrap_err();
    assert_eq!(
        message(&error, directory.path()),
        "DIR/model.safetensors: tensor `w` is of type I64, expected F32, F16, BF16 or F64"
    );
}
