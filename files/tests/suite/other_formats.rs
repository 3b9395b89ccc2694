//! Files under a name that is not theirs: the message says what they are.

use std::fs;

use mtlift_files::{TensorFile, read_json};
use serde_json::Value;

use crate::common::{directory, message, write_raw};

const POINTER: &str = "version https://git-lfs.github.com/spec/v1\noid sha256:00\nsize 17544824\n";
const IS_POINTER: &str = "this is a Git LFS pointer in place of the file: `git lfs pull` in its repository fetches the \
                          file, or download it again";
const IS_WEB_PAGE: &str =
    "this is a web page, perhaps an error's or a login's: download the file itself again";

#[test]
fn a_file_of_another_kind_under_the_name_of_weights() {
    let directory = directory();
    let cases: [(&[u8], &str); 5] = [
        (POINTER.as_bytes(), IS_POINTER),
        (b"\n<!DOCTYPE html><html>", IS_WEB_PAGE),
        (b"\x1f\x8b\x08\0\0\0\0\0", "this is a gzip archive: unpack it with `gzip -d` or `tar -xzf`"),
        (b"GGUF\x03\0\0\0\0\0", "this is a GGUF file, made for llama.cpp: get the model in safetensors form"),
        (b"\x89HDF\r\n\x1a\n", "this is an HDF5 file, TensorFlow's form: get the model in safetensors form"),
    ];
    for name in ["model.safetensors", "pytorch_model.bin"] {
        for (bytes, what) in cases {
            let file = directory.path().join(name);
            fs::write(&file, bytes).unwrap();
            let message = message(&TensorFile::open(&file).unwrap_err(), directory.path());
            assert_eq!(message, format!("DIR/{name}: {what}"));
        }
    }
}

#[test]
fn a_pointer_in_place_of_json() {
    let directory = directory();
    let file = directory.path().join("config.json");
    fs::write(&file, POINTER).unwrap();
    let error = read_json::<Value>(&file).unwrap_err();
    assert_eq!(message(&error, directory.path()), format!("DIR/config.json: {IS_POINTER}"));
}

/// The length of a safetensors header is a number whose bytes can be those with which other formats begin.
#[test]
fn a_header_whose_length_looks_like_another_format() {
    let directory = directory();
    for length in [0x80_u64, 0x8B1F, 0x0008_8B1F] {
        let file = directory.path().join("model.safetensors");
        let header = r#"{"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}}"#;
        write_raw(
            &file,
            &(header.to_owned() + &" ".repeat(length as usize - header.len())),
            &1.5_f32.to_le_bytes(),
        );
        assert_eq!(TensorFile::open(&file).unwrap().f32("a").unwrap(), (vec![1], vec![1.5]), "{length:#X}");
    }
}
