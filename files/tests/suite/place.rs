//! One place under several paths.

use std::fs;
use std::path::Path;

use mtlift_files::{are_same_file, is_inside};

use crate::common::directory;

#[test]
#[cfg(unix)]
fn paths_lead_where_their_links_lead() {
    use std::os::unix::fs::symlink;
    let directory = directory();
    let path = |name: &str| directory.path().join(name);
    fs::create_dir(path("model")).unwrap();
    fs::write(path("model/a"), "").unwrap();
    fs::write(path("b"), "").unwrap();
    fs::hard_link(path("model/a"), path("hard")).unwrap();
    symlink("model/a", path("soft")).unwrap();
    symlink("model", path("folder")).unwrap();
    symlink("model/new", path("dangling")).unwrap();

    for same in ["model/a", "hard", "soft", "folder/a", "model/../hard"] {
        assert!(are_same_file(&path(same), &path("model/a")), "{same}");
    }
    for other in ["b", "model/new", "nowhere"] {
        assert!(!are_same_file(&path(other), &path("model/a")), "{other}");
    }
    for inside in ["model", "model/a", "model/new", "model/new/deeper", "folder/new", "soft", "dangling"] {
        assert!(is_inside(&path(inside), &path("model")), "{inside}");
    }
    for outside in ["b", "hard", "new", "model/..", "models/new"] {
        assert!(!is_inside(&path(outside), &path("model")), "{outside}");
    }
    assert!(!is_inside(Path::new("b"), &path("nowhere")));
}
