//! `mtlift merge`: models on the disk become one, which every other command takes.

use serde_json::{Value, json};

use crate::folder::{Folder, TRAIN, bert};

/// With two trained models of the task, and one of another task with three labels.
fn folder() -> Folder {
    let folder = Folder::new();
    let train = TRAIN.replace("--epochs 4", "--epochs 1");
    folder.run(&format!("{train} --seed 1 --out one")).success();
    folder.run(&format!("{train} --seed 2 --out two")).success();
    folder
}

fn weights(folder: &Folder, model: &str) -> Vec<u8> {
    std::fs::read(folder.path(&format!("{model}/model.safetensors"))).unwrap()
}

/// On the task's dev rows, with all digits of the logits.
fn predictions(folder: &Folder, model: &str) -> String {
    folder
        .run(&format!("predict --model {model} --task task.toml --split dev --out {model}.tsv --force"))
        .success();
    folder.read(&format!("{model}.tsv"))
}

#[test]
fn models_become_one() {
    let folder = folder();
    for method in ["average", "metagpt", "arithmetic(0.5)", "ties", "dare", "dare-ties", "slerp"] {
        let out = format!("merged-{}", method.split('(').next().unwrap());
        let merged =
            folder.run_json(&format!("merge one two --base model --method {method} --out {out} --json"));
        assert_eq!(merged["models"].as_array().unwrap().len(), 2);
        assert!(merged["models"][0]["change"].as_f64().unwrap() > 0.0);
        // The head, the labels and the tokenizer are the first one's, so that it can be used and trained.
        assert_eq!(
            folder.json(&format!("{out}/config.json"))["id2label"],
            folder.json("one/model/config.json")["id2label"]
        );
        assert_eq!(folder.read(&format!("{out}/vocab.txt")), folder.read("model/vocab.txt"));
        let score = folder.run_json(&format!("evaluate --model {out} --task task.toml --json"));
        assert_eq!(score["rows"], 40);
    }
    let shares = folder.run_json("merge one two --base model --method metagpt --out again --json");
    let share = |place: usize| shares["models"][place]["coefficient"].as_f64().unwrap();
    assert!((share(0) + share(1) - 1.0).abs() < 1e-12 && share(0) > 0.0);
    assert_eq!(weights(&folder, "again"), weights(&folder, "merged-metagpt"));
}

#[test]
fn a_model_merged_with_itself_is_itself() {
    let folder = folder();
    for method in ["average", "metagpt", "slerp", "arithmetic(0.5)"] {
        let out = format!("merged-{}", method.split('(').next().unwrap());
        folder.run(&format!("merge one one --base model --method {method} --out {out}")).success();
        assert_eq!(predictions(&folder, &out), predictions(&folder, "one"), "{method}");
    }
}

/// Draws are those of the seed.
#[test]
fn thinned_models_are_those_of_the_seed() {
    let folder = folder();
    for (out, seed) in [("a", 1), ("b", 1), ("c", 2)] {
        folder.run(&format!("merge one two --base model --method dare --seed {seed} --out {out}")).success();
    }
    assert_eq!(weights(&folder, "a"), weights(&folder, "b"));
    assert_ne!(weights(&folder, "a"), weights(&folder, "c"));
}

/// An encoder alone, without a head and with old names, is merged like any other.
#[test]
fn encoders_without_a_head() {
    let folder = Folder::new();
    let run = folder.run("merge model model --method average --out merged").success();
    let printed = String::from_utf8(run.get_output().stdout.clone()).unwrap();
    assert!(printed.ends_with("head and tokenizer are those of model\nmodel: merged\n"), "{printed}");
    folder.run("train --model merged --task task.toml --max-steps 2 --out out").success();
}

/// By rows of each model's task, of which the command says how many they were.
#[test]
fn models_become_one_by_rows_of_their_tasks() {
    let folder = folder();
    for method in ["fisher(rows=20)", "regmean"] {
        let out = method.split('(').next().unwrap();
        let data = "--data task.toml --data task.toml";
        let merged = folder.run_json(&format!("merge one two --method {method} {data} --out {out} --json"));
        let rows: Vec<&Value> = merged["models"].as_array().unwrap().iter().map(|m| &m["rows"]).collect();
        let most = if out == "fisher" { 20 } else { 160 };
        assert_eq!(rows, [most, most], "{merged}");
        let score = folder.run_json(&format!("evaluate --model {out} --task task.toml --json"));
        assert_eq!(score["rows"], 40);
        folder.run(&format!("merge one one --method {method} {data} --out self-{out}")).success();
        let [found, expected] = [&*format!("self-{out}"), "one"].map(|model| predictions(&folder, model));
        assert_eq!(found, expected, "{method}");
    }
    let other = folder.read("task.toml").replace("\"no\"", "\"never\"");
    folder.write("other.toml", other);
    let refused = |arguments: &str, code: i32, message: &str| {
        let run = folder.run(&format!("merge one two {arguments} --out out")).code(code).stdout("");
        let stderr = String::from_utf8(run.get_output().stderr.clone()).unwrap();
        assert!(stderr.contains(message), "{arguments}: {stderr}");
        assert!(!folder.path("out").exists(), "{arguments}");
    };
    refused(
        "--method fisher --data task.toml",
        2,
        "--data: fisher looks at training rows of each model's own task: give --data TASK once for each MODEL, in the order of the models; 2 \
         are needed (one, two), found 1",
    );
    refused("--method average --data task.toml", 2, "--data: average looks at no rows: leave it out");
    refused(
        "--method regmean --data task.toml --data other.toml",
        1,
        "error: the model in two/model predicts the labels no, yes, task toy has the labels never, yes",
    );
}

#[test]
fn what_cannot_be_merged_is_said() {
    let folder = folder();
    let refused = |arguments: &str, code: i32, message: &str| {
        let run = folder.run(arguments).code(code).stdout("");
        let stderr = String::from_utf8(run.get_output().stderr.clone()).unwrap();
        assert!(stderr.contains(message), "{arguments}: {stderr}");
        assert!(!folder.path("out").exists(), "{arguments}");
    };
    refused(
        "merge one two --method metagpt --out out",
        2,
        "error: metagpt looks at how models changed, and what they started from is not given: give that model as the base",
    );
    refused("merge one two one --method slerp --out out", 2, "error: slerp merges 2 models, found 3");
    refused(
        "merge one two --method ties+held-out --base model --out out",
        2,
        "+held-out is for arms of a study",
    );
    refused("merge one nowhere --method average --out out", 2, "model nowhere: there is no such directory");
    refused(
        "merge one two --method average --out one/model/here",
        2,
        "is inside the model's directory one/model",
    );

    folder.write_model(
        "wide",
        Value::Object({
            let mut wide = bert().as_object().unwrap().clone();
            wide.insert("intermediate_size".into(), json!(24));
            wide
        }),
    );
    refused(
        "merge one wide --method average --out out",
        1,
        "error: wide: `intermediate_size` is 24, and 32 in one/model: only models of one architecture can be merged",
    );
    folder.write_model("turned", bert());
    let vocabulary = folder.read("turned/vocab.txt").replace("w3\n", "w0\n").replacen("w0\n", "w3\n", 1);
    folder.write("turned/vocab.txt", vocabulary);
    refused(
        "merge one turned --method average --out out",
        1,
        "error: the tokenizers of one/model and turned differ (`w0` is token 5 in one and token 8 in the other): models whose ids stand \
         for different tokens cannot be merged",
    );
    folder.write("full/notes.txt", "mine");
    refused(
        "merge one two --method average --out full",
        1,
        "error: full holds `notes.txt`: give an --out that is empty or does not exist",
    );
    std::fs::write(folder.path("two/model/model.safetensors"), b"short").unwrap();
    refused("merge one two --method average --out out", 1, "two/model/model.safetensors");
    std::fs::remove_file(folder.path("two/model/model.safetensors")).unwrap();
    refused("merge one two --method average --out out", 1, "two/model holds no weights");
    refused("merge one two --base two --method metagpt --out out", 1, "holds no weights");
}
