//! Files that lie about themselves: each is refused with the name of the file and what is wrong with it.

use std::fs;

use mtlift_files::TensorFile;
use proptest::prelude::*;

use crate::common::{directory, message, write_raw};

/// The refusal of a file with these bytes, without the words that all refusals begin with.
fn refusal(bytes: &[u8]) -> String {
    let directory = directory();
    let path = directory.path().join("model.safetensors");
    fs::write(&path, bytes).unwrap();
    let message = message(&TensorFile::open(&path).expect_err("this file must be refused"), directory.path());
    let reason = message.strip_prefix("DIR/model.safetensors: not a valid safetensors file: ");
    reason.unwrap_or_else(|| panic!("another error: {message}")).to_owned()
}

fn refusal_of(header: &str, data: usize) -> String {
    let mut bytes = (header.len() as u64).to_le_bytes().to_vec();
    bytes.extend(header.as_bytes());
    bytes.resize(bytes.len() + data, 0);
    refusal(&bytes)
}

#[test]
fn empty_file() {
    assert_eq!(refusal(b""), "the file is empty");
}

#[test]
fn file_shorter_than_the_length_of_its_header() {
    assert_eq!(refusal(b"abc"), "the file has 3 bytes, fewer than the 8 that give the header's length");
}

#[test]
fn header_length_beyond_the_file() {
    let bytes = |length: u64| [&length.to_le_bytes()[..], b"{}"].concat();
    assert_eq!(refusal(&bytes(3)), "the header is said to take 3 bytes, but only 2 follow");
    assert_eq!(
        refusal(&bytes(u64::MAX)),
        "the header is said to take 18446744073709551615 bytes, but only 2 follow"
    );
}

#[test]
fn header_longer_than_the_format_allows() {
    let directory = directory();
    let path = directory.path().join("model.safetensors");
    fs::write(&path, 100_000_001_u64.to_le_bytes()).unwrap();
    fs::File::options().write(true).open(&path).unwrap().set_len(200_000_000).unwrap();
    assert_eq!(
        message(&TensorFile::open(&path).unwrap_err(), directory.path()),
        "DIR/model.safetensors: not a valid safetensors file: \
         the header takes 100000001 bytes, more than the 100000000 the format allows"
    );
}

#[test]
fn header_that_is_not_json() {
    assert_eq!(
        refusal_of("{\"a\": ", 0),
        "the header cannot be understood: EOF while parsing a value at line 1 column 6"
    );
    assert_eq!(
        refusal(&[&2_u64.to_le_bytes()[..], &[0xFF, 0xFE]].concat()),
        "the header cannot be understood: expected value at line 1 column 1"
    );
}

#[test]
fn header_of_the_wrong_form() {
    assert_eq!(
        refusal_of(r#"{"a":{"dtype":"F32","shape":[1]}}"#, 4),
        "the header cannot be understood: missing field `data_offsets` at line 1 column 33"
    );
    assert_eq!(
        refusal_of(r#"{"a":{"dtype":"F32","shape":[-1],"data_offsets":[0,4]}}"#, 4),
        "the header cannot be understood: invalid value: integer `-1`, expected usize at line 1 column 55"
    );
    let unknown = refusal_of(r#"{"a":{"dtype":"F128","shape":[1],"data_offsets":[0,16]}}"#, 16);
    assert!(unknown.starts_with("the header cannot be understood: unknown variant `F128`"), "{unknown}");
}

#[test]
fn truncated_data() {
    assert_eq!(
        refusal_of(r#"{"a":{"dtype":"F32","shape":[2,2],"data_offsets":[0,16]}}"#, 15),
        "the file is cut short: its tensors take 16 bytes, but 15 follow the header"
    );
}

#[test]
fn overlapping_ranges() {
    let header = r#"{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]},
                     "b":{"dtype":"F32","shape":[2],"data_offsets":[4,12]}}"#;
    assert_eq!(refusal_of(header, 12), "the data of `b` begin at byte 4, before those of `a` end at 8");
}

#[test]
fn ranges_that_leave_a_gap() {
    let header = r#"{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]},
                     "b":{"dtype":"F32","shape":[2],"data_offsets":[12,20]}}"#;
    assert_eq!(refusal_of(header, 20), "bytes 8 to 12 of the data belong to no tensor");
}

#[test]
fn ranges_that_end_before_the_file() {
    assert_eq!(
        refusal_of(r#"{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}}"#, 11),
        "bytes 8 to 11 of the data belong to no tensor"
    );
}

#[test]
fn range_that_does_not_fit_the_shape() {
    assert_eq!(
        refusal_of(r#"{"a":{"dtype":"F16","shape":[2,3],"data_offsets":[0,24]}}"#, 24),
        "`a` is F16 [2, 3], which takes 12 bytes, but its data are bytes 0 to 24"
    );
    assert_eq!(
        refusal_of(r#"{"a":{"dtype":"F32","shape":[1],"data_offsets":[0,0]}}"#, 0),
        "`a` is F32 [1], which takes 4 bytes, but its data are bytes 0 to 0"
    );
}

#[test]
fn shape_whose_size_cannot_be_counted() {
    assert_eq!(
        refusal_of(r#"{"a":{"dtype":"F32","shape":[4294967296,4294967296],"data_offsets":[0,8]}}"#, 8),
        "the size of `a`, F32 [4294967296, 4294967296], overflows"
    );
}

#[test]
fn range_that_ends_before_it_begins() {
    let header = r#"{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]},
                     "b":{"dtype":"F32","shape":[1],"data_offsets":[8,4]}}"#;
    assert_eq!(refusal_of(header, 8), "`b` is F32 [1], which takes 4 bytes, but its data are bytes 8 to 4");
}

#[test]
fn tensors_without_values_are_no_fault() {
    let directory = directory();
    let path = directory.path().join("model.safetensors");
    let header = r#"{"z":{"dtype":"F32","shape":[0,7],"data_offsets":[4,4]},
                     "a":{"dtype":"F32","shape":[],"data_offsets":[0,4]}}"#;
    write_raw(&path, header, &1.5_f32.to_le_bytes());
    let file = TensorFile::open(&path).unwrap();
    assert_eq!(file.f32("a").unwrap(), (vec![], vec![1.5]));
    assert_eq!(file.f32("z").unwrap(), (vec![0, 7], vec![]));
}

#[test]
fn a_tensor_of_another_type_or_none() {
    let directory = directory();
    let header = r#"{"w":{"dtype":"F64","shape":[1],"data_offsets":[0,8]},
                     "ids":{"dtype":"I64","shape":[1],"data_offsets":[8,16]}}"#;
    write_raw(&directory.path().join("model.safetensors"), header, &[0; 16]);
    let file = TensorFile::open(&directory.path().join("model.safetensors")).unwrap();
    let messages = [file.f32("ids").unwrap_err(), file.i64("w").unwrap_err(), file.i64("x").unwrap_err()]
        .map(|error| message(&error, directory.path()));
    assert_eq!(
        messages,
        [
            "DIR/model.safetensors: tensor `ids` is of type I64, expected F32, F16, BF16 or F64",
            "DIR/model.safetensors: tensor `w` is of type F64, expected I64",
            "DIR/model.safetensors: there is no tensor `x`",
        ]
    );
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(400) })]

    /// Whatever is done to a valid file, it is refused or read; nothing panics, and what is read has its shape.
    #[test]
    fn damage_is_refused_or_harmless(
        at in any::<prop::sample::Index>(), byte: u8, cut in prop::option::of(any::<prop::sample::Index>())
    ) {
        let header = r#"{"a":{"dtype":"F32","shape":[2,3],"data_offsets":[0,24]},
                         "b":{"dtype":"BF16","shape":[4],"data_offsets":[24,32]},
                         "c":{"dtype":"I64","shape":[1],"data_offsets":[32,40]}}"#;
        let directory = directory();
        let path = directory.path().join("model.safetensors");
        write_raw(&path, header, &[7; 40]);
        let mut bytes = fs::read(&path).unwrap();
        let at = at.index(bytes.len());
        bytes[at] = byte;
        if let Some(cut) = cut {
            bytes.truncate(cut.index(bytes.len()));
        }
        fs::write(&path, &bytes).unwrap();
        if let Ok(file) = TensorFile::open(&path) {
            for name in file.names() {
                if let Ok((shape, values)) = file.f32(name) {
                    prop_assert_eq!(shape.iter().product::<usize>(), values.len());
                }
                if let Ok((shape, values)) = file.i64(name) {
                    prop_assert_eq!(shape.iter().product::<usize>(), values.len());
                }
            }
        }
    }
}
