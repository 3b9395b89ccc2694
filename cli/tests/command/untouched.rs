//! What a command reads it does not write to: not by its name, nor by a link, nor with `--force`.

use std::fs::hard_link;
use std::os::unix::fs::symlink;

use crate::folder::Folder;

const PREDICT: &str = "predict --model out/model --task task.toml --data-home home --force";

/// A folder with a trained model in `out/model` and an empty data home.
fn trained() -> Folder {
    let folder = Folder::new();
    folder.write("home/models/README", "models go here");
    folder.run("train --model model --task task.toml --max-steps 5 --out out").success();
    folder
}

#[track_caller]
fn refuses(folder: &Folder, arguments: &str, out: &str, why: &str) {
    let before = folder.snapshot(".");
    let message = format!("error: --out {out} is {why}\n");
    folder.run(&format!("{arguments} --out {out}")).code(2).stdout("").stderr(message);
    before.assert_same(&folder.snapshot("."), "nothing is written");
}

#[test]
fn predict_does_not_write_over_what_it_reads() {
    let folder = trained();
    folder.write("mine.tsv", "text\nw1 w2\n");
    symlink("train.tsv", folder.path("link.tsv")).unwrap();
    hard_link(folder.path("out/model/config.json"), folder.path("hard.json")).unwrap();
    let reads = |file: &str| format!("{file}, which this command reads: give another file");
    for file in ["train.tsv", "dev.tsv", "test.tsv", "task.toml", "out/model/model.safetensors"] {
        refuses(&folder, PREDICT, file, &reads(file));
    }
    refuses(&folder, PREDICT, "out/../train.tsv", &reads("train.tsv"));
    refuses(&folder, PREDICT, "link.tsv", &reads("train.tsv"));
    refuses(&folder, PREDICT, "hard.json", &reads("out/model/config.json"));
    refuses(&folder, &format!("{PREDICT} --input mine.tsv"), "mine.tsv", &reads("mine.tsv"));
    folder.run(&format!("{PREDICT} --out mine.tsv")).success();
}

#[test]
fn nothing_is_written_inside_a_model_or_the_data_home() {
    let folder = trained();
    symlink("out/model", folder.path("shortcut")).unwrap();
    let inside =
        |what: &str| format!("inside the {what}, where nothing is written: give a place outside of it");
    for out in ["out/model/new.tsv", "shortcut/new.tsv"] {
        refuses(&folder, PREDICT, out, &inside("model's directory out/model"));
    }
    refuses(&folder, PREDICT, "home/new.tsv", &inside("data home home"));
    refuses(&folder, PREDICT, "home/models/README", &inside("data home home"));

    let train = "train --model model --task task.toml --data-home home --max-steps 5";
    let compare = "compare --model model --target task.toml --arms single --data-home home";
    for command in [train, compare] {
        refuses(&folder, command, "model/run", &inside("model's directory model"));
        refuses(&folder, command, "home/runs/run", &inside("data home home"));
    }
}
