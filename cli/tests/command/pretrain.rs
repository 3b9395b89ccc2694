//! `mtlift pretrain` from a text file to a model that `train` takes, and the model that is part of the program.

use std::fs;

use mtlift_nn::random::Stream;

use crate::folder::{Folder, below};
use crate::killed::{kill_when, steps};

const NEW: &str = "pretrain --text text.txt --layers 1 --hidden 16 --heads 2 --feed-forward 32 --vocabulary 60 --positions 32 \
                   --max-tokens 16 --batch 8 --dropout 0.05 --held-out 0.1 --lr 1e-2 --evaluate-every 0.25 --epochs";

/// With a text of lines of two kinds, in each of which every place has its word.
fn folder() -> Folder {
    let folder = Folder::new();
    let line = |row: usize| {
        ('a'..='i').map(|letter| format!("{}{letter}", ["red", "b"][row % 2])).collect::<Vec<_>>().join(" ")
    };
    folder.write("text.txt", (0..120).map(|row| line(row) + "\n").collect::<String>());
    folder
}

#[test]
fn a_text_becomes_a_model_that_train_takes() {
    let folder = folder();
    let result = folder.run_json(&format!("{NEW} 30 --dtype f16 --out new --json"));
    // Who knows the place of a word alone wavers between two: ln 2 is 0.69.
    assert!(result["held_out"]["loss"].as_f64().unwrap() < 0.5, "{result}");
    let config = folder.json("new/model/config.json");
    assert_eq!(
        (&config["architectures"][0], &config["dtype"]),
        (&"BertForMaskedLM".into(), &"float16".into())
    );
    let train = "train --task task.toml --epochs 1 --max-steps 2 --json --model";
    folder.run_json(&format!("{train} new/model --out tuned"));
    // Texts of a task, on from a model.
    let tuned = folder.run_json("pretrain --text task.toml --model model --max-steps 2 --out adapted --json");
    assert_eq!(tuned["steps"], 2);
    assert_eq!(folder.read("adapted/model/vocab.txt"), folder.read("model/vocab.txt"));
    folder.run_json(&format!("{train} adapted/model --out again"));
}

#[test]
fn killed_again_and_again() {
    let folder = folder();
    folder.run(&format!("{NEW} 4 --out whole")).success();
    let out = folder.path("killed");
    let mut rng = Stream::new(3, "moments").at(0);
    let mut kills = 0;
    loop {
        let until = steps(&out) + 4 + below(&mut rng, 10);
        let process = folder.start(&format!("{NEW} 4 --out killed --resume"));
        if !kill_when(process, || steps(&out) >= until) {
            break;
        }
        kills += 1;
    }
    assert!(kills >= 3, "killed only {kills} times");
    folder.snapshot("killed").assert_same(&folder.snapshot("whole"), "killed again and again");
}

#[test]
fn what_is_wrong_is_said() {
    let folder = folder();
    let misuse = |arguments: &str, message: &str| {
        let run = folder.run(arguments).code(2).stdout("");
        let stderr = String::from_utf8(run.get_output().stderr.clone()).unwrap();
        assert!(stderr.contains(message), "{arguments}: {stderr}");
    };
    misuse(
        "pretrain --text nothing.txt --out out",
        "--text nothing.txt: there is no such file, and no task of that name",
    );
    misuse(
        "pretrain --text text.txt --hidden 10 --heads 4 --out out",
        "--hidden is 10, expected a multiple of --heads, 4",
    );
    misuse("pretrain --text text.txt --model model --layers 2 --out out", "cannot be used with");
    misuse("pretrain --text text.txt --max-tokens 300 --out out", "--max-tokens 300 is more than the 256");
    folder.write("empty.txt", "\n\n");
    folder.fails(
        "pretrain --text empty.txt --out out",
        "empty.txt has no text: expected at least one line that is not blank",
    );
}

/// Its files are written below the cache folder, mended where they are damaged, and written elsewhere where they cannot be.
#[test]
fn the_built_in_model_is_a_model_like_any_other() {
    let folder = Folder::new();
    let run = |cache: &str, out: &str| {
        let mut command =
            folder.command(&format!("train --model demo --task task.toml --max-steps 1 --out {out}"));
        command.env("XDG_CACHE_HOME", folder.path(cache)).env("TMPDIR", folder.path("temporary"));
        assert!(command.output().unwrap().status.success(), "{out}");
        folder.read(&format!("{out}/result.json"))
    };
    let first = run("caches", "first");
    let models = folder.path("caches/mtlift/models");
    let entries: Vec<_> = fs::read_dir(&models).unwrap().map(|entry| entry.unwrap().path()).collect();
    let [directory] = &entries[..] else { panic!("one directory below {}", models.display()) };
    let weights = directory.join("model.safetensors");
    let whole = fs::read(&weights).unwrap();
    fs::write(&weights, &whole[..100]).unwrap();
    assert_eq!(run("caches", "second"), first);
    assert_eq!(fs::read(&weights).unwrap(), whole);
    folder.write("file", "no folder");
    assert_eq!(run("file", "third"), first);
    assert!(folder.path("temporary/mtlift/models").is_dir());
}
