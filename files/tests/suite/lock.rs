//! One holder at a time.

use std::fs;

use mtlift_files::Lock;

use crate::common::directory;

#[test]
fn a_lock_has_one_holder_until_it_is_dropped() {
    let directory = directory();
    let path = directory.path().join("lock");
    assert!(!Lock::is_held(&path), "there is no such file");
    let lock = Lock::take(&path).unwrap().unwrap();
    assert!(Lock::is_held(&path));
    assert!(Lock::take(&path).unwrap().is_none());
    drop(lock);
    assert!(!Lock::is_held(&path));
    assert!(Lock::take(&path).unwrap().is_some());
}

/// It once was emptied.
#[test]
fn what_is_in_a_lock_file_stays() {
    let directory = directory();
    let path = directory.path().join("lock");
    fs::write(&path, "somebody's").unwrap();
    drop(Lock::take(&path).unwrap().unwrap());
    assert_eq!(fs::read_to_string(&path).unwrap(), "somebody's");
}
