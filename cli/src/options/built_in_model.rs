//! The model that is part of this program. Whatever reads a model reads a directory, so it is written to one: below the user's
//! cache folder, named after its content. Each file is compared with what it should be, so one that was damaged or cut short
//! is written again, and processes that start at the same time do not disturb each other.

use std::path::{Path, PathBuf};

use anyhow::Result;
use etcetera::BaseStrategy;
use mtlift_files::{make_directory, write_atomically};

/// What it is called on the command line.
pub(crate) const NAME: &str = "demo";

/// Its files.
const FILES: &[(&str, &[u8])] = &[
    ("config.json", include_bytes!("../../demo-model/config.json")),
    ("model.safetensors", include_bytes!("../../demo-model/model.safetensors")),
    ("tokenizer.json", include_bytes!("../../demo-model/tokenizer.json")),
    ("tokenizer_config.json", include_bytes!("../../demo-model/tokenizer_config.json")),
    ("NOTICE", include_bytes!("../../demo-model/NOTICE")),
    ("README.md", include_bytes!("../../demo-model/README.md")),
];

/// Its directory, written first where it is not there: below the cache folder, or the system's temporary folder where that
/// cannot be written to.
pub(crate) fn directory() -> Result<PathBuf> {
    let mut hasher = blake3::Hasher::new();
    FILES.iter().for_each(|(_, content)| {
        hasher.update(content);
    });
    let name = format!("{NAME}-{}", &hasher.finalize().to_hex()[..16]);
    let below = |folder: PathBuf| folder.join("mtlift").join("models").join(&name);
    let cache = etcetera::choose_base_strategy().ok().map(|strategy| below(strategy.cache_dir()));
    if let Some(directory) = cache.filter(|directory| write(directory).is_ok()) {
        return Ok(directory);
    }
    let directory = below(std::env::temp_dir());
    write(&directory)?;
    Ok(directory)
}

fn write(directory: &Path) -> Result<(), mtlift_files::Error> {
    make_directory(directory)?;
    for (name, content) in FILES {
        let file = directory.join(name);
        if !std::fs::read(&file).is_ok_and(|there| there == *content) {
            write_atomically(&file, |to| std::io::Write::write_all(to, content))?;
        }
    }
    Ok(())
}
