//! Rows that a run's model writes from its gold rows, before another labels them, and what a person is shown of them.

use mtlift_encoder::Config;
use mtlift_glue_data::Target;
use mtlift_schedule::{Filter, Infilling, LabelledRow};
use mtlift_tokenizer::Tokenizer;

use super::job::{Job, Observer};
use super::part::Part;
use crate::record::{MOST_ROWS, WrittenRow};
use crate::{Error, Infiller, Rows};

/// What stands for a split's name where rows are from none.
const WRITTEN: &str = "written";

/// The rows that the job's model writes from those that it has to train on: of each all its copies, one after the other.
pub(super) fn write_rows(
    job: Job<'_>,
    part: &Part<'_>,
    (config, tokenizer): (&Config, &Tokenizer),
    infilling: &Infilling,
    observer: &mut dyn Observer,
) -> Result<Rows, Error> {
    let gold = &part.train;
    let infiller = Infiller::open(job.model, config, tokenizer, job.settings.seed)?;
    let count = gold.encoded.rows();
    observer.note(&format!("writing {} rows from {count} gold ones", infilling.copies * count));
    let encoded = infiller.write(&gold.encoded, infilling)?;
    let copies = gold
        .indices
        .iter()
        .flat_map(|index| (0..infilling.copies).map(move |copy| format!("{index}.{copy}")));
    Ok(Rows {
        split: WRITTEN.to_owned(),
        hash: gold.hash.clone(),
        encoded,
        targets: None,
        groups: None,
        indices: copies.collect(),
        places: None,
    })
}

/// Tells written rows the labels of the gold rows that they are from.
pub(super) fn trace_to_gold(rows: &mut [LabelledRow<'_>], part: &Part<'_>, infilling: &Infilling) {
    let gold = part.train.targets.as_deref().unwrap_or_default();
    for (copies, target) in rows.chunks_mut(infilling.copies).zip(gold) {
        copies.iter_mut().for_each(|row| row.origin = Target::class(target));
    }
}

/// The first of the rows that were written, with what became of them.
pub(super) fn first_rows(
    rows: &[LabelledRow<'_>],
    filters: &[Option<Filter>],
    part: &Part<'_>,
    tokenizer: &Tokenizer,
    infilling: &Infilling,
) -> Result<Vec<WrittenRow>, Error> {
    let (gold, names) = (&part.train, &part.head.labels.names);
    let gold_tokens: Vec<&[u32]> = gold.tokens().collect();
    let row = |(place, (row, filter)): (usize, (&LabelledRow<'_>, &Option<Filter>))| {
        let origin = place / infilling.copies;
        Ok(WrittenRow {
            gold: gold.indices[origin].clone(),
            copy: place % infilling.copies,
            outcome: filter.map_or("kept", Filter::name),
            label: names[row.label].clone(),
            gold_label: row.origin.map(|label| names[label].clone()).unwrap_or_default(),
            confidence: row.confidence,
            text: tokenizer.text(row.tokens)?,
            gold_text: tokenizer.text(gold_tokens[origin])?,
        })
    };
    rows.iter().zip(filters).enumerate().take(MOST_ROWS).map(row).collect()
}
