//! Several label columns over the same texts: what is a head's, what all have in common, and what is refused.

use crate::common::Folder;
use mtlift_glue_data::{Error, Example, Kind, Target, Task, check};

const TOML: &str = r#"
name = "shop"
text = "review"
files = { train = "train.tsv", dev = "dev.tsv", test = "test.tsv" }
[[heads]]
name = "stars"
column = "stars"
range = [1, 5]
[[heads]]
name = "verdict"
column = "verdict"
labels = ["bad", "good"]
metrics = ["accuracy", "f1"]
"#;

const TRAIN: &str = "review\tstars\tverdict\nw1\t4.5\tgood\nw2\t\tbad\nw3\t2\tNA\nw4\t-\t \nw5\t1\tbad\n";

fn shop() -> Folder {
    let folder = Folder::with(&[("task.toml", TOML.as_bytes()), ("train.tsv", TRAIN.as_bytes())]);
    folder.write("dev.tsv", "review\tstars\tverdict\nd1\t3\tgood\nd2\t\tbad\n");
    folder.write("test.tsv", "review\nt1\nt2\n");
    folder
}

fn own(task: &Task, split: &str) -> Vec<Example> {
    let rows = task.read(split).unwrap();
    let places = rows.labelled();
    rows.select(&places).examples
}

#[test]
fn a_head_is_a_task_with_the_rows_that_have_its_label() {
    let folder = shop();
    let (stars, verdict) = (folder.head("stars").unwrap(), folder.head("verdict").unwrap());
    assert_eq!((stars.name.as_str(), stars.kind, stars.labels.len()), ("shop:stars", Kind::Regression, 0));
    assert_eq!((verdict.name.as_str(), verdict.kind), ("shop:verdict", Kind::Classification));
    assert_eq!(
        (verdict.head_name(), &verdict.metrics[..]),
        ("verdict", &["accuracy", "f1"].map(str::to_owned)[..])
    );
    let targets = |task: &Task| -> Vec<(String, Option<Target>)> {
        own(task, "train").into_iter().map(|row| (row.index, row.target)).collect()
    };
    let value = |index: &str, value| (index.to_owned(), Some(Target::Value(value)));
    let class = |index: &str, class| (index.to_owned(), Some(Target::Class(class)));
    // Rows keep the numbers that they have in the file.
    assert_eq!(targets(&stars), [value("0", 4.5), value("2", 2.0), value("4", 1.0)]);
    assert_eq!(targets(&verdict), [class("0", 1), class("1", 0), class("4", 0)]);
    // All rows are there to be predicted, and a test file may be without the columns.
    assert_eq!([stars.read("dev").unwrap().examples.len(), own(&stars, "dev").len()], [2, 1]);
    assert_eq!([stars.read("test").unwrap().examples.len(), own(&stars, "test").len()], [2, 0]);
    assert_eq!(stars.head_of.unwrap().file, verdict.head_of.unwrap().file);
}

#[test]
fn a_head_alone_may_be_called_by_its_file() {
    let folder = shop();
    let (one, _) = TOML.rsplit_once("[[heads]]").unwrap();
    assert_eq!(folder.task(one).unwrap().name, "shop:stars");
}

/// What says that there is no label is a label where it is listed.
#[test]
fn a_label_that_is_called_na() {
    let folder = shop();
    let toml = TOML.replace(r#"["bad", "good"]"#, r#"["bad", "good", "NA"]"#).replace(r#", "f1""#, "");
    folder.heads(&toml).unwrap();
    let rows: Vec<String> =
        own(&folder.head("verdict").unwrap(), "train").into_iter().map(|row| row.index).collect();
    assert_eq!(rows, ["0", "1", "2", "4"]);
}

#[test]
fn null_is_no_label_in_json_lines() {
    let folder = shop();
    folder.heads(&TOML.replace("train.tsv", "train.jsonl")).unwrap();
    let rows = "{\"review\": \"w1\", \"stars\": null, \"verdict\": \"good\"}\n{\"review\": \"w2\", \"stars\": 2, \"verdict\": null}\n";
    folder.write("train.jsonl", rows);
    for (head, place) in [("stars", 1), ("verdict", 0)] {
        assert_eq!(folder.head(head).unwrap().read("train").unwrap().labelled(), [place], "{head}");
    }
}

/// A row is in the same split for every head, whichever labels it has.
#[test]
fn heads_share_their_splits() {
    let folder = shop();
    let rows: String = (0..60)
        .map(|i: usize| {
            format!(
                "text {i}\t{}\t{}\n",
                if i.is_multiple_of(3) { "1" } else { "" },
                ["bad", "good", ""][i % 3]
            )
        })
        .collect();
    folder.write("train.tsv", format!("review\tstars\tverdict\n{rows}"));
    folder
        .heads(
            &TOML.replace(
                r#", dev = "dev.tsv", test = "test.tsv" }"#,
                " }\nsplit = { dev = 0.2, test = 0.1 }",
            ),
        )
        .unwrap();
    let lines = |head: &str, split: &str| -> Vec<usize> {
        folder.head(head).unwrap().read(split).unwrap().examples.iter().map(|row| row.line).collect()
    };
    let mut all = Vec::new();
    for split in ["train", "dev", "test"] {
        assert_eq!(lines("stars", split), lines("verdict", split), "{split}");
        all.extend(lines("stars", split));
    }
    all.sort_unstable();
    assert_eq!(all, (2..62).collect::<Vec<_>>());
}

#[test]
fn the_report_counts_the_rows_of_a_head() {
    let folder = shop();
    let report = check(&folder.head("verdict").unwrap(), None).unwrap();
    assert_eq!((report.splits[0].rows, report.splits[0].labelled_rows), (5, Some(3)));
    let text = report.to_string();
    assert!(text.contains("bad 2 (66.7 %), good 1 (33.3 %)"), "{text}");
    assert!(
        text.contains("train: 2 of 5 rows have no label for this head: they are none of its rows."),
        "{text}"
    );
}

#[track_caller]
fn assert_refused(there: &str, instead: &str, message: &str) {
    let folder = shop();
    let toml = TOML.replacen(there, instead, 1);
    assert_ne!(toml, TOML);
    assert_eq!(folder.message(folder.heads(&toml)), format!("DIR/task.toml: {message}"));
}

#[test]
fn descriptions_that_are_refused() {
    assert_refused(
        r#"name = "verdict""#,
        r#"name = "Stars""#,
        "head `Stars`: another head is called `stars`: rename one of them",
    );
    assert_refused(
        r#"name = "verdict""#,
        r#"name = "a:b""#,
        "head `a:b`: a head's name has neither `:` nor `,`: rename it",
    );
    assert_refused(
        "text = ",
        "label = \"verdict\"\ntext = ",
        "`label` is for a task without [[heads]]: give it to each head",
    );
    assert_refused(
        "text = ",
        "group = \"verdict\"\ntext = ",
        "`group` is for a task without [[heads]]: leave it out, or give its column a task file of its own",
    );
    assert_refused(
        "range = [1, 5]",
        "",
        "head `stars`: give `labels`, or for numbers `range = [LEAST, GREATEST]` or `kind = \"regression\"`",
    );
    assert_refused(
        "[1, 5]",
        "[5, 1]",
        "head `stars`: `range` is 5 to 1, expected a smaller and a greater number",
    );
    assert_refused(
        "range = [1, 5]",
        "range = [1, 5]\nlabels = [\"a\", \"b\"]",
        "head `stars`: `range` is for a regression, and a classification has `labels`",
    );
    assert_refused(
        r#"column = "stars""#,
        r#"column = "review""#,
        "head `stars`: column `review` is both the label and a text",
    );
    assert_refused(
        r#"["bad", "good"]"#,
        r#"["bad"]"#,
        "head `verdict`: a classification task needs at least two `labels`",
    );
}

#[test]
fn a_head_that_is_not_named_or_not_there() {
    let folder = shop();
    assert_eq!(
        folder.message(folder.task(TOML)),
        "DIR/task.toml: it has several heads, each a task: name one, as DIR/task.toml:HEAD; the heads are `stars`, `verdict`"
    );
    assert_eq!(
        folder.message(folder.head("verdic")),
        "DIR/task.toml: there is no head `verdic`; the heads are `stars`, `verdict`; did you mean `verdict`?"
    );
    folder
        .task("name = \"t\"\nkind = \"regression\"\ntext = \"review\"\nlabel = \"stars\"\nfiles = { train = \"train.tsv\" }\n")
        .unwrap();
    assert_eq!(
        folder.message(folder.head("stars")),
        "DIR/task.toml: there is no head `stars`; it has no [[heads]]: give DIR/task.toml alone"
    );
}

#[track_caller]
fn assert_row_refused(row: &str, head: &str, message: &str) {
    let folder = shop();
    folder.write("train.tsv", format!("{TRAIN}{row}\n"));
    let read: Result<_, Error> = folder.head(head).unwrap().read("train");
    assert_eq!(folder.message(read), format!("DIR/train.tsv, row 7: {message}"));
}

#[test]
fn rows_that_are_refused() {
    let unknown = "unknown label `Good`; the labels are `bad`, `good` (head `verdict`); it differs from `good` by case or \
                   spaces, and labels are compared to the letter";
    assert_row_refused("w\t1\tGood", "verdict", unknown);
    assert_row_refused("w\tfive\tgood", "stars", "the target `five` is not a finite number (head `stars`)");
    assert_row_refused(
        "w\t6\tgood",
        "stars",
        "the target `6` is outside of the range 1 to 5 of head `stars`",
    );
}

#[test]
fn a_head_without_a_label() {
    let folder = shop();
    folder.write("dev.tsv", "review\tstars\tverdict\nd1\t\tgood\n");
    assert_eq!(
        folder.message(folder.head("stars").unwrap().read("dev")),
        "DIR/dev.tsv: no row of the dev split has a label for head `stars` in its column `stars`: label some, or leave out the \
         head"
    );
}
