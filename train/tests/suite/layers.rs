//! Heads that read after different layers: what reaches which block, and what a run over them leaves.

use std::cmp::Reverse;
use std::fs;

use mtlift_nn::{AdamWConfig, Entry, Role, Store};
use mtlift_schedule::{Combine, Row};
use mtlift_train::{Mixing, Network, RunFiles, Trainer};

use crate::folder::{Folder, Run, Silent, assert_same};
use crate::models::{Rows, Shape, TINY, all_rows, bits, masks, run};

/// Without dropout, whose masks go by the task's place.
const DEEP: Shape = Shape { layers: 3, ..TINY };
/// After the first block, the last and the second.
const LAYERS: [usize; 3] = [1, 3, 2];

fn network(layers: &[usize]) -> Network {
    Network::new(&DEEP.config(), &[3, 1, 2][..layers.len()]).reading_after(layers)
}

fn tasks() -> [Rows; 3] {
    let rows = |name, lengths: &[usize], outputs| DEEP.rows(name, lengths, outputs);
    [rows("classes", &[3, 7, 1, 4], 3), rows("values", &[2, 5, 6], 1), rows("others", &[5, 1, 3], 2)]
}

/// The rows as a batch has them.
fn ordered(network: &Network, tasks: &[Rows]) -> Vec<Row> {
    let mut rows = all_rows(tasks);
    rows.sort_by_key(|row| Reverse(network.layers(row.task as usize)));
    rows
}

/// The block of a parameter, from 1; 0 for the embeddings.
fn block(entry: &Entry) -> usize {
    let number = entry.name.split("layer.").nth(1).and_then(|rest| rest.split('.').next());
    number.map_or(0, |number| 1 + number.parse::<usize>().unwrap())
}

/// To the bit: other tasks' rows that leave earlier or stay longer change nothing.
#[test]
fn a_task_has_the_logits_of_the_layers_below_its_head() {
    let (network, tasks) = (network(&LAYERS), tasks());
    let params: Store<f32> = mtlift_nn::check::random_store(network.layout(), "params");
    let all = run(&network, &params, &tasks, &ordered(&network, &tasks), 1.0);
    for (task, (&layers, outputs)) in LAYERS.iter().zip([3, 1, 2]).enumerate() {
        let alone = Network::new(&DEEP.config().cut_to(layers), &[outputs]);
        let mut values = alone.layout().zeros();
        for entry in alone.layout().entries() {
            let name = if entry.role == Role::Encoder {
                entry.name.clone()
            } else {
                format!("task.{task}.{}", entry.name)
            };
            let from = network.layout().find(&name).unwrap().range.clone();
            values.values_mut()[entry.range.clone()].copy_from_slice(&params.values()[from]);
        }
        let own = &tasks[task..=task];
        for (row, logits) in run(&alone, &values, own, &all_rows(own), 1.0).logits {
            let in_all = &all.logits[&Row { task: task as u32, ..row }];
            assert_eq!(bits(&logits), bits(in_all), "task {task}, {row:?}");
        }
    }
}

/// A block that no row enters is not run: were it, these parameters would be seen.
#[test]
fn blocks_above_all_rows_are_not_run() {
    let (network, tasks) = (network(&LAYERS), tasks());
    let mut params: Store<f32> = mtlift_nn::check::random_store(network.layout(), "params");
    for entry in network.layout().entries().iter().filter(|entry| block(entry) > 2) {
        params.values_mut()[entry.range.clone()].fill(f32::NAN);
    }
    let mut rows = ordered(&network, &tasks);
    rows.retain(|row| row.task != 1);
    let pass = run(&network, &params, &tasks, &rows, 1.0);
    assert!(pass.loss.is_finite() && pass.gradient.iter().all(|g| g.is_finite()));
    for entry in network.layout().entries() {
        let of_other = block(entry) > 2 || entry.role.head() == Some(1);
        let reached = pass.gradient[entry.range.clone()].iter().any(|&g| g != 0.0);
        assert!(!(of_other && reached), "{} has a gradient", entry.name);
    }
}

/// A batch in another order would run the wrong rows.
#[test]
#[should_panic = "rows that go through more blocks stand before those that go through fewer"]
fn a_batch_in_another_order_is_refused() {
    let (network, tasks) = (network(&LAYERS), tasks());
    let params: Store<f32> = mtlift_nn::check::random_store(network.layout(), "params");
    run(&network, &params, &tasks, &all_rows(&tasks), 1.0);
}

/// A rule weighs what several tasks reach; above it the gradient is its task's own, as a head's.
#[test]
fn a_rule_weighs_the_blocks_that_several_tasks_reach() {
    let (network, tasks) = (network(&LAYERS), tasks());
    let params: Store<f32> = mtlift_nn::check::random_store(network.layout(), "params");
    let step = |rows: &[Row], rule: Option<&str>| {
        let adam = AdamWConfig { beta1: 0.0, ..AdamWConfig::default() };
        let mut trainer = Trainer::new(network.clone(), params.clone(), adam, Some(masks()), f64::MAX, 2);
        if let Some(rule) = rule {
            trainer = trainer.combining(rule.parse::<Combine>().unwrap().combination().unwrap(), masks());
        }
        trainer.step(&tasks.each_ref().map(Rows::training), rows, &[0.25, 0.3, 0.3], 1e-3);
        (trainer.optimizer().state().1.values().to_vec(), trainer)
    };
    let rows = all_rows(&tasks);
    let own = [0, 1, 2].map(|task| {
        let rows: Vec<Row> = rows.iter().copied().filter(|row| row.task == task).collect();
        step(&rows, None).0
    });
    let (found, trainer) = step(&rows, Some("mgda"));
    let weights = [0, 1, 2].map(|task| trainer.coefficient(task).unwrap() as f32);
    assert!(weights.iter().any(|weight| (weight - 1.0).abs() > 0.1), "{weights:?}");
    let most = found.iter().fold(0.0_f32, |most, g| most.max(g.abs()));
    for entry in network.layout().entries() {
        // Two tasks of three reach the second block, one the third.
        let is_shared = entry.role == Role::Encoder && block(entry) <= 2;
        for at in entry.range.clone() {
            let parts = own
                .iter()
                .zip(weights)
                .map(|(own, weight)| if is_shared { weight * own[at] } else { own[at] });
            let want: f32 = parts.sum();
            assert!((found[at] - want).abs() < 1e-5 * most, "{}: {} {want}", entry.name, found[at]);
        }
    }
}

/// Each task's model has the layers below its head and no others, and makes the predictions that were written; a run that is
/// interrupted, or made on two threads, leaves the same files.
#[test]
fn a_run_leaves_models_of_their_own_depth() {
    let folder = Folder::with_tasks();
    folder.write_deep_encoder("deep", 3);
    let tasks = ["pairs", "triples", "twins"].map(|name| folder.task(name));
    let mixing = Mixing {
        architecture: Some("layers(pairs=2,triples=1,twins=1)".parse().unwrap()),
        combine: "pcgrad".parse().unwrap(),
        ..Mixing::default()
    };
    let run = Run { model: "deep", ..Run::new(mixing) };
    for threads in [1, 2] {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
        pool.install(|| folder.train(&run, &tasks, &threads.to_string(), &mut Silent)).unwrap();
    }
    assert_same(&folder.path("2"), &folder.path("1"), "two threads");
    let directory = folder.path("1");
    let files = RunFiles::at(&directory);
    for (task, layers) in tasks.iter().zip([2, 1, 1]) {
        let model = files.model(3, &task.name);
        let config = fs::read_to_string(model.join("config.json")).unwrap();
        assert!(config.contains(&format!("\"num_hidden_layers\": {layers}")), "{config}");
        folder.assert_predicts(&files, 3, task);
    }
}

#[test]
fn a_layer_that_there_is_not_is_refused() {
    let folder = Folder::with_tasks();
    let refused = |architecture: &str| {
        let mixing = Mixing { architecture: Some(architecture.parse().unwrap()), ..Mixing::default() };
        folder.train(&Run::new(mixing), &folder.tasks(), "out", &mut Silent).unwrap_err().to_string()
    };
    assert_eq!(
        refused("layers(pairs=2)"),
        "layers puts pairs at layer 2, expected 1 to 1: so many the model has"
    );
    assert_eq!(
        refused("layers(pair=1)"),
        "layers names the task `pair`, which is none here; did you mean pairs? There are pairs, triples"
    );
}
