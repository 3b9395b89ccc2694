//! Whether two paths lead to one place, whatever links and `..` are on the way. The files decide, not their names.

use std::fs;
use std::path::{Path, PathBuf};

/// Whether both are one file: by another path, a symbolic link or, where the system can tell, a hard link.
pub fn are_same_file(a: &Path, b: &Path) -> bool {
    let real = |path: &Path| fs::canonicalize(path).ok();
    let by_path = real(a).is_some_and(|a| Some(a) == real(b));
    by_path || identity(a).is_some_and(|a| Some(a) == identity(b))
}

/// Whether a place, which need not be there, is a directory or below it.
pub fn is_inside(path: &Path, directory: &Path) -> bool {
    let Ok(directory) = fs::canonicalize(directory) else { return false };
    nearest(path).is_some_and(|path| path.starts_with(directory))
}

/// The real path of the nearest part of a path that is there: what is to be made below it comes to lie in it. A link to what is
/// not there counts as what it leads to.
fn nearest(path: &Path) -> Option<PathBuf> {
    let aimed = fs::read_link(path).ok().filter(|_| !path.exists());
    let here = |path: &Path| path.parent().unwrap_or(Path::new("")).to_owned();
    let path = aimed.map_or_else(|| path.to_owned(), |aim| here(path).join(aim));
    path.ancestors().find_map(|part| {
        let part = if part.as_os_str().is_empty() { Path::new(".") } else { part };
        fs::canonicalize(part).ok()
    })
}

#[cfg(unix)]
fn identity(path: &Path) -> Option<(u64, u64)> {
    use std::os::unix::fs::MetadataExt;
    let metadata = fs::metadata(path).ok()?;
    Some((metadata.dev(), metadata.ino()))
}

/// Elsewhere the standard library does not say which file it is.
#[cfg(not(unix))]
fn identity(_: &Path) -> Option<(u64, u64)> {
    None
}
