//! Mutations of what `torch.save` writes, as an archive that is whole, checksums and all: of the pickle's instructions for the most
//! part, else of another of its files or of their names.

use std::io::{Cursor, Read, Write};

use mtlift_nn::random::Generator;
use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, ZipArchive, ZipWriter};

use super::{below, bytes, pickle};

/// A mutation; none if the archive cannot be read any more.
pub(super) fn mutate(random: &mut Generator, input: &[u8]) -> Option<Vec<u8>> {
    let mut files = files(input)?;
    let number = below(random, files.len().max(1));
    let is_pickle = |(name, _): &(String, Vec<u8>)| name.ends_with("/data.pkl");
    match (below(random, 10), files.get_mut(number)) {
        (0, Some(_)) => drop(files.remove(number)),
        (1, Some((name, _))) => {
            let mutated = bytes::mutate(random, name.as_bytes(), b"archive/data/0");
            *name = String::from_utf8_lossy(&mutated).into_owned();
        }
        (2, Some((_, content))) => *content = bytes::mutate(random, content, input),
        (3, Some((_, content))) => content.truncate(below(random, content.len() + 1)),
        _ => {
            let (_, content) = files.iter_mut().find(|file| is_pickle(file))?;
            *content = pickle::mutate(random, content);
        }
    }
    let is_compressed = below(random, 16) == 0;
    archive(&files, if is_compressed { CompressionMethod::Deflated } else { CompressionMethod::Stored })
}

/// An archive of these files; none if two have one name.
pub(crate) fn archive(files: &[(String, Vec<u8>)], method: CompressionMethod) -> Option<Vec<u8>> {
    let mut writer = ZipWriter::new(Cursor::new(Vec::new()));
    for (name, content) in files {
        writer.start_file(name, SimpleFileOptions::default().compression_method(method)).ok()?;
        writer.write_all(content).ok()?;
    }
    Some(writer.finish().ok()?.into_inner())
}

/// The files of an archive, of each at most a mebibyte.
fn files(input: &[u8]) -> Option<Vec<(String, Vec<u8>)>> {
    let mut archive = ZipArchive::new(Cursor::new(input)).ok()?;
    let mut files = Vec::new();
    for number in 0..archive.len() {
        let file = archive.by_index(number).ok()?;
        let (name, mut content) = (file.name().to_owned(), Vec::new());
        file.take(1 << 20).read_to_end(&mut content).ok()?;
        files.push((name, content));
    }
    Some(files)
}
