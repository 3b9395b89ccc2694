//! Seeds, as a count or as a list.

use anyhow::Result;

use crate::misuse::Misuse;

/// `5`: as many of the protocol's seeds; `1,7,42`: these; `42,`: this one.
pub(super) fn parse(given: &str, defaults: &[u64]) -> Result<Vec<u64>> {
    // Who writes 20240101 means a seed.
    const MOST: u64 = 1000;
    let wrong = || {
        Misuse(format!(
            "--seeds {given}: expected how many (1 to {MOST}), or which (1,7,42; a single one with a comma: 42,)"
        ))
    };
    if let Ok(count) = given.parse::<u64>() {
        if !(1..=MOST).contains(&count) {
            return Err(wrong().into());
        }
        let more = (1u64..).filter(|seed| !defaults.contains(seed));
        return Ok(defaults.iter().copied().chain(more).take(count as usize).collect());
    }
    let seeds = given
        .strip_suffix(',')
        .unwrap_or(given)
        .split(',')
        .map(|seed| seed.trim().parse().map_err(|_| wrong()));
    Ok(seeds.collect::<Result<_, _>>()?)
}
