//! Groups of rows: which row is of which, and what is said of descriptions and files that cannot be meant.

use std::collections::BTreeMap;

use crate::common::Folder;
use mtlift_glue_data::{Split, check};
use proptest::prelude::*;

const PAIRS: &str = r#"
name = "pairs"
kind = "classification"
labels = ["no", "yes"]
text_a = "premise"
text_b = "hypothesis"
label = "answer"
files = { train = "train.tsv", dev = "dev.tsv", test = "test.tsv" }
"#;

const BY_WORDS: &str = "[groups]\ntext = \"hypothesis\"\nwords = [\"Never\", \"no\"]\n";

const COLUMN: &str = r#"
name = "sources"
kind = "classification"
labels = ["no", "yes"]
text = "text"
label = "answer"
group = "source"
files = { train = "train.csv", dev = "dev.csv", test = "test.csv" }
"#;

fn groups(split: &Split) -> Vec<Option<&str>> {
    split.examples.iter().map(|example| example.group.as_deref()).collect()
}

#[test]
fn labels_are_divided_by_whole_words_of_one_text() {
    let rows = "premise\thypothesis\tanswer\n\
                no one came\tall came\tyes\n\
                a\tit is NEVER so.\tyes\n\
                a\tknow, nobody, nor nevertheless\tno\n\
                a\t(no)\tno\n\
                a\tan 'no' to all\tyes\n\
                a\tno-one\tno\n";
    let folder = Folder::with(&[("train.tsv", rows.as_bytes())]);
    folder.write("test.tsv", "premise\thypothesis\na\tno\n");
    let task = folder.task(&format!("{PAIRS}{BY_WORDS}")).unwrap();
    assert!(task.groups().is_some());
    let expected = ["yes/without", "yes/with", "no/without", "no/with", "yes/with", "no/with"];
    assert_eq!(groups(&task.read("train").unwrap()), expected.map(Some));
    assert_eq!(groups(&task.read("test").unwrap()), [None], "a row without a label has no group");
    let plain = folder.task(PAIRS).unwrap();
    assert!(plain.groups().is_none());
    assert_eq!(groups(&plain.read("train").unwrap()), [None; 6]);
}

#[test]
fn an_apostrophe_is_part_of_a_word() {
    let toml = "name = \"t\"\nkind = \"classification\"\nlabels = [\"n\", \"y\"]\ntext = \"t\"\nlabel = \"y\"\n\
                files = { train = \"t.jsonl\", dev = \"t.jsonl\" }\n[groups]\nwords = [\"don't\"]\n";
    let rows = "{\"t\": \"I don’t\", \"y\": \"n\"}\n{\"t\": \"don t\", \"y\": \"n\"}\n{\"t\": \"Don't!\", \"y\": \"y\"}\n";
    let folder = Folder::with(&[("t.jsonl", rows.as_bytes())]);
    let split = folder.task(toml).unwrap().read("train").unwrap();
    assert_eq!(groups(&split), [Some("n/with"), Some("n/without"), Some("y/with")]);
}

#[test]
fn a_column_of_groups_in_every_format_of_text() {
    let folder = Folder::with(&[
        ("train.csv", b"text,answer,source\na,no,\"web, old\"\nb,yes,mail\n"),
        ("test.csv", b"text\nc\n"),
        ("train.jsonl", b"{\"text\": \"a\", \"answer\": \"no\", \"source\": \"web, old\"}\n{\"text\": \"b\", \"answer\": \"yes\", \"source\": \"mail\"}\n"),
        ("train.tsv", b"text\tanswer\tsource\na\tno\tweb, old\nb\tyes\tmail\n"),
    ]);
    for format in ["csv", "jsonl", "tsv"] {
        let task = folder.task(&COLUMN.replace("train.csv", &format!("train.{format}"))).unwrap();
        let found = task.read("train").unwrap();
        assert_eq!(groups(&found), [Some("web, old"), Some("mail")], "{format}");
    }
    let task = folder.task(COLUMN).unwrap();
    assert_eq!(groups(&task.read("test").unwrap()), [None], "a test file may be without the column");
    let deeper = COLUMN.replace("csv", "jsonl").replace("\"source\"", "\"meta.source\"");
    folder.write("train.jsonl", "{\"text\": \"a\", \"answer\": \"no\", \"meta\": {\"source\": 7}}\n");
    assert_eq!(groups(&folder.task(&deeper).unwrap().read("train").unwrap()), [Some("7")]);
}

/// What reading the train file says.
fn reading(train: &str) -> String {
    let folder = Folder::with(&[("train.csv", train.as_bytes())]);
    folder.message(folder.task(COLUMN).unwrap().read("train"))
}

#[test]
fn a_column_that_is_none_of_groups() {
    assert_eq!(
        reading("text,answer\na,no\n"),
        "DIR/train.csv: there is no column `source`; the columns are `text`, `answer`"
    );
    let none = "there is no group; only rows of a test file may be without one";
    assert_eq!(reading("text,answer,source\na,no,x\nb,no,\n"), format!("DIR/train.csv, row 3: {none}"));
    assert_eq!(reading("text,answer,source\na,no,x\nb,no, \n"), format!("DIR/train.csv, row 3: {none}"));
    assert_eq!(
        reading("text,answer,source\na,no,\"x\ty\"\n"),
        "DIR/train.csv, row 2: the group `x\\ty` holds a control character, which would break the lines of tables: rename it in the data"
    );
    let long = "x".repeat(101);
    assert_eq!(
        reading(&format!("text,answer,source\na,no,{long}\n")),
        format!(
            "DIR/train.csv, row 2: the group `{}` is longer than 100 bytes: is it the right column?",
            &long[..60]
        )
    );
    let rows: String = (0..51).map(|row| format!("a,no,{row}\n")).collect();
    assert_eq!(
        reading(&format!("text,answer,source\n{rows}")),
        "DIR/train.csv: column `source` has 51 different groups, expected at most 50: is it the right column?"
    );
}

#[test]
fn words_that_no_row_has() {
    let folder = Folder::with(&[("train.tsv", b"premise\thypothesis\tanswer\nno\tyes\tno\n")]);
    let task = folder.task(&format!("{PAIRS}{BY_WORDS}")).unwrap();
    assert_eq!(
        folder.message(task.read("train")),
        "DIR/train.tsv: no row has one of the words of [groups], never, no: is it the right text?"
    );
}

#[test]
fn a_group_without_a_dev_row() {
    let folder = Folder::new();
    let task = folder.task(COLUMN).unwrap();
    let names = |names: &[&str]| names.iter().map(|&name| name.to_owned()).collect::<Vec<_>>();
    assert!(task.check_groups(&names(&["mail"]), &names(&["mail", "web"])).is_ok());
    assert_eq!(
        folder.message(task.check_groups(&names(&["mail", "web"]), &names(&["mail"]))),
        "DIR/dev.csv: the dev split has no row of the group `web`, which train has, so the group would have no score: add rows \
         of it to dev, or take them out of train"
    );
}

#[test]
fn descriptions_that_cannot_be_meant() {
    let says = |toml: &str, message: &str| {
        let folder = Folder::new();
        assert_eq!(folder.message(folder.task(toml)), format!("DIR/task.toml: {message}"));
    };
    let by_words = |lines: &str| format!("{PAIRS}[groups]\n{lines}\n");
    says(
        &by_words("words = [\"no\"]"),
        "[groups] has no `text`: say in which of the two texts the words count",
    );
    says(
        &by_words("text = \"answer\"\nwords = [\"no\"]"),
        "[groups] text is `answer`, which is no text of the task; its texts are `premise`, `hypothesis`",
    );
    let of = |words: &str| by_words(&format!("text = \"premise\"\nwords = {words}"));
    says(&of("[]"), "[groups] words is empty: list at least one word");
    for word in ["not at all", "no!", "", "  ", "-"] {
        says(
            &of(&format!("[\"{word}\"]")),
            &format!("[groups] words has `{word}`, expected single words of letters and digits"),
        );
    }
    says(&of("[\"no\", \"NO\"]"), "[groups] words has `NO` twice");
    let both = PAIRS.replace("label =", "group = \"source\"\nlabel =") + BY_WORDS;
    says(&both, "groups are given by both `group` and [groups]; keep one of them");
    says(&COLUMN.replace("\"source\"", "\"text\""), "column `text` is both the group and a text");
    let regression =
        COLUMN.replace("classification", "regression").replace("labels = [\"no\", \"yes\"]\n", "");
    says(&regression, "groups are scored by accuracy, which a regression task does not have");
    let numbered = COLUMN.replace("csv", "jsonl").replace("\"source\"", "2");
    says(&numbered, "JSON lines have keys, not column numbers: give names");
}

#[test]
fn the_report_counts_the_rows_of_groups() {
    let folder = Folder::with(&[
        ("train.csv", b"text,answer,source\na,no,web\nb,yes,mail\nc,yes,mail\n"),
        ("dev.csv", b"text,answer,source\nd,no,mail\n"),
    ]);
    let report = check(&folder.task(COLUMN).unwrap(), None).unwrap();
    let counts: Vec<BTreeMap<&str, usize>> = report
        .splits
        .iter()
        .map(|split| split.groups.iter().map(|group| (group.group.as_str(), group.rows)).collect())
        .collect();
    assert_eq!(counts, [BTreeMap::from([("mail", 2), ("web", 1)]), BTreeMap::from([("mail", 1)])]);
    let text = report.to_string();
    assert!(
        text.contains("group    train      dev\nmail         2        1\nweb          1        0\n"),
        "{text}"
    );
}

proptest! {
    /// A word counts wherever it stands between other characters, in any case, and never as a part of another word.
    #[test]
    fn words_count_as_a_whole(before in "[ .,;:!?()-]{0,3}", after in "[ .,;:!?()-]{0,3}", letters in "[a-z]{1,3}") {
        let group = |text: &str| {
            let folder = Folder::with(&[("train.tsv", format!("text\tlabel\n{text}\ty\nno\ty\n").as_bytes())]);
            let toml = "name = \"t\"\nkind = \"classification\"\nlabels = [\"n\", \"y\"]\ntext = \"text\"\nlabel = \"label\"\n\
                        files = { train = \"train.tsv\" }\n[groups]\nwords = [\"no\"]\n";
            folder.task(toml).unwrap().read("train").unwrap().examples[0].group.clone().unwrap()
        };
        prop_assert_eq!(group(&format!("x {before}nO{after} x")), "y/with");
        prop_assert_eq!(group(&format!("{before}no{letters}{after}")), "y/without");
        prop_assert_eq!(group(&format!("{before}{letters}no{after}")), "y/without");
    }
}
