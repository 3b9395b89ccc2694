//! A user's output is written where it was asked for, and over nothing unasked.

use std::fs;
use std::io::Read;

use mtlift_files::{check_output, is_standard_output, write_output};

use crate::common::{directory, message};

#[test]
fn a_file_that_is_there_is_replaced_only_with_force() {
    let directory = directory();
    let path = directory.path().join("predictions.tsv");
    write_output(&path, false, |out| out.write_all(b"first")).unwrap();
    let error = write_output(&path, false, |out| out.write_all(b"second")).unwrap_err();
    assert_eq!(
        message(&error, directory.path()),
        "DIR/predictions.tsv exists: give --force to overwrite it, or another file"
    );
    assert_eq!(fs::read_to_string(&path).unwrap(), "first");
    write_output(&path, true, |out| out.write_all(b"2nd")).unwrap();
    assert_eq!(fs::read_to_string(&path).unwrap(), "2nd");
}

#[cfg(unix)]
#[test]
fn a_link_to_a_device_is_written_to_and_stays() {
    let directory = directory();
    let link = directory.path().join("null");
    std::os::unix::fs::symlink("/dev/null", &link).unwrap();
    write_output(&link, false, |out| out.write_all(b"gone")).unwrap();
    assert_eq!(fs::read_link(&link).unwrap().to_str(), Some("/dev/null"));
}

#[cfg(unix)]
#[test]
fn a_link_to_a_file_is_written_through_with_force_alone() {
    let directory = directory();
    let (file, link) = (directory.path().join("file"), directory.path().join("link"));
    fs::write(&file, "a longer text").unwrap();
    std::os::unix::fs::symlink(&file, &link).unwrap();
    assert!(write_output(&link, false, |out| out.write_all(b"new")).is_err());
    assert_eq!(fs::read_to_string(&file).unwrap(), "a longer text");
    write_output(&link, true, |out| out.write_all(b"new")).unwrap();
    assert!(fs::symlink_metadata(&link).unwrap().is_symlink());
    assert_eq!(fs::read_to_string(&file).unwrap(), "new");
}

#[cfg(unix)]
#[test]
fn a_pipe_is_written_to_and_stays() {
    use std::os::unix::fs::FileTypeExt;
    let directory = directory();
    let pipe = directory.path().join("pipe");
    let made = std::process::Command::new("mkfifo").arg(&pipe).status().unwrap();
    assert!(made.success());
    let reader = {
        let pipe = pipe.clone();
        std::thread::spawn(move || {
            let mut text = String::new();
            fs::File::open(pipe).unwrap().read_to_string(&mut text).unwrap();
            text
        })
    };
    write_output(&pipe, false, |out| out.write_all(b"through")).unwrap();
    assert_eq!(reader.join().unwrap(), "through");
    assert!(fs::metadata(&pipe).unwrap().file_type().is_fifo());
}

#[cfg(unix)]
#[test]
fn a_link_that_leads_nowhere_yet_stays() {
    let directory = directory();
    let (file, link) = (directory.path().join("file"), directory.path().join("link"));
    std::os::unix::fs::symlink(&file, &link).unwrap();
    write_output(&link, false, |out| out.write_all(b"new")).unwrap();
    assert!(fs::symlink_metadata(&link).unwrap().is_symlink());
    assert_eq!(fs::read_to_string(&file).unwrap(), "new");
}

#[test]
fn a_place_is_checked_before_there_is_anything_to_write() {
    let directory = directory();
    let path = |name: &str| directory.path().join(name);
    fs::write(path("file"), "precious").unwrap();
    let fault = |name: &str, force| message(&check_output(&path(name), force).unwrap_err(), directory.path());
    assert_eq!(fault("file", false), "DIR/file exists: give --force to overwrite it, or another file");
    assert!(fault("nowhere/file", true).starts_with("cannot write DIR/nowhere/file: "));
    assert!(fault("", true).starts_with("cannot write DIR/: "), "{}", fault("", true));
    assert!(check_output(&path("file"), true).is_ok() && check_output(&path("new"), false).is_ok());
    assert_eq!(fs::read_to_string(path("file")).unwrap(), "precious");
    assert!(!path("new").exists(), "a check makes nothing");
    for name in ["-", "/dev/stdout"] {
        assert!(is_standard_output(name.as_ref()) && check_output(name.as_ref(), false).is_ok());
    }
}
