//! Tasks that label the same texts: a text goes through the encoder once for all of its labels, a label that is not there has no gradient,
//! and the whole is the sum of its parts.

use std::fs;
use std::panic::{AssertUnwindSafe, catch_unwind};

use mtlift_glue_data::{Example, Target, Task};
use mtlift_nn::check::{gradient, random_store};
use mtlift_nn::{AdamWConfig, DropoutStep, Real, Store};
use mtlift_schedule::{Mix, Row, Sampler};
use mtlift_tokenizer::Encoded;
use mtlift_train::{
    LabelledSplit, Mixing, Network, PackedBatch, RunFiles, SharedTexts, Trainer, TrainingRows,
};
use proptest::prelude::*;

use crate::folder::{Folder, Run, Silent, assert_same};
use crate::hostile_checkpoints::StopsAfter;
use crate::models::{Shape, TINY, bits, masks};

/// Logits of each head: two classifications and a regression.
const OUTPUTS: [usize; 3] = [3, 1, 2];
const WEIGHTS: [f64; 3] = [0.5, 0.25, 0.75];

/// Five texts, and what each head has of their labels: all have the first, and the last head has no other.
struct Texts {
    encoded: Encoded,
    labels: [Vec<Option<Target>>; 3],
}

fn texts(shape: Shape) -> Texts {
    let of = |name, outputs| shape.rows(name, &[3, 7, 1, 5, 2], outputs);
    let there = [
        [true, true, false, true, true],
        [true, false, true, true, false],
        [true, false, false, false, false],
    ];
    let names = ["classes", "values", "others"];
    let labels = [0, 1, 2].map(|head| {
        let targets = of(names[head], OUTPUTS[head]).targets;
        targets.into_iter().zip(there[head]).map(|(target, there)| there.then_some(target)).collect()
    });
    Texts { encoded: of("texts", 2).encoded, labels }
}

impl Texts {
    /// These texts with the labels of these heads; texts without such a label are left out.
    fn pack(&self, texts: &[usize], heads: &[usize]) -> PackedBatch {
        let mut batch = PackedBatch::default();
        batch.clear(OUTPUTS.len());
        for &text in texts {
            let labels = heads.iter().filter_map(|&head| Some((head, self.labels[head][text]?)));
            if labels.clone().next().is_some() {
                batch.push_text((0, text), &self.encoded, text);
            }
            labels.for_each(|(head, target)| batch.label(head, Some(target), None));
        }
        batch
    }
}

/// Loss and gradient of a batch, under the masks of step 0.
fn pass<F: Real>(network: &Network, params: &Store<F>, batch: &PackedBatch) -> (f64, Vec<F>) {
    let (mut workspace, mut grads) = (network.workspace(), network.layout().gradients());
    let dropout = Some(DropoutStep::new(masks(), 0, batch.keys()));
    network.forward(params, batch, dropout, &mut workspace);
    let losses = network.losses(batch, &WEIGHTS, &mut workspace);
    let loss = losses.zip(WEIGHTS).map(|(loss, weight)| loss * weight).sum();
    network.backward(params, batch, dropout, &mut workspace, &mut grads);
    (loss, grads.store().values().to_vec())
}

/// The gradient of a head's own parameters.
fn of_head<'a, F>(network: &'a Network, gradient: &'a [F], head: usize) -> impl Iterator<Item = &'a F> {
    let own = network.layout().entries().iter().filter(move |entry| entry.role.head() == Some(head));
    own.flat_map(|entry| &gradient[entry.range.clone()])
}

const SHAPE: Shape = Shape { dropout: 0.2, layers: 2, ..TINY };

#[test]
fn the_gradient_is_that_of_differences() {
    for family in ["bert", "distilbert", "electra"] {
        let shape = Shape { family, ..SHAPE };
        let network = Network::new(&shape.config(), &OUTPUTS);
        let params: Store<f64> = random_store(network.layout(), "params");
        let batch = texts(shape).pack(&[0, 1, 2, 3, 4], &[0, 1, 2]);
        let (_, analytic) = pass(&network, &params, &batch);
        let mut moved = params.clone();
        gradient(params.values(), &analytic, |values| {
            moved.values_mut().copy_from_slice(values);
            pass(&network, &moved, &batch).0
        });
    }
}

#[test]
fn a_head_without_a_label_in_the_batch_has_no_gradient() {
    let network = Network::new(&SHAPE.config(), &OUTPUTS);
    let params: Store<f32> = random_store(network.layout(), "params");
    let texts = texts(SHAPE);
    let (_, gradient) = pass(&network, &params, &texts.pack(&[1, 2, 3, 4], &[0, 1, 2]));
    assert!(of_head(&network, &gradient, 2).all(|g| g.to_bits() == 0), "exactly zero");
    assert!(of_head(&network, &gradient, 0).any(|g| *g != 0.0));
    let without = pass(&network, &params, &texts.pack(&[1, 2, 3, 4], &[0, 1])).1;
    assert_eq!(bits(&gradient), bits(&without), "and changes no other");
}

/// A text that lacks a head's label is to the head as if it were not in the batch, to the bit.
#[test]
fn a_missing_label_adds_nothing_to_its_head() {
    let network = Network::new(&SHAPE.config(), &OUTPUTS);
    let params: Store<f32> = random_store(network.layout(), "params");
    let texts = texts(SHAPE);
    let all = pass(&network, &params, &texts.pack(&[0, 1, 2, 3, 4], &[0, 1, 2])).1;
    for head in 0..OUTPUTS.len() {
        let alone = pass(&network, &params, &texts.pack(&[0, 1, 2, 3, 4], &[head])).1;
        let own = |gradient| of_head(&network, gradient, head).copied().collect::<Vec<f32>>();
        assert_eq!(bits(&own(&all)), bits(&own(&alone)), "head {head}");
    }
}

#[test]
fn together_is_the_sum_of_the_heads_alone() {
    for family in ["bert", "roberta", "distilbert", "electra"] {
        let shape = Shape { family, ..SHAPE };
        let network = Network::new(&shape.config(), &OUTPUTS);
        let params: Store<f64> = random_store(network.layout(), "params");
        let texts = texts(shape);
        let batch = texts.pack(&[3, 0, 4, 2, 1], &[0, 1, 2]);
        assert_eq!(batch.tokens().sequences(), 5, "each text once");
        let (loss, together) = pass(&network, &params, &batch);
        let alone = [0, 1, 2].map(|head| pass(&network, &params, &texts.pack(&[0, 1, 2, 3, 4], &[head])));
        let greatest = together.iter().fold(0.0f64, |most, g| most.max(g.abs()));
        for (i, g) in together.iter().enumerate() {
            let sum: f64 = alone.iter().map(|(_, gradient)| gradient[i]).sum();
            assert!((g - sum).abs() <= 1e-13 * greatest, "{family}, value {i}: {g} and {sum}");
        }
        let sum: f64 = alone.iter().map(|(loss, _)| loss).sum();
        assert!((loss - sum).abs() <= 1e-13 * sum.abs());
    }
}

/// Heads after different layers: a text goes once to each height, and a step is what it is with texts apart.
fn step(network: &Network, shared: bool, micro_batch: usize) -> (usize, Vec<f32>) {
    let texts = texts(Shape { dropout: 0.0, ..SHAPE });
    let of_rows: [Vec<u32>; 3] =
        [0, 1, 2].map(|head| (0..5).filter(|&text| texts.labels[head][text as usize].is_some()).collect());
    let targets = [0, 1, 2].map(|head| texts.labels[head].iter().flatten().copied().collect::<Vec<Target>>());
    let encoded = [0, 1, 2].map(|head: usize| {
        let mut own = Encoded::default();
        for &text in &of_rows[head] {
            let range = texts.encoded.range(text as usize);
            own.ids.extend(&texts.encoded.ids[range.clone()]);
            own.segments.extend(&texts.encoded.segments[range]);
            own.offsets.push(own.ids.len());
        }
        own
    });
    let tasks = [0, 1, 2].map(|head: usize| TrainingRows {
        texts: shared.then_some(SharedTexts { first: 0, of_rows: &of_rows[head] }),
        ..TrainingRows::plain(&encoded[head], &targets[head])
    });
    let mut rows = Vec::new();
    for text in [2, 0, 1, 4, 3] {
        for (head, of_rows) in of_rows.iter().enumerate() {
            let row = of_rows.iter().position(|&other| other == text);
            rows.extend(row.map(|row| Row { task: head as u32, row: row as u32 }));
        }
    }
    // Without momentum, Adam's first mean is the gradient itself.
    let adam = AdamWConfig { beta1: 0.0, ..AdamWConfig::default() };
    let params = random_store(network.layout(), "params");
    let mut trainer = Trainer::new(network.clone(), params, adam, None, f64::MAX, micro_batch);
    let report = trainer.step(&tasks, &rows, &WEIGHTS, 1e-3);
    (report.tokens, trainer.optimizer().state().1.values().to_vec())
}

proptest! {
    #[test]
    fn a_step_is_the_same_however_its_texts_are_packed(micro_batch in 1..=6usize, layers in prop::collection::vec(1..=2usize, 3)) {
        let config = Shape { dropout: 0.0, ..SHAPE }.config();
        let network = Network::new(&config, &OUTPUTS).reading_after(&layers);
        let (tokens, gradient) = step(&network, true, micro_batch);
        let (of_rows, apart) = step(&network, false, 8);
        if layers.iter().all(|&layer| layer == layers[0]) {
            prop_assert_eq!(tokens, 3 + 7 + 1 + 5 + 2, "each text once");
        }
        prop_assert!(tokens < of_rows || layers[0] != layers[1]);
        let greatest = apart.iter().fold(0.0f32, |most, g| most.max(g.abs()));
        for (g, other) in gradient.iter().zip(&apart) {
            prop_assert!((g - other).abs() <= 1e-5 * greatest, "{} and {}", g, other);
        }
    }
}

/// `shop`: texts with a head of two labels, one of three and one of numbers; two cells of five are empty in each.
fn shop(folder: &Folder) -> Vec<Task> {
    for (split, rows) in [("train", 60), ("dev", 30)] {
        let source = folder.task("triples").read(split).unwrap().examples;
        let row = |(place, row): (usize, &Example)| {
            let class = row.target.unwrap().class().unwrap();
            let cell = |head: usize, label: &str| {
                if (place + head) % 5 < 2 { String::new() } else { label.to_owned() }
            };
            let [pair, triple, number] = [
                cell(0, ["no", "yes", "yes"][class]),
                cell(1, ["a", "b", "c"][class]),
                cell(2, &class.to_string()),
            ];
            format!("{}\t{pair}\t{triple}\t{number}\n", row.text_a)
        };
        let rows: String = source[..rows].iter().enumerate().map(row).collect();
        fs::write(folder.path(&format!("shop-{split}.tsv")), format!("text\tpair\ttriple\tnumber\n{rows}"))
            .unwrap();
    }
    let toml = "name = \"shop\"\ntext = \"text\"\nfiles = { train = \"shop-train.tsv\", dev = \"shop-dev.tsv\" }\n\
                [[heads]]\nname = \"pair\"\ncolumn = \"pair\"\nlabels = [\"no\", \"yes\"]\n\
                [[heads]]\nname = \"triple\"\ncolumn = \"triple\"\nlabels = [\"a\", \"b\", \"c\"]\n\
                [[heads]]\nname = \"number\"\ncolumn = \"number\"\nrange = [0, 2]\n";
    fs::write(folder.path("shop.toml"), toml).unwrap();
    Task::find_all(folder.path("shop.toml").to_str().unwrap(), None).unwrap()
}

/// 60 texts, each of which has a label; a tenth is held out for all heads, and the rest makes an epoch.
#[test]
fn an_epoch_is_every_text_once_with_all_of_its_labels() {
    let folder = Folder::with_tasks();
    let tasks = shop(&folder);
    let run = Run::new(Mixing::default());
    let result = folder.train(&run, &tasks, "out", &mut Silent).unwrap().result;
    let held_out = |task: &Task| -> Vec<usize> {
        let train = LabelledSplit::of(task, "train", task.read("train").unwrap()).unwrap();
        let places = train.places.clone().unwrap();
        let drawn = train.draw(&train.targets(), None, Some(run.settings.held_out));
        drawn.held_out.unwrap().into_iter().map(|row| places[row]).collect()
    };
    let mut all: Vec<usize> = tasks.iter().flat_map(held_out).collect();
    all.sort_unstable();
    all.dedup();
    assert_eq!(all.len(), 6, "of 60");
    let steps = folder.lines("out/steps.jsonl");
    assert_eq!(steps.len() as u64, 2 * 54_u64.div_ceil(8));
    for (task, own) in tasks.iter().zip(result.tasks()) {
        let rows = |step: &serde_json::Value| -> u64 {
            let of_tasks = step["tasks"].as_array().unwrap().iter();
            of_tasks
                .filter(|of| of["task"] == task.name.as_str())
                .map(|of| of["rows"].as_u64().unwrap())
                .sum()
        };
        let labels = 36 - held_out(task).len() as u64;
        assert_eq!(steps.iter().map(rows).sum::<u64>(), 2 * labels, "{}", task.name);
        assert_eq!((own.task.as_str(), own.train_rows as u64), (task.name.as_str(), labels));
        folder.assert_predicts(&RunFiles::at(&folder.path("out")), 3, task);
    }
}

#[test]
fn a_run_over_shared_texts_is_resumed() {
    let folder = Folder::with_tasks();
    let mut tasks = shop(&folder);
    tasks.push(folder.task("twins"));
    let mut run = Run::new(Mixing::default());
    folder.train(&run, &tasks, "whole", &mut Silent).unwrap();
    let stopped =
        catch_unwind(AssertUnwindSafe(|| folder.train(&run, &tasks, "part", &mut StopsAfter(17)).map(drop)));
    assert!(stopped.is_err(), "the run ended before it was stopped");
    run.resume = true;
    folder.train(&run, &tasks, "part", &mut Silent).unwrap();
    assert_same(&folder.path("part"), &folder.path("whole"), "resumed");
}

#[test]
fn what_shared_texts_cannot_be_mixed_by() {
    let folder = Folder::with_tasks();
    let tasks = shop(&folder);
    let refused = |mixing: Mixing, message: &str| {
        let error = folder.train(&Run::new(mixing), &tasks[..2], "out", &mut Silent).unwrap_err();
        assert_eq!(error.to_string(), message);
    };
    let mix = Mix { sampler: Sampler::Dynamic, ..Mix::default() };
    refused(
        Mixing { mix, single_scores: vec![0.5, 0.5], ..Mixing::default() },
        "sampler is dynamic, expected one that does not look at scores, because tasks label the same texts",
    );
    let architecture = Some("cooperative".parse().unwrap());
    refused(
        Mixing { architecture, ..Mixing::default() },
        "architecture is cooperative, expected one whose steps are of several tasks, because tasks label the same texts",
    );
}
