//! Where models, data and token ids are.

use std::path::{Path, PathBuf};

use anyhow::Result;
use clap::Args;
use etcetera::BaseStrategy;
use mtlift_glue_data::{Task, TokenCache};

use crate::misuse::Misuse;

/// Where models and data are.
#[derive(Args, Clone)]
pub(crate) struct Home {
    /// Data home: the folder that holds glue/TASK/ and models/NAME/
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
        if here.is_file() {
            return Err(Misuse(format!(
                "model {name}: this is a file; give the directory that holds the model"
            ))
            .into());
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
