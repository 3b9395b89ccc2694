//! Runs in bf16: what they say of themselves, what of them is in float32, and what is told where the processor is not made for it.

use std::fs;

use mtlift_nn::Real;
use mtlift_train::{Error, Mixing, Precision, RunFiles, TrainedModel, write_predictions};
use serde_json::Value;

use crate::folder::{Folder, Run, Silent};
use crate::models::{Pass, Shape, TINY, all_rows, run};

fn bf16() -> Run {
    let mut run = Run::new(Mixing::default());
    run.settings.precision = Precision::Bf16;
    run
}

#[test]
fn a_run_in_bf16_says_so_and_its_model_predicts_the_same() {
    let folder = Folder::with_tasks();
    let tasks = [folder.task("pairs")];
    if !Precision::Bf16.is_fast() {
        let refused = folder.train(&bf16(), &tasks, "out", &mut Silent);
        return assert!(matches!(refused, Err(Error::Processor { precision: "bf16", .. })));
    }
    let narrow = folder.train(&bf16(), &tasks, "narrow", &mut Silent).unwrap().result;
    let wide = folder.train(&Run::new(Mixing::default()), &tasks, "wide", &mut Silent).unwrap().result;
    assert_ne!(narrow.target.parameters, wide.target.parameters);
    for (out, want) in [("narrow", Some("bf16")), ("wide", None)] {
        let read = |file: &str| -> Value {
            serde_json::from_str(&fs::read_to_string(folder.path(out).join(file)).unwrap()).unwrap()
        };
        assert_eq!(read("run.json")["settings"]["precision"].as_str(), want);
        assert_eq!(read("result.json")["precision"].as_str(), want);
        assert_eq!(read("model/config.json")["dtype"], "float32");
    }
    let files = RunFiles::at(&folder.path("narrow"));
    assert_eq!(files.result().unwrap(), narrow);

    let predictions = |precision: Precision| {
        let directory = folder.path("narrow/model");
        let model = TrainedModel::open_in(&directory, &tasks[0], None, None, precision).unwrap();
        let rows = model.read(&tasks[0], "dev", None, &mut |_| {}).unwrap();
        let file = folder.path("again.tsv");
        write_predictions(&file, &rows.indices, &tasks[0].labels, &model.logits(&rows).unwrap()).unwrap();
        fs::read_to_string(file).unwrap()
    };
    let written = fs::read_to_string(files.predictions(1, "pairs", "dev")).unwrap();
    assert_eq!(predictions(Precision::Bf16), written);
    assert_ne!(predictions(Precision::Float32), written);
}

/// A byte has 127 steps to either side: what a product loses is about a hundredth of it.
#[test]
fn a_model_in_int8_predicts_nearly_the_same_and_is_not_trained() {
    let folder = Folder::with_tasks();
    let tasks = [folder.task("pairs")];
    let mut run = Run::new(Mixing::default());
    run.settings.precision = Precision::Int8;
    let refused = folder.train(&run, &tasks, "out", &mut Silent);
    assert!(matches!(refused, Err(Error::Setting { name: "precision", .. })));

    folder.train(&Run::new(Mixing::default()), &tasks, "wide", &mut Silent).unwrap();
    let open =
        |precision| TrainedModel::open_in(&folder.path("wide/model"), &tasks[0], None, None, precision);
    if !Precision::Int8.is_fast() {
        return assert!(matches!(open(Precision::Int8), Err(Error::Processor { precision: "int8", .. })));
    }
    let [narrow, wide] = [Precision::Int8, Precision::Float32].map(|precision| {
        let model = open(precision).unwrap();
        let rows = model.read(&tasks[0], "dev", None, &mut |_| {}).unwrap();
        model.logits(&rows).unwrap()
    });
    let greatest = wide.iter().fold(0.0f32, |greatest, x| greatest.max(x.abs()));
    let off = narrow.iter().zip(&wide).fold(0.0f32, |off, (a, b)| off.max((a - b).abs()));
    assert!(off > 1e-5 * greatest && off < 0.1 * greatest, "{off} of {greatest}");
}

/// The loss and the gradient of some rows.
fn pass<F: Real>(precision: Precision) -> Pass<F> {
    let shape = Shape { hidden: 32, heads: 4, feed_forward: 65, longest: 19, precision, ..TINY };
    let (network, mut params) = shape.network::<F>(&[3]);
    params.values_mut().iter_mut().for_each(|x| *x *= F::of(0.3));
    let tasks = [shape.rows("classes", &[5, 19, 1, 12], 3)];
    run(&network, &params, &tasks, &all_rows(&tasks), 0.25)
}

/// Eight bits of significand: what a product loses is about 2⁻⁹ of it.
#[test]
fn a_gradient_in_bf16_is_near_that_in_float32() {
    let (narrow, wide) = (pass::<f32>(Precision::Bf16), pass::<f32>(Precision::Float32));
    assert!((narrow.loss - wide.loss).abs() < 0.02 * wide.loss, "{} {}", narrow.loss, wide.loss);
    let norm =
        |gradient: &mut dyn Iterator<Item = f32>| gradient.map(|g| f64::from(g * g)).sum::<f64>().sqrt();
    let difference = norm(&mut narrow.gradient.iter().zip(&wide.gradient).map(|(a, b)| a - b));
    let relative = difference / norm(&mut wide.gradient.iter().copied());
    assert!(relative > 1e-4 && relative < 0.03, "{relative}");
}

#[test]
fn gradients_are_checked_in_float64_whatever_the_precision() {
    assert_eq!(pass::<f64>(Precision::Bf16).gradient, pass::<f64>(Precision::Float32).gradient);
}
