//! Forward and backward over some rows, in micro-batches, into gradients.
//!
//! The rows of a micro-batch go through the network in passes of a bounded number of tokens, which decides what memory activations take. Where
//! every sum over rows and tokens is in their order, the passes go on with it where the last one stopped, and no bit is another's.

use mtlift_glue_data::Target;
use mtlift_nn::random::Stream;
use mtlift_nn::{DropoutStep, Gradients, Store};
use mtlift_schedule::Row;
use mtlift_tokenizer::Encoded;

use super::consistency::Twins;
use super::texts::Texts;
use crate::{Network, PackedBatch, SoftLabels, Workspace};

/// The rows that a task trains on.
#[derive(Clone, Copy, Debug)]
pub struct TrainingRows<'a> {
    /// The tokens of all rows.
    pub encoded: &'a Encoded,
    /// What each row should come to.
    pub targets: &'a [Target],
    /// What each row should come to in their place, of a classification whose rows have distributions over the labels.
    pub soft_labels: Option<&'a SoftLabels>,
    /// `[L]`: what a row of each class weighs beside the others; none where all weigh the same.
    pub class_weights: Option<&'a [f64]>,
    /// `[rows]`: what each row of classes weighs beside the others; none where all weigh the same.
    pub row_weights: Option<&'a [f64]>,
    /// Which texts the rows are, where other tasks of the run label the same ones.
    pub texts: Option<SharedTexts<'a>>,
}

/// Which texts the rows of a task are, of those that several tasks label.
#[derive(Clone, Copy, Debug)]
pub struct SharedTexts<'a> {
    /// The first of these tasks, by which the texts are told from others.
    pub first: usize,
    /// Of each row the text.
    pub of_rows: &'a [u32],
}

impl<'a> TrainingRows<'a> {
    /// Rows with their targets that weigh the same.
    pub fn plain(encoded: &'a Encoded, targets: &'a [Target]) -> Self {
        Self { encoded, targets, soft_labels: None, class_weights: None, row_weights: None, texts: None }
    }

    /// What the text of a row is known by, if these are the rows of `task`: the task or, of several, the first, and its number there.
    fn text(&self, task: usize, row: usize) -> (usize, usize) {
        self.texts.map_or((task, row), |texts| (texts.first, texts.of_rows[row] as usize))
    }

    /// What a row weighs, where classes or rows are weighed: a class's weight is that of the row's, or of its distribution's on average.
    fn weight(&self, row: usize) -> Option<f64> {
        let of_class = self.class_weights.and_then(|weights| match self.soft_labels {
            Some(soft) => Some(soft.row(row).iter().zip(weights).map(|(p, weight)| p * weight).sum::<f64>()),
            None => Some(weights[self.targets[row].class()?]),
        });
        match (of_class, self.row_weights.map(|weights| weights[row])) {
            (Some(of_class), Some(of_row)) => Some(of_class * of_row),
            (one, other) => one.or(other),
        }
    }
}

/// A network with the memory of its activations.
#[derive(Debug)]
pub(super) struct Passes {
    pub(super) network: Network,
    pub(super) workspace: Workspace<f32>,
    pub(super) batch: PackedBatch,
    pub(super) dropout: Option<Stream>,
    /// The most texts whose activations are in memory at a time.
    pub(super) micro_batch: usize,
    /// About how many tokens go through the network at a time.
    pub(super) pass: usize,
    /// `[tasks]`: what makes the mean weight of a task's rows in the step 1.
    pub(super) scales: Vec<f64>,
    /// What is learnt of the rows' texts, where something is.
    pub(super) texts: Option<Texts>,
    /// The rows without labels that are compared with their twins, where some are.
    pub(super) twins: Option<Twins>,
}

/// What a step trains on.
#[derive(Clone, Copy)]
pub(super) struct StepRows<'a> {
    pub(super) tasks: &'a [TrainingRows<'a>],
    /// Those of one text follow each other, in the order of their tasks.
    pub(super) rows: &'a [Row],
    /// What a row of each task weighs in the step's loss.
    pub(super) weights: &'a [f64],
    /// Steps made before.
    pub(super) step: u64,
}

impl StepRows<'_> {
    /// Whether the rows are of more than one task.
    pub(super) fn has_several_tasks(&self) -> bool {
        self.rows.iter().any(|row| row.task != self.rows[0].task)
    }
}

/// What the rows of a step came to.
#[derive(Clone, Debug, Default)]
pub(super) struct Sums {
    /// The weighted sum of the losses of all rows.
    pub(super) loss: f64,
    /// `[tasks]`: the sum of the losses of a task's rows, weighed by class alone: their number times the task's mean.
    pub(super) of_task: Vec<f64>,
    /// Real tokens.
    pub(super) tokens: usize,
    /// `[tasks]`: rows of each whose task an adversary told; none without one.
    pub(super) told: Vec<Option<usize>>,
    /// `[tasks]`: the losses of a micro-batch's rows so far, which are not in the others yet.
    part: Vec<f64>,
    /// `[tasks]`: the same before the last pass.
    before: Vec<f64>,
}

impl Sums {
    /// Of no rows yet, over `tasks` tasks.
    pub(super) fn of(tasks: usize) -> Self {
        let mut sums = Self::default();
        sums.clear(tasks);
        sums
    }

    /// Begins a step over `tasks` tasks.
    pub(super) fn clear(&mut self, tasks: usize) {
        (self.loss, self.tokens) = (0.0, 0);
        self.of_task.clear();
        self.of_task.resize(tasks, 0.0);
        self.told.clear();
        self.told.resize(tasks, None);
    }

    /// Begins a micro-batch.
    fn begin_part(&mut self) {
        self.part.clear();
        self.part.resize(self.of_task.len(), 0.0);
    }

    /// Adds what the rows of a micro-batch came to; `[tasks]`, what each task's weigh.
    fn end_part(&mut self, weights: &[f64]) {
        self.of_task.iter_mut().zip(&self.part).for_each(|(of_task, loss)| *of_task += loss);
        self.loss += self.part.iter().zip(weights).map(|(loss, weight)| loss * weight).sum::<f64>();
    }
}

impl Passes {
    /// Adds the gradients of the rows, each times its task's weight, to `grads`, and their losses to `sums`.
    pub(super) fn add(
        &mut self,
        params: &Store<f32>,
        step: StepRows<'_>,
        grads: &mut Gradients<f32>,
        sums: &mut Sums,
    ) {
        self.scale(step);
        let mut left = step.rows;
        while let Some(part) = self.next_part(step.tasks, &mut left) {
            self.add_part(params, step, part, grads, sums);
        }
        if let Some(texts) = &mut self.texts {
            sums.loss += texts.add(params, step.tasks[0].encoded, step.rows, step.step, grads);
        }
        let Self { network, workspace, batch, micro_batch, twins, .. } = self;
        if let Some(twins) = twins {
            sums.loss += twins.add(params, network, workspace, batch, *micro_batch, step.step, grads);
        }
    }

    /// Adds those of a micro-batch.
    fn add_part(
        &mut self,
        params: &Store<f32>,
        step: StepRows<'_>,
        part: &[Row],
        grads: &mut Gradients<f32>,
        sums: &mut Sums,
    ) {
        let tokens: usize = text_ends(&self.network, step.tasks, part).last().map_or(0, |(_, tokens)| tokens);
        let passes = tokens.div_ceil(self.pass);
        if passes < 2 || self.texts.is_some() || !self.network.sums_in_order() {
            self.forward(params, step, part, sums);
            sums.loss += self.backward(params, step, grads);
            return;
        }
        sums.begin_part();
        grads.begin_parts();
        let mut from = 0;
        for pass in 1..=passes {
            let end =
                if pass < passes { self.end_of_pass(step, part, from, pass * tokens / passes) } else { None };
            let to = end.unwrap_or(part.len());
            if from < to {
                self.run(params, step, &part[from..to], sums);
                self.backward(params, step, grads);
            }
            from = to;
        }
        grads.end_parts();
        sums.end_part(step.weights);
    }

    /// The row behind a pass that begins at row `from` and is to end at about so many tokens. Tokens behind the last whole block of a product's
    /// sum wait for the next pass, in about as much memory as one takes in a pass: there are to be few of both. None where no text is left.
    fn end_of_pass(&self, step: StepRows<'_>, part: &[Row], from: usize, tokens: usize) -> Option<usize> {
        let block = Gradients::<f32>::block(self.network.precision());
        let ends = text_ends(&self.network, step.tasks, part).filter(|(rows, _)| *rows > from);
        ends.min_by_key(|(_, end)| end.abs_diff(tokens) + end % block).map(|(rows, _)| rows)
    }

    /// As [`Passes::add`], with each task's weight times what `weigh` makes of the losses of all rows. Where the step is cut into
    /// micro-batches the losses take a forward pass of their own.
    pub(super) fn add_weighed(
        &mut self,
        params: &Store<f32>,
        step: StepRows<'_>,
        grads: &mut Gradients<f32>,
        sums: &mut Sums,
        weigh: impl FnOnce(&Sums) -> Vec<f64>,
    ) {
        self.look(params, step, sums);
        let weights: Vec<f64> =
            step.weights.iter().zip(weigh(sums)).map(|(weight, factor)| weight * factor).collect();
        let weighed = StepRows { weights: &weights, ..step };
        let mut left = step.rows;
        self.next_part(step.tasks, &mut left);
        if left.is_empty() {
            self.network.losses(&self.batch, &weights, &mut self.workspace).for_each(drop);
            self.backward(params, weighed, grads);
        } else {
            self.add(params, weighed, grads, &mut Sums::of(step.tasks.len()));
        }
    }

    /// Adds the losses of the rows to `sums`, with the masks that they had in the step.
    pub(super) fn look(&mut self, params: &Store<f32>, step: StepRows<'_>, sums: &mut Sums) {
        self.scale(step);
        let mut left = step.rows;
        while let Some(part) = self.next_part(step.tasks, &mut left) {
            self.forward(params, step, part, sums);
        }
    }

    /// Takes the rows of the next micro-batch from those that are left.
    fn next_part<'a>(&self, tasks: &[TrainingRows<'_>], left: &mut &'a [Row]) -> Option<&'a [Row]> {
        let texts = by_text(&self.network, tasks, left).take(self.micro_batch);
        let (part, others) = left.split_at(texts.map(<[Row]>::len).sum());
        *left = others;
        (!part.is_empty()).then_some(part)
    }

    /// What makes the mean weight of each task's rows 1. Over all rows, not over a micro-batch's: the task's mean is that of the
    /// step.
    fn scale(&mut self, StepRows { tasks, rows, .. }: StepRows<'_>) {
        self.scales.clear();
        self.scales.extend(tasks.iter().enumerate().map(|(task, of_task)| {
            let own = rows.iter().filter(|row| row.task as usize == task);
            let weights = own.filter_map(|row| of_task.weight(row.row as usize));
            let (count, sum) = weights.fold((0.0, 0.0), |(count, sum), weight| (count + 1.0, sum + weight));
            count / sum
        }));
    }

    /// Adds the gradients of the rows that went forward last, and gives what their hidden states add to the loss where they are to
    /// be small.
    fn backward(&mut self, params: &Store<f32>, step: StepRows<'_>, grads: &mut Gradients<f32>) -> f64 {
        let Self { network, workspace, batch, texts, .. } = self;
        network.climb(params, batch, step.weights, workspace);
        let dropout = self.dropout.map(|stream| DropoutStep::new(stream, step.step, batch.keys()));
        match texts {
            None => {
                network.backward(params, batch, dropout, workspace, grads);
                0.0
            }
            Some(texts) => {
                let shrink = texts.shrink(step.tasks[0].encoded, step.rows);
                network.backward_shrinking(params, batch, dropout, shrink, workspace, grads)
            }
        }
    }

    /// Runs some of the step's rows up to their losses.
    fn forward(&mut self, params: &Store<f32>, step: StepRows<'_>, part: &[Row], sums: &mut Sums) {
        sums.begin_part();
        self.run(params, step, part, sums);
        sums.end_part(step.weights);
    }

    /// Runs some rows of a micro-batch, each task's loss going on from what it is.
    fn run(
        &mut self,
        params: &Store<f32>,
        StepRows { tasks, weights, step, .. }: StepRows<'_>,
        part: &[Row],
        sums: &mut Sums,
    ) {
        self.batch.clear(tasks.len());
        let network = &self.network;
        let of_depth = |&depth: &usize| {
            by_text(network, tasks, part).filter(move |text| network.layers(text[0].task as usize) == depth)
        };
        for text in network.depths().iter().flat_map(of_depth) {
            let (first, row) = (text[0].task as usize, text[0].row as usize);
            self.batch.push_text(tasks[first].text(first, row), tasks[first].encoded, row);
            for label in text {
                let (task, row) = (label.task as usize, label.row as usize);
                let weight = tasks[task].weight(row).map(|weight| weight * self.scales[task]);
                match tasks[task].soft_labels {
                    Some(soft) => self.batch.label_softly(task, soft.row(row), soft.temperature(), weight),
                    None => self.batch.label(task, Some(tasks[task].targets[row]), weight),
                }
            }
        }
        let dropout = self.dropout.map(|stream| DropoutStep::new(stream, step, self.batch.keys()));
        self.network.forward(params, &self.batch, dropout, &mut self.workspace);
        std::mem::swap(&mut sums.part, &mut sums.before);
        let before = sums.before.iter().copied();
        sums.part.clear();
        sums.part.extend(self.network.losses_after(&self.batch, weights, before, &mut self.workspace));
        for (task, told) in sums.told.iter_mut().enumerate() {
            if let Some(separation) = self.workspace.separation(task) {
                *told.get_or_insert(0) += separation.told;
            }
        }
        sums.tokens += self.batch.tokens().tokens();
    }
}

/// The rows, text by text. Rows of one text whose heads read after different layers are as rows of two texts: a sequence has one height.
fn by_text<'a>(
    network: &'a Network,
    tasks: &'a [TrainingRows<'_>],
    rows: &'a [Row],
) -> impl Iterator<Item = &'a [Row]> {
    let text = |row: &Row| tasks[row.task as usize].text(row.task as usize, row.row as usize);
    let height = |row: &Row| network.layers(row.task as usize);
    rows.chunk_by(move |a, b| a.task < b.task && text(a) == text(b) && height(a) == height(b))
}

/// How many rows, and tokens, there are up to the end of each text.
fn text_ends<'a>(
    network: &'a Network,
    tasks: &'a [TrainingRows<'_>],
    rows: &'a [Row],
) -> impl Iterator<Item = (usize, usize)> {
    by_text(network, tasks, rows).scan((0, 0), |(rows, tokens), text| {
        let Row { task, row } = text[0];
        *rows += text.len();
        *tokens += tasks[task as usize].encoded.range(row as usize).len();
        Some((*rows, *tokens))
    })
}
