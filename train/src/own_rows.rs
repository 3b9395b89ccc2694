//! The rows that a job trains on, for who prepares something of them before the run itself reads them.

use mtlift_encoder::Config;

use crate::run::{Job, open_tokenizer};
use crate::{Error, JobTask, Reader, Rows, Settings, TaskHead, TrainingData};

/// What of a task is read.
pub(crate) struct OwnRows<'a> {
    pub(crate) reader: &'a Reader<'a>,
    /// The run's, as they are for the task.
    pub(crate) settings: &'a Settings,
    /// The rows to train on.
    pub(crate) train: Rows,
}

impl OwnRows<'_> {
    /// At most so many of the rows that are left, see [`Reader::unlabelled`].
    pub(crate) fn unlabelled(&self, count: usize) -> Result<Rows, Error> {
        self.reader.unlabelled(self.settings, self.settings.holds_out(), count, &mut |_| {})
    }
}

/// Reads the rows of one of a job's tasks as the run will; what stands out in them is said when it does.
///
/// # Errors
/// If the model, its tokenizer or the rows cannot be read.
pub(crate) fn with_own_rows<T>(
    job: Job<'_>,
    part: &JobTask<'_>,
    work: impl FnOnce(OwnRows<'_>) -> Result<T, Error>,
) -> Result<T, Error> {
    let settings = &part.settings(job.settings);
    let config = Config::read(job.model)?;
    let tokenizer = open_tokenizer(job.model, &config, settings.max_tokens)?;
    let head = TaskHead::to_train(&config, part.task, job.start)?;
    let reader = &Reader { task: part.task, head: &head, tokenizer: &tokenizer, cache: job.cache };
    let TrainingData { train, .. } = reader.training(settings, settings.holds_out(), &mut |_| {})?;
    work(OwnRows { reader, settings, train })
}
