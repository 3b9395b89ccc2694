//! `timing.json`: what a run took, which no two runs have in common.

use serde::{Deserialize, Serialize};

/// `timing.json`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Timing {
    /// From the start of the run to its end, evaluations and all; of a process that was killed, up to its last checkpoint.
    pub seconds: f64,
    /// Seconds of all training steps, of earlier processes too.
    pub training_seconds: f64,
    /// Real tokens of the training steps over their seconds.
    pub tokens_per_s: f64,
    /// The most memory that the process had; none where the system does not say.
    pub peak_rss_mib: Option<u64>,
    /// Threads.
    pub threads: usize,
    /// The vector instructions in use.
    pub instructions: String,
}

/// Linux's high-water mark of the resident set.
pub(crate) fn peak_rss_mib() -> Option<u64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
    Some(line.trim().strip_suffix(" kB")?.parse::<u64>().ok()? / 1024)
}
