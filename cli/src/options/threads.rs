//! How many threads work. No result depends on it.

use anyhow::{Context, Result};
use clap::Args;

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
