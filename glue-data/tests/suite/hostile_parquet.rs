//! Parquet files that no one should have written: an error with the file's name, never a panic, and no memory for what a file only
//! claims to hold.

use crate::common::Folder;
use mtlift_glue_data::Split;
use proptest::collection::vec;
use proptest::prelude::*;
use std::fs;
use std::path::Path;

fn fixture(name: &str) -> Vec<u8> {
    fs::read(Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/parquet").join(name)).unwrap()
}

fn reading(content: &[u8]) -> Result<Split, String> {
    let folder = Folder::with(&[("rows.parquet", content)]);
    let toml = "name = \"own\"\nkind = \"classification\"\nlabels = [\"good\", \"bad\", \"so so\"]\ntext = \"review\"\n\
                label = \"verdict\"\nindex = \"id\"\nfiles = { train = \"rows.parquet\", dev = \"rows.parquet\" }\n";
    let read = folder.task(toml).unwrap().read("train");
    read.map_err(|fault| folder.message::<()>(Err(fault)))
}

const BROKEN: &str = "DIR/rows.parquet: cannot be read as Parquet: ";

#[test]
fn what_is_not_parquet() {
    let begin = format!("{BROKEN}it does not begin with `PAR1`, as every Parquet file does");
    assert_eq!(reading(b"review,verdict\nfine,good\n").unwrap_err(), begin);
    assert_eq!(reading(b"").unwrap_err(), "DIR/rows.parquet is empty: expected at least one row of data");
    assert_eq!(
        reading(b"PK\x03\x04 xl/worksheets").unwrap_err(),
        "DIR/rows.parquet is an Excel workbook: save the sheet as CSV and name that file"
    );
}

/// Cut anywhere, the file is an error and never fewer rows.
#[test]
fn truncated() {
    let whole = fixture("own-zstd.parquet");
    for length in (4..whole.len()).step_by(7) {
        let message = reading(&whole[..length]).unwrap_err();
        assert!(message.starts_with(BROKEN), "{length}: {message}");
    }
}

/// The largest size that a 32-bit integer of Thrift's compact protocol can say.
const HUGE: [u8; 5] = [0xfe, 0xff, 0xff, 0xff, 0x0f];

/// The file with [`HUGE`] in place of the variable-length integer at `at`. What stands after it moves, but the first page of the
/// first column is read first.
fn with_huge(content: &[u8], at: usize) -> Vec<u8> {
    let length = content[at..].iter().position(|byte| byte & 0x80 == 0).unwrap() + 1;
    [&content[..at], &HUGE, &content[at + length..]].concat()
}

#[test]
fn a_page_that_claims_two_gigabytes() {
    let message = format!("{BROKEN}the sizes that it gives for its parts are implausible");
    for name in ["own.parquet", "own-zstd.parquet", "own-gzip.parquet", "own-none.parquet"] {
        let content = fixture(name);
        // After `PAR1`: the page's kind, then the size of what is in it.
        assert_eq!([content[4], content[6]], [0x15, 0x15]);
        assert_eq!(reading(&with_huge(&content, 7)).unwrap_err(), message, "{name}");
    }
}

#[test]
fn a_dictionary_that_claims_a_billion_entries() {
    let content = fixture("own-zstd.parquet");
    // The seventh field of the header is that of a dictionary, and its first is the number of entries.
    let entries = content.windows(2).position(|there| there == [0x4c, 0x15]).unwrap() + 2;
    let message = format!("{BROKEN}the sizes that it gives for its parts are implausible");
    assert_eq!(reading(&with_huge(&content, entries)).unwrap_err(), message);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(150))]

    /// Damage may go unseen, since most of a page is text; what is seen is an error that names the file.
    #[test]
    fn damaged(
        name in prop::sample::select(vec!["own.parquet", "own-zstd.parquet", "own-pages-v2.parquet", "own-none.parquet"]),
        places in vec((any::<prop::sample::Index>(), any::<u8>()), 1..6),
    ) {
        let mut content = fixture(name);
        for (place, byte) in places {
            let place = 4 + place.index(content.len() - 4);
            content[place] = byte;
        }
        if let Err(message) = reading(&content) {
            prop_assert!(message.starts_with("DIR/rows.parquet"), "{message}");
        }
    }

    #[test]
    fn noise(noise in vec(any::<u8>(), 0..200)) {
        let message = reading(&[b"PAR1", noise.as_slice()].concat()).unwrap_err();
        prop_assert!(message.starts_with(BROKEN), "{message}");
        let message = reading(&[b"PAR1", noise.as_slice(), &(noise.len() as u32).to_le_bytes(), b"PAR1"].concat()).unwrap_err();
        prop_assert!(message.starts_with(BROKEN) || message.contains("is empty"), "{message}");
    }
}
