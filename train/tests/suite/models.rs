//! Models of every family with random parameters, rows of random tokens for them, and one pass forward and backward.

#![allow(dead_code, reason = "every test program uses a part of it")]
#![allow(clippy::unwrap_used, reason = "in a test an unwrap is an assertion")]

use std::collections::BTreeMap;
use std::path::Path;

use mtlift_encoder::Config;
use mtlift_glue_data::Target;
use mtlift_nn::check::random_store;
use mtlift_nn::random::{Generator, Stream};
use mtlift_nn::{DropoutStep, Precision, Real, Store};
use mtlift_schedule::Row;
use mtlift_tokenizer::Encoded;
use mtlift_train::{Network, PackedBatch, SoftLabels, TrainingRows};
use serde_json::{Value, json};

/// What differs between the models of the tests.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Shape {
    pub(crate) family: &'static str,
    pub(crate) activation: &'static str,
    pub(crate) hidden: usize,
    pub(crate) heads: usize,
    pub(crate) feed_forward: usize,
    pub(crate) layers: usize,
    /// Width of ELECTRA's embeddings; the others' are as wide as `hidden`.
    pub(crate) embedding: usize,
    pub(crate) vocabulary: usize,
    /// Tokens of the longest row.
    pub(crate) longest: usize,
    pub(crate) dropout: f64,
    pub(crate) precision: Precision,
}

/// An odd little BERT, to be varied.
pub(crate) const TINY: Shape = Shape {
    family: "bert",
    activation: "gelu",
    hidden: 6,
    heads: 2,
    feed_forward: 7,
    layers: 2,
    embedding: 5,
    vocabulary: 11,
    longest: 7,
    dropout: 0.0,
    precision: Precision::Float32,
};

/// Wide enough that every parallel path is taken, and of an odd width of feed-forward.
pub(crate) const WIDE: Shape = Shape {
    hidden: 384,
    heads: 12,
    feed_forward: 1111,
    layers: 2,
    vocabulary: 400,
    longest: 61,
    dropout: 0.1,
    ..TINY
};

impl Shape {
    pub(crate) fn config(self) -> Config {
        let dropout = self.dropout;
        let Value::Object(json) = json!({
            "model_type": self.family,
            "vocab_size": self.vocabulary,
            "hidden_size": self.hidden, "dim": self.hidden,
            "num_hidden_layers": self.layers, "n_layers": self.layers,
            "num_attention_heads": self.heads, "n_heads": self.heads,
            "intermediate_size": self.feed_forward, "hidden_dim": self.feed_forward,
            "hidden_act": self.activation, "activation": self.activation,
            "embedding_size": if self.family == "electra" { self.embedding } else { self.hidden },
            // RoBERTa's first position is 2.
            "max_position_embeddings": self.longest + 2,
            "type_vocab_size": 3,
            "hidden_dropout_prob": dropout, "dropout": dropout,
            "attention_probs_dropout_prob": dropout, "attention_dropout": dropout,
            "seq_classif_dropout": dropout,
        }) else {
            unreachable!("the literal above is an object")
        };
        let mut config = Config::from_json(json, Path::new("config.json")).unwrap();
        config.precision = self.precision;
        config
    }

    /// A network with a head of `outputs[i]` logits for task `i`, and random parameters.
    pub(crate) fn network<F: Real>(self, outputs: &[usize]) -> (Network, Store<F>) {
        let network = Network::new(&self.config(), outputs);
        let params = random_store(network.layout(), "params");
        (network, params)
    }

    /// Rows of random tokens, of these lengths, with targets for a head of `outputs` logits: one is a regression.
    pub(crate) fn rows(self, name: &str, lengths: &[usize], outputs: usize) -> Rows {
        let mut rng = Stream::new(1, name).at(0);
        let mut rows = Rows::default();
        for &length in lengths {
            rows.encoded.ids.extend((0..length).map(|_| below(&mut rng, self.vocabulary) as u32));
            rows.encoded.segments.extend((0..length).map(|_| below(&mut rng, 3) as u32));
            rows.encoded.offsets.push(rows.encoded.ids.len());
            rows.targets.push(match outputs {
                1 => Target::Value((4.0 * rng.uniform() - 2.0) as f32),
                labels => Target::Class(below(&mut rng, labels)),
            });
        }
        rows
    }
}

fn below(rng: &mut Generator, bound: usize) -> usize {
    (rng.uniform() * bound as f64) as usize
}

/// A task's rows.
#[derive(Clone, Debug, Default)]
pub(crate) struct Rows {
    pub(crate) encoded: Encoded,
    pub(crate) targets: Vec<Target>,
    pub(crate) soft_labels: Option<SoftLabels>,
    pub(crate) class_weights: Option<Vec<f64>>,
}

impl Rows {
    pub(crate) fn training(&self) -> TrainingRows<'_> {
        TrainingRows {
            soft_labels: self.soft_labels.as_ref(),
            class_weights: self.class_weights.as_deref(),
            ..TrainingRows::plain(&self.encoded, &self.targets)
        }
    }
}

/// Every row of every task, task after task.
pub(crate) fn all_rows(tasks: &[Rows]) -> Vec<Row> {
    let of_task = |(task, rows): (usize, &Rows)| {
        (0..rows.targets.len() as u32).map(move |row| Row { task: task as u32, row })
    };
    tasks.iter().enumerate().flat_map(of_task).collect()
}

/// What a batch came to.
#[derive(Clone, Debug)]
pub(crate) struct Pass<F> {
    pub(crate) logits: BTreeMap<Row, Vec<F>>,
    /// The sum over the rows, times the weight.
    pub(crate) loss: f64,
    pub(crate) gradient: Vec<F>,
}

/// The stream of the masks in [`run`].
pub(crate) fn masks() -> Stream {
    Stream::new(3, "dropout")
}

/// A batch of these rows.
pub(crate) fn pack(tasks: &[Rows], rows: &[Row]) -> PackedBatch {
    let mut batch = PackedBatch::default();
    batch.clear(tasks.len());
    for &Row { task, row } in rows {
        let (of, task, row) = (&tasks[task as usize], task as usize, row as usize);
        batch.push_text((task, row), &of.encoded, row);
        let target = of.targets[row];
        let weight = of.class_weights.as_ref().zip(target.class()).map(|(weights, class)| weights[class]);
        match &of.soft_labels {
            Some(soft) => batch.label_softly(task, soft.row(row), soft.temperature(), None),
            None => batch.label(task, Some(target), weight),
        }
    }
    batch
}

/// Runs a batch of these rows forward and backward, with the masks of step 0.
pub(crate) fn run<F: Real>(
    network: &Network,
    params: &Store<F>,
    tasks: &[Rows],
    rows: &[Row],
    weight: f64,
) -> Pass<F> {
    let batch = pack(tasks, rows);
    let mut workspace = network.workspace();
    let mut grads = network.layout().gradients();
    let dropout = Some(DropoutStep::new(masks(), 0, batch.keys()));
    network.forward(params, &batch, dropout, &mut workspace);
    let loss = weight * network.losses(&batch, &vec![weight; tasks.len()], &mut workspace).sum::<f64>();
    network.backward(params, &batch, dropout, &mut workspace, &mut grads);
    let mut logits = BTreeMap::new();
    for task in 0..tasks.len() {
        let rows = rows.iter().filter(|row| row.task as usize == task);
        logits.extend(rows.zip(workspace.logits(task).rows()).map(|(&row, logits)| (row, logits.to_vec())));
    }
    Pass { logits, loss, gradient: grads.store().values().to_vec() }
}

/// The bits of values, by which two results are the same or not.
pub(crate) fn bits(values: &[f32]) -> Vec<u32> {
    values.iter().map(|x| x.to_bits()).collect()
}
