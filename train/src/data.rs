//! A task's splits, tokenised and with targets as the head has them.

use mtlift_encoder::{Config, Input};
use mtlift_eval::{GroupScores, Groups};
use mtlift_glue_data::{Kind, Split, Target, Task, TokenCache, target_notes};
use mtlift_nn::random::Stream;
use mtlift_tokenizer::{Encoded, Tokenizer};

use crate::head::TaskHead;
use crate::merging::drawn;
use crate::{Error, LabelledSplit, Predictions, Settings, TrainingSplit};

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
    /// Their groups; none of a task without groups, and where a row has none.
    pub groups: Option<Groups>,
    /// Each row's index as the task gives it.
    pub indices: Vec<String>,
    /// Of a head of several, each row's place among the texts of its file; else none.
    pub places: Option<Vec<usize>>,
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

/// What the training split is divided into.
#[derive(Clone, Debug)]
pub struct TrainingData {
    /// The rows to train on.
    pub train: Rows,
    /// The rows held out to select by, if any were asked for.
    pub held_out: Option<Rows>,
    /// The unused rows to score beside dev, if any were asked for; there may be none.
    pub score: Option<Rows>,
    /// The groups that the split has, used rows or not.
    pub groups: Vec<String>,
}

impl Reader<'_> {
    /// All rows of a split; `warn` hears of rows left out, of texts without a token, and of an encoding that could not be
    /// cached.
    ///
    /// # Errors
    /// If there is no such split, or it cannot be read.
    pub fn read(&self, split: &str, warn: &mut dyn FnMut(&str)) -> Result<Rows, Error> {
        let read = self.examples(split, warn)?;
        self.rows(split, read, None, warn)
    }

    /// All rows of a split as they stand in its file.
    fn examples(&self, split: &str, warn: &mut dyn FnMut(&str)) -> Result<Split, Error> {
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
        Ok(read)
    }

    /// The rows of a split, tokenised.
    fn rows(
        &self,
        split: &str,
        read: Split,
        places: Option<Vec<usize>>,
        warn: &mut dyn FnMut(&str),
    ) -> Result<Rows, Error> {
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
        let groups: Option<Vec<&str>> =
            read.examples.iter().map(|example| example.group.as_deref()).collect();
        let groups = groups.map(|names| Groups::of(&names));
        let indices = read.examples.into_iter().map(|example| example.index).collect();
        Ok(Rows { split: split.to_owned(), hash: read.hash, encoded, targets, groups, indices, places })
    }

    /// As [`Reader::read`], for a split whose rows must have labels; of a head of several, the rows that have one for it.
    ///
    /// # Errors
    /// Also if they have none.
    pub fn labelled(&self, split: &str, warn: &mut dyn FnMut(&str)) -> Result<Rows, Error> {
        let read = self.examples(split, warn)?;
        let LabelledSplit { split: read, places, .. } = LabelledSplit::of(self.task, split, read)?;
        self.rows(split, read, places, warn)
    }

    /// As [`Reader::labelled`], at most `count` of the rows, each as likely; no other is tokenised, and the cache is not asked.
    ///
    /// # Errors
    /// As there.
    pub(crate) fn some_labelled(
        &self,
        split: &str,
        count: usize,
        draws: Stream,
        warn: &mut dyn FnMut(&str),
    ) -> Result<Rows, Error> {
        let read = self.examples(split, warn)?;
        let LabelledSplit { split: all, places, .. } = LabelledSplit::of(self.task, split, read)?;
        let drawn = drawn(all.examples.len(), count, draws);
        let places = places.map(|places| drawn.iter().map(|&row| places[row]).collect());
        Reader { cache: None, ..*self }.rows(split, all.select(&drawn), places, warn)
    }

    /// The training split: `max_train` rows of it, drawn the same for every seed, of those the held-out part where `hold_out` says
    /// so, and of the others `score_rows`.
    ///
    /// # Errors
    /// If the split cannot be read, has no labels, or too few rows are left.
    pub fn training(
        &self,
        settings: &Settings,
        hold_out: bool,
        warn: &mut dyn FnMut(&str),
    ) -> Result<TrainingData, Error> {
        let read = self.examples("train", warn)?;
        let (labelled, split, score) = self.draw(read, settings, hold_out)?;
        let all = self.rows("train", labelled.split, labelled.places, warn)?;
        let groups = all.groups.as_ref().map_or(Vec::new(), |groups| groups.names().to_vec());
        let held_out = split.held_out.map(|rows| all.select(&rows));
        let score = score.map(|rows| all.select(&rows));
        let train = all.select(&split.train);
        let rows = train.encoded.rows();
        let empty = held_out.as_ref().is_some_and(|part| part.encoded.rows() == 0);
        if rows == 0 || empty {
            return Err(Error::TooFewRows { task: self.task.name.clone(), rows });
        }
        Ok(TrainingData { train, held_out, score, groups })
    }

    /// At most `count` of the rows that [`Reader::training`] leaves: none of those that it trains on, holds out or scores, nor of their
    /// texts. They have no targets, and were drawn without a look at any.
    ///
    /// # Errors
    /// If the split cannot be read or has no labels.
    pub fn unlabelled(
        &self,
        settings: &Settings,
        hold_out: bool,
        count: usize,
        warn: &mut dyn FnMut(&str),
    ) -> Result<Rows, Error> {
        let read = self.examples("train", warn)?;
        let (labelled, split, score) = self.draw(read, settings, hold_out)?;
        let rows = split.unlabelled(&labelled.split.examples, &score.unwrap_or_default(), count);
        let all = self.rows("train", labelled.split, labelled.places, warn)?;
        Ok(Rows { targets: None, ..all.select(&rows) })
    }

    /// The rows that [`Reader::training`] leaves with the same arguments, without their labels: neither trained on nor held out nor scored.
    ///
    /// # Errors
    /// As there.
    pub(crate) fn cut_away(&self, settings: &Settings, hold_out: bool) -> Result<Rows, Error> {
        // Who trains on the others has heard of whatever is odd in the file.
        let warn = &mut |_: &str| {};
        let read = self.examples("train", warn)?;
        let (mut labelled, TrainingSplit { mut unused, .. }, score) = self.draw(read, settings, hold_out)?;
        unused.retain(|row| score.as_ref().is_none_or(|scored| scored.binary_search(row).is_err()));
        forget_labels(&mut labelled.split);
        Ok(self.rows("train", labelled.split, labelled.places, warn)?.select(&unused))
    }

    /// All rows of a split, without their labels if they have any.
    ///
    /// # Errors
    /// As [`Reader::read`].
    pub(crate) fn texts(&self, split: &str, warn: &mut dyn FnMut(&str)) -> Result<Rows, Error> {
        let mut read = self.examples(split, warn)?;
        forget_labels(&mut read);
        self.rows(split, read, None, warn)
    }

    /// The rows of the training split that have a label, which of them are for what, and those that are scored where they are asked for.
    fn draw(
        &self,
        read: Split,
        settings: &Settings,
        hold_out: bool,
    ) -> Result<(LabelledSplit, TrainingSplit, Option<Vec<usize>>), Error> {
        let labelled = LabelledSplit::of(self.task, "train", read)?;
        let mut targets = labelled.targets();
        // A study draws the same rows without knowing a head, in the order of the task's labels; without rows to score, runs have
        // always drawn in the order of the head's.
        if settings.score_rows.is_none() {
            targets = targets.into_iter().map(|target| self.head.target(target)).collect();
        }
        let split = labelled.draw(&targets, settings.max_train, hold_out.then_some(settings.held_out));
        let score = settings.score_rows.map(|count| split.to_score(&labelled.split.examples, count));
        Ok((labelled, split, score))
    }
}

impl Rows {
    /// What stands out in the targets of these rows of `task`, in sentences: one class alone, a class without a row.
    pub fn target_notes(&self, task: &Task, head: &TaskHead) -> Vec<String> {
        let names: &[String] = if task.kind == Kind::Regression { &[] } else { &head.labels.names };
        target_notes(&self.split, names, &task.metrics, self.targets.as_deref().unwrap_or_default())
    }

    /// What the groups of these rows score, where rows have groups and labels.
    ///
    /// # Errors
    /// If there is not a prediction for each row.
    pub fn group_scores(&self, predictions: &Predictions) -> Result<Option<GroupScores>, Error> {
        let (Some(groups), Some(targets), Predictions::Classes(predicted)) =
            (&self.groups, &self.targets, predictions)
        else {
            return Ok(None);
        };
        let reference: Vec<usize> = targets.iter().filter_map(Target::class).collect();
        Ok(Some(groups.scores(predicted, &reference)?))
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

    /// The tokens of each row.
    pub(crate) fn tokens(&self) -> impl Iterator<Item = &[u32]> {
        (0..self.encoded.rows()).map(|row| &self.encoded.ids[self.encoded.range(row)])
    }

    /// Adds the rows of another split, or other rows of this one, with targets where these have them; their groups and places are then not
    /// known.
    ///
    /// # Panics
    /// If one has targets and the other none.
    pub fn append(&mut self, other: Rows) {
        assert_eq!(self.targets.is_some(), other.targets.is_some(), "targets for all rows or none");
        let first = self.encoded.ids.len();
        self.encoded.ids.extend(other.encoded.ids);
        self.encoded.segments.extend(other.encoded.segments);
        self.encoded.offsets.extend(other.encoded.offsets.iter().skip(1).map(|offset| first + offset));
        if let (Some(all), Some(targets)) = (&mut self.targets, other.targets) {
            all.extend(targets);
        }
        self.encoded.truncated += other.encoded.truncated;
        self.indices.extend(other.indices);
        (self.groups, self.places) = (None, None);
    }

    /// At most `most` of these rows, spread evenly over all.
    ///
    /// # Panics
    /// If `most` is 0.
    #[must_use]
    pub fn spread(&self, most: usize) -> Rows {
        let rows = self.encoded.rows();
        let taken = rows.min(most);
        self.select(&(0..taken).map(|place| place * rows / taken).collect::<Vec<_>>())
    }

    /// These rows alone, in this order.
    pub(crate) fn select(&self, rows: &[usize]) -> Rows {
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
            groups: self.groups.as_ref().map(|groups| groups.select(rows)),
            targets: self.targets.as_ref().map(|targets| rows.iter().map(|&row| targets[row]).collect()),
            indices: rows.iter().map(|&row| self.indices[row].clone()).collect(),
            places: self.places.as_ref().map(|places| rows.iter().map(|&row| places[row]).collect()),
        }
    }
}

fn forget_labels(split: &mut Split) {
    split.examples.iter_mut().for_each(|example| example.target = None);
}

/// Whether an encoder of this configuration can take the rows.
pub(crate) fn check_rows(encoded: &Encoded, config: &Config) -> Result<(), mtlift_encoder::Error> {
    let Encoded { ids, segments, offsets, .. } = encoded;
    Input { ids, segments, offsets, dropout: None }.check(config)
}
