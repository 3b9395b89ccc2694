//! A reference of any bytes is compared with, or an error that names it.

use std::fs;
use std::path::{Path, PathBuf};

use mtlift_train::verify;
use tempfile::TempDir;

/// A copy of a model with its references, one of whose files is changed.
struct Copied(TempDir);

impl Copied {
    fn new() -> Self {
        let golden = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden/bert-gelu-new-4class");
        let copied = Self(TempDir::new().unwrap());
        for entry in fs::read_dir(golden).unwrap() {
            let path = entry.unwrap().path();
            fs::copy(&path, copied.file(path.file_name().unwrap().to_str().unwrap())).unwrap();
        }
        copied
    }

    fn file(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    fn verify(&self) -> Result<(), String> {
        verify(self.0.path(), self.0.path(), None).map(drop).map_err(|error| error.to_string())
    }

    #[track_caller]
    fn refused(&self, file: &str, why: &str) {
        let error = self.verify().unwrap_err();
        assert!(error.starts_with(&self.file(file).display().to_string()) && error.contains(why), "{error}");
    }
}

#[test]
fn optimiser_settings_out_of_range() {
    let copied = Copied::new();
    let json = fs::read_to_string(copied.file("trajectory.json")).unwrap();
    let genuine: serde_json::Value = serde_json::from_str(&json).unwrap();
    for (field, value) in [
        ("betas", serde_json::json!([-0.8, 0.9])),
        ("betas", serde_json::json!([0.9, 1.0])),
        ("eps", serde_json::json!(0.0)),
        ("weight_decay", serde_json::json!(-0.1)),
        ("max_grad_norm", serde_json::json!(0.0)),
    ] {
        let mut changed = genuine.clone();
        changed[field] = value;
        fs::write(copied.file("trajectory.json"), changed.to_string()).unwrap();
        copied.refused("trajectory.json", "out of range");
    }
    fs::write(copied.file("trajectory.json"), json).unwrap();
    copied.verify().unwrap();
}

/// Once read past the end of the embedding table.
#[test]
fn token_ids_outside_the_vocabulary() {
    let copied = Copied::new();
    for file in ["trajectory.safetensors", "golden.safetensors"] {
        let genuine = fs::read(copied.file(file)).unwrap();
        let data = 8 + u64::from_le_bytes(genuine[..8].try_into().unwrap()) as usize;
        let header: serde_json::Value = serde_json::from_slice(&genuine[8..data]).unwrap();
        let from = data + header["input_ids"]["data_offsets"][0].as_u64().unwrap() as usize;
        let mut changed = genuine.clone();
        changed[from..from + 8].copy_from_slice(&1000i64.to_le_bytes());
        fs::write(copied.file(file), changed).unwrap();
        copied.refused(file, "1000");
        fs::write(copied.file(file), genuine).unwrap();
    }
    copied.verify().unwrap();
}

#[test]
fn batches_without_rows() {
    let copied = Copied::new();
    let header = r#"{"attention_mask":{"dtype":"I64","shape":[3,0,11],"data_offsets":[0,0]},"input_ids":{"dtype":"I64","shape":[3,0,11],"data_offsets":[0,0]},"token_type_ids":{"dtype":"I64","shape":[3,0,11],"data_offsets":[0,0]},"labels":{"dtype":"I64","shape":[3,0],"data_offsets":[0,0]}}"#;
    let bytes = [&(header.len() as u64).to_le_bytes()[..], header.as_bytes()].concat();
    for file in ["trajectory.safetensors", "golden.safetensors"] {
        let genuine = fs::read(copied.file(file)).unwrap();
        fs::write(copied.file(file), &bytes).unwrap();
        copied.refused(file, "input_ids has shape [3, 0, 11], expected at least one row");
        fs::write(copied.file(file), genuine).unwrap();
    }
}
