//! One holder at a time.

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
