//! int8 is compared with float32 before it is believed: what is said of that, and what is refused.

use std::fs;

use mtlift_nn::Precision;
use serde_json::Value;

use crate::folder::{Folder, TASK, TRAIN};
use crate::study::stderr;

const EVALUATE: &str = "evaluate --task task.toml --precision int8 --json";

/// A folder with a trained model in `run`; none where the processor has no instructions for int8, which is then said.
fn trained() -> Option<Folder> {
    let folder = Folder::new();
    folder.run(&format!("{TRAIN} --out run")).success();
    if Precision::Int8.is_fast() {
        return Some(folder);
    }
    let refused = folder.run(&format!("{EVALUATE} --model run")).code(2).stdout("");
    let stderr = String::from_utf8(refused.get_output().stderr.clone()).unwrap();
    assert!(stderr.contains("no instructions for int8 (AVX512-VNNI: "), "{stderr}");
    None
}

/// A copy of the model in `run/model` that is about as good in float32 and of no use in int8: the first hidden unit is always 0, and
/// has weights beside which all others round to zero.
fn write_unfit(folder: &Folder) {
    for name in ["config.json", "vocab.txt"] {
        folder.write(&format!("unfit/{name}"), fs::read(folder.path(&format!("run/model/{name}"))).unwrap());
    }
    let mut bytes = fs::read(folder.path("run/model/model.safetensors")).unwrap();
    let length = u64::from_le_bytes(bytes[..8].try_into().unwrap()) as usize;
    let header: Value = serde_json::from_slice(&bytes[8..8 + length]).unwrap();
    for (name, tensor) in header.as_object().unwrap() {
        let value: f32 = match name.rsplit_once("LayerNorm.") {
            Some(_) => 0.0,
            None if ["query.weight", "value.weight", "intermediate.dense.weight"]
                .iter()
                .any(|end| name.ends_with(end)) =>
            {
                1e6
            }
            None => continue,
        };
        let sizes: Vec<u64> = serde_json::from_value(tensor["shape"].clone()).unwrap();
        let from = 8 + length + tensor["data_offsets"][0].as_u64().unwrap() as usize;
        let (rows, columns) = if sizes.len() == 2 { (sizes[0], sizes[1]) } else { (1, sizes[0]) };
        for row in 0..rows {
            bytes[from + 4 * (row * columns) as usize..][..4].copy_from_slice(&value.to_le_bytes());
        }
    }
    folder.write("unfit/model.safetensors", bytes);
}

#[test]
fn int8_is_scored_beside_float32() {
    let Some(folder) = trained() else { return };
    let evaluation = folder.run_json(&format!("{EVALUATE} --model run"));
    let gate = &evaluation["gate"];
    assert_eq!(
        (&gate["split"], &gate["rows"], &gate["against"]),
        (&"dev".into(), &40.into(), &"labels".into())
    );
    assert_eq!(gate["float32"], folder.json("run/result.json")["metrics"]["headline"]);
    assert_eq!(gate["int8"], evaluation["metrics"]["headline"]);
    let number = |key: &str| gate[key].as_f64().unwrap();
    assert!(
        (number("float32") - number("int8") - number("drop")).abs() < 1e-12 && number("most_drop") == 0.01
    );

    let predict = "predict --model run --task task.toml --precision int8 --out predicted.tsv --json --force";
    assert_eq!(folder.run_json(predict)["gates"][0], *gate, "of all dev rows, because they are few");
    folder.write("task.toml", TASK.replace("dev = \"dev.tsv\"\n", ""));
    let alone = &folder.run_json(&format!("{predict} --most-drop 0.5"))["gates"][0];
    assert_eq!((&alone["split"], &alone["rows"]), (&"test".into(), &10.into()));
    assert_eq!((&alone["against"], &alone["float32"]), (&"float32".into(), &1.0.into()));
}

#[test]
fn int8_that_scores_too_low_is_refused() {
    let Some(folder) = trained() else { return };
    write_unfit(&folder);
    let run = folder.run(&format!("{EVALUATE} --model unfit")).code(1);
    let printed: Value = serde_json::from_slice(&run.get_output().stdout).unwrap();
    let drop = printed["gate"]["drop"].as_f64().unwrap();
    assert!(drop > 0.1, "{printed}");
    let message = String::from_utf8(run.get_output().stderr.clone()).unwrap();
    let refusal = format!(
        "a drop of {drop:.4}, and --most-drop allows 0.01: use --precision bf16 or float32, or allow more"
    );
    assert!(message.contains(&refusal), "{message}");
    folder.run(&format!("{EVALUATE} --model unfit --most-drop 0.99")).success();

    let predict = "predict --model unfit --task task.toml --precision int8 --out predicted.tsv";
    let run = folder.run(predict).code(1).stdout("");
    let message = String::from_utf8(run.get_output().stderr.clone()).unwrap();
    assert!(message.contains(&refusal), "{message}");
    assert!(!folder.path("predicted.tsv").exists());
    let printed = folder.run_json(&format!("{predict} --most-drop 1 --json"));
    assert_eq!((printed.get("gates"), folder.read("predicted.tsv").lines().count()), (None, 11));
}

#[test]
fn int8_is_for_trained_models() {
    let folder = Folder::new();
    let train = "train --model model --task task.toml --precision int8 --out run";
    folder.run(train).code(2).stdout("").stderr(
        "error: precision is int8, expected float32 or bf16: int8 is for a trained model, in evaluate and predict\n",
    );
    assert!(!folder.path("run").exists());
    let most = stderr(&folder, "evaluate --model model --task task.toml --most-drop 0.1");
    assert!(most.contains("--most-drop is for --precision int8"), "{most}");
}
