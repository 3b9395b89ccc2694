//! A file with several label columns over the same texts: its heads looked at, trained together and alone, compared, and predicted.

use crate::folder::{Folder, rows};
use crate::study::{label, runs};

const SHOP: &str = r#"name = "shop"
text = "text"
files = { train = "shop-train.tsv", dev = "shop-dev.tsv", test = "test.tsv" }
[[heads]]
name = "verdict"
column = "verdict"
labels = ["no", "yes"]
[[heads]]
name = "stars"
column = "stars"
range = [1, 5]
[[heads]]
name = "length"
column = "length"
labels = ["short", "long"]
"#;

const TRAIN: &str = "train --model model --epochs 4 --batch 8 --lr 1e-2 --evaluate-every 0.25 --out out";

/// Texts whose verdict, stars and length are known of two in three each.
fn shop() -> Folder {
    let folder = Folder::new();
    folder.write("shop.toml", SHOP);
    for (split, count) in [("train", 160), ("dev", 60)] {
        let line = |(place, row): (usize, &str)| {
            let (text, verdict) = row.split_once('\t').unwrap();
            let stars = if verdict == "yes" { "4.5" } else { "2" };
            let length = if text.split(' ').count() > 7 { "long" } else { "short" };
            let cell = |head: usize, label: &str| {
                let label = if (place + head).is_multiple_of(3) { "-" } else { label };
                label.to_owned()
            };
            format!("{text}\t{}\t{}\t{}\n", cell(0, verdict), cell(1, stars), cell(2, length))
        };
        let all = rows(count, split, true);
        let rows: String = all.lines().skip(1).enumerate().map(line).collect();
        folder.write(&format!("shop-{split}.tsv"), format!("text\tverdict\tstars\tlength\n{rows}"));
    }
    folder
}

#[test]
fn the_data_of_all_heads_is_looked_at() {
    let folder = shop();
    let report = folder.run_json("data check shop.toml --json");
    let heads = report["heads"].as_array().unwrap();
    let names: Vec<&str> = heads.iter().map(|head| head["task"].as_str().unwrap()).collect();
    assert_eq!(names, ["shop:verdict", "shop:stars", "shop:length"]);
    let train = &heads[0]["splits"][0];
    assert_eq!((train["rows"].as_u64(), train["labelled_rows"].as_u64()), (Some(160), Some(106)));
    let one = folder.run_json("data check shop.toml:stars --json");
    assert_eq!(one, heads[1]);
    folder
        .run("data show shop.toml")
        .code(2)
        .stderr("error: shop.toml: it has several heads, each a task: name one, as shop.toml:HEAD; the heads are `verdict`, `stars`, `length`\n");
}

/// Every text once for all of its labels; each head has its model, and all of them their column.
#[test]
fn heads_are_trained_and_predicted_together() {
    let folder = shop();
    let run = folder.run(&format!("{TRAIN} --task shop.toml")).success();
    let stderr = String::from_utf8_lossy(&run.get_output().stderr).into_owned();
    assert!(
        stderr.contains(
            "shop:verdict, shop:stars, shop:length label the same texts, each of which is encoded once"
        ),
        "{stderr}"
    );
    let stdout = String::from_utf8_lossy(&run.get_output().stdout).into_owned();
    for line in ["shop:verdict dev: accuracy ", "shop:stars dev: pearson ", "model: out/model-shop:length"] {
        assert!(stdout.contains(line), "{line}: {stdout}");
    }
    assert_eq!(folder.json("out/run.json")["tasks_of_the_same_texts"], serde_json::json!([[0, 1, 2]]));
    assert_eq!(folder.json("out/result.json")["steps"], 4 * 144_u64.div_ceil(8));

    folder.run("predict --model out --task shop.toml --split dev --out all.csv").success();
    let all = folder.read("all.csv");
    assert_eq!(all.lines().next(), Some("index,verdict,stars,length"));
    assert_eq!(all.lines().count(), 61, "rows without a label too");
    for (place, head) in ["verdict", "stars", "length"].iter().enumerate() {
        folder
            .run(&format!("predict --model out --task shop.toml:{head} --split dev --out one.csv --force"))
            .success();
        let column = |table: &str, place: usize| -> Vec<String> {
            table.lines().skip(1).map(|line| line.split(',').nth(place).unwrap().to_owned()).collect()
        };
        assert_eq!(column(&folder.read("one.csv"), 1), column(&all, place + 1), "{head}");
    }
    let score = |head: &str| folder.run_json(&format!("evaluate --model out --task shop.toml:{head} --json"));
    let result = folder.json("out/result.json");
    let verdict = score("verdict");
    assert_eq!((&verdict["metrics"], verdict["rows"].as_u64()), (&result["metrics"], Some(40)));
    assert_eq!(score("length")["metrics"], result["supports"][1]["metrics"]);

    folder
        .run("predict --model out --task shop.toml --out - --probabilities")
        .code(2)
        .stderr("error: --probabilities is for one head: name it, as --task FILE.toml:HEAD\n");
    folder.run("predict --model out/model-shop:stars --task shop.toml --out -").code(2).stderr(
        "error: shop.toml has several heads, and out/model-shop:stars is one model: name one, as shop.toml:HEAD\n",
    );
}

/// Whether the other columns help a column: its heads are the tasks of a study, and `mtl` runs each text once.
#[test]
fn a_study_compares_a_head_alone_and_with_the_others() {
    let folder = shop();
    let compare = "compare --model model --target shop.toml:verdict --support shop.toml:stars,shop.toml:length \
                   --arms single,stilts,mtl,mtl-all --seeds 2 --epochs 2 --batch 16 --lr 1e-2 --jobs 1 --out study";
    folder.run(compare).success();
    let steps = |name: &str| {
        let id = runs(&folder, "study").into_iter().find(|id| label(&folder, "study", id) == name).unwrap();
        let result = folder.json(&format!("study/runs/{id}/result.json"));
        (result["steps"].as_u64().unwrap(), result["tokens"].as_u64().unwrap())
    };
    let (alone, with, all) = (
        steps("shop:verdict: single, seed 1"),
        steps("shop:verdict: mtl with shop:stars, seed 1"),
        steps("shop:verdict: mtl-all, seed 1"),
    );
    // Of 144 texts two in three have a verdict; with stars, and with all, each has a label.
    assert_eq!([with.0, all.0], [2 * 144_u64.div_ceil(16); 2]);
    assert_eq!(with.1, all.1, "a text more labels is no longer");
    assert!(alone.0 < with.0 && alone.1 < with.1);
    folder.run(&format!("{compare} --resume")).success();
    folder.run("predict --model study --task shop.toml --split test --out predicted.tsv").success();
    assert_eq!(folder.read("predicted.tsv").lines().count(), 11);
}

#[test]
fn architectures_that_need_tasks_apart_are_refused() {
    let folder = shop();
    folder
        .run("compare --model model --target shop.toml:verdict --support shop.toml:stars --arms single,mtl:cooperative --seeds 2 --out study")
        .code(2)
        .stderr(
            "error: shop:verdict, shop:stars are heads of one file, whose labels come together, and an architecture of this study \
             makes steps of one task each: leave it out, or give the tasks files of their own\n",
        );
}
