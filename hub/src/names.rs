//! Names that come from a server or from a user and become paths: commits, revisions, files, entity tags. None may lead out
//! of its folder, on any system.

use std::path::{Component, Path};

use crate::error::Error;

/// A commit: 40 hexadecimal digits.
pub(crate) fn is_commit(text: &str) -> bool {
    text.len() == 40 && is_hexadecimal(text)
}

pub(crate) fn is_hexadecimal(text: &str) -> bool {
    text.bytes().all(|byte| byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte))
}

/// Whether a path with `/` stays in the folder to which it is relative.
pub(crate) fn stays_inside(path: &str) -> bool {
    let unusual = |c: char| c == '\\' || c == ':' || c.is_control();
    let plain = |component| matches!(component, Component::Normal(_));
    !path.is_empty()
        && !path.contains(unusual)
        && !path.split('/').any(|part| part.is_empty() || part == ".")
        && Path::new(path).components().all(plain)
}

/// Checks the name of a branch, tag or commit.
///
/// # Errors
/// If it could be none.
pub(crate) fn check_revision(revision: &str) -> Result<(), Error> {
    if stays_inside(revision) && !revision.contains(char::is_whitespace) {
        return Ok(());
    }
    let reason = "expected a branch, a tag or a commit after the `@` or with --revision".to_owned();
    Err(Error::Name { name: revision.to_owned(), reason })
}

/// An entity tag without quotes and the mark of a weak one; none if it could not name a file.
pub(crate) fn entity_tag(header: &str) -> Option<String> {
    let tag = header.strip_prefix("W/").unwrap_or(header).trim_matches('"');
    (stays_inside(tag) && !tag.contains('/') && tag.len() <= 128).then(|| tag.to_owned())
}
