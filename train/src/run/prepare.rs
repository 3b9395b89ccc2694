//! All that a run reads before its first step: model, tokenizer, rows. Whatever is wrong with them is found here.

use std::collections::BTreeSet;
use std::path::Path;

use mtlift_encoder::{Config, no_config};
use mtlift_nn::AdamWConfig;
use mtlift_nn::random::Stream;
use mtlift_schedule::{Architecture, BatchKind, Selection};
use mtlift_tokenizer::Tokenizer;
use ndarray::Array2;
use serde_json::json;

use super::course::Course;
use super::description::Description;
use super::job::{Job, Observer, Rebalanced};
use super::part::Part;
use super::text_sets::TextSets;
use super::twins::{Written, write_twins};
use crate::precision::check_processor;
use crate::record::{ConsistencyRecord, MergeRecord, SelfTrainingRecord, TwinRow, WrittenRow};
use crate::step::Texts;
use crate::{
    Design, Error, MAX_TOKENS, Masking, Mixing, Model, Reads, RelatedTasks, Settings, TaskHead, Trainer,
};

/// Everything that a run needs but the parameters: those are the trainer's.
pub(super) struct Prepared<'a> {
    pub(super) description: Description,
    pub(super) config: Config,
    pub(super) reads: Option<Reads>,
    /// The target first.
    pub(super) tasks: Vec<Part<'a>>,
    pub(super) text_sets: TextSets,
    pub(super) course: Course,
    pub(super) selection: Selection,
    /// How the model was merged of others, of a run that does so.
    pub(super) merged: Option<MergeRecord>,
    /// Which rows were labelled by a model, of a run that trains on such.
    pub(super) self_training: Option<SelfTrainingRecord>,
    /// The first of the rows that a model wrote for it; none of a run without such.
    pub(super) written: Vec<WrittenRow>,
    /// Which rows are compared with their twins, of a run that does so.
    pub(super) consistency: Option<ConsistencyRecord>,
    /// The first of them.
    pub(super) twins: Vec<TwinRow>,
}

/// What of it is there before the model.
pub(super) struct Material<'a> {
    pub(super) config: Config,
    pub(super) tokenizer: Tokenizer,
    /// The target first.
    pub(super) tasks: Vec<Part<'a>>,
}

impl<'a> Material<'a> {
    pub(super) fn read(job: Job<'a>, observer: &mut dyn Observer) -> Result<Self, Error> {
        let settings = job.settings;
        settings.check()?;
        check_processor(settings.precision)?;
        settings.class_weights.check_for(job.tasks.iter().map(|part| part.task))?;
        settings.select.check_for("select", job.tasks.iter().map(|part| part.task))?;
        let config = read_config(job.model, settings)?;
        let tokenizer = open_tokenizer(job.model, &config, settings.max_tokens)?;
        let tasks = job
            .tasks
            .iter()
            .map(|task| Part::read(job, task, &config, &tokenizer, observer))
            .collect::<Result<Vec<_>, Error>>()?;
        check_together(job, &tasks, &TextSets::of(&tasks))?;
        check_score_rows(job, &tasks)?;
        Ok(Self { config, tokenizer, tasks })
    }
}

impl<'a> Prepared<'a> {
    pub(super) fn read(job: Job<'a>, observer: &mut dyn Observer) -> Result<(Self, Trainer), Error> {
        Self::of(job, Material::read(job, observer)?, observer)
    }

    /// With the model, for the rows that are there.
    pub(super) fn of(
        job: Job<'a>,
        material: Material<'a>,
        observer: &mut dyn Observer,
    ) -> Result<(Self, Trainer), Error> {
        let settings = job.settings;
        let Material { config, tokenizer, mut tasks } = material;
        let text_sets = TextSets::of(&tasks);
        let mut course = Course::check(settings, job.mixing, tasks.len(), &text_sets.sizes())?;
        match job.rebalanced {
            None => {}
            Some(Rebalanced::GroupBalanced) => {
                course = course.balanced(tasks[0].balanced_rows()?, Stream::new(settings.seed, "groups"));
            }
            Some(Rebalanced::Twice { first, upweight }) => tasks[0].weigh_wrong(job, first, upweight)?,
        }
        let selection = Selection::check(settings.patience)?;
        let steps = course.total_steps;
        let compared = match settings.consistency() {
            None => None,
            Some(how) => Some(write_twins(job, how, &tasks[0], (&config, &tokenizer), steps, observer)?),
        };

        let heads: Vec<&TaskHead> = tasks.iter().map(|part| &part.head).collect();
        let matching = matching(job.mixing, &tasks)?;
        let design = Design { matching, ..Design::of(job.mixing, &names(&tasks), &config)? };
        let (model, report) = Model::read_joint(job.model, config, &heads, &design, settings.seed)?;
        observer.note(&format!("model {}: {report}", job.model.display()));
        if !report.unexpected.is_empty() {
            observer.warn(&format!(
                "the checkpoint has weights of the encoder that config.json does not describe: {report}"
            ));
        }
        let (Model { config, network, params }, texts) = learn_texts(job, model, &tokenizer)?;
        let mut description = Description::new(job, &tasks, &text_sets, &tokenizer, course.total_steps)?;
        if let Some(rebalanced) = job.rebalanced {
            description.add("rebalanced", rebalanced.describe()?);
        }
        let mut trainer = Trainer::new(
            network,
            params,
            AdamWConfig { weight_decay: settings.weight_decay, ..AdamWConfig::default() },
            Some(Stream::new(settings.seed, "dropout")),
            settings.clip,
            settings.micro_batch.unwrap_or(settings.batch),
        );
        if let Some(texts) = texts {
            trainer = trainer.learning_texts(texts);
        }
        let (mut consistency, mut first_twins) = (None, Vec::new());
        if let Some(Written { twins, record, first }) = compared {
            description.add("consistency", json!(record));
            trainer = trainer.comparing(twins);
            (consistency, first_twins) = (Some(record), first);
        }
        if let Some(flat_minima) = settings.flat_minima {
            trainer = trainer.climbing(flat_minima);
        }
        if let Some(average) = settings.weight_average {
            trainer = trainer.averaging(average, course.total_steps);
        }
        let combine = job.mixing.combine;
        let climbs_apart = settings.flat_minima.is_some_and(|flat_minima| flat_minima.is_of_each_task());
        let rule = if climbs_apart { Some(combine.of_each_task()) } else { combine.combination() };
        if let Some(rule) = rule.filter(|_| tasks.len() > 1) {
            trainer = trainer.combining(rule, Stream::new(settings.seed, "combination"));
        }
        if let Some(every) = job.conflict_every.filter(|_| tasks.len() > 1) {
            trainer = trainer.watching(every);
        }
        let reads = design.reads;
        let prepared = Self {
            description,
            config,
            reads,
            tasks,
            text_sets,
            course,
            selection,
            merged: None,
            self_training: None,
            written: Vec::new(),
            consistency,
            twins: first_twins,
        };
        Ok((prepared, trainer))
    }

    /// Says what will be trained on.
    pub(super) fn introduce(&self, observer: &mut dyn Observer) {
        for (place, part) in self.tasks.iter().enumerate() {
            let steps =
                if place == 0 { format!(", {} steps", self.course.total_steps) } else { String::new() };
            observer.note(&format!(
                "task {}: {} rows to train on{steps}; head for {} {}",
                part.task.name,
                part.train.encoded.rows(),
                part.head.labels.names.join(", "),
                part.head.describe_origin()
            ));
            part.notes().iter().for_each(|note| observer.note(note));
        }
        for tasks in self.text_sets.shared() {
            let names: Vec<&str> = tasks.iter().map(|&task| self.tasks[task].task.name.as_str()).collect();
            observer
                .note(&format!("{} label the same texts, each of which is encoded once", names.join(", ")));
        }
    }
}

/// A model's configuration, with what the settings say of it.
pub(super) fn read_config(model: &Path, settings: &Settings) -> Result<Config, Error> {
    let mut config = Config::read(model)?;
    config.precision = settings.precision;
    if let Some(rate) = settings.dropout {
        (config.hidden_dropout, config.attention_dropout, config.classifier_dropout) = (rate, rate, rate);
    }
    Ok(config)
}

/// Whether these tasks can be one run: files are named by task, and a gap between scores has a size where both are shares.
fn check_together(job: Job<'_>, tasks: &[Part<'_>], texts: &TextSets) -> Result<(), Error> {
    let refuse =
        |name, value: &str, expected| Err(Error::Setting { name, value: value.to_owned(), expected });
    // By case alone they would be one file on some systems.
    let distinct: BTreeSet<String> = tasks.iter().map(|part| part.task.name.to_lowercase()).collect();
    if distinct.len() < tasks.len() {
        return refuse("list of tasks", &names(tasks).join(","), "different names");
    }
    let learnt = job.settings.auxiliary.filter(|auxiliary| auxiliary.counts());
    if let Some(auxiliary) = learnt.filter(|_| tasks.len() > 1) {
        return refuse("auxiliary", &auxiliary.to_string(), "none: it is for runs on one task");
    }
    if let Some(part) = tasks.iter().find(|part| part.taught.is_some() && part.task.head_of.is_some()) {
        let expected = "a task by itself: the rows of a head are those that have a label for it";
        return refuse("task of rows that are taught", &part.task.name, expected);
    }
    let sampler = job.mixing.mix.sampler;
    let in_units = tasks.iter().any(|part| !part.head.metrics().higher_is_better());
    if tasks.len() > 1 && sampler.needs_scores() && in_units {
        let expected = "one that does not look at scores, because a task is scored by mse";
        return refuse("sampler", &sampler.to_string(), expected);
    }
    let has_shared = texts.shared().next().is_some();
    if has_shared && sampler.needs_scores() {
        let expected = "one that does not look at scores, because tasks label the same texts";
        return refuse("sampler", &sampler.to_string(), expected);
    }
    let takes_turns = job.mixing.architecture.as_ref().is_some_and(Architecture::takes_turns);
    if let Some(architecture) = job.mixing.architecture.as_ref().filter(|_| has_shared && takes_turns) {
        let expected = "one whose steps are of several tasks, because tasks label the same texts";
        return refuse("architecture", &architecture.to_string(), expected);
    }
    let private = |architecture: &&Architecture| matches!(architecture, Architecture::SharedPrivate { .. });
    if let Some(architecture) = job.mixing.architecture.as_ref().filter(|_| has_shared).filter(private) {
        let expected = "one without an adversary, because tasks label the same texts";
        return refuse("architecture", &architecture.to_string(), expected);
    }
    let batches = job.mixing.mix.batches;
    if tasks.len() > 1 && takes_turns && batches != BatchKind::Homogeneous {
        let expected = "homogeneous: of this architecture steps are of one task each";
        return refuse("batch kind", &batches.to_string(), expected);
    }
    let needs_whole = job.mixing.architecture.as_ref().is_some_and(Architecture::needs_whole_steps);
    let micro_batch = job.settings.micro_batch.filter(|&rows| rows < job.settings.batch);
    if let Some(rows) = micro_batch.filter(|_| tasks.len() > 1 && needs_whole) {
        let expected =
            "none or the batch size: the orthogonality of this architecture is of all rows of a step";
        return refuse("micro-batch", &rows.to_string(), expected);
    }
    let combine = job.mixing.combine;
    let looks_at_scores = combine.combination().is_some_and(|rule| rule.looks_at_scores());
    if tasks.len() > 1 && looks_at_scores && in_units {
        let expected = "one that does not look at scores, because a task is scored by mse";
        return refuse("combination", &combine.to_string(), expected);
    }
    Ok(())
}

/// What the run learns of its texts, if something, and the model with what that takes.
fn learn_texts(job: Job<'_>, model: Model, tokenizer: &Tokenizer) -> Result<(Model, Option<Texts>), Error> {
    let settings = job.settings;
    let of_texts = settings.auxiliary.filter(|own| own.counts() && own.consistency().is_none());
    let Some(auxiliary) = of_texts else { return Ok((model, None)) };
    let texts = Texts::new(auxiliary, model.config.hidden);
    if !auxiliary.guesses_tokens() {
        return Ok((model, Some(texts)));
    }
    let masking = Masking::new(tokenizer, settings.seed)?;
    let (model, guessing) = model.guessing_tokens(job.model, settings.seed)?;
    let micro_batch = settings.micro_batch.unwrap_or(settings.batch);
    Ok((model, Some(texts.guessing(guessing, masking, settings.seed, micro_batch))))
}

fn names<'a>(tasks: &'a [Part<'_>]) -> Vec<&'a str> {
    tasks.iter().map(|part| part.task.name.as_str()).collect()
}

/// By what the labels of the tasks say of each other their heads are matched, if they are.
fn matching(mixing: &Mixing, tasks: &[Part<'_>]) -> Result<Option<(f64, Vec<RelatedTasks>)>, Error> {
    let Some(Architecture::Match { weight }) = mixing.architecture else { return Ok(None) };
    let place = |name: &str| tasks.iter().position(|part| part.task.name == name);
    let mut related = Vec::new();
    for table in &mixing.label_tables {
        let wrong = || Error::LabelTable { from: table.from.clone(), to: table.to.clone() };
        let (Some(first), Some(second)) = (place(&table.from), place(&table.to)) else { return Err(wrong()) };
        let [a, b] = [first, second].map(|task: usize| &tasks[task].head.labels.names);
        let values = table.probabilities(a, b).filter(|_| first != second).ok_or_else(wrong)?;
        let table = Array2::from_shape_vec((a.len(), b.len()), values).expect("a row for each label");
        related.push(RelatedTasks { tasks: (first, second), table, prior: tasks[first].frequencies() });
    }
    if related.is_empty() && tasks.len() > 1 {
        return Err(Error::NoLabelTable { tasks: names(tasks).join(", ") });
    }
    Ok(Some((weight, related)))
}

/// Whether rows to score were asked for and no task has one.
fn check_score_rows(job: Job<'_>, tasks: &[Part<'_>]) -> Result<(), Error> {
    if job.settings.score_rows.is_none() || tasks.iter().any(|part| part.unused.is_some()) {
        return Ok(());
    }
    Err(Error::NothingToScore { tasks: names(tasks).join(", ") })
}

/// The tokenizer in a directory, to look at data with it: no other file of the model is needed.
///
/// # Errors
/// If it cannot be read, or `max_tokens` leaves no room for text.
pub fn tokenizer_alone(directory: &Path, max_tokens: usize) -> Result<Tokenizer, Error> {
    match Tokenizer::open(directory, max_tokens) {
        Err(mtlift_tokenizer::Error::NoTokenizer { directory })
            if !directory.join("config.json").exists() =>
        {
            Err(no_config(&directory).into())
        }
        opened => Ok(opened?),
    }
}

/// The tokenizer in a model's directory, checked against the model.
pub(crate) fn open_tokenizer(
    directory: &Path,
    config: &Config,
    max_tokens: Option<usize>,
) -> Result<Tokenizer, Error> {
    let limit = config.max_tokens();
    let max_tokens = match max_tokens {
        Some(asked) if asked > limit => return Err(Error::TooManyTokens { asked, limit }),
        Some(asked) => asked,
        None => MAX_TOKENS.min(limit),
    };
    let tokenizer = Tokenizer::open(directory, max_tokens)?;
    if tokenizer.vocabulary_size() > config.vocabulary {
        return Err(Error::Vocabulary { tokenizer: tokenizer.vocabulary_size(), model: config.vocabulary });
    }
    Ok(tokenizer)
}
