//! Compressed files are read as what they hold, and cannot fill the memory.

use crate::common::Folder;
use flate2::Compression;
use flate2::write::GzEncoder;
use mtlift_glue_data::{Error, Split};
use std::io::Write;

fn gzip(content: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
    encoder.write_all(content).unwrap();
    encoder.finish().unwrap()
}

fn read(name: &str, content: &[u8], more: &str) -> (Folder, Result<Split, Error>) {
    let folder = Folder::with(&[(name, content)]);
    let toml = format!(
        "name = \"t\"\nkind = \"classification\"\nlabels = [\"bad\", \"good\"]\ntext = \"t\"\nlabel = \"y\"\n{more}\n\
         files = {{ train = \"{name}\", dev = \"{name}\" }}\n"
    );
    let split = folder.task(&toml).unwrap().read("train");
    (folder, split)
}

#[test]
fn every_text_format_is_decompressed() {
    let [tsv, csv, jsonl] = ["t\ty\na\tgood\n", "t,y\na,good\n", "{\"t\": \"a\", \"y\": \"good\"}\n"];
    for (name, content) in
        [("train.tsv.gz", tsv), ("train.csv.gz", csv), ("train.jsonl.gz", jsonl), ("TRAIN.CSV.GZ", csv)]
    {
        let plain = read(name.trim_end_matches(".gz"), content.as_bytes(), "").1;
        let split = read(name, &gzip(content.as_bytes()), "").1.unwrap();
        assert_eq!(split.examples[0].text_a, "a", "{name}");
        assert!(
            plain.is_ok_and(|plain| plain.hash == split.hash),
            "{name}: the same rows have the same hash"
        );
    }
    // Two members, as `cat a.gz b.gz` makes, and a file whose name hides what it is.
    let members = [gzip(b"t,y\na,good\n"), gzip(b"b,bad\n")].concat();
    assert_eq!(read("train.csv", &members, "").1.unwrap().examples.len(), 2);
    assert_eq!(read("train.gz", &members, "format = \"csv\"").1.unwrap().examples.len(), 2);
    assert_eq!(read("train.csv.gz", b"t,y\na,good\n", "").1.unwrap().examples.len(), 1);
}

#[test]
fn broken_gzip() {
    let whole = gzip("t,y\na,good\n".repeat(100).as_bytes());
    for length in [2, 10, whole.len() / 2, whole.len() - 1] {
        let (folder, split) = read("train.csv.gz", &whole[..length], "");
        let message = folder.message(split);
        assert!(message.starts_with("DIR/train.csv.gz: the gzip file is broken ("), "{length}: {message}");
    }
    let (folder, split) = read("train.csv.gz", &gzip(b"PK\x03\x04train.csv"), "");
    let message = folder.message(split);
    assert_eq!(message, "DIR/train.csv.gz is a zip archive: unpack it and name the file that was in it");
}

#[test]
fn gzip_bomb() {
    let bomb = gzip(&vec![b'a'; (256 << 20) + 1]);
    assert!(bomb.len() < 1 << 20);
    let (folder, split) = read("train.csv.gz", &bomb, "");
    assert_eq!(
        folder.message(split),
        "DIR/train.csv.gz: decompressed it is larger than 256 MiB, more than 128 times its size; if that is right, decompress \
         it first"
    );
}
