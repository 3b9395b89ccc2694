//! What may be a repository's name, and a revision's.

use mtlift_hub::{Cache, Kind, Repository};
use proptest::prelude::*;

#[test]
fn names_are_the_hubs() {
    for name in ["distilroberta-base", "google/electra-small-discriminator", "a/b.c_D-1"] {
        assert_eq!(Repository::new(Kind::Model, name).unwrap().id(), name);
    }
    let long = "a".repeat(97);
    for (name, reason) in [
        ("a/b/c", "expected NAME or OWNER/NAME"),
        ("", "expected NAME or OWNER/NAME of letters, digits, `-`, `_` and `.`"),
        ("/a", "expected NAME or OWNER/NAME of letters, digits, `-`, `_` and `.`"),
        ("a b", "expected NAME or OWNER/NAME of letters, digits, `-`, `_` and `.`"),
        ("../a", "no part begins or ends with `-` or `.`"),
        ("a--b", "`--` and `..` are in no name"),
        ("a..b", "`--` and `..` are in no name"),
        ("a.git", "expected at most 96 letters, and no .git at the end"),
        (&long, "expected at most 96 letters, and no .git at the end"),
    ] {
        let error = Repository::new(Kind::Model, name).unwrap_err().to_string();
        assert_eq!(error, format!("`{name}` is no name of the hub's: {reason}"));
    }
    let (repository, revision) = Repository::model_at("a/b@v1.0").unwrap();
    assert_eq!((repository.id(), revision), ("a/b", Some("v1.0")));
}

proptest! {
    /// Whatever a user writes, nothing outside of the cache is looked at: what is asked for is not there, or refused.
    #[test]
    fn no_name_leads_out_of_the_cache(name in "[a-c./\\\\@-]{1,12}", revision in "[a-c./\\\\ ]{1,12}") {
        let folder = tempfile::tempdir().unwrap();
        let inside = folder.path().join("models--a/snapshots");
        std::fs::create_dir_all(inside).unwrap();
        let cache = Cache::new(folder.path().to_owned());
        if let Ok((repository, _)) = Repository::model_at(&name)
            && let Ok(found) = cache.snapshot(&repository, &revision)
        {
            prop_assert_eq!(found, None);
            prop_assert!(!revision.split('/').any(|part| part == ".."));
        }
    }
}
