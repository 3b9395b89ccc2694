//! The twins that a run's model writes of rows without labels before the first step, for each step to compare some of them.
//!
//! The one decision: of many rows as many have a twin as the run's steps can show, so that writing costs no more than comparing. They are
//! drawn and written again whenever the run goes on, and a checkpoint knows nothing of them.

use std::collections::HashSet;

use mtlift_encoder::Config;
use mtlift_glue_data::Kind;
use mtlift_nn::random::Stream;
use mtlift_schedule::Consistency;
use mtlift_tokenizer::{Encoded, Tokenizer};

use super::job::{Job, Observer};
use super::part::Part;
use super::unlabelled::{joined, own_unlabelled};
use crate::merging::drawn;
use crate::record::{ConsistencyRecord, MOST_ROWS, TwinRow};
use crate::step::Twins;
use crate::{Error, Infiller, Reader, Rows};

/// What was written for a run.
pub(super) struct Written {
    /// What its steps compare.
    pub(super) twins: Twins,
    pub(super) record: ConsistencyRecord,
    /// The first of them, for a person to look at.
    pub(super) first: Vec<TwinRow>,
}

/// Twins of the task's rows without labels, or where it has none of those to train on, for a run of so many steps.
pub(super) fn write_twins(
    job: Job<'_>,
    how: Consistency,
    part: &Part<'_>,
    (config, tokenizer): (&Config, &Tokenizer),
    total_steps: u64,
    observer: &mut dyn Observer,
) -> Result<Written, Error> {
    let task = part.task;
    if task.kind == Kind::Regression {
        return Err(Error::NoClassesToCompare { task: task.name.clone() });
    }
    let seed = job.settings.seed;
    let infiller = Infiller::open(job.model, config, tokenizer, seed)?;
    let reader = Reader { task, head: &part.head, tokenizer, cache: job.cache };
    let judging: HashSet<&[u32]> = part.judging_texts().collect();
    let mut found = own_unlabelled(job, &reader, observer)?;
    for rows in &mut found {
        let kept = rows.tokens().enumerate().filter(|(_, tokens)| !judging.contains(tokens));
        let kept: Vec<usize> = kept.map(|(row, _)| row).collect();
        *rows = rows.select(&kept);
    }
    found.retain(|rows| rows.encoded.rows() > 0);
    let of_gold = found.is_empty();
    if of_gold {
        found.push(Rows { targets: None, ..part.train.clone() });
    }
    let (all, from) = joined(found.into_iter().map(|rows| (task, rows)).collect());
    all.check(config)?;
    let (count, shown) = (all.encoded.rows(), total_steps.saturating_mul(job.settings.batch as u64));
    let most = usize::try_from(shown).unwrap_or(usize::MAX);
    let rows = all.select(&drawn(count, most, Stream::new(seed, "rows with twins")));
    let record = ConsistencyRecord { of_gold, from, twins: rows.encoded.rows() };
    observer.note(&in_words(&record));
    let twins = infiller.write(&rows.encoded, &how.infilling)?;
    let first = first_rows(&rows, &twins, tokenizer)?;
    let twins = Twins::new(how, rows.encoded, twins, job.settings.batch, seed);
    Ok(Written { twins, record, first })
}

/// The first rows with their twins, as texts.
fn first_rows(rows: &Rows, twins: &Encoded, tokenizer: &Tokenizer) -> Result<Vec<TwinRow>, Error> {
    let pair = |(index, (row, tokens)): (&String, (usize, &[u32]))| {
        let twin = tokenizer.text(&twins.ids[twins.range(row)])?;
        Ok(TwinRow { index: index.clone(), twin, text: tokenizer.text(tokens)? })
    };
    rows.indices.iter().zip(rows.tokens().enumerate()).take(MOST_ROWS).map(pair).collect()
}

fn in_words(record: &ConsistencyRecord) -> String {
    let (twins, all) = (record.twins, record.rows());
    let which = if record.of_gold {
        "rows to train on, as there are none without labels"
    } else {
        "rows without labels"
    };
    format!("writing twins of {twins} of {all} {which}")
}
