//! Masked-language modelling against PyTorch and transformers: logits, loss and the gradient of every parameter, of models that
//! `tests/golden-masked/make.py` wrote.

use std::path::Path;

use mtlift_encoder::{Checkpoint, Config, Want};
use mtlift_files::TensorFile;
use mtlift_tokenizer::Encoded;
use mtlift_train::{MaskedBatch, MaskedNetwork};

/// The greatest difference, absolute below one and relative above.
const TOLERANCE: f64 = 1e-4;

#[track_caller]
fn assert_near(got: impl IntoIterator<Item = f64>, want: &[f32], what: &str) {
    let got: Vec<f64> = got.into_iter().collect();
    assert_eq!(got.len(), want.len(), "{what}");
    for (got, &want) in got.into_iter().zip(want) {
        let error = (got - f64::from(want)).abs() / f64::from(want).abs().max(1.0);
        assert!(error < TOLERANCE, "{what}: {got}, not {want}");
    }
}

fn check(name: &str) {
    let directory = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden-masked").join(name);
    let config = Config::read(&directory).unwrap();
    let network = MaskedNetwork::new(&config);
    let mut params = network.layout().zeros();
    let checkpoint = Checkpoint::open(&directory).unwrap();
    checkpoint.load(config.family.prefix(), network.layout(), &mut params, |_| Want::Required).unwrap();

    let golden = TensorFile::open(&directory.join("golden.safetensors")).unwrap();
    let integers = |name: &str| golden.i64(name).unwrap();
    let ((shape, ids), (_, labels)) = (integers("input_ids"), integers("labels"));
    let ((_, real), (_, segments)) = (integers("attention_mask"), integers("token_type_ids"));
    let width = shape[1];
    let (mut encoded, mut batch, mut masked_places) =
        (Encoded::default(), MaskedBatch::default(), Vec::new());
    for row in 0..shape[0] {
        let mut masked = Vec::new();
        for at in (row * width..(row + 1) * width).filter(|&at| real[at] == 1) {
            encoded.ids.push(ids[at] as u32);
            encoded.segments.push(segments[at] as u32);
            if labels[at] >= 0 {
                masked.push((at - row * width, labels[at] as u32));
                masked_places.push(at);
            }
        }
        encoded.offsets.push(encoded.ids.len());
        batch.push_masked(&encoded, row, &masked);
    }

    let (mut workspace, mut grads) = (network.workspace(), network.layout().gradients());
    network.forward(&params, &batch, None, &mut workspace);
    let (_, logits) = golden.f32("logits").unwrap();
    let vocabulary = config.vocabulary;
    let want: Vec<f32> =
        masked_places.iter().flat_map(|at| logits[at * vocabulary..][..vocabulary].to_vec()).collect();
    assert_near(workspace.logits().iter().map(|&x| f64::from(x)), &want, &format!("{name}: logits"));
    let weight = 1.0 / batch.masked() as f64;
    let loss = workspace.loss(&batch, weight) * weight;
    assert_near([loss], &golden.f32("loss").unwrap().1, &format!("{name}: loss"));
    network.backward(&params, &batch, None, 0.0, &mut workspace, &mut grads);
    for entry in network.layout().entries() {
        let (_, want) = golden.f32(&format!("grad.{}", entry.name)).unwrap();
        let got = grads.store().values()[entry.range.clone()].iter().map(|&x| f64::from(x));
        assert_near(got, &want, &format!("{name}: gradient of {}", entry.name));
    }
}

#[test]
fn numbers_are_those_of_transformers() {
    ["bert-silu", "roberta-relu", "distilbert-gelu", "electra-silu-narrow"].into_iter().for_each(check);
}
