//! The rows that a merge looks at: of each model those that it was trained on, or as many of them as the rule takes.

use mtlift_glue_data::Task;
use mtlift_schedule::{Look, LooksAt, Merge, Statistics};
use serde_json::{Value, json};

use super::super::job::{Job, Observer, TrainedOn};
use crate::merging::{drawn, draws};
use crate::own_rows::with_own_rows;
use crate::{Error, Rows, TrainedModel};

/// Rows for each of some models.
pub(super) struct LookedAt<'a> {
    at: LooksAt,
    models: Vec<OfModel<'a>>,
}

struct OfModel<'a> {
    trained: TrainedOn<'a>,
    rows: Rows,
}

impl<'a> LookedAt<'a> {
    /// Reads them; none of a rule that looks at parameters alone.
    pub(super) fn read(
        merge: &Merge,
        models: impl Iterator<Item = TrainedOn<'a>>,
        job: Job<'_>,
    ) -> Result<Option<Self>, Error> {
        let Some(Look { at, rows: count }) = merge.looks_at() else { return Ok(None) };
        let of_model = |(place, trained): (usize, TrainedOn<'a>)| {
            let all = with_own_rows(Job { model: trained.model, ..job }, &trained.part, |own| Ok(own.train))?;
            let draws = draws(job.settings.seed, place);
            let rows = all.select(&drawn(all.encoded.rows(), count, draws));
            Ok(OfModel { trained, rows })
        };
        let models = models.enumerate().map(of_model).collect::<Result<_, Error>>()?;
        Ok(Some(Self { at, models }))
    }

    /// What of them a run's outcome depends on.
    pub(super) fn describe(&self) -> Value {
        let of_model = |OfModel { trained, rows }: &OfModel<'_>| json!({"task": trained.part.task.name, "rows": rows.encoded.rows(), "file": rows.hash});
        self.models.iter().map(of_model).collect()
    }

    /// How many they are, by model.
    pub(super) fn counts(&self) -> Vec<usize> {
        self.models.iter().map(|of_model| of_model.rows.encoded.rows()).collect()
    }

    /// What they say of each model.
    pub(super) fn statistics(
        &self,
        job: Job<'_>,
        observer: &mut dyn Observer,
    ) -> Result<Vec<Statistics>, Error> {
        let settings = job.settings;
        let mut of_model = |OfModel { trained, rows }: &OfModel<'_>| {
            let task: &Task = trained.part.task;
            observer.note(&format!("{} rows of {} are looked at", rows.encoded.rows(), task.name));
            let (max_tokens, precision) = (settings.max_tokens, settings.precision);
            let model = TrainedModel::open_in(trained.model, task, None, max_tokens, precision)?;
            Ok(model.statistics(self.at, rows))
        };
        self.models.iter().map(&mut of_model).collect()
    }
}
