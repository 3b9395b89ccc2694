//! Spreads each task's rows evenly over batches of limited size, by earliest deadline first: a rule of a few
//! lines that is known to meet every deadline here.

/// How many of each task's `rows` go into each of the `⌈Σ rows / batch⌉` batches of at most `batch` rows.
/// With `k = rows_i / batches`, a batch holds at least `⌊k⌋` rows of the task, and the first `s` batches hold
/// `⌊s · k⌋` or `⌈s · k⌉`. No batch is empty.
///
/// A row beyond the `⌊k⌋` of each batch may come as soon as `⌈s · k⌉` has room for it, and must come before
/// `⌊s · k⌋` would be missed. Steiner and Yeomans (1993, "Level Schedules for Mixed-Model, Just-in-Time
/// Processes") fill such windows by their deadlines. Giving every batch exactly `k` rows, fractions and all,
/// would meet them, so whole rows can too.
pub(crate) fn spread(rows: &[usize], batch: usize) -> Vec<Vec<usize>> {
    let batches = rows.iter().sum::<usize>().div_ceil(batch);
    let always: Vec<usize> = rows.iter().map(|rows| rows / batches).collect();
    let extra: Vec<usize> = rows.iter().map(|rows| rows % batches).collect();
    let room = batch - always.iter().sum::<usize>();
    let mut given = vec![0; rows.len()];
    let share = |step: usize| {
        let mut share = always.clone();
        for _ in 0..room {
            let may_come = |&task: &usize| given[task] * batches < step * extra[task];
            let deadline = |&task: &usize| ((given[task] + 1) * batches).div_ceil(extra[task]);
            let Some(task) = (0..rows.len()).filter(may_come).min_by_key(deadline) else { break };
            given[task] += 1;
            share[task] += 1;
        }
        share
    };
    (1..=batches).map(share).collect()
}
