//! Pickles that lie, or want more than to be data: refused by name, and nothing of them is run.

use std::fs;
use std::io::{Read, Write};
use std::path::PathBuf;

use mtlift_files::TensorFile;
use proptest::prelude::*;
use tempfile::TempDir;
use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, ZipArchive, ZipWriter};

use crate::common::directory;
use crate::torch::{golden, refusal};

/// An archive of these files.
fn archive(files: &[(&str, &[u8])], method: CompressionMethod) -> (TempDir, PathBuf) {
    let directory = directory();
    let path = directory.path().join("pytorch_model.bin");
    let mut writer = ZipWriter::new(fs::File::create(&path).unwrap());
    for (name, bytes) in files {
        let options = SimpleFileOptions::default().compression_method(method);
        writer.start_file(format!("archive/{name}"), options).unwrap();
        writer.write_all(bytes).unwrap();
    }
    writer.finish().unwrap();
    (directory, path)
}

fn stored(files: &[(&str, &[u8])]) -> (TempDir, PathBuf) {
    archive(files, CompressionMethod::Stored)
}

fn refusal_of(pickle: &[u8]) -> String {
    let (_directory, path) = stored(&[("data.pkl", pickle), ("data/0", &[0; 16])]);
    refusal(&path)
}

/// One tensor `w` of 4 floats, with another class, offset, shape and stride than it should have.
fn tensor(class: &str, values: u8, offset: u8, shape: u8, stride: u8) -> Vec<u8> {
    let mut pickle = b"\x80\x02}X\x01\0\0\0wctorch._utils\n_rebuild_tensor_v2\n((X\x07\0\0\0storage".to_vec();
    pickle.extend(format!("c{class}\n").bytes());
    pickle.extend(b"X\x01\0\0\x000X\x03\0\0\0cpuK");
    pickle.extend([values, b't', b'Q', b'K', offset, b'K', shape, 0x85, b'K', stride, 0x85]);
    pickle.extend(b"\x89NtRs.");
    pickle
}

#[test]
fn a_pickle_that_would_run_something() {
    let pickle = b"\x80\x02cposix\nsystem\nX\x08\0\0\0touch /x\x85R.";
    assert_eq!(
        refusal_of(pickle),
        "it names `posix.system`, which is no part of plain weights, and nothing that a pickle names is run; if you trust it, \
         save the weights alone with torch.save(model.state_dict(), ..)"
    );
    let by_text = b"\x80\x04X\x05\0\0\0posixX\x06\0\0\0system\x93X\x01\0\0\0x\x85R.";
    assert!(refusal_of(by_text).starts_with("it names `posix.system`, which is no part"));
    // An object made without a call, from Python's second protocol.
    assert_eq!(
        refusal_of(b"\x80\x02ccollections\nOrderedDict\n)\x81."),
        "byte 28 of data.pkl is instruction 0x81, which no plain weights need: it is damaged, or holds more"
    );
}

#[test]
fn a_tensor_beyond_its_storage() {
    for (pickle, reason) in [
        (tensor("torch\nFloatStorage", 4, 1, 4, 1), "its shape [4] goes beyond the 4 values of data/0"),
        (tensor("torch\nFloatStorage", 4, 0, 3, 2), "its shape [3] goes beyond the 4 values of data/0"),
        (tensor("torch\nFloatStorage", 4, 0, 200, 0), "its shape [200] goes beyond the 4 values of data/0"),
        (
            tensor("torch\nFloatStorage", 5, 0, 1, 1),
            "data/0 is said to hold 5 values of type F32, but has 16 bytes",
        ),
    ] {
        assert_eq!(refusal_of(&pickle), format!("tensor `w`: {reason}"));
    }
    let (_directory, path) =
        stored(&[("data.pkl", &tensor("torch\nFloatStorage", 4, 1, 2, 2)), ("data/0", &[0; 16])]);
    assert_eq!(TensorFile::open(&path).unwrap().f32("w").unwrap(), (vec![2], vec![0.0; 2]));
}

#[test]
fn an_archive_without_a_part() {
    let (_directory, path) = stored(&[("data/0", &[0; 16])]);
    assert_eq!(refusal(&path), "the archive has no data.pkl");
    let (_directory, path) = stored(&[("data.pkl", &tensor("torch\nFloatStorage", 4, 0, 4, 1))]);
    assert_eq!(refusal(&path), "tensor `w`: the archive has no data/0");
}

#[test]
fn an_archive_that_torch_would_not_write() {
    let pickle = tensor("torch\nFloatStorage", 4, 0, 4, 1);
    let (_directory, path) =
        archive(&[("data.pkl", &pickle), ("data/0", &[0; 16])], CompressionMethod::Deflated);
    assert_eq!(refusal(&path), "tensor `w`: data/0 is compressed, which torch.save never does");
    let (_directory, path) = stored(&[("data.pkl", &pickle), ("byteorder", b"big"), ("data/0", &[0; 16])]);
    assert_eq!(refusal(&path), "its numbers are big-endian: save it again on a little-endian machine");
}

/// A pickle of 20 MB that is a few bytes in the archive.
#[test]
fn a_pickle_that_swells() {
    let (_directory, path) = archive(&[("data.pkl", &vec![b'N'; 20_000_000])], CompressionMethod::Deflated);
    assert_eq!(refusal(&path), "data.pkl takes more than 4194304 bytes, which no model's does");
    let (_directory, path) = archive(&[("data.pkl", &vec![b'N'; 2_000_000])], CompressionMethod::Deflated);
    assert_eq!(refusal(&path), "data.pkl makes more than 1048576 values, which no model's does");
}

/// A dictionary whose values are all one tensor of `values` floats; `more` follows the first key, which is `name`.
fn one_tensor(name: &str, values: u32, more: &[u8]) -> Vec<u8> {
    let text = |text: &str| [b"X", &(text.len() as u32).to_le_bytes()[..], text.as_bytes()].concat();
    let number = [b"J".as_slice(), &values.to_le_bytes()].concat();
    let storage =
        [b"(", &text("storage")[..], b"ctorch\nFloatStorage\n", &text("0"), &text("cpu"), &number, b"tQ"]
            .concat();
    let tensor = [
        b"ctorch._utils\n_rebuild_tensor_v2\n(",
        &storage[..],
        b"K\0",
        &number,
        b"\x85K\x01\x85\x89NtRq\x01",
    ];
    [b"\x80\x02}(", &text(name)[..], b"q\0", &tensor.concat(), more, b"u."].concat()
}

/// Two bytes refer to a name that is as long as the pickle allows.
#[test]
fn a_long_name_that_is_used_many_times() {
    let name = "n".repeat(1 << 20);
    let pickle = one_tensor(&name, 4, &b"h\0h\x01".repeat(100_000));
    let (_directory, path) = stored(&[("data.pkl", &pickle), ("data/0", &[0; 16])]);
    assert_eq!(TensorFile::open(&path).unwrap().names().collect::<Vec<_>>(), [name]);
}

/// Each would be read into memory of its own.
#[test]
fn a_storage_that_is_used_many_times() {
    let names: Vec<u8> = (0..100).flat_map(|name| [b'X', 1, 0, 0, 0, name, b'h', 1]).collect();
    let (_directory, path) =
        stored(&[("data.pkl", &one_tensor("w", 4096, &names)), ("data/0", &[0; 4 * 4096])]);
    let message = refusal(&path);
    assert!(
        message.starts_with("its tensors share their values: they take 1654784 bytes, more than 16 times"),
        "{message}"
    );
}

/// The pickle of torch's own golden.
fn real_pickle() -> Vec<u8> {
    let mut archive = ZipArchive::new(fs::File::open(golden("weights.bin")).unwrap()).unwrap();
    let mut pickle = Vec::new();
    archive.by_name("weights/data.pkl").unwrap().read_to_end(&mut pickle).unwrap();
    pickle
}

/// Reads all that can be read; nothing panics, and what is read has its shape.
fn read_all(path: &std::path::Path) -> Result<(), TestCaseError> {
    if let Ok(file) = TensorFile::open(path) {
        for name in file.names() {
            if let Ok((shape, values)) = file.f32(name) {
                prop_assert_eq!(shape.iter().product::<usize>(), values.len());
            }
        }
    }
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(400) })]

    #[test]
    fn a_damaged_archive_is_refused_or_harmless(
        changes in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..4),
        cut in prop::option::of(any::<prop::sample::Index>()),
    ) {
        let directory = directory();
        let path = directory.path().join("pytorch_model.bin");
        let mut bytes = fs::read(golden("weights.bin")).unwrap();
        for (at, byte) in changes {
            let at = at.index(bytes.len());
            bytes[at] = byte;
        }
        if let Some(cut) = cut {
            bytes.truncate(cut.index(bytes.len()));
        }
        fs::write(&path, &bytes).unwrap();
        read_all(&path)?;
    }

    /// Here the archive is whole, so that the pickle is read.
    #[test]
    fn a_damaged_pickle_is_refused_or_harmless(
        changes in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..4),
        cut in prop::option::of(any::<prop::sample::Index>()),
    ) {
        let mut pickle = real_pickle();
        for (at, byte) in changes {
            let at = at.index(pickle.len());
            pickle[at] = byte;
        }
        if let Some(cut) = cut {
            pickle.truncate(cut.index(pickle.len()));
        }
        let storages: Vec<String> = (0..12).map(|i| format!("data/{i}")).collect();
        let mut files: Vec<(&str, &[u8])> = vec![("data.pkl", &pickle)];
        files.extend(storages.iter().map(|name| (name.as_str(), &[7_u8; 96][..])));
        let (_directory, path) = stored(&files);
        read_all(&path)?;
    }
}
