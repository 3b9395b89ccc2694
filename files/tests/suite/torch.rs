//! Checkpoints that torch wrote: their tensors are those that torch reads. `golden/make.py` made them.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use mtlift_files::{TensorFile, read_json};
use serde::Deserialize;

use crate::common::{directory, message};

#[derive(Deserialize)]
struct Expected {
    tensors: BTreeMap<String, Tensor>,
}

#[derive(Deserialize)]
struct Tensor {
    shape: Vec<usize>,
    values: Vec<f64>,
}

pub(crate) fn golden(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden").join(name)
}

#[test]
fn tensors_are_those_that_torch_reads() {
    let Expected { tensors } = read_json(&golden("expected.json")).unwrap();
    for (file, nested) in
        [("weights.bin", None), ("protocol5.bin", None), ("training.bin", Some("state_dict"))]
    {
        let file = TensorFile::open(&golden(file)).unwrap();
        assert_eq!(file.nested(), nested);
        let names: Vec<&str> = tensors.keys().map(String::as_str).collect();
        assert_eq!(file.names().collect::<Vec<_>>(), names);
        for (name, want) in &tensors {
            if name == "ids" {
                let values = want.values.iter().map(|&value| value as i64).collect();
                assert_eq!(file.i64(name).unwrap(), (want.shape.clone(), values));
            } else {
                let values = want.values.iter().map(|&value| value as f32).collect();
                assert_eq!(file.f32(name).unwrap(), (want.shape.clone(), values), "{name}");
                let mut into = vec![0.0; want.values.len()];
                file.read_into(name, &mut into).unwrap();
                assert_eq!(into, file.f32(name).unwrap().1, "{name}");
            }
        }
    }
}

/// The refusal of a checkpoint, without the words that all refusals begin with.
#[track_caller]
pub(crate) fn refusal(path: &Path) -> String {
    let directory = path.parent().unwrap();
    let message = message(&TensorFile::open(path).expect_err("this file must be refused"), directory);
    let start =
        format!("DIR/{}: not a PyTorch checkpoint that can be read: ", path.file_name().unwrap().display());
    message.strip_prefix(&start).unwrap_or_else(|| panic!("another error: {message}")).to_owned()
}

#[test]
fn a_whole_module_is_refused_by_the_name_of_its_class() {
    assert_eq!(
        refusal(&golden("module.bin")),
        "it names `torch.nn.modules.linear.Linear`, which is no part of plain weights, and nothing that a pickle names is \
         run; if you trust it, save the weights alone with torch.save(model.state_dict(), ..)"
    );
}

#[test]
fn the_form_before_1_6_is_refused_with_the_command_that_converts_it() {
    assert_eq!(
        refusal(&golden("before-1.6.bin")),
        "it has the form before PyTorch 1.6, a pickle without an archive; where torch is installed, this converts it:\n\
         python -c \"import torch; f = 'DIR/before-1.6.bin'; torch.save(torch.load(f, weights_only=True), f)\""
    );
}

#[test]
fn a_checkpoint_without_tensors_says_what_it_has() {
    assert_eq!(
        refusal(&golden("no-tensors.bin")),
        "it holds no tensors by name, expected what `model.state_dict()` gives; its keys are `epoch`"
    );
}

#[test]
fn an_empty_file_and_one_cut_short() {
    let directory = directory();
    let path = directory.path().join("pytorch_model.bin");
    fs::write(&path, "").unwrap();
    assert_eq!(refusal(&path), "the file is empty");
    let bytes = fs::read(golden("weights.bin")).unwrap();
    fs::write(&path, &bytes[..bytes.len() / 2]).unwrap();
    let message = refusal(&path);
    assert!(message.starts_with("it is no whole zip archive ("), "{message}");
    assert!(message.ends_with("): download or save it again"), "{message}");
}
