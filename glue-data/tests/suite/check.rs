//! The report on data in which every fault was planted.

use crate::common::{Folder, small_bert};
use mtlift_glue_data::{Fault, Lengths, Overlap, Task, check};
use mtlift_tokenizer::Tokenizer;

const PAIRS: &str = r#"
name = "planted"
kind = "classification"
labels = ["no", "yes"]
text_a = "a"
text_b = "b"
label = "label"
files = { train = "train.tsv", dev = "dev.tsv", test = "test.tsv" }
"#;

/// Rows of `a`, `b`, label; test is without the label column.
fn planted(train: &[[&str; 3]], dev: &[[&str; 3]]) -> (Folder, Task) {
    let lines =
        |rows: &[[&str; 3]]| -> String { rows.iter().map(|row| format!("{}\n", row.join("\t"))).collect() };
    let folder = Folder::new();
    folder.write("train.tsv", format!("a\tb\tlabel\n{}", lines(train)));
    folder.write("dev.tsv", format!("a\tb\tlabel\n{}", lines(dev)));
    let task = folder.task(PAIRS).unwrap();
    (folder, task)
}

#[test]
fn duplicates_and_overlaps() {
    let train = [["one", "two", "yes"], ["one", "two", "no"], ["one", "three", "yes"], ["one", "two", "yes"]];
    let dev = [["one", "two", "no"], ["one", "four", "yes"], ["two", "one", "no"]];
    let (folder, task) = planted(&train, &dev);
    folder.write("test.tsv", "a\tb\none\tfour\n");
    let report = check(&task, None).unwrap();
    let repeated: Vec<_> = report.splits.iter().map(|split| (split.duplicates, split.conflicting)).collect();
    assert_eq!(repeated, [(2, 1), (0, 0), (0, 0)]);
    let overlap = |split: &str, with: &str, rows, conflicting, first| Overlap {
        split: split.to_owned(),
        with: with.to_owned(),
        rows,
        conflicting,
        first_texts: Some(first),
    };
    let expected = [
        overlap("dev", "train", 1, 1, 2),
        overlap("test", "train", 0, 0, 1),
        overlap("test", "dev", 1, 0, 1),
    ];
    assert_eq!(report.overlaps, expected);
}

#[test]
fn faults_are_counted_where_they_are() {
    let clean = ["\"Quoted\", he said.", "Zürich – “fine”, 5 €", "yes"];
    let cases = [
        ("lost \u{fffd}", "replacement character U+FFFD (the file lost characters)"),
        ("cafÃ©", "UTF-8 encoded twice (such as Ã© for é)"),
        ("itâ€™s", "UTF-8 encoded twice (such as Ã© for é)"),
        ("mark \u{feff}within", "byte-order mark U+FEFF within a text"),
        ("bell \u{7}", "control character"),
        ("10\u{a0}km", "non-breaking space"),
        ("\"\"\"Why?\"\" she said\"", "field still in CSV quotes"),
        ("trailing ", "space at the beginning or end"),
        ("", "text without a visible character"),
        ("no", "a text is the row's own label (wrong column?)"),
    ];
    for (text, what) in cases {
        let (_folder, task) = planted(&[clean, [text, "b", "no"], ["b", text, "no"]], &[clean]);
        let report = check(&task, None).unwrap();
        assert_eq!(report.splits[0].faults, [Fault { what, rows: 2, first_row: 3 }], "{text:?}");
        assert_eq!(report.splits[1].faults, [], "{text:?}");
    }
}

/// The mistake of feeding STS-B's gold score to the model as the second sentence.
#[test]
fn a_score_within_the_input_is_found() {
    let toml = "name = \"s\"\nkind = \"regression\"\ntext_a = \"s1\"\ntext_b = \"copy\"\nlabel = \"score\"\n\
                files = { train = \"t.csv\", dev = \"t.csv\" }\n";
    let folder = Folder::with(&[("t.csv", b"s1,copy,score\na,3.80,3.8\nb,4,4.0\nc,1,4.0\n")]);
    let faults = &check(&folder.task(toml).unwrap(), None).unwrap().splits[0].faults;
    let what = "a text is the row's own label (wrong column?)";
    assert_eq!(faults, &[Fault { what, rows: 2, first_row: 2 }]);
}

#[test]
fn texts_that_tsv_cannot_hold() {
    let toml = "name = \"s\"\nkind = \"regression\"\ntext = \"t\"\nlabel = \"y\"\n\
                files = { train = \"t.jsonl\", dev = \"t.jsonl\" }\n";
    let folder = Folder::with(&[("t.jsonl", b"{\"t\": \"a\\tb\\nc\", \"y\": 1}\n")]);
    let faults = &check(&folder.task(toml).unwrap(), None).unwrap().splits[0].faults;
    let found: Vec<_> = faults.iter().map(|fault| fault.what).collect();
    assert_eq!(found, ["tab within a text (columns not split?)", "line end within a text"]);
}

#[test]
fn lengths_in_tokens() {
    let text = |words: usize| "w1 ".repeat(words).trim_end().to_owned();
    let rows: String = (1..=100).map(|words| format!("{}\tyes\n", text(words))).collect();
    let folder = Folder::new();
    folder.write("t.tsv", format!("text\tlabel\n{rows}"));
    let toml = "name = \"s\"\nkind = \"classification\"\nlabels = [\"no\", \"yes\"]\ntext = \"text\"\nlabel = \"label\"\n\
                files = { train = \"t.tsv\", dev = \"t.tsv\" }\n";
    let task = folder.task(toml).unwrap();
    let model = small_bert();
    let tokenizer = Tokenizer::open(model.path(), 64).unwrap();
    let report = check(&task, Some(&tokenizer)).unwrap();
    assert_eq!((report.length_unit, report.max_tokens), ("tokens", Some(64)));
    let train = &report.splits[0];
    assert_eq!(train.lengths, Lengths { min: 3, p50: 52, p90: 92, p95: 97, p99: 101, max: 102 });
    assert_eq!(train.truncated, Some(38));
    let words = check(&task, None).unwrap();
    assert_eq!((words.length_unit, words.splits[0].truncated), ("words", None));
    assert_eq!(words.splits[0].lengths, Lengths { min: 1, p50: 50, p90: 90, p95: 95, p99: 99, max: 100 });
}

#[test]
fn no_file_at_all_is_an_error() {
    let folder = Folder::new();
    let report = check(&folder.task(PAIRS).unwrap(), None);
    assert_eq!(
        folder.message(report),
        "the train split of planted is missing: there is no file DIR/train.tsv"
    );
}

#[test]
fn the_report_as_people_read_it() {
    let (folder, task) = planted(
        &[["one two", "three", "yes"], ["four", "five ", "no"], ["one two", "three", "yes"]],
        &[["one two", "six", "yes"]],
    );
    let text = check(&task, None).unwrap().to_string().replace(folder.path().to_str().unwrap(), "DIR");
    let expected = "\
planted: classification, scored by accuracy

split     rows        official  labels
train        3                  no 1 (33.3 %), yes 2 (66.7 %)
dev          1                  no 0 (0.0 %), yes 1 (100.0 %)

words      min  50 %  90 %  95 %  99 %   max
train        2     3     3     3     3     3
dev          3     3     3     3     3     3

There is no file DIR/test.tsv.
train: 1 row repeats an earlier row, 0 with another target.
train: space at the beginning or end: 1 row, the first is row 3.
dev has only `yes`: accuracy says little.
1 of 1 rows of dev have a first text that is also a first text in train.
";
    assert_eq!(text, expected);
}
