//! Heads that read of other heads: their gradients, and what a run over them leaves.

use std::fs;

use mtlift_encoder::{Config, Encoder, Input};
use mtlift_heads::{Form, Head, HeadCache, HeadInput, Side, Targets};
use mtlift_nn::check::{gradient, random_store};
use mtlift_nn::{Layout, Store};
use mtlift_schedule::{BatchKind, Mix};
use mtlift_train::{Mixing, Model, Network, Reads, RunFiles, TaskHead, TrainedModel};
use ndarray::{Array2, ArrayView2};

use crate::folder::{Folder, Run, Silent, assert_same};
use crate::models::{Rows, Shape, TINY, all_rows, pack};

const SHAPE: Shape = Shape { layers: 1, ..TINY };
const OUTPUTS: [usize; 3] = [3, 2, 4];
const WEIGHTS: [f64; 3] = [0.3, 0.5, 0.2];
const RADIUS: f64 = 0.3;

fn tasks() -> [Rows; 3] {
    [("a", [3, 7, 1], 3), ("b", [2, 5, 4], 2), ("c", [4, 1, 6], 4)]
        .map(|(name, lengths, outputs)| SHAPE.rows(name, &lengths, outputs))
}

fn network(radius: f64) -> Network {
    let config = SHAPE.config();
    Network::new(&config, &OUTPUTS).reading_beside(Reads::Features { radius }, config.hidden)
}

/// The losses of the tasks and the gradient of their weighted sum, as a step takes them.
fn losses_and_gradient(network: &Network, params: &Store<f64>) -> (Vec<f64>, Vec<f64>) {
    let tasks = tasks();
    let batch = pack(&tasks, &all_rows(&tasks));
    let (mut workspace, mut grads) = (network.workspace(), network.layout().gradients());
    network.forward(params, &batch, None, &mut workspace);
    let losses = network.losses(&batch, &WEIGHTS, &mut workspace).collect();
    network.climb(params, &batch, &WEIGHTS, &mut workspace);
    network.backward(params, &batch, None, &mut workspace, &mut grads);
    (losses, grads.store().values().to_vec())
}

/// The same network by its parts, where what is read can be held still.
struct Parts {
    layout: Layout,
    encoder: Encoder,
    heads: Vec<Head>,
    sides: Vec<Side>,
}

impl Parts {
    fn new() -> Self {
        let (config, mut layout) = (SHAPE.config(), Layout::default());
        let (encoder, hidden) = (Encoder::new(&mut layout, &config), config.hidden);
        let head = |(place, &labels): (usize, &usize)| {
            Head::placed(&mut layout, place, &format!("task.{place}."), Form::BERT, hidden, labels, 0.0)
        };
        let heads: Vec<Head> = OUTPUTS.iter().enumerate().map(head).collect();
        let side = |(place, &labels): (usize, &usize)| {
            Side::new(&mut layout, place, &format!("task.{place}.side"), 2 * hidden, labels)
        };
        let sides = OUTPUTS.iter().enumerate().map(side).collect();
        Self { layout, encoder, heads, sides }
    }

    /// Each head's logits, without what is read, and features on a task's rows.
    fn of_rows(&self, params: &Store<f64>, rows: &Rows) -> Vec<HeadCache<f64>> {
        let encoded = &rows.encoded;
        let (ids, segments, offsets) = (&encoded.ids, &encoded.segments, &encoded.offsets);
        let mut cache = self.encoder.cache();
        self.encoder.forward(params, &Input { ids, segments, offsets, dropout: None }, &mut cache);
        let hidden = self.encoder.hidden_states(&cache).view();
        let sequences: Vec<usize> = (0..rows.targets.len()).collect();
        let run = |head: &Head| {
            let mut cache = HeadCache::default();
            head.forward(
                params,
                HeadInput { hidden, offsets, sequences: &sequences, dropout: None },
                &mut cache,
            );
            cache
        };
        self.heads.iter().map(run).collect()
    }

    /// The features that a task reads: of the other heads, side by side.
    fn read(&self, params: &Store<f64>, task: usize, rows: &Rows) -> Array2<f64> {
        let caches = self.of_rows(params, rows);
        let others: Vec<ArrayView2<'_, f64>> =
            (0..3).filter(|&other| other != task).map(|other| caches[other].features()).collect();
        ndarray::concatenate(ndarray::Axis(1), &others).unwrap()
    }

    /// The loss of a task's rows where it reads `x`, and the gradient of `x`.
    fn loss(&self, params: &Store<f64>, task: usize, rows: &Rows, x: &Array2<f64>) -> (f64, Array2<f64>) {
        let mut caches = self.of_rows(params, rows);
        let classes: Vec<usize> = rows.targets.iter().filter_map(|target| target.class()).collect();
        self.sides[task].forward(params, x.view(), &mut caches[task]);
        let loss = mtlift_heads::loss(&mut caches[task], Targets::Classes(&classes), 1.0, 0.0);
        let mut dx = Array2::zeros(x.dim());
        self.sides[task].backward_input(params, &caches[task], dx.view_mut());
        (loss, dx)
    }
}

/// The gradient is that of the losses at the steepest point of a ball around each row's features, which are data.
#[test]
fn features_are_data_at_the_steepest_point() {
    let (parts, tasks, network) = (Parts::new(), tasks(), network(RADIUS));
    let names = |layout: &Layout| layout.entries().iter().map(|entry| entry.name.clone()).collect::<Vec<_>>();
    assert_eq!(names(network.layout()), names(&parts.layout));
    let params = random_store::<f64>(&parts.layout, "params");
    let mut read = Vec::new();
    for (task, rows) in tasks.iter().enumerate() {
        let mut x = parts.read(&params, task, rows);
        let (_, dx) = parts.loss(&params, task, rows, &x);
        for (mut x, dx) in x.rows_mut().into_iter().zip(dx.rows()) {
            let length = dx.iter().map(|d| d * d).sum::<f64>().sqrt();
            x.scaled_add(RADIUS / length, &dx);
        }
        read.push(x);
    }
    let (losses, found) = losses_and_gradient(&network, &params);
    let mut moved = params.clone();
    gradient(params.values(), &found, |values| {
        moved.values_mut().copy_from_slice(values);
        let loss = |task: usize| WEIGHTS[task] * parts.loss(&moved, task, &tasks[task], &read[task]).0;
        (0..3).map(loss).sum()
    });
    // What is reported are the losses before the climb.
    for (task, loss) in losses.iter().enumerate() {
        let x = parts.read(&params, task, &tasks[task]);
        assert!((loss - parts.loss(&params, task, &tasks[task], &x).0).abs() < 1e-12);
    }
    assert_eq!(losses, losses_and_gradient(&self::network(0.0), &params).0);
}

/// A projection of nothing is a plain network, to the bit.
#[test]
fn what_is_read_counts_nothing_at_first() {
    let (network, params) = (network(RADIUS), random_store::<f64>(network(RADIUS).layout(), "params"));
    let plain = Network::new(&SHAPE.config(), &OUTPUTS);
    let mut still = params.clone();
    for entry in network.layout().entries().iter().filter(|entry| entry.name.contains("side")) {
        still.values_mut()[entry.range.clone()].fill(0.0);
    }
    let (losses, gradient) = losses_and_gradient(&network, &still);
    let mut own = plain.layout().zeros();
    let shared = plain.layout().len();
    own.values_mut().copy_from_slice(&still.values()[..shared]);
    assert_eq!((losses, gradient[..shared].to_vec()), losses_and_gradient(&plain, &own));
}

fn mixing(architecture: &str) -> Mixing {
    let batches = if architecture.starts_with("cooperative") {
        BatchKind::Homogeneous
    } else {
        BatchKind::Heterogeneous
    };
    let mix = Mix { batches, ..Mix::default() };
    Mixing { mix, architecture: Some(architecture.parse().unwrap()), ..Mixing::default() }
}

/// On two threads the same files; a model that needs the other heads is whole, is used, says what it is, and is nothing to go on from.
#[test]
fn a_run_leaves_models_with_all_heads() {
    for (architecture, readers) in
        [("hierarchical", 1), ("cooperative(rho=0.5)", 3), ("shared-private(adversary=1)", 3)]
    {
        let folder = Folder::with_tasks();
        let tasks = ["pairs", "triples", "twins"].map(|name| folder.task(name));
        let run = Run::new(mixing(architecture));
        for threads in [1, 2] {
            let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
            pool.install(|| folder.train(&run, &tasks, &threads.to_string(), &mut Silent)).unwrap();
        }
        assert_same(&folder.path("2"), &folder.path("1"), "two threads");
        let directory = folder.path("1");
        let files = RunFiles::at(&directory);
        for (place, task) in tasks.iter().enumerate() {
            let model = files.model(3, &task.name);
            let reads = place < readers;
            assert_eq!(model.join("model.safetensors").exists(), !reads, "{architecture} {}", task.name);
            assert_eq!(model.join("mtlift.safetensors").exists(), reads);
            assert_eq!(model.join("README.md").exists(), reads);
            folder.assert_predicts(&files, 3, task);
        }
        let target = files.model(3, "pairs");
        let config = Config::read(&target).unwrap();
        let head = TaskHead::trained(&target, &config, &tasks[0], None).unwrap();
        let refused = Model::read(&target, config, &head, 0).unwrap_err().to_string();
        assert!(refused.contains("reads more than its encoder") && refused.contains("nothing is trained"));
        // A configuration of other heads than there are weights for.
        let file = target.join("config.json");
        let text = fs::read_to_string(&file).unwrap();
        for (from, to) in
            [("\"task\": 0", "\"task\": 7"), ("\"outputs\"", "\"otputs\""), ("    3,", "    4,")]
        {
            assert!(text.contains(from), "{text}");
            fs::write(&file, text.replace(from, to)).unwrap();
            let refused = TrainedModel::open(&target, &tasks[0], None, None).unwrap_err().to_string();
            assert!(refused.contains("config.json") || refused.contains("mtlift.safetensors"), "{refused}");
        }
    }
}

#[test]
fn cooperation_takes_turns() {
    let folder = Folder::with_tasks();
    let mut run = Run::new(mixing("cooperative"));
    run.mixing.mix.batches = BatchKind::Heterogeneous;
    let refused = folder.train(&run, &folder.tasks(), "out", &mut Silent).unwrap_err().to_string();
    assert_eq!(
        refused,
        "batch kind is heterogeneous, expected homogeneous: of this architecture steps are of one task each"
    );
}
