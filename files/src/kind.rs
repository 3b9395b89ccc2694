//! Files that are not what their names say, told by their first bytes: what downloading leaves when it goes wrong, and
//! models in the formats of other programs.

/// What a file that begins with these bytes is, and what to do about it, if it is of a kind that is often found under
/// another's name.
pub fn other_format(start: &[u8]) -> Option<&'static str> {
    let text = start.trim_ascii_start();
    let is = |magic: &(&[u8], &str)| start.starts_with(magic.0) || text.starts_with(magic.0);
    KINDS.iter().find(|kind| is(kind)).map(|kind| kind.1)
}

/// Whether a file that begins with these bytes is a Git LFS pointer, which stands for a file that is elsewhere.
pub fn is_lfs_pointer(start: &[u8]) -> bool {
    start.starts_with(LFS_POINTER)
}

/// How the first line of every pointer begins, by the specification of Git LFS.
const LFS_POINTER: &[u8] = b"version https://git-lfs.github.com/";
const WEB_PAGE: &str = "a web page, perhaps an error's or a login's: download the file itself again";
const KINDS: &[(&[u8], &str)] = &[
    (
        LFS_POINTER,
        "a Git LFS pointer in place of the file: `git lfs pull` in its repository fetches the file, or download it again",
    ),
    (b"<!DOCTYPE", WEB_PAGE),
    (b"<!doctype", WEB_PAGE),
    (b"<html", WEB_PAGE),
    (b"<?xml", WEB_PAGE),
    (b"\x1f\x8b", "a gzip archive: unpack it with `gzip -d` or `tar -xzf`"),
    (b"GGUF", "a GGUF file, made for llama.cpp: get the model in safetensors form"),
    (b"\x89HDF\r\n", "an HDF5 file, TensorFlow's form: get the model in safetensors form"),
];
