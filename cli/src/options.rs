//! Options that several commands share. A command takes in only the groups that it uses: a flag without use is an error.

use std::path::{Path, PathBuf};
use std::str::FromStr;

use anyhow::{Context, Result};
use clap::Args;
use clap::builder::{PossibleValuesParser, TypedValueParser};
use etcetera::BaseStrategy;
use mtlift_glue_data::{Task, TokenCache};
use mtlift_train::TrainedModel;

/// One of a list, by its name; the help lists the names.
pub(crate) fn one_of<T>(all: &[T], name: fn(T) -> &'static str) -> impl TypedValueParser<Value = T>
where
    T: FromStr<Err: std::error::Error + Send + Sync + 'static> + Copy + Send + Sync + 'static,
{
    PossibleValuesParser::new(all.iter().map(|&value| name(value))).try_map(|name| name.parse())
}

/// An error of the command line's rather than of the job's: exit status 2.
#[derive(Debug)]
pub(crate) struct Misuse(pub(crate) String);

impl std::fmt::Display for Misuse {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for Misuse {}

/// Whether the command line is at fault: a name that nothing has, a setting that is out of its range.
pub(crate) fn is_misuse(error: &anyhow::Error) -> bool {
    use mtlift_glue_data::Error as Data;
    use mtlift_study::Error as Study;
    use mtlift_train::Error as Train;
    let of_data = |error: &Data| {
        matches!(error, Data::UnknownTask { .. } | Data::NoDataHome { .. } | Data::MaxTokens { .. })
    };
    let of_train = |error: &Train| match error {
        Train::Setting { .. } | Train::Schedule(_) | Train::TooManyTokens { .. } => true,
        Train::Data(error) => of_data(error),
        _ => false,
    };
    error.is::<Misuse>()
        || error.downcast_ref().is_some_and(of_data)
        || error.downcast_ref().is_some_and(of_train)
        || error.downcast_ref().is_some_and(|error| match error {
            Study::Spec { .. } | Study::TooFewRows { .. } | Study::Schedule(_) => true,
            Study::Train(error) => of_train(error),
            Study::Data(error) => of_data(error),
            _ => false,
        })
}

/// Where models and data are.
#[derive(Args, Clone)]
pub(crate) struct Home {
    /// Folder with glue/TASK/ and models/NAME/
    #[arg(long, env = "MTLIFT_HOME", value_name = "DIR", help_heading = "Places")]
    data_home: Option<PathBuf>,
}

impl Home {
    pub(crate) fn path(&self) -> Option<&Path> {
        self.data_home.as_deref()
    }

    /// A task by its name, or from a TOML file.
    pub(crate) fn task(&self, name: &str) -> Result<Task> {
        Ok(Task::find(name, self.path())?)
    }

    /// The first model of the data home by name, if there is one.
    pub(crate) fn first_model(&self) -> Option<PathBuf> {
        let models = self.path()?.join("models");
        Some(models.join(names(&models).first()?))
    }

    /// A model's directory, or the one below `models/` that has the name.
    pub(crate) fn model(&self, name: &str) -> Result<PathBuf> {
        let here = PathBuf::from(name);
        if here.is_dir() {
            return Ok(here);
        }
        let models = self.path().map(|home| home.join("models"));
        if let Some(directory) = models.as_ref().map(|models| models.join(name)).filter(|path| path.is_dir())
        {
            return Ok(directory);
        }
        let there = match &models {
            None => "there is no such directory, and no data home to look in: set MTLIFT_HOME or --data-home"
                .to_owned(),
            Some(models) => {
                format!("there is no such directory here or in {}{}", models.display(), list(models))
            }
        };
        Err(Misuse(format!("model {name}: {there}")).into())
    }
}

/// ", which has a, b"
fn list(models: &Path) -> String {
    let names = names(models);
    if names.is_empty() { String::new() } else { format!(", which has {}", names.join(", ")) }
}

/// The names of the models in a folder, sorted.
fn names(models: &Path) -> Vec<String> {
    let entries = models.read_dir().into_iter().flatten().flatten();
    let mut names: Vec<String> = entries
        .filter(|entry| entry.path().join("config.json").is_file())
        .map(|entry| entry.file_name().to_string_lossy().into_owned())
        .collect();
    names.sort();
    names
}

/// Where token ids are kept from one run to the next.
#[derive(Args, Clone)]
pub(crate) struct Cache {
    /// Folder for token ids, kept between runs [default: mtlift below the user's cache folder]
    #[arg(long, env = "MTLIFT_CACHE", value_name = "DIR", help_heading = "Places")]
    cache_dir: Option<PathBuf>,
}

impl Cache {
    /// The cache; none on a machine where no place for one is known.
    pub(crate) fn open(&self) -> Option<TokenCache> {
        let users = || Some(etcetera::choose_base_strategy().ok()?.cache_dir().join("mtlift"));
        self.cache_dir.clone().or_else(users).map(TokenCache::new)
    }
}

/// What all commands that run a model take.
#[derive(Args, Clone)]
pub(crate) struct Common {
    #[command(flatten)]
    pub(crate) threads: Threads,
    #[command(flatten)]
    pub(crate) home: Home,
    #[command(flatten)]
    pub(crate) cache: Cache,
    #[command(flatten)]
    pub(crate) output: Output,
}

/// A trained model and the task to use it on.
#[derive(Args, Clone)]
pub(crate) struct Trained {
    /// A trained model: a directory that `mtlift train` wrote, or one with a head from elsewhere
    #[arg(long)]
    model: String,
    /// A GLUE task, or a TOML file that describes a task of your own
    #[arg(long)]
    task: String,
    /// What the model's outputs mean, in their order, if its configuration does not say
    #[arg(long, value_delimiter = ',', value_name = "NAME,NAME,...")]
    labels: Option<Vec<String>>,
    /// The most tokens of a row, as in training [default: 128]
    #[arg(long, value_name = "N")]
    max_tokens: Option<usize>,
}

impl Trained {
    pub(crate) fn task(&self, home: &Home) -> Result<Task> {
        home.task(&self.task)
    }

    pub(crate) fn open(&self, home: &Home, task: &Task) -> Result<TrainedModel> {
        let directory = home.model(&self.model)?;
        Ok(TrainedModel::open(&directory, task, self.labels.as_deref(), self.max_tokens)?)
    }
}

/// How many threads work.
#[derive(Args, Clone)]
pub(crate) struct Threads {
    /// Threads to use; results do not depend on it [default: one for each processor]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..))]
    threads: Option<u16>,
}

impl Threads {
    /// How many there are.
    pub(crate) fn count(&self) -> usize {
        self.threads.map_or_else(rayon::current_num_threads, usize::from)
    }

    /// Runs `job` on one of `count` threads of its own.
    pub(crate) fn with<T: Send>(&self, count: usize, job: impl FnOnce() -> T + Send) -> Result<T> {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(count).build();
        Ok(pool.context("cannot start the threads")?.install(job))
    }

    /// Runs `job` on one of the threads: work that starts there stays among them, without a queue.
    pub(crate) fn run<T: Send>(&self, job: impl FnOnce() -> T + Send) -> Result<T> {
        let threads = self.threads.map_or(0, usize::from);
        rayon::ThreadPoolBuilder::new()
            .num_threads(threads)
            .build_global()
            .context("cannot start the threads")?;
        Ok(rayon::scope(|_| job()))
    }
}

/// How results are printed.
#[derive(Args, Clone)]
pub(crate) struct Output {
    /// Print the results as one JSON object
    #[arg(long)]
    pub(crate) json: bool,
}
