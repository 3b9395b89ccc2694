//! What the environment says about the hub, read as Python's huggingface_hub reads it, so that one setting serves both. An
//! empty variable counts as one that is not set.

use std::path::PathBuf;
use std::time::Duration;

use crate::certificates::Certificates;
use crate::error::Error;
use crate::token::Token;
use crate::variables::{Variables, from_process, is_true};

/// The public hub.
pub const DEFAULT_ENDPOINT: &str = "https://huggingface.co";

/// Where the hub is, who asks, and where the files go.
#[derive(Clone, Debug)]
pub struct Settings {
    /// The hub's address without a final slash (`HF_ENDPOINT`).
    pub endpoint: String,
    /// Who asks (`HF_TOKEN`, or the file that `HF_TOKEN_PATH` names, by default `HF_HOME/token`).
    pub token: Option<Token>,
    /// The cache that all programs share (`HF_HUB_CACHE`, by default `HF_HOME/hub`).
    pub cache: PathBuf,
    /// Whose word for a server is believed (`SSL_CERT_FILE`, a file in PEM).
    pub certificates: Certificates,
    /// Whether nothing is asked of the network (`HF_HUB_OFFLINE`).
    pub offline: bool,
    /// How long to wait and how often to try.
    pub patience: Patience,
}

/// How long to wait for a server, and how often to ask again.
#[derive(Clone, Copy, Debug)]
pub struct Patience {
    /// For a connection to be made.
    pub connect: Duration,
    /// For the next bytes of an answer (`HF_HUB_DOWNLOAD_TIMEOUT`, in seconds).
    pub read: Duration,
    /// Tries after the first one that bring nothing. One that brings bytes starts the count anew.
    pub retries: u32,
    /// Before the second try; each further pause is twice as long, up to eight times this one.
    pub pause: Duration,
    /// The longest wait that a server may ask for.
    pub longest_wait: Duration,
}

impl Default for Patience {
    fn default() -> Self {
        Self {
            connect: Duration::from_secs(10),
            read: Duration::from_secs(10),
            retries: 5,
            pause: Duration::from_secs(1),
            longest_wait: Duration::from_secs(300),
        }
    }
}

impl Settings {
    /// The settings of this process's environment, and the token's file if there is one.
    ///
    /// # Errors
    /// If a variable is not Unicode or not what it should be, no home folder is known, or the token's file is unreadable.
    pub fn from_env() -> Result<Self, Error> {
        Self::from_variables(from_process)
    }

    /// The settings of an environment, given by its variables.
    ///
    /// # Errors
    /// As [`Settings::from_env`].
    pub fn from_variables(variable: impl Fn(&str) -> Result<Option<String>, Error>) -> Result<Self, Error> {
        let variables = Variables::new(&variable);
        let endpoint = variables.get("HF_ENDPOINT")?.unwrap_or_else(|| DEFAULT_ENDPOINT.to_owned());
        let endpoint = endpoint.trim_end_matches('/').to_owned();
        if !endpoint.starts_with("http://") && !endpoint.starts_with("https://") {
            let expected = "an address that begins with https:// or http://";
            return Err(Error::Setting { name: "HF_ENDPOINT".to_owned(), expected, found: Some(endpoint) });
        }
        let offline = variables.get("HF_HUB_OFFLINE")?.or(variables.get("TRANSFORMERS_OFFLINE")?);
        let mut patience = Patience::default();
        patience.read = variables.seconds("HF_HUB_DOWNLOAD_TIMEOUT")?.unwrap_or(patience.read);
        let certificates = variables.path("SSL_CERT_FILE")?;
        Ok(Self {
            certificates: certificates.as_deref().map(Certificates::read).transpose()?.unwrap_or_default(),
            endpoint,
            token: token(&variables)?,
            cache: cache_folder(&variables)?,
            offline: is_true(offline.as_deref()),
            patience,
        })
    }
}

/// The token of the environment, or of the file that it names.
fn token(variables: &Variables<'_>) -> Result<Option<Token>, Error> {
    if is_true(variables.get("HF_HUB_DISABLE_IMPLICIT_TOKEN")?.as_deref()) {
        return Ok(None);
    }
    for name in ["HF_TOKEN", "HUGGING_FACE_HUB_TOKEN"] {
        if let Some(text) = variables.get(name)? {
            if let Some(token) = Token::new(&text, name)? {
                return Ok(Some(token));
            }
            break;
        }
    }
    let file = match variables.path("HF_TOKEN_PATH")? {
        Some(file) => file,
        None => hf_home(variables)?.join("token"),
    };
    if !file.exists() {
        return Ok(None);
    }
    Token::new(&mtlift_files::read_text(&file)?, &file.display().to_string())
}

/// Where the cache of an environment is.
pub(crate) fn cache_folder(variables: &Variables<'_>) -> Result<PathBuf, Error> {
    for name in ["HF_HUB_CACHE", "HUGGINGFACE_HUB_CACHE"] {
        if let Some(folder) = variables.path(name)? {
            return Ok(folder);
        }
    }
    Ok(hf_home(variables)?.join("hub"))
}

fn hf_home(variables: &Variables<'_>) -> Result<PathBuf, Error> {
    if let Some(folder) = variables.path("HF_HOME")? {
        return Ok(folder);
    }
    match variables.get("XDG_CACHE_HOME")? {
        Some(folder) => Ok(PathBuf::from(folder).join("huggingface")),
        None => Ok(variables.home()?.join(".cache/huggingface")),
    }
}
