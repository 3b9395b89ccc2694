//! Small inputs that once went wrong, a test each, named after what was wrong; and others of their kind.

use crate::common::{Folder, small_bert};
use mtlift_glue_data::{Target, Task, check};
use mtlift_tokenizer::Tokenizer;

const ROWS: &str = "\"never again, item 0\",bad\n\"would buy again, item 1\",good\n\"broke in a week, item 2\",bad\n\
                    \"arrived early, item 3\",good\n";

/// A task of `train.csv`, which is its dev file too, with these lines in its description.
fn toml(lines: &str) -> String {
    format!("name = \"t\"\n{lines}\nfiles = {{ train = \"train.csv\", dev = \"train.csv\" }}\n")
}

const CLASSES: &str = "kind = \"classification\"\nlabels = [\"bad\", \"good\"]";
const BY_NAME: &str = "text = \"review\"\nlabel = \"verdict\"";
const BY_NUMBER: &str = "text = 0\nlabel = 1";

/// What a description says, for this train file.
fn described(lines: &str, train: &str) -> Result<Task, String> {
    let folder = Folder::with(&[("train.csv", train.as_bytes())]);
    let task = folder.task(&toml(lines));
    task.map_err(|fault| folder.message::<()>(Err(fault)))
}

/// What reading the train file says.
fn read(lines: &str, train: impl AsRef<[u8]>) -> Result<Vec<Target>, String> {
    let folder = Folder::with(&[("train.csv", train.as_ref())]);
    let split = folder.task(&toml(lines)).unwrap().read("train");
    split.map(|split| split.targets().unwrap()).map_err(|fault| folder.message::<()>(Err(fault)))
}

#[test]
fn f1_three_labels() {
    let labels = "kind = \"classification\"\nlabels = [\"bad\", \"good\", \"meh\"]";
    let with = |more: &str| described(&format!("{labels}\n{BY_NAME}\n{more}"), "").map(|task| task.positive);
    assert_eq!(
        with("metrics = [\"accuracy\", \"f1\"]").unwrap_err(),
        "DIR/task.toml: `f1` counts one label, and there are 3: say which with `positive`, or use `macro-f1`"
    );
    assert_eq!(with("metrics = [\"f1\"]\npositive = \"meh\""), Ok(2));
    assert_eq!(with("metrics = [\"macro-f1\"]"), Ok(1));
    let twice = with("metrics = [\"mcc\", \"mcc\"]").unwrap_err();
    assert_eq!(twice, "DIR/task.toml: metric `mcc` is listed twice");
}

#[test]
fn header_eaten() {
    assert_eq!(
        described(&format!("{CLASSES}\n{BY_NUMBER}"), ROWS).unwrap_err(),
        "DIR/task.toml: the columns go by number: say with `header = true` or `header = false` whether the first line names \
         them"
    );
    assert_eq!(
        read(&format!("{CLASSES}\nheader = true\n{BY_NUMBER}"), ROWS).unwrap_err(),
        "DIR/train.csv: the first line is taken for the names of the columns, but has `bad`, one of the labels, in the label \
         column: give `header = false`"
    );
    let whole = read(&format!("{CLASSES}\nheader = false\n{BY_NUMBER}"), ROWS);
    assert_eq!(whole, Ok([0, 1, 0, 1].map(Target::Class).to_vec()));
    let regression = "kind = \"regression\"\nheader = true\ntext = 1\nlabel = 0";
    assert_eq!(
        read(regression, "0.5,fine\n-1,poor\n").unwrap_err(),
        "DIR/train.csv: the first line is taken for the names of the columns, but has `0.5`, a number, in the label column: \
         give `header = false`"
    );
    assert_eq!(read(regression, "score,text\n-1,poor\n"), Ok(vec![Target::Value(-1.0)]));
    let tsv = format!("{CLASSES}\nformat = \"tsv\"\nheader = true\n{BY_NUMBER}");
    assert!(read(&tsv, "never again\tbad\nfine\tgood\n").unwrap_err().contains("give `header = false`"));
}

/// The other way round, where a header is taken for a row.
#[test]
fn header_taken_for_a_row() {
    let file = format!("review,verdict\n{ROWS}");
    assert_eq!(
        read(&format!("{CLASSES}\nheader = false\n{BY_NUMBER}"), &file).unwrap_err(),
        "DIR/train.csv, row 1: unknown label `verdict`; the labels are `bad`, `good`; if this row names the columns, give \
         `header = true`"
    );
    assert_eq!(
        read("kind = \"regression\"\nheader = false\ntext = 0\nlabel = 1", "text,score\na,1\n").unwrap_err(),
        "DIR/train.csv, row 1: the target `score` is not a finite number; if this row names the columns, give `header = true`"
    );
}

#[test]
fn header_eaten_of_predicted_rows() {
    let folder = Folder::with(&[
        ("train.csv", ROWS.as_bytes()),
        ("own.csv", b"a fine lamp\nnever again\nvery happy\n"),
    ]);
    let task =
        |header: bool| folder.task(&toml(&format!("{CLASSES}\nheader = {header}\n{BY_NUMBER}"))).unwrap();
    let input = |task: Task, name: &str| {
        let bytes = std::fs::read(folder.path().join("own.csv")).unwrap();
        task.with_input(&folder.path().join(name), None, bytes)
    };
    let own = input(task(false), "own.csv");
    assert_eq!(own.read("input").unwrap().examples.len(), 3);
    assert!(!own.assumes_header("input"));
    assert!(input(task(true), "own.csv").assumes_header("input"));
    assert!(!input(task(true), "own.jsonl").assumes_header("input"));
}

#[test]
fn jsonl_lines() {
    let lines = format!("{CLASSES}\nformat = \"jsonl\"\n{BY_NAME}");
    let row = |text: &str, label: &str| format!("{{\"review\": \"{text}\", \"verdict\": \"{label}\"}}\r\n");
    let file = format!("\u{feff}\r\n{}\r\n  \n{}\n\n", row("a", "bad"), row("b", "good"));
    assert_eq!(read(&lines, &file), Ok(vec![Target::Class(0), Target::Class(1)]));
    let faulty = format!("{}\n{}", row("a", "bad"), row("b", "fair"));
    assert_eq!(
        read(&lines, &faulty).unwrap_err(),
        "DIR/train.csv, row 3: unknown label `fair`; the labels are `bad`, `good`"
    );
}

#[test]
fn jsonl_keys_within_objects() {
    let lines = format!("{CLASSES}\nformat = \"jsonl\"\ntext = \"doc.text\"\nlabel = \"meta.label\"");
    let deep = "{\"doc\": {\"text\": \"a\"}, \"meta\": {\"label\": \"good\"}}\n";
    assert_eq!(read(&lines, deep), Ok(vec![Target::Class(1)]));
    let literal = "{\"doc\": {\"text\": \"a\"}, \"meta\": {\"label\": \"good\"}, \"meta.label\": \"bad\"}\n";
    assert_eq!(read(&lines, literal), Ok(vec![Target::Class(0)]), "a key of that very name wins");
    assert_eq!(
        read(&lines, format!("{deep}{{\"doc\": {{\"text\": \"b\"}}, \"meta\": {{}}}}\n")).unwrap_err(),
        "DIR/train.csv, row 2: there is no `meta.label`; the keys are `doc`, `meta`"
    );
    assert_eq!(
        read(&lines, deep.replace("\"good\"", "null")).unwrap_err(),
        "DIR/train.csv, row 1: there is no label; only rows of a test file may be without one"
    );
}

#[test]
fn label_tab_newline() {
    let labels = |labels: &str| {
        described(&format!("kind = \"classification\"\nlabels = {labels}\n{BY_NAME}"), "").unwrap_err()
    };
    for (label, shown) in
        [("b\\tad", "b\\tad"), ("go\\nod", "go\\nod"), ("\\u0007", "\\u{7}"), ("\\u0085", "\\u{85}")]
    {
        assert_eq!(
            labels(&format!("[\"good\", \"{label}\"]")),
            format!(
                "DIR/task.toml: label `{shown}` holds a control character, which would break the lines of predictions: \
                 rename it in the data"
            )
        );
    }
    assert_eq!(labels("[\"\", \"good\"]"), "DIR/task.toml: a label is empty: give it a name in the data");
    assert_eq!(labels("[1, \"1\"]"), "DIR/task.toml: label `1` is listed twice");
}

#[test]
fn index_tab_newline() {
    let lines = format!("{CLASSES}\n{BY_NAME}\nindex = \"id\"");
    assert_eq!(
        read(&lines, "review,verdict,id\na,bad,1\nb,good,\"2\n3\"\n").unwrap_err(),
        "DIR/train.csv, row 3: the index `2\\n3` holds a control character (U+000A), which would break the lines of \
         predictions: give another `index` column, or none"
    );
}

#[test]
fn labels_that_differ_by_case() {
    assert_eq!(
        read(&format!("{CLASSES}\n{BY_NAME}"), "review,verdict\na,Good\n").unwrap_err(),
        "DIR/train.csv, row 2: unknown label `Good`; the labels are `bad`, `good`; it differs from `good` by case or spaces, \
         and labels are compared to the letter"
    );
}

#[test]
fn no_tokens() {
    let file = format!("review,verdict\n{ROWS}\"\",bad\n\"   \",good\n\u{200b}\u{200b},bad\n");
    let folder = Folder::with(&[("train.csv", file.as_bytes())]);
    let task = folder.task(&toml(&format!("{CLASSES}\n{BY_NAME}"))).unwrap();
    let found = |tokenizer: Option<&Tokenizer>| {
        let faults = check(&task, tokenizer).unwrap().splits.remove(0).faults;
        faults.iter().map(|fault| (fault.what, fault.rows, fault.first_row)).collect::<Vec<_>>()
    };
    let invisible = ("text without a visible character", 3, 6);
    assert_eq!(found(None), [invisible]);
    let model = small_bert();
    let tokenizer = Tokenizer::open(model.path(), 64).unwrap();
    assert_eq!(
        found(Some(&tokenizer)),
        [invisible, ("text without a token (a model sees nothing of it)", 3, 6)]
    );
    assert_eq!(tokenizer.without_token(&task.read("train").unwrap().examples).unwrap(), [4, 5, 6]);
}

#[test]
fn not_what_it_says() {
    let lines = format!("{CLASSES}\n{BY_NAME}");
    let utf_16: Vec<u8> = "review,verdict\n".encode_utf16().flat_map(u16::to_le_bytes).collect();
    let mut tar = vec![0; 600];
    tar[..5].copy_from_slice(b"t.csv");
    tar[257..262].copy_from_slice(b"ustar");
    let cases: [(&[u8], &str); 15] = [
        (
            b"version https://git-lfs.github.com/spec/v1\noid sha256:00\nsize 17\n",
            "a Git LFS pointer, which stands for data that are not here: run `git lfs pull` in its folder, or download the file \
             itself",
        ),
        (b"PAR1\x15\x04", "a Parquet file: name it .parquet, or give `format = \"parquet\"`"),
        (b"PK\x03\x04\x14[Content_Types].xml", "an Excel workbook: save the sheet as CSV and name that file"),
        (
            b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1\0",
            "an Excel workbook: save the sheet as CSV and name that file",
        ),
        (b"PK\x03\x04\x14train.csv", "a zip archive: unpack it and name the file that was in it"),
        (&tar, "a tar archive: unpack it and name the file that was in it"),
        (b"\x28\xb5\x2f\xfd\x04", "compressed with zstd: decompress it with `zstd -d`"),
        (b"\xfd7zXZ\0\0", "compressed with xz: decompress it with `unxz`"),
        (b"BZh91AY&SY\0", "compressed with bzip2: decompress it with `bunzip2`"),
        (b"%PDF-1.7\n", "a PDF: extract its table as CSV"),
        (b"ARROW1\0\0", "an Arrow file: write it as Parquet, in Python with `Dataset.to_parquet`"),
        (b"\x80\x04\x95", "a Python pickle: write its rows as CSV or Parquet"),
        (
            &[b"\xff\xfe".as_slice(), &utf_16].concat(),
            "in UTF-16: convert it with `iconv -f UTF-16 -t UTF-8`",
        ),
        (&utf_16, "in UTF-16: convert it with `iconv -f UTF-16 -t UTF-8`"),
        (b"\n<!DOCTYPE html><html>", "a web page: download the raw file in place of the page that shows it"),
    ];
    for (content, message) in cases {
        assert_eq!(read(&lines, content).unwrap_err(), format!("DIR/train.csv is {message}"));
    }
    let jsonl = format!("{CLASSES}\nformat = \"jsonl\"\n{BY_NAME}");
    for content in ["[\n{\"review\": \"a\"}]", " [{\"review\": \"a\"}]", "{\n\"review\": \"a\"\n}"] {
        assert_eq!(
            read(&jsonl, content).unwrap_err(),
            "DIR/train.csv is a JSON array, or one JSON object over many lines; JSON lines have one object a line: write it \
             with `jq -c '.[]'` for an array, or `jq -c .` for objects that follow each other"
        );
    }
}

#[test]
fn description_that_is_not_one() {
    let folder = Folder::new();
    folder.write("task.toml", b"version https://git-lfs.github.com/spec/v1\n");
    let path = folder.path().join("task.toml");
    let message = || folder.message(Task::find(path.to_str().unwrap(), None));
    assert!(message().starts_with("DIR/task.toml is a Git LFS pointer"), "{}", message());
    folder.write("task.toml", b"name = \"caf\xe9\"\n");
    assert_eq!(message(), "DIR/task.toml: it is not UTF-8: convert it to UTF-8");
}

#[test]
fn one_class_dev() {
    let folder = Folder::with(&[("train.csv", format!("review,verdict\n{ROWS}").as_bytes())]);
    let notes = |dev: &str, lines: &str| {
        folder.write("dev.csv", dev);
        let toml = toml(lines).replace("dev = \"train.csv\"", "dev = \"dev.csv\"");
        check(&folder.task(&toml).unwrap(), None).unwrap().splits.remove(1).notes
    };
    let metrics = |metrics: &str| format!("{CLASSES}\n{BY_NAME}\nmetrics = {metrics}");
    let good = "review,verdict\na,good\nb,good\n";
    assert_eq!(
        notes(good, &metrics("[\"accuracy\", \"f1\", \"mcc\"]")),
        ["dev has only `good`: mcc is 0 by definition, accuracy and f1 say little"]
    );
    assert_eq!(notes(good, &metrics("[\"accuracy\"]")), ["dev has only `good`: accuracy says little"]);
    assert_eq!(notes("review,verdict\na,good\nb,bad\n", &metrics("[\"mcc\"]")), [""; 0]);
    let three = "kind = \"classification\"\nlabels = [\"bad\", \"good\", \"meh\"]\ntext = \"review\"\nlabel = \"verdict\"";
    assert_eq!(
        notes("review,verdict\na,good\nb,bad\n", three),
        ["dev has no row of `meh`: the score says nothing of it"]
    );
}

#[test]
fn one_value_dev_and_one_class_train() {
    let folder = Folder::with(&[("train.csv", b"t,y\na,3\nb,3\n")]);
    let task = folder.task(&toml("kind = \"regression\"\ntext = \"t\"\nlabel = \"y\"")).unwrap();
    let notes: Vec<_> =
        check(&task, None).unwrap().splits.into_iter().flat_map(|split| split.notes).collect();
    assert_eq!(
        notes,
        [
            "train has only the value 3: there is nothing to tell apart",
            "dev has only the value 3: pearson and spearman are 0 by definition"
        ]
    );
    folder.write("train.csv", "review,verdict\na,good\nb,good\n");
    let task = folder.task(&toml(&format!("{CLASSES}\n{BY_NAME}"))).unwrap();
    let notes = check(&task, None).unwrap().splits.remove(0).notes;
    assert_eq!(notes, ["train has only `good`: there is nothing to tell apart"]);
}

#[test]
fn imbalance_is_noted() {
    let file = format!("review,verdict\n{}x,bad\n", "y,good\n".repeat(19));
    let folder = Folder::with(&[("train.csv", file.as_bytes())]);
    let task = folder.task(&toml(&format!("{CLASSES}\n{BY_NAME}"))).unwrap();
    let report = check(&task, None).unwrap();
    let note =
        "train: 95.0 % of the rows are `good`; to say that always is as accurate, so look at mcc or macro-f1";
    assert_eq!(report.splits[0].notes, [note]);
    assert!(report.to_string().contains(&format!("\n{note}.\n")), "{report}");
}

#[test]
fn task_name_slash() {
    let named = |name: &str| {
        let folder = Folder::with(&[("train.csv", b"")]);
        let toml = toml(&format!("{CLASSES}\n{BY_NAME}")).replace("\"t\"", &format!("\"{name}\""));
        let task = folder.task(&toml);
        task.map(|task| task.name).map_err(|fault| folder.message::<()>(Err(fault)))
    };
    let path = "reads as a path: leave out `/` and `\\`, and call it neither `.` nor `..`";
    let long = "x".repeat(101);
    let cases = [
        ("shop/reviews", "shop/reviews", path),
        ("../x", "../x", path),
        ("..", "..", path),
        ("a\\\\b", "a\\\\b", path),
        ("a\\tb", "a\\tb", "holds a control character, such as a tab or a line end"),
        ("", "", "is empty"),
        (&long, &long[..60], "is longer than 100 bytes"),
    ];
    for (name, shown, what) in cases {
        let message = format!("DIR/task.toml: `name` is part of the names of files, and `{shown}` {what}");
        assert_eq!(named(name), Err(message));
    }
    for name in ["shop reviews (2024)", "Überraschung", "a.b", "...", &long[..100]] {
        assert_eq!(named(name).as_deref(), Ok(name));
    }
}

#[test]
fn plain_task() {
    let lines = format!("{CLASSES}\nmetrics = [\"accuracy\"]\n{BY_NAME}");
    let file = format!("review,verdict\n{ROWS}");
    assert_eq!(read(&lines, &file), Ok([0, 1, 0, 1].map(Target::Class).to_vec()));
}

#[test]
fn delimiter() {
    let lines = |more: &str| format!("{CLASSES}\n{BY_NAME}\n{more}");
    let [semicolons, tabs] = [";", "\t"].map(|c| format!("review{c}verdict\n\"a, {c} \"\"b\"\"\"{c}good\n"));
    assert_eq!(read(&lines("delimiter = \";\""), &semicolons), Ok(vec![Target::Class(1)]));
    assert_eq!(read(&lines("delimiter = \"\\t\""), &tabs), Ok(vec![Target::Class(1)]));
    let pipes = "review|verdict\n\"a, \t b|good\n";
    assert_eq!(read(&lines("format = \"tsv\"\ndelimiter = \"|\""), pipes), Ok(vec![Target::Class(1)]));
    assert_eq!(
        read(&lines(""), &semicolons).unwrap_err(),
        "DIR/train.csv: there is no column `review`; the columns are `review;verdict`; are they separated by another character? \
         give `delimiter = \";\"`"
    );
    for wrong in ["", ";;", "é", "\\n", "\\\""] {
        assert_eq!(
            described(&lines(&format!("delimiter = \"{wrong}\"")), "").unwrap_err(),
            "DIR/task.toml: `delimiter` must be one ASCII character, such as \";\" or \"\\t\", and no quote or line end"
        );
    }
    assert_eq!(
        described(&lines("format = \"jsonl\"\ndelimiter = \";\""), "").unwrap_err(),
        "DIR/task.toml: `delimiter` is for TSV and CSV; the files are of another format"
    );
}
