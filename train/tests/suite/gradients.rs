//! The gradient of every parameter of every family against central differences in f64, heads and losses included.
//!
//! Dropout is on: its masks are functions of keys, so the loss is as smooth as without. Each batch holds rows of a
//! classification and of a regression, of 1 to 7 tokens, and where tasks share a head also of tasks that do.

use std::cmp::Reverse;

use mtlift_encoder::Family;
use mtlift_nn::check::random_store;
use mtlift_nn::{DropoutStep, Store, check};
use mtlift_train::{Network, Reads, RelatedTasks, SoftLabels};
use ndarray::array;

use crate::models::{Rows, Shape, TINY, all_rows, masks, pack, run};

/// With a head for each task, a classification and a regression.
#[track_caller]
fn check_gradient(shape: Shape) {
    let tasks = [shape.rows("classes", &[3, 7, 1], 3), shape.rows("values", &[2, 5], 1)];
    check_every_value(&Network::new(&shape.config(), &[3, 1]), &tasks);
}

#[track_caller]
fn check_every_value(network: &Network, tasks: &[Rows]) {
    // Batches this small are not worth handing to other threads, some thousand times.
    let alone = rayon::ThreadPoolBuilder::new().num_threads(1).build().unwrap();
    alone.install(|| check_on_this_thread(network, tasks));
}

#[track_caller]
fn check_on_this_thread(network: &Network, tasks: &[Rows]) {
    let params = random_store::<f64>(network.layout(), "params");
    let mut rows = all_rows(tasks);
    rows.sort_by_key(|row| Reverse(network.layers(row.task as usize)));
    let weight = 1.0 / rows.len() as f64;
    let pass = run(network, &params, tasks, &rows, weight);
    let (batch, mut moved, mut workspace) = (pack(tasks, &rows), params.clone(), network.workspace());
    check::gradient(params.values(), &pass.gradient, |values| {
        moved.values_mut().copy_from_slice(values);
        let dropout = DropoutStep::new(masks(), 0, batch.keys());
        network.forward(&moved, &batch, Some(dropout), &mut workspace);
        weight * network.losses(&batch, &vec![weight; tasks.len()], &mut workspace).sum::<f64>()
    });
    for entry in network.layout().entries() {
        let reached = pass.gradient[entry.range.clone()].iter().any(|g| g.abs() > 1e-6);
        // A shift of all scores of a query changes no softmax, so a key's bias has no gradient.
        let key_bias = entry.name.ends_with("key.bias") || entry.name.ends_with("k_lin.bias");
        assert_eq!(reached, !key_bias, "{} has a gradient", entry.name);
    }
}

#[test]
fn bert() {
    check_gradient(Shape { dropout: 0.3, ..TINY });
    check_gradient(Shape { activation: "silu", hidden: 9, heads: 3, layers: 1, ..TINY });
    check_gradient(Shape { activation: "gelu_new", hidden: 7, heads: 1, layers: 3, dropout: 0.1, ..TINY });
}

#[test]
fn roberta() {
    check_gradient(Shape { family: "roberta", dropout: 0.2, ..TINY });
    let shape = Shape { family: "roberta", activation: "tanh", hidden: 8, heads: 4, ..TINY };
    check_gradient(shape);
}

#[test]
fn distilbert() {
    check_gradient(Shape { family: "distilbert", dropout: 0.3, ..TINY });
    check_gradient(Shape {
        family: "distilbert",
        activation: "relu",
        hidden: 10,
        heads: 2,
        layers: 3,
        ..TINY
    });
}

#[test]
fn electra() {
    check_gradient(Shape { family: "electra", dropout: 0.3, ..TINY });
    check_gradient(Shape {
        family: "electra",
        activation: "gelu_new",
        embedding: 12,
        hidden: 9,
        heads: 3,
        ..TINY
    });
}

#[test]
fn electra_without_projection() {
    check_gradient(Shape { family: "electra", embedding: 6, activation: "relu", dropout: 0.2, ..TINY });
}

/// Hidden states that are kept small, beside a head's loss.
#[test]
fn small_hidden_states() {
    let shape = Shape { dropout: 0.2, layers: 1, ..TINY };
    let network = Network::new(&shape.config(), &[3]);
    let tasks = [shape.rows("classes", &[3, 7, 1], 3)];
    let batch = pack(&tasks, &all_rows(&tasks));
    let dropout = Some(DropoutStep::new(masks(), 0, batch.keys()));
    let mut workspace = network.workspace();
    let mut pass = |params: &Store<f64>| {
        let mut grads = network.layout().gradients();
        network.forward(params, &batch, dropout, &mut workspace);
        let loss = 0.5 * network.losses(&batch, &[0.5], &mut workspace).sum::<f64>();
        let small = network.backward_shrinking(params, &batch, dropout, 0.3, &mut workspace, &mut grads);
        (loss + small, grads.store().values().to_vec())
    };
    let params = random_store::<f64>(network.layout(), "params");
    let (_, gradient) = pass(&params);
    let mut moved = params.clone();
    check::gradient(params.values(), &gradient, |values| {
        moved.values_mut().copy_from_slice(values);
        pass(&moved).0
    });
}

/// Two classifications with one head, and two regressions with another, interleaved.
#[test]
fn shared_heads() {
    for family in Family::ALL.iter().filter_map(|family| family.model_types().next()) {
        let shape = Shape { family, dropout: 0.2, layers: 1, ..TINY };
        let tasks = [
            shape.rows("classes", &[3, 2], 3),
            shape.rows("values", &[5], 1),
            shape.rows("other classes", &[1, 4], 3),
            shape.rows("other values", &[2, 6], 1),
        ];
        check_every_value(&Network::sharing_heads(&shape.config(), &[3, 1, 3, 1]), &tasks);
    }
}

/// Heads after the first, the last and the second block.
#[test]
fn heads_after_different_layers() {
    for family in ["bert", "distilbert", "electra"] {
        let shape = Shape { family, dropout: 0.2, layers: 3, ..TINY };
        let tasks = [
            shape.rows("classes", &[3, 7], 3),
            shape.rows("values", &[5, 2], 1),
            shape.rows("others", &[1, 4], 2),
        ];
        let network = Network::new(&shape.config(), &[3, 1, 2]).reading_after(&[1, 3, 2]);
        check_every_value(&network, &tasks);
    }
}

/// A head that reads what two others predict, one of them a value: its loss reaches theirs.
#[test]
fn a_head_that_reads_predictions() {
    for family in ["bert", "roberta"] {
        let shape = Shape { family, dropout: 0.2, layers: 1, ..TINY };
        let tasks = [
            shape.rows("classes", &[3, 7], 3),
            shape.rows("values", &[5, 2], 1),
            shape.rows("others", &[1, 4], 2),
        ];
        let config = shape.config();
        let network = Network::new(&config, &[3, 1, 2]).reading_beside(Reads::Predictions, config.hidden);
        check_every_value(&network, &tasks);
    }
}

/// Heads that say something of each other's labels, beside a task that none speaks of.
#[test]
fn heads_that_are_matched() {
    let shape = Shape { dropout: 0.2, layers: 1, ..TINY };
    let tasks =
        [shape.rows("classes", &[3, 7], 3), shape.rows("values", &[5], 1), shape.rows("others", &[1, 4], 2)];
    let table = array![[0.9, 0.1], [0.0, 1.0], [0.5, 0.5]];
    let related = vec![RelatedTasks { tasks: (0, 2), table, prior: vec![0.5, 0.25, 0.25] }];
    for weight in [0.0, 0.7] {
        let network = Network::new(&shape.config(), &[3, 1, 2]).matching(weight, related.clone());
        check_every_value(&network, &tasks);
    }
}

/// Distributions over three labels, learned at two temperatures, beside a regression.
#[test]
fn distributions_over_labels() {
    let shape = Shape { dropout: 0.2, ..TINY };
    let teachers = [vec![1.0, 0.5, -1.0, 0.0, 2.0, 1.0, -0.5, 0.0, 0.3, 1.0, 1.0, 4.0]];
    for temperature in [1.0, 2.0] {
        let soft_labels = Some(SoftLabels::mean_of(3, &teachers, temperature));
        let soft = Rows { soft_labels, ..shape.rows("classes", &[3, 7, 1, 2], 3) };
        let tasks = [soft, shape.rows("values", &[2, 5], 1)];
        check_every_value(&Network::new(&shape.config(), &[3, 1]), &tasks);
    }
}

/// Classes that weigh what they do, beside a regression, which has none.
#[test]
fn weighed_classes() {
    let shape = Shape { dropout: 0.2, ..TINY };
    let classes = shape.rows("classes", &[3, 7, 1, 2], 3);
    let weighed = Rows { class_weights: Some(vec![0.2, 3.0, 1.0]), ..classes };
    let tasks = [weighed, shape.rows("values", &[2, 5], 1)];
    check_every_value(&Network::new(&shape.config(), &[3, 1]), &tasks);
}
