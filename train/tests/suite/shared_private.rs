//! Private features beside shared ones: what adversary and penalty are and their gradients, what they are without weight, and what a run logs.

use mtlift_nn::check::{gradient, random_store};
use mtlift_nn::{Role, Store};
use mtlift_train::{Mixing, Network, Reads, RunFiles, Separation, StepRecord};

use crate::folder::{Folder, Run, Silent};
use crate::models::{Rows, Shape, TINY, all_rows, pack};

const SHAPE: Shape = Shape { layers: 1, ..TINY };
const OUTPUTS: [usize; 3] = [3, 1, 4];
const WEIGHTS: [f64; 3] = [0.3, 0.5, 0.2];
const ADVERSARY: f64 = 0.7;
const ORTHOGONALITY: f64 = 3.0;

fn tasks() -> [Rows; 3] {
    [("a", &[3, 7, 1][..], 3), ("b", &[2, 5][..], 1), ("c", &[4, 1, 6, 2][..], 4)]
        .map(|(name, lengths, outputs)| SHAPE.rows(name, lengths, outputs))
}

fn network(adversary: f64, orthogonality: f64) -> Network {
    let config = SHAPE.config();
    let reads = Reads::Private { adversary, orthogonality };
    Network::new(&config, &OUTPUTS).reading_beside(reads, config.hidden)
}

/// The losses of the tasks, what is told apart of each, and the gradient of a step.
fn pass(network: &Network, params: &Store<f64>) -> (Vec<f64>, [Option<Separation>; 3], Vec<f64>) {
    let tasks = tasks();
    let batch = pack(&tasks, &all_rows(&tasks));
    let (mut workspace, mut grads) = (network.workspace(), network.layout().gradients());
    network.forward(params, &batch, None, &mut workspace);
    let losses = network.losses(&batch, &WEIGHTS, &mut workspace).collect();
    network.backward(params, &batch, None, &mut workspace, &mut grads);
    (losses, [0, 1, 2].map(|task| workspace.separation(task)), grads.store().values().to_vec())
}

/// Beside the formulas written out, value by value.
#[test]
fn penalty_and_adversary_by_hand() {
    let network = network(ADVERSARY, ORTHOGONALITY);
    let params = random_store::<f64>(network.layout(), "params");
    let tasks = tasks();
    let (batch, mut workspace) = (pack(&tasks, &all_rows(&tasks)), network.workspace());
    network.forward(&params, &batch, None, &mut workspace);
    network.losses(&batch, &WEIGHTS, &mut workspace).for_each(drop);
    let dot = |a: &[f64], b: &[f64]| a.iter().zip(b).map(|(a, b)| a * b).sum::<f64>();
    let linear = |name: &str, x: &[f64]| -> Vec<f64> {
        let [weight, bias] = ["weight", "bias"].map(|part| {
            let entry = network.layout().find(&format!("{name}.{part}")).unwrap();
            &params.values()[entry.range.clone()]
        });
        weight.chunks_exact(x.len()).zip(bias).map(|(row, bias)| dot(row, x) + bias).collect()
    };
    let unit = |x: &Vec<f64>| x.iter().map(|value| value / dot(x, x).sqrt()).collect::<Vec<f64>>();
    let mut firsts =
        batch.tokens().offsets.iter().map(|&first| network.hidden_states(&workspace).row(first).to_vec());
    for (task, rows) in tasks.iter().enumerate() {
        let count = rows.targets.len();
        let shared: Vec<Vec<f64>> = firsts.by_ref().take(count).collect();
        let private = |shared: &Vec<f64>| -> Vec<f64> {
            linear(&format!("task.{task}.private"), shared).into_iter().map(f64::tanh).collect()
        };
        let units: Vec<(Vec<f64>, Vec<f64>)> =
            shared.iter().map(|shared| (unit(shared), unit(&private(shared)))).collect();
        let mut squares = 0.0;
        for i in 0..units[0].0.len() {
            for j in 0..units[0].1.len() {
                squares += units.iter().map(|(shared, private)| shared[i] * private[j]).sum::<f64>().powi(2);
            }
        }
        let (mut told, mut loss) = (0, 0.0);
        for shared in &shared {
            let logits = linear("adversary", shared);
            let greatest = logits.iter().copied().fold(f64::NEG_INFINITY, f64::max);
            told += usize::from(logits[task] == greatest);
            loss += logits.iter().map(|logit| logit.exp()).sum::<f64>().ln() - logits[task];
        }
        let found = workspace.separation(task).unwrap();
        let of_mean = ORTHOGONALITY * squares / (count * count) as f64;
        assert_eq!(found.told, told);
        assert!((found.adversary_loss - WEIGHTS[task] * loss).abs() < 1e-9, "{found:?}, {loss}");
        assert!(
            (found.penalty - WEIGHTS[task] * count as f64 * of_mean).abs() < 1e-9,
            "{found:?}, {of_mean}"
        );
    }
}

/// The encoder falls along the tasks' losses and the penalty and rises along the adversary's loss, along which the adversary falls.
#[test]
fn the_adversary_is_reversed() {
    let network = network(ADVERSARY, ORTHOGONALITY);
    let params = random_store::<f64>(network.layout(), "params");
    let (_, _, mut found) = pass(&network, &params);
    for entry in network.layout().entries() {
        let of_entry = &mut found[entry.range.clone()];
        let reached = of_entry.iter().any(|g| g.abs() > 1e-6);
        assert!(reached || entry.name.ends_with("key.bias"), "{}", entry.name);
        if entry.role == Role::Adversary {
            of_entry.iter_mut().for_each(|g| *g *= -ADVERSARY);
        }
    }
    let mut moved = params.clone();
    gradient(params.values(), &found, |values| {
        moved.values_mut().copy_from_slice(values);
        let (losses, separations, _) = pass(&network, &moved);
        let of_tasks: f64 = losses.iter().zip(WEIGHTS).map(|(loss, weight)| loss * weight).sum();
        let of_parts = |of: Separation| of.penalty - ADVERSARY * of.adversary_loss;
        of_tasks + separations.into_iter().flatten().map(of_parts).sum::<f64>()
    });
}

/// Both weights 0 and a projection of nothing: losses and gradients of encoder and heads are those of plain training, to the bit. The
/// adversary learns all the same.
#[test]
fn without_weight_it_is_plain() {
    let (network, plain) = (network(0.0, 0.0), Network::new(&SHAPE.config(), &OUTPUTS));
    let mut still = random_store::<f64>(network.layout(), "params");
    for entry in network.layout().entries().iter().filter(|entry| matches!(entry.role, Role::Side(_))) {
        still.values_mut()[entry.range.clone()].fill(0.0);
    }
    let shared = plain.layout().len();
    let mut own = plain.layout().zeros();
    own.values_mut().copy_from_slice(&still.values()[..shared]);
    let (losses, _, gradient) = pass(&network, &still);
    let (expected, none, of_plain) = pass(&plain, &own);
    assert_eq!(none, [None; 3]);
    assert_eq!(losses, expected);
    assert!(gradient[..shared].iter().zip(&of_plain).all(|(a, b)| a.to_bits() == b.to_bits()));
    let adversary = network.layout().find("adversary.weight").unwrap().range.clone();
    assert!(gradient[adversary].iter().all(|g| g.abs() > 0.0));
}

/// Rows that are all the same cost the whole weight, others less; an adversary that says one task always is right in its rows.
#[test]
fn what_is_told_apart() {
    let network = network(1.0, 2.0);
    let mut params = random_store::<f64>(network.layout(), "params");
    let (tasks, mut workspace) = (tasks(), network.workspace());
    let rows = all_rows(&tasks);
    let (whole, one) = (pack(&tasks, &rows), pack(&tasks, &[rows[0], rows[0], rows[0]]));
    let mut look = |params: &Store<f64>, batch| {
        network.forward(params, batch, None, &mut workspace);
        network.losses(batch, &WEIGHTS, &mut workspace).for_each(drop);
        [0, 1, 2].map(|task| workspace.separation(task).unwrap())
    };
    let of_one = look(&params, &one);
    assert!((of_one[0].penalty - 2.0 * 3.0 * WEIGHTS[0]).abs() < 1e-9, "{of_one:?}");
    assert_eq!(of_one[1..], [Separation::default(); 2]);
    for ((found, rows), weight) in look(&params, &whole).into_iter().zip(&tasks).zip(WEIGHTS) {
        let most = 2.0 * rows.targets.len() as f64 * weight;
        assert!(found.penalty > 0.0 && found.penalty < most, "{found:?} of {most}");
    }
    let bias = network.layout().find("adversary.bias").unwrap().range.clone();
    for said in 0..3 {
        params.values_mut()[bias.clone()].fill(0.0);
        params.values_mut()[bias.start + said] = 1e3;
        for (task, found) in look(&params, &whole).into_iter().enumerate() {
            assert_eq!(found.told, if task == said { tasks[task].targets.len() } else { 0 });
        }
    }
}

/// Each step says how often the adversary was right; the penalty is of whole steps, so they are not cut.
#[test]
fn a_run_logs_the_adversary() {
    let folder = Folder::with_tasks();
    let mixing = |text: &str| Mixing { architecture: Some(text.parse().unwrap()), ..Mixing::default() };
    let mut run = Run::new(mixing("shared-private"));
    folder.train(&run, &folder.tasks(), "whole", &mut Silent).unwrap();
    let steps = |out: &str| RunFiles::at(&folder.path(out)).steps().unwrap();
    let mut told = 0.0;
    for task in steps("whole").iter().flat_map(|step: &StepRecord| &step.tasks) {
        let right = task.adversary_accuracy.unwrap() * task.rows as f64;
        assert!((right - right.round()).abs() < 1e-9, "{task:?}");
        told += right;
    }
    assert!(told > 0.0);
    folder.train(&Run::new(Mixing::default()), &folder.tasks(), "plain", &mut Silent).unwrap();
    assert!(steps("plain").iter().flat_map(|step| &step.tasks).all(|task| task.adversary_accuracy.is_none()));
    run.settings.micro_batch = Some(1);
    let refused = folder.train(&run, &folder.tasks(), "cut", &mut Silent).unwrap_err().to_string();
    assert_eq!(
        refused,
        "micro-batch is 1, expected none or the batch size: the orthogonality of this architecture is of all rows of a step"
    );
    let run = Run { mixing: mixing("shared-private(orthogonality=0)"), ..run };
    folder.train(&run, &folder.tasks(), "cut again", &mut Silent).unwrap();
}
