//! Faults of the data are said before training, as what they are: neither lost on the way nor put down to a seed.

use crate::folder::{Folder, TASK};
use crate::study::stderr;

const ONE_CLASS: &str = "toy: dev has only `yes`: accuracy and f1 say little";

fn one_class_dev() -> Folder {
    let folder = Folder::new();
    folder.write("dev.tsv", "text\tlabel\nw1 w2\tyes\nw3\tyes\nw4 w5\tyes\n");
    folder
}

#[test]
fn one_class_dev_is_said_before_training_and_not_blamed_on_the_seed() {
    let folder = one_class_dev();
    let said = stderr(&folder, "train --model model --task task.toml --max-steps 2 --out out");
    let lines: Vec<&str> = said.lines().collect();
    let warning = lines.iter().position(|line| *line == format!("warning: {ONE_CLASS}"));
    let training = lines.iter().position(|line| line.contains("rows to train on"));
    assert!(warning.is_some() && warning < training, "{said}");
    assert!(!said.contains("this seed") && !said.contains("degenerate"), "{said}");
    assert!(stderr(&folder, "evaluate --model out/model --task task.toml").contains("dev has only `yes`"));
}

#[test]
fn one_class_dev_of_a_study() {
    let folder = one_class_dev();
    let compare = "compare --model model --target task.toml --support help.toml --arms single,stilts --seeds 2 --epochs 1 --jobs 1";
    folder.write("help.toml", TASK.replace("toy", "help").replace("dev.tsv", "train.tsv"));
    let said = stderr(&folder, &format!("{compare} --out study"));
    assert!(said.contains(ONE_CLASS), "{said}");
    assert!(!said.contains("toy: the predictions"), "{said}");
    let warnings = folder.json("study/findings.json")["warnings"].to_string();
    assert!(warnings.contains(ONE_CLASS) && !warnings.contains("constant"), "{warnings}");
}

#[test]
fn header_eaten() {
    let folder = Folder::new();
    let rows = "w1 w2\tno\nw3\tyes\n".repeat(20);
    folder.write("train.tsv", &rows);
    let numbers =
        "name = \"n\"\nkind = \"classification\"\nlabels = [\"no\", \"yes\"]\ntext = 0\nlabel = 1\n";
    let files = "files = { train = \"train.tsv\" }\nsplit = { dev = 0.25 }\n";
    folder.write("n.toml", format!("{numbers}header = false\n{files}"));
    folder.run("train --model model --task n.toml --max-steps 1 --out out").success();
    folder.write("own.tsv", "w1\nw2 w3\nw4\n");
    let predict = "predict --model out/model --task n.toml --input own.tsv --out predictions.tsv";
    folder.run(predict).success();
    assert_eq!(folder.read("predictions.tsv").lines().count(), 1 + 3, "as many predictions as rows");
    folder.write("n.toml", format!("{numbers}header = true\n{files}"));
    let said = stderr(&folder, &format!("{predict} --force"));
    assert!(said.contains("the first line of own.tsv is taken for the names of the columns"), "{said}");
    folder.fails(
        "train --model model --task n.toml --out other",
        "train.tsv: the first line is taken for the names of the columns, but has `no`, one of the labels, in the label column: \
         give `header = false`",
    );
    folder.write("n.toml", format!("{numbers}{files}"));
    folder.fails(
        "data check n.toml",
        "n.toml: the columns go by number: say with `header = true` or `header = false` whether the first line names them",
    );
}

#[test]
fn no_tokens() {
    let folder = Folder::new();
    folder.write("dev.tsv", "text\tlabel\nw1\tyes\n\tno\n\u{200b}\u{200b}\tno\n");
    let said = stderr(&folder, "train --model model --task task.toml --max-steps 1 --out out");
    let warning = "warning: dev.tsv: 2 rows have a text without a token, of which a model sees nothing; the first is row 3";
    assert!(said.lines().any(|line| line == warning), "{said}");
}

#[test]
fn task_names_that_differ_by_case() {
    let folder = Folder::new();
    folder.write("help.toml", TASK.replace("toy", "Toy"));
    let compare = "compare --model model --target task.toml --support help.toml --arms single,mtl --seeds 1 --out study";
    let run = folder.run(compare).code(2);
    let said = String::from_utf8_lossy(&run.get_output().stderr).into_owned();
    let message = "task.toml and help.toml are called toy and Toy, which differ only by case";
    assert!(said.contains(message), "{said}");
    assert!(!folder.path("study").exists());
}
