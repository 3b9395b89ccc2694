//! A task's splits, tokenised and with targets as the head has them.

use mtlift_encoder::{Config, Input};
use mtlift_glue_data::{Kind, Target, Task, TokenCache, stratified_split, target_notes};
use mtlift_nn::random::Stream;
use mtlift_tokenizer::{Encoded, Tokenizer};

use crate::head::TaskHead;
use crate::{Error, Settings};

/// Rows ready to be trained on or scored.
#[derive(Clone, Debug)]
pub struct Rows {
    /// The split they are from.
    pub split: String,
    /// The hash of its file.
    pub hash: String,
    /// Their tokens.
    pub encoded: Encoded,
    /// What each should come to; none where the file has no labels.
    pub targets: Option<Vec<Target>>,
    /// Each row's index as the task gives it.
    pub indices: Vec<String>,
}

/// Reads and tokenises the splits of one task.
#[derive(Debug)]
pub struct Reader<'a> {
    /// The task.
    pub task: &'a Task,
    /// Its head.
    pub head: &'a TaskHead,
    /// The tokenizer.
    pub tokenizer: &'a Tokenizer,
    /// Where encodings are kept, if anywhere.
    pub cache: Option<&'a TokenCache>,
}

/// Which rows of the training split a run trains on, and which it holds out. Drawn without the seed: arms and seeds differ
/// in how they train, not in what is theirs to train on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TrainingSplit {
    /// The rows to train on.
    pub train: Vec<usize>,
    /// The rows held out to select by, if any were asked for.
    pub held_out: Option<Vec<usize>>,
}

impl TrainingSplit {
    /// `max_train` of the rows with these targets, classes in proportion, and of those the share `held_out`, in `(0, 1)`,
    /// but at least one row.
    pub fn draw(targets: &[Target], max_train: Option<usize>, held_out: Option<f64>) -> Self {
        let draw = |rows: Vec<usize>, part: usize, name: &str| -> (Vec<usize>, Vec<usize>) {
            let targets: Vec<Target> = rows.iter().map(|&row| targets[row]).collect();
            let (rest, part) = stratified_split(&targets, part, &mut Stream::new(0, name).at(0));
            let of = |places: Vec<usize>| places.into_iter().map(|place| rows[place]).collect();
            (of(rest), of(part))
        };
        let mut train: Vec<usize> = (0..targets.len()).collect();
        if let Some(most) = max_train.filter(|&most| most < train.len()) {
            (_, train) = draw(train, most, "max-train");
        }
        let Some(share) = held_out else { return Self { train, held_out: None } };
        let rows = (train.len() as f64 * share).round() as usize;
        let (train, held_out) = draw(train, rows.max(1), "held-out");
        Self { train, held_out: Some(held_out) }
    }
}

/// What the training split is divided into.
#[derive(Clone, Debug)]
pub struct TrainingData {
    /// The rows to train on.
    pub train: Rows,
    /// The rows held out to select by, if any were asked for.
    pub held_out: Option<Rows>,
}

impl Reader<'_> {
    /// All rows of a split; `warn` hears of rows left out, of texts without a token, and of an encoding that could not be
    /// cached.
    ///
    /// # Errors
    /// If there is no such split, or it cannot be read.
    pub fn read(&self, split: &str, warn: &mut dyn FnMut(&str)) -> Result<Rows, Error> {
        let (task, splits) = (self.task.name.clone(), self.task.splits());
        if !splits.contains(&split) {
            return Err(Error::NoSplit { task, split: split.to_owned(), found: splits.join(", ") });
        }
        let read = self.task.read(split)?;
        if let Some(first) = read.skipped.first() {
            let (file, rows) = (read.path.display(), read.skipped.len());
            warn(&format!("{file}: {rows} broken rows are left out, the first is row {first}"));
        }
        if let rows @ [first, ..] = &self.tokenizer.without_token(&read.examples)?[..] {
            let (file, row) = (read.path.display(), read.examples[*first].line);
            let count =
                if rows.len() == 1 { "1 row has".to_owned() } else { format!("{} rows have", rows.len()) };
            warn(&format!(
                "{file}: {count} a text without a token, of which a model sees nothing; the first is row {row}"
            ));
        }
        let encoded = match self.cache {
            None => self.tokenizer.encode(&read.examples)?,
            Some(cache) => {
                let cached = cache.get_or_encode(&read.examples, self.tokenizer)?;
                cached.not_stored.iter().for_each(|why| warn(why));
                cached.encoded
            }
        };
        let targets =
            read.targets().map(|targets| targets.into_iter().map(|t| self.head.target(t)).collect());
        let indices = read.examples.into_iter().map(|example| example.index).collect();
        Ok(Rows { split: split.to_owned(), hash: read.hash, encoded, targets, indices })
    }

    /// As [`Reader::read`], for a split whose rows must have labels.
    ///
    /// # Errors
    /// Also if they have none.
    pub fn labelled(&self, split: &str, warn: &mut dyn FnMut(&str)) -> Result<Rows, Error> {
        let rows = self.read(split, warn)?;
        match rows.targets {
            Some(_) => Ok(rows),
            None => Err(Error::NoLabels { task: self.task.name.clone(), split: split.to_owned() }),
        }
    }

    /// The training split: `max_train` rows of it, drawn the same for every seed, and of those the held-out part where
    /// `hold_out` says so.
    ///
    /// # Errors
    /// If the split cannot be read, has no labels, or too few rows are left.
    pub fn training(
        &self,
        settings: &Settings,
        hold_out: bool,
        warn: &mut dyn FnMut(&str),
    ) -> Result<TrainingData, Error> {
        let all = self.labelled("train", warn)?;
        let targets = all.targets.as_deref().unwrap_or_default();
        let split = TrainingSplit::draw(targets, settings.max_train, hold_out.then_some(settings.held_out));
        let held_out = split.held_out.map(|rows| all.select(&rows));
        let train = all.select(&split.train);
        let rows = train.encoded.rows();
        let empty = held_out.as_ref().is_some_and(|part| part.encoded.rows() == 0);
        if rows == 0 || empty {
            return Err(Error::TooFewRows { task: self.task.name.clone(), rows });
        }
        Ok(TrainingData { train, held_out })
    }
}

impl Rows {
    /// What stands out in the targets of these rows of `task`, in sentences: one class alone, a class without a row.
    pub fn target_notes(&self, task: &Task, head: &TaskHead) -> Vec<String> {
        let names: &[String] = if task.kind == Kind::Regression { &[] } else { &head.labels.names };
        target_notes(&self.split, names, &task.metrics, self.targets.as_deref().unwrap_or_default())
    }

    /// That all logits `[rows, outputs]` of these rows are finite: a maximum or a value of others is no prediction.
    ///
    /// # Errors
    /// If one is not, with its row.
    pub(crate) fn check_logits(&self, logits: &[f32], outputs: usize) -> Result<(), Error> {
        let Some(at) = logits.iter().position(|logit| !logit.is_finite()) else { return Ok(()) };
        let row = at / outputs;
        let count =
            logits.chunks_exact(outputs).filter(|row| row.iter().any(|logit| !logit.is_finite())).count();
        Err(Error::LogitNotFinite {
            split: self.split.clone(),
            index: self.indices[row].clone(),
            logits: format!("{:?}", &logits[row * outputs..][..outputs]),
            count,
            of: self.encoded.rows(),
        })
    }

    /// Whether an encoder of this configuration can take the rows.
    pub(crate) fn check(&self, config: &Config) -> Result<(), Error> {
        Ok(check_rows(&self.encoded, config)?)
    }

    /// These rows alone, in this order.
    fn select(&self, rows: &[usize]) -> Rows {
        let mut encoded = Encoded::default();
        for &row in rows {
            let range = self.encoded.range(row);
            encoded.ids.extend(&self.encoded.ids[range.clone()]);
            encoded.segments.extend(&self.encoded.segments[range]);
            encoded.offsets.push(encoded.ids.len());
        }
        Rows {
            split: self.split.clone(),
            hash: self.hash.clone(),
            encoded,
            targets: self.targets.as_ref().map(|targets| rows.iter().map(|&row| targets[row]).collect()),
            indices: rows.iter().map(|&row| self.indices[row].clone()).collect(),
        }
    }
}

/// Whether an encoder of this configuration can take the rows.
pub(crate) fn check_rows(encoded: &Encoded, config: &Config) -> Result<(), mtlift_encoder::Error> {
    let Encoded { ids, segments, offsets, .. } = encoded;
    Input { ids, segments, offsets, dropout: None }.check(config)
}
