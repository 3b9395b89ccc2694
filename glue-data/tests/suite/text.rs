//! Running text: documents, packing, and tokenizers trained on it.

use crate::common::{Folder, small_bert};
use mtlift_glue_data::{Document, Encoded, Text, TextEncoder, TokenizerKind};
use proptest::prelude::*;

fn documents(text: &str) -> Vec<Vec<String>> {
    let folder = Folder::with(&[("text.txt", text.as_bytes())]);
    let text = Text::read(&folder.path().join("text.txt")).unwrap();
    text.documents.into_iter().map(|document| document.pieces).collect()
}

fn document(pieces: &[&str]) -> Document {
    Document { pieces: pieces.iter().map(|&piece| piece.to_owned()).collect() }
}

#[test]
fn blank_lines_separate_documents_and_without_them_each_line_is_one() {
    assert_eq!(documents("\u{feff}a b\r\nc\n\n \t\n d \n"), [vec!["a b", "c"], vec!["d"]]);
    assert_eq!(documents("a\nb\nc\n\n"), [["a"], ["b"], ["c"]]);
}

#[test]
fn a_file_without_text_is_named() {
    let folder = Folder::with(&[("empty.txt", b" \n\n"), ("latin.txt", b"caf\xe9\n")]);
    let read = |name: &str| folder.message(Text::read(&folder.path().join(name)));
    assert_eq!(read("empty.txt"), "DIR/empty.txt has no text: expected at least one line that is not blank");
    assert_eq!(
        read("latin.txt"),
        "DIR/latin.txt, row 1: byte 4 of the row (0xE9) is not UTF-8; convert the file to UTF-8"
    );
}

#[test]
fn a_task_gives_the_texts_of_its_training_rows() {
    let folder = Folder::with(&[("train.csv", b"text,other,label\na b,c,x\n , ,y\nd,,x\n")]);
    let task = folder.task(
        "name = \"toy\"\nkind = \"classification\"\nlabels = [\"x\", \"y\"]\nmetrics = [\"accuracy\"]\n\
         text_a = \"text\"\ntext_b = \"other\"\nlabel = \"label\"\n[files]\ntrain = \"train.csv\"\ndev = \"train.csv\"\n",
    );
    let text = Text::of_task(&task.unwrap()).unwrap();
    assert_eq!(text.documents, [document(&["a b", "c"]), document(&["d"])]);
}

/// Ids of the small BERT: `[CLS]` 2, `[SEP]` 3, `w0` 5.
#[test]
fn pieces_of_one_document_are_packed_as_far_as_they_fit() {
    let encoder = TextEncoder::open(small_bert().path(), 8).unwrap();
    let packed = encoder
        .pack(&[
            document(&["w0", "w1 w2", "w3 w4", "w5"]),
            document(&["w6 w6 w6 w6 w6 w6 w7"]),
            document(&["w8"]),
        ])
        .unwrap();
    let rows: Vec<&[u32]> = (0..packed.rows()).map(|row| &packed.ids[packed.range(row)]).collect();
    assert_eq!(
        rows,
        [
            // Five tokens and three special ones: the cut nearest to the middle.
            &[2, 5, 6, 7, 3, 8, 9, 3][..],
            &[2, 10, 3],
            &[2, 11, 11, 11, 11, 11, 11, 3],
            &[2, 12, 3],
            &[2, 13, 3],
        ]
    );
    assert_eq!(packed.segments[..8], [0, 0, 0, 0, 0, 1, 1, 1]);
}

fn train(kind: TokenizerKind, vocabulary: usize, texts: &[&str]) -> (Folder, TextEncoder) {
    let trained = kind.train(vocabulary, texts.iter().copied()).unwrap();
    let folder = Folder::new();
    trained.files().for_each(|(name, text)| folder.write(name, text));
    (folder, trained.encoder(64).unwrap())
}

const TEXTS: [&str; 4] =
    ["The cats chase the Cat.", "A cat naps; cats nap!", "Cafés at noon", "the café at the noon"];

#[test]
fn a_trained_tokenizer_is_what_its_files_hold() {
    for kind in TokenizerKind::ALL {
        let (folder, encoder) = train(kind, 400, &TEXTS);
        let encode = |encoder: &TextEncoder| -> Encoded {
            encoder.pack(&[document(&TEXTS), document(&["unseen wörds 7"])]).unwrap()
        };
        let whole = TextEncoder::open(folder.path(), 64).unwrap();
        assert_eq!(whole.fingerprint(), encoder.fingerprint());
        // The older files say the same without tokenizer.json.
        std::fs::remove_file(folder.path().join("tokenizer.json")).unwrap();
        let older = TextEncoder::open(folder.path(), 64).unwrap();
        assert_eq!(encode(&older), encode(&encoder), "{kind:?}");
        assert_eq!(encoder.special_ids(), [0, 1, 2, 3, 4]);
        assert_eq!(encoder.mask_id(), Some(4));
    }
}

/// By hand: of `cat` (2), `cats` (2), `the` (4), ... the pair that occurs most is merged first.
#[test]
fn the_commonest_pairs_become_pieces() {
    let pieces = |texts: &[&str], vocabulary| -> Vec<String> {
        let (folder, _) = train(TokenizerKind::Wordpiece, vocabulary, texts);
        let vocab = std::fs::read_to_string(folder.path().join("vocab.txt")).unwrap();
        vocab.lines().skip(5).map(str::to_owned).collect()
    };
    assert_eq!(pieces(&["ab ab ab abc abc bc"], 13), ["a", "b", "c", "##b", "##c", "ab", "abc"]);
    assert_eq!(pieces(&["aaa aaa"], 12), ["a", "##a", "aa", "aaa"]);
    assert_eq!(pieces(&["x y z"], 12), ["x", "y", "z"], "what occurs once is not merged");
}

#[test]
fn a_vocabulary_too_small_for_the_characters_is_refused() {
    let error = TokenizerKind::ByteLevelBpe.train(100, ["a"]).unwrap_err().to_string();
    assert!(error.starts_with("a vocabulary of 100 tokens is too small: expected at least 261"), "{error}");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(32))]

    /// Another order of the same texts, and another day, give the same tokenizer.
    #[test]
    fn training_is_a_function_of_the_counts(texts in prop::collection::vec("[a-d ]{0,12}", 1..12)) {
        let train = |texts: &mut dyn Iterator<Item = &str>| {
            let trained = TokenizerKind::Wordpiece.train(80, texts).unwrap();
            trained.files().map(|(name, text)| (name.to_owned(), text.to_owned())).collect::<Vec<_>>()
        };
        let forward = train(&mut texts.iter().map(String::as_str));
        prop_assert_eq!(forward, train(&mut texts.iter().rev().map(String::as_str)));
    }

    /// Packing loses no token and mixes no documents.
    #[test]
    fn packing_keeps_every_token(lengths in prop::collection::vec(prop::collection::vec(1usize..9, 1..5), 1..6)) {
        let folder = small_bert();
        let encoder = TextEncoder::open(folder.path(), 9).unwrap();
        let words = |document: usize, pieces: &Vec<usize>| Document {
            pieces: pieces.iter().map(|&length| vec![format!("w{}", document % 10); length].join(" ")).collect(),
        };
        let documents: Vec<Document> = lengths.iter().enumerate().map(|(at, pieces)| words(at, pieces)).collect();
        let packed = encoder.pack(&documents).unwrap();
        prop_assert!(packed.lengths().all(|length| length <= 9));
        let ordinary = |id: &&u32| **id >= 5;
        for row in 0..packed.rows() {
            let ids: Vec<&u32> = packed.ids[packed.range(row)].iter().filter(ordinary).collect();
            prop_assert!(ids.windows(2).all(|pair| pair[0] == pair[1]), "documents are mixed");
        }
        let found: Vec<u32> = packed.ids.iter().filter(ordinary).copied().collect();
        let want: Vec<u32> = lengths
            .iter()
            .enumerate()
            .flat_map(|(at, pieces)| vec![5 + at as u32 % 10; pieces.iter().sum()])
            .collect();
        prop_assert_eq!(found, want);
    }
}
