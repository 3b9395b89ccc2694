//! A file is replaced whole or not at all.

use std::fs;
use std::io::{self, Write};
use std::path::Path;

use mtlift_files::{save_tensors, write_atomically};

use crate::common::{directory, message};

fn names(directory: &Path) -> Vec<String> {
    let entries = fs::read_dir(directory).unwrap();
    let mut names: Vec<_> = entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    names.sort();
    names
}

#[test]
fn a_new_file_and_a_replaced_one_have_the_new_content() {
    let directory = directory();
    let path = directory.path().join("result.json");
    for content in ["first", "second, and longer", "3"] {
        write_atomically(&path, |file| file.write_all(content.as_bytes())).unwrap();
        assert_eq!(fs::read_to_string(&path).unwrap(), content);
        assert_eq!(names(directory.path()), ["result.json"]);
    }
}

#[test]
fn a_write_that_fails_midway_leaves_the_old_file_and_nothing_else() {
    let directory = directory();
    let path = directory.path().join("model.safetensors");
    fs::write(&path, "old").unwrap();
    let error = write_atomically(&path, |file| {
        file.write_all(&[0; 1 << 22])?;
        Err(io::Error::from(io::ErrorKind::StorageFull))
    })
    .unwrap_err();
    assert_eq!(message(&error, directory.path()), "cannot write DIR/model.safetensors: no storage space");
    assert_eq!(fs::read_to_string(&path).unwrap(), "old");
    assert_eq!(names(directory.path()), ["model.safetensors"]);
}

#[test]
fn a_directory_that_is_not_there_is_named() {
    let directory = directory();
    let file = directory.path().join("none/model.safetensors");
    let error = save_tensors(&file, &[("a", &[1], &[0.0])]).unwrap_err();
    assert_eq!(
        message(&error, directory.path()),
        "cannot write DIR/none/model.safetensors: No such file or directory (os error 2)"
    );
}

#[test]
fn a_path_that_is_a_directory_is_not_replaced() {
    let directory = directory();
    let path = directory.path().join("model.safetensors");
    fs::create_dir(&path).unwrap();
    write_atomically(&path, |file| file.write_all(b"x")).unwrap_err();
    assert!(path.is_dir());
    assert_eq!(names(directory.path()), ["model.safetensors"]);
}

/// A temporary file is private by default; a model that only its maker can read is of no use in a shared folder.
#[cfg(unix)]
#[test]
fn a_written_file_has_the_mode_of_any_new_file() {
    use std::os::unix::fs::PermissionsExt;
    let directory = directory();
    let mode = |name: &str| fs::metadata(directory.path().join(name)).unwrap().permissions().mode();
    fs::write(directory.path().join("plain"), "").unwrap();
    write_atomically(&directory.path().join("atomic"), |_| Ok(())).unwrap();
    assert_eq!(mode("atomic"), mode("plain"));
}
