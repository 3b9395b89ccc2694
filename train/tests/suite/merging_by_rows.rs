//! What rules of merging look at, against PyTorch (`tests/golden/statistics.py`), and merges by it of models on the disk.

use std::path::{Path, PathBuf};

use mtlift_encoder::{Checkpoint, Config, Want};
use mtlift_files::TensorFile;
use mtlift_glue_data::Task;
use mtlift_nn::Store;
use mtlift_schedule::HeadStart;
use mtlift_tokenizer::Encoded;
use mtlift_train::{
    Error, JobTask, MergeJob, MergeOutcome, MergedJob, Mixing, Network, Protocol, RunFiles, TrainedOn,
    fisher, input_grams, merge, train_merged,
};

use crate::folder::{Folder, Run, Silent, assert_same};

/// The greatest difference, as a share of the greatest value of a tensor.
const TOLERANCE: f32 = 2e-4;

/// A model of the goldens with the rows of its batch.
struct Golden {
    network: Network,
    params: Store<f32>,
    encoded: Encoded,
    statistics: TensorFile,
}

fn goldens() -> Vec<(String, Golden)> {
    let all = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden");
    let entries = std::fs::read_dir(all).unwrap().map(|entry| entry.unwrap().path());
    let mut directories: Vec<PathBuf> = entries.filter(|path| path.is_dir()).collect();
    directories.sort();
    let read = |directory: PathBuf| {
        let config = Config::read(&directory).unwrap();
        let labels = config.head.as_ref().unwrap().names.len();
        let network = Network::new(&config, &[labels]);
        let checkpoint = Checkpoint::open(&directory).unwrap();
        let (params, _) =
            checkpoint.read(config.family.prefix(), network.layout(), |_| Want::Required).unwrap();
        let golden = TensorFile::open(&directory.join("golden.safetensors")).unwrap();
        let [(_, ids), (_, real), (shape, segments)] =
            ["input_ids", "attention_mask", "token_type_ids"].map(|name| golden.i64(name).unwrap());
        let mut encoded = Encoded::default();
        for at in (0..ids.len()).filter(|&at| real[at] == 1) {
            encoded.ids.push(ids[at] as u32);
            encoded.segments.push(segments[at] as u32);
            let ends = (at + 1) % shape[1] == 0 || real[at + 1] == 0;
            encoded.offsets.extend(ends.then_some(encoded.ids.len()));
        }
        let statistics = TensorFile::open(&directory.join("statistics.safetensors")).unwrap();
        let name = directory.file_name().unwrap().to_str().unwrap().to_owned();
        (name, Golden { network, params, encoded, statistics })
    };
    directories.into_iter().map(read).collect()
}

#[track_caller]
fn assert_near(found: &[f32], want: &[f32], what: &str) {
    assert_eq!(found.len(), want.len(), "{what}");
    let greatest = want.iter().fold(0.0_f32, |most, x| most.max(x.abs()));
    for (found, want) in found.iter().zip(want) {
        assert!((found - want).abs() <= TOLERANCE * greatest + 1e-12, "{what}: {found}, not {want}");
    }
}

#[test]
fn fisher_information_is_that_of_pytorch() {
    let goldens = goldens();
    assert_eq!(goldens.len(), 6);
    for (model, Golden { network, params, encoded, statistics }) in goldens {
        let found = fisher(&network, &params, 0, &encoded);
        let mut compared = 0;
        for entry in network.layout().entries().iter().filter(|entry| entry.role.head().is_none()) {
            let (_, want) = statistics.f32(&format!("fisher.{}", entry.name)).unwrap();
            let what = format!("{model}: {}", entry.name);
            // The gradient of a key's bias is rounding.
            if mtlift_encoder::Encoder::is_key_bias(&entry.name) {
                assert!(found[entry.range.clone()].iter().chain(&want).all(|x| *x < 1e-9), "{what}");
            } else {
                assert!(want.iter().any(|&x| x > 0.0), "{what} is looked at");
                assert_near(&found[entry.range.clone()], &want, &what);
            }
            compared += 1;
        }
        let there = statistics.names().filter(|name| name.starts_with("fisher.")).count();
        assert_eq!(compared, there, "{model}");
    }
}

#[test]
fn gram_matrices_are_those_of_pytorch() {
    for (model, Golden { network, params, encoded, statistics }) in goldens() {
        let mut compared = 0;
        for gram in input_grams(&network, &params, 0, &encoded) {
            // Queries, keys and values are one layer here.
            let within = |range: &std::ops::Range<usize>| {
                gram.weights.contains(&range.start) && range.end <= gram.weights.end
            };
            let weights = network.layout().entries().iter().filter(|entry| within(&entry.range));
            for name in weights.map(|entry| entry.name.strip_suffix(".weight").unwrap()) {
                let (shape, want) = statistics.f32(&format!("gram.{name}")).unwrap();
                assert_eq!(shape, [gram.inputs, gram.inputs], "{model}: {name}");
                assert_near(&gram.values, &want, &format!("{model}: {name}"));
                compared += 1;
            }
        }
        let there = statistics.names().filter(|name| name.starts_with("gram.")).count();
        assert_eq!(compared, there, "{model}");
    }
}

/// With a finished run on `pairs` in `target` and one on `triples` in `support`.
fn folder(run: &Run) -> (Folder, [Task; 2]) {
    let folder = Folder::with_tasks();
    let tasks = folder.tasks();
    for (task, out) in tasks.iter().zip(["target", "support"]) {
        folder.train(run, std::slice::from_ref(task), out, &mut Silent).unwrap();
    }
    (folder, tasks)
}

fn merge_on_disk(
    folder: &Folder,
    tasks: &[Task],
    models: [&str; 2],
    method: &str,
    out: &str,
) -> Result<MergeOutcome, Error> {
    let models = models.map(|model| folder.path(&format!("{model}/model")));
    let (merge_by, out) = (method.parse().unwrap(), folder.path(out));
    let seed = 42;
    merge(MergeJob { models: &models, base: None, merge: merge_by, tasks, seed, out: &out }, &mut |_| {})
}

fn encoder(folder: &Folder, model: &str) -> Vec<(String, Vec<f32>)> {
    let file = TensorFile::open(&folder.path(&format!("{model}/model.safetensors"))).unwrap();
    let names = file.names().filter(|name| name.starts_with("bert."));
    names
        .filter(|name| !name.contains("pooler"))
        .map(|name| (name.to_owned(), file.f32(name).unwrap().1))
        .collect()
}

#[test]
fn a_model_merged_with_itself_is_itself() {
    let (folder, [pairs, _]) = folder(&Run::new(Mixing::default()));
    for method in ["fisher(rows=5)", "regmean(rows=5)"] {
        let tasks = [pairs.clone(), pairs.clone()];
        let out = method.split('(').next().unwrap();
        let outcome = merge_on_disk(&folder, &tasks, ["target", "target"], method, out).unwrap();
        assert_eq!(outcome.models.iter().map(|model| model.rows).collect::<Vec<_>>(), [Some(5); 2]);
        assert!(encoder(&folder, out) == encoder(&folder, "target/model"), "{method}");
    }
}

/// Which rows are looked at is of no consequence where all are; a model that is none of its task is refused.
#[test]
fn each_model_has_its_own_task() {
    let (folder, [pairs, triples]) = folder(&Run::new(Mixing::default()));
    let models = ["target", "support"];
    let swapped = [triples.clone(), pairs.clone()];
    let error = merge_on_disk(&folder, &swapped, models, "fisher", "refused").unwrap_err();
    assert!(matches!(error, Error::OtherLabels { .. }), "{error}");
    let error =
        merge_on_disk(&folder, std::slice::from_ref(&pairs), models, "fisher", "refused").unwrap_err();
    assert!(error.to_string().contains("give a task for each model"), "{error}");
    assert!(!folder.path("refused").exists());
    let tasks = [pairs, triples];
    let few = merge_on_disk(&folder, &tasks, models, "fisher(rows=3)", "few").unwrap();
    let all = merge_on_disk(&folder, &tasks, models, "fisher(rows=1000)", "all").unwrap();
    let rows =
        |outcome: &MergeOutcome| outcome.models.iter().map(|model| model.rows.unwrap()).collect::<Vec<_>>();
    assert_eq!((rows(&few), rows(&all)), (vec![3, 3], vec![48, 80]));
    assert_ne!(few.parameters, all.parameters);
}

/// A run of a study merges as the command does, of the rows that its runs trained on; a coefficient is one of those that are tried.
#[test]
fn a_run_merges_as_the_command_does() {
    let mut run = Run::new(Mixing::default());
    run.settings.protocol = Protocol::Paper;
    let (folder, tasks) = folder(&run);
    (run.model, run.start) = ("target/model", HeadStart::Kept);
    let (support, base) = (folder.path("support/model"), folder.path("model"));
    let merged = |run: &Run, method: &str, out: &str| {
        run.job(&folder, &tasks[..1], out, |job| {
            let part = JobTask { task: &tasks[1], max_train: None, score_rows: None, taught: None };
            let others = [TrainedOn { model: &support, part }];
            let merge = method.parse().unwrap();
            train_merged(MergedJob { job, others: &others, base: Some(&base), merge }, &mut Silent).unwrap()
        })
    };
    for method in ["fisher(rows=20)", "regmean(rows=20)"] {
        let out = method.split('(').next().unwrap();
        let found = merged(&run, method, out).result;
        let by_hand = format!("{out} by hand");
        merge_on_disk(&folder, &tasks, ["target", "support"], method, &by_hand).unwrap();
        // The settings' seed is that of the command.
        let merged_by_hand = encoder(&folder, &by_hand);
        assert!(encoder(&folder, &format!("{out}/model")) == merged_by_hand, "{method}");
        assert!(merged_by_hand != encoder(&folder, "target/model"), "{method}");
        assert_eq!(found.merged.unwrap().rows, [20, 20]);
        folder.assert_predicts(&RunFiles::at(&folder.path(out)), 1, &tasks[0]);
        merged(&run, method, &format!("{out} again"));
        assert_same(&folder.path(out), &folder.path(&format!("{out} again")), method);
    }
    run.settings.protocol = Protocol::HeldOut;
    let chosen = merged(&run, "fisher(rows=20)+held-out", "chosen").result.merged.unwrap().method;
    assert!(
        "fisher(rows=20)+held-out".parse::<mtlift_schedule::Merge>().unwrap().choices().contains(&chosen)
    );
}
