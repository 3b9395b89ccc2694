//! Hidden states, logits, losses, gradients and optimiser steps against those that PyTorch and transformers recorded.

use std::path::{Path, PathBuf};

use mtlift_train::{Difference, verify};

const TOLERANCE: f64 = 1e-4;

#[track_caller]
fn check(model_dir: &Path, reference_dir: &Path, data_home: Option<&Path>) -> Vec<Difference> {
    let differences = verify(model_dir, reference_dir, data_home).unwrap();
    for difference in differences.iter().filter(|difference| difference.excused.is_none()) {
        // Written so that a NaN fails.
        let within = difference.error <= TOLERANCE;
        assert!(within && difference.values > 0, "{}: {difference:#?}", reference_dir.display());
    }
    differences
}

/// Checks a model with its own references, all of which must be there.
#[track_caller]
fn check_small(directory: &Path) {
    let differences = check(directory, directory, None);
    let values = |quantity: &str| {
        let mut of_quantity = differences.iter().filter(|difference| difference.quantity == quantity);
        of_quantity.next().unwrap_or_else(|| panic!("{}: no {quantity}", directory.display())).values
    };
    assert!(values("hidden states") > 0 && values("logits") > 0 && values("losses") > 0);
    let parameters = values("final parameters") + values("final key biases");
    assert_eq!(values("gradients"), parameters, "{}: every parameter has a gradient", directory.display());
}

/// The directories in `directory`, sorted.
fn directories(directory: &Path) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(directory).unwrap().map(|entry| entry.unwrap().path());
    let mut directories: Vec<PathBuf> = entries.filter(|path| path.is_dir()).collect();
    directories.sort();
    directories
}

/// The references in `tests/golden`, which its `make.py` wrote.
#[test]
fn tiny_models_of_unusual_shapes() {
    let golden = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden");
    let models = directories(&golden);
    assert_eq!(models.len(), 6, "{models:?}");
    models.iter().for_each(|directory| check_small(directory));
}

#[test]
#[ignore = "needs the data home: set MTLIFT_HOME and run with --include-ignored"]
fn references_of_the_data_home() {
    let home = std::env::var_os("MTLIFT_HOME").map(PathBuf::from);
    let home =
        home.expect("set MTLIFT_HOME to the absolute path of a folder with glue/, models/ and goldens/");
    let goldens = directories(&home.join("goldens"));
    let small = || goldens.iter().filter(|directory| directory.join("golden.safetensors").exists());
    assert!(small().count() >= 5, "{goldens:?}");
    small().for_each(|directory| check_small(directory));

    let real = check(&home.join("models/all-MiniLM-L6-v2"), &home.join("goldens/minilm-rte"), Some(&home));
    assert_eq!(real.len(), 5, "{real:?}");
}
