//! An encoder with a head for each task: the parameters' layout, and which task reaches what of it.

mod matching;
mod pass;
mod reading;
mod shared_private;

use mtlift_encoder::{Config, Encoder, Tokens};
use mtlift_heads::{Form, Head};
use mtlift_nn::{Entry, Layout, Precision};

use crate::MaskedNetwork;
use matching::Matching;
use reading::Reading;
use shared_private::SharedPrivate;

pub use matching::RelatedTasks;
pub use pass::Workspace;
pub use reading::Reads;
pub use shared_private::Separation;

/// The structure of a model: handles into a [`Store`](mtlift_nn::Store) of its layout.
#[derive(Clone, Debug)]
pub struct Network {
    layout: Layout,
    encoder: Encoder,
    /// Of the encoder's products.
    precision: Precision,
    /// One for each task; tasks that share one hold the same handles.
    heads: Vec<Head>,
    /// Which of the layout's heads a task's is, in the order in which they lie there.
    place: Vec<usize>,
    /// After how many blocks of the encoder a task's head reads.
    layers: Vec<usize>,
    /// These numbers, each once, the greatest first.
    depths: Vec<usize>,
    /// How many blocks the rows of several tasks go through.
    shared: usize,
    /// What each task's head reads of others.
    readings: Vec<Option<Reading>>,
    /// What keeps shared and private features apart, where there are private ones.
    shared_private: Option<SharedPrivate>,
    /// How heads learn from where they disagree, if they do.
    matching: Option<Matching>,
}

impl Network {
    /// A network of this configuration with a head of `outputs[i]` logits for task `i`. With one task, parameters
    /// have the names of a transformers checkpoint; with several, those of a head begin with `task.{i}.`.
    pub fn new(config: &Config, outputs: &[usize]) -> Self {
        Self::with_heads(config, outputs, (0..outputs.len()).collect())
    }

    /// As [`Network::new`], but tasks with the same number of logits share one head, as in the code of Weller et al.
    /// (2022): the classifier of one task goes on as that of the next.
    pub fn sharing_heads(config: &Config, outputs: &[usize]) -> Self {
        let mut counts: Vec<usize> = Vec::new();
        let place = outputs.iter().map(|&labels| {
            counts.iter().position(|&count| count == labels).unwrap_or_else(|| {
                counts.push(labels);
                counts.len() - 1
            })
        });
        let place = place.collect();
        Self::with_heads(config, &counts, place)
    }

    fn with_heads(config: &Config, outputs: &[usize], place: Vec<usize>) -> Self {
        let mut layout = Layout::default();
        let encoder = Encoder::new(&mut layout, config).wanting(Tokens::First);
        let form = Form::of(config.family.head()).expect("a test looks for a form for every family");
        let heads: Vec<Head> = outputs
            .iter()
            .enumerate()
            .map(|(head, &labels)| {
                let prefix = if place.len() == 1 { String::new() } else { format!("task.{head}.") };
                Head::placed(
                    &mut layout,
                    head,
                    &prefix,
                    form,
                    config.hidden,
                    labels,
                    config.classifier_dropout,
                )
            })
            .collect();
        let heads = place.iter().map(|&head| heads[head]).collect();
        let layers = vec![config.layers; place.len()];
        let (depths, shared) = (vec![config.layers], config.layers);
        let readings = vec![None; place.len()];
        let (shared_private, matching) = (None, None);
        let precision = config.precision;
        Self {
            layout,
            encoder,
            precision,
            heads,
            place,
            layers,
            depths,
            shared,
            readings,
            shared_private,
            matching,
        }
    }

    /// The same network with the hidden states of these tokens; heads read those of first ones, and without a word no others are there.
    #[must_use]
    pub fn wanting(self, tokens: Tokens) -> Self {
        Self { encoder: self.encoder.wanting(tokens), ..self }
    }

    /// The same network with the head of task `i` after the first `layers[i]` blocks.
    ///
    /// # Panics
    /// If a task has no number of its own from 1 to the number of blocks.
    #[must_use]
    pub fn reading_after(mut self, layers: &[usize]) -> Self {
        let most = self.depths[0];
        let fits = layers.len() == self.tasks() && layers.iter().all(|layers| (1..=most).contains(layers));
        assert!(fits, "{layers:?} of {most} layers for {} tasks", self.tasks());
        self.depths = layers.to_vec();
        self.depths.sort_unstable_by(|a, b| b.cmp(a));
        self.shared = self.depths[1.min(layers.len() - 1)];
        self.depths.dedup();
        self.layers = layers.to_vec();
        self
    }

    /// The same network with heads over `hidden` values that read more than the encoder.
    ///
    /// # Panics
    /// If a head is not its task's own.
    #[must_use]
    pub fn reading_beside(mut self, reads: Reads, hidden: usize) -> Self {
        let tasks = self.tasks();
        assert!(self.place.iter().copied().eq(0..tasks), "every task has a head of its own");
        let (readers, radius) = match reads {
            Reads::Features { radius } => (tasks, Some(radius)),
            Reads::Predictions => (1, None),
            Reads::Private { adversary, orthogonality } => {
                let labels: Vec<usize> = self.heads.iter().map(|head| head.labels()).collect();
                let parts = SharedPrivate::new(&mut self.layout, adversary, orthogonality, &labels, hidden);
                self.shared_private = Some(parts);
                return self;
            }
        };
        for task in 0..readers {
            let others = (0..tasks).filter(|&other| other != task).map(|other| self.heads[other]).collect();
            let own = self.heads[task];
            self.readings[task] = Some(Reading::new(&mut self.layout, radius, task, own, others, hidden));
        }
        self
    }

    /// The same network with heads that learn from where they disagree by what labels say of each other; that counts `weight` beside a
    /// row's own loss. At 0 it is the network as it was.
    ///
    /// # Panics
    /// If heads read after different layers.
    #[must_use]
    pub fn matching(mut self, weight: f64, related: Vec<RelatedTasks>) -> Self {
        assert_eq!(self.depths.len(), 1, "all heads read after one layer");
        self.matching = Some(Matching { weight, related }).filter(|_| weight > 0.0);
        self
    }

    /// The same network with a head beside the others that guesses masked tokens; and what runs it, on the same parameters.
    pub(crate) fn guessing_tokens(mut self, config: &Config) -> (Self, MaskedNetwork) {
        let place = self.heads.len();
        let guessing = MaskedNetwork::on(&mut self.layout, self.encoder.clone(), place, config);
        (self, guessing)
    }

    /// Whether a task's head reads more than the encoder, so that it is nothing without it.
    pub(crate) fn reads_beside(&self, task: usize) -> bool {
        self.readings[task].is_some() || self.shared_private.is_some()
    }

    /// The parameters of one task beside those of a network of that task alone, as far as both have them: the encoder's by name, a head's
    /// in their order.
    pub(crate) fn beside<'a>(
        &'a self,
        task: usize,
        alone: &'a Network,
    ) -> impl Iterator<Item = (&'a Entry, &'a Entry)> {
        let place = self.place[task];
        let mut of_head = self.layout.entries().iter().filter(move |entry| entry.role.head() == Some(place));
        alone.layout.entries().iter().filter_map(move |entry| {
            let own = match entry.role.head() {
                None => self.layout.find(&entry.name),
                Some(_) => of_head.next(),
            };
            Some((own?, entry))
        })
    }

    /// After how many blocks of the encoder a task's head reads.
    pub fn layers(&self, task: usize) -> usize {
        self.layers[task]
    }

    /// The order in which a batch has its tasks' rows: those that go through more blocks before those that go through fewer, so that whatever
    /// enters a block is the batch's beginning.
    pub fn depths(&self) -> &[usize] {
        &self.depths
    }

    /// In what the encoder's products multiply.
    pub(crate) fn precision(&self) -> Precision {
        self.precision
    }

    /// Whether every sum of a batch, of losses and gradients, is one over its rows or tokens in their order: so a batch in parts comes to the
    /// same bits, if they go on with the sums.
    pub(crate) fn sums_in_order(&self) -> bool {
        let own_heads = self.place.iter().copied().eq(0..self.tasks());
        let plain = self.shared_private.is_none() && self.matching.is_none();
        own_heads && plain && self.depths.len() == 1 && self.readings.iter().all(Option::is_none)
    }

    /// How many values of the layout, the first ones, the gradients of several tasks reach; of a network of one task, its own.
    pub(crate) fn shared_values(&self) -> usize {
        self.encoder.values_below(self.shared)
    }

    /// Where the parameters lie.
    pub fn layout(&self) -> &Layout {
        &self.layout
    }

    /// The number of tasks.
    pub fn tasks(&self) -> usize {
        self.heads.len()
    }
}
