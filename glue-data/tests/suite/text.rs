//! Running text: documents, and sequences packed of them.

use crate::common::{Folder, small_bert};
use mtlift_glue_data::{Document, Text, pack};
use mtlift_tokenizer::Tokenizer;
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
    let tokenizer = Tokenizer::open(small_bert().path(), 8).unwrap();
    let packed = pack(
        &[document(&["w0", "w1 w2", "w3 w4", "w5"]), document(&["w6 w6 w6 w6 w6 w6 w7"]), document(&["w8"])],
        &tokenizer,
    )
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

proptest! {
    #![proptest_config(ProptestConfig::with_cases(32))]

    /// Packing loses no token and mixes no documents.
    #[test]
    fn packing_keeps_every_token(lengths in prop::collection::vec(prop::collection::vec(1usize..9, 1..5), 1..6)) {
        let folder = small_bert();
        let tokenizer = Tokenizer::open(folder.path(), 9).unwrap();
        let words = |document: usize, pieces: &Vec<usize>| Document {
            pieces: pieces.iter().map(|&length| vec![format!("w{}", document % 10); length].join(" ")).collect(),
        };
        let documents: Vec<Document> = lengths.iter().enumerate().map(|(at, pieces)| words(at, pieces)).collect();
        let packed = pack(&documents, &tokenizer).unwrap();
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

/// The library counts the special tokens of a template and not the texts that stand there twice, of which one has no place.
#[test]
fn a_template_that_leaves_no_room_for_text() {
    let folder = small_bert();
    let mut description =
        serde_json::to_value(Tokenizer::open(folder.path(), 16).unwrap().library()).unwrap();
    let sequence = |id: &str| serde_json::json!({"Sequence": {"id": id, "type_id": 0}});
    description["post_processor"] = serde_json::json!({
        "type": "TemplateProcessing", "single": vec![sequence("A"); 12], "pair": [sequence("A"), sequence("B")],
        "special_tokens": {},
    });
    folder.write("tokenizer.json", description.to_string());
    let tokenizer = Tokenizer::open(folder.path(), 8).unwrap();
    assert_eq!(
        folder.message(pack(&[document(&["w1 w2 w3"])], &tokenizer)),
        "the limit is 8 tokens, expected at least 13: the special tokens and one token of each text"
    );
}
