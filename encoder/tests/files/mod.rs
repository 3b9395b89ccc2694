//! Model directories for tests: made up here, or real ones from the data home.

#![allow(dead_code, reason = "every test program uses a part of it")]
#![allow(clippy::unwrap_used, reason = "in a test an unwrap is an assertion")]

use std::fs;
use std::path::{Path, PathBuf};

use mtlift_nn::Layout;
use serde_json::{Map, Value};

/// The data home named by `MTLIFT_HOME`. Tests that need it are ignored unless they are asked for, and then fail without it.
pub(crate) fn data_home() -> PathBuf {
    let home = std::env::var_os("MTLIFT_HOME");
    home.expect("set MTLIFT_HOME to the absolute path of a folder with models/ and goldens/").into()
}

/// A directory that is gone after the test.
pub(crate) fn directory() -> tempfile::TempDir {
    tempfile::tempdir().expect("the system has room for a temporary directory")
}

/// The object that this JSON stands for.
pub(crate) fn object(json: Value) -> Map<String, Value> {
    match json {
        Value::Object(map) => map,
        other => panic!("not an object: {other}"),
    }
}

/// Writes a safetensors file: a header of these bytes, whatever they are, then the data.
pub(crate) fn write_raw(path: &Path, header: &str, data: &[u8]) {
    let mut bytes = (header.len() as u64).to_le_bytes().to_vec();
    bytes.extend(header.as_bytes());
    bytes.extend(data);
    fs::write(path, bytes).unwrap();
}

/// A layout of these parameters, of one dimension or two.
pub(crate) fn layout(parameters: &[(&str, &[usize])]) -> Layout {
    let mut layout = Layout::default();
    for &(name, shape) in parameters {
        match *shape {
            [len] => drop(layout.vector(name, len)),
            [rows, columns] => drop(layout.matrix(name, rows, columns)),
            _ => panic!("{name}: a parameter has one dimension or two"),
        }
    }
    layout
}

/// The message of an error, with the directory that changes from run to run called DIR.
pub(crate) fn message(error: &dyn std::error::Error, directory: &Path) -> String {
    error.to_string().replace(&directory.display().to_string(), "DIR")
}
