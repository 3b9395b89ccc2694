//! How a checkpoint fits a layout: found and checked before a value is read and before memory is taken for any, so that
//! sizes which are not those of the weights cost nothing. Values are checked as they are read: one that is not finite
//! makes every result of the model meaningless, and training blames the learning rate for it.

use mtlift_files::TensorFile;
use mtlift_nn::{Entry, Layout, Store};

use super::names;
use super::report::LoadReport;
use super::shards::Shards;
use crate::Error;

/// What to do about a parameter when loading.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Want {
    /// It is an error if the checkpoint does not have it.
    Required,
    /// It is read if the checkpoint has it.
    Optional,
    /// It is not looked for, and counts as missing: a head that is to be fresh, whatever the checkpoint has.
    Skipped,
}

/// Which tensor becomes which parameter.
pub(super) struct Fit<'a> {
    shards: &'a Shards,
    /// Tensor and parameter, in the order of the files, which spares the disk.
    pub(super) plan: Vec<(&'a str, &'a Entry)>,
    pub(super) report: LoadReport,
}

impl<'a> Fit<'a> {
    pub(super) fn check(
        shards: &'a Shards,
        prefix: &str,
        layout: &'a Layout,
        want: impl Fn(&Entry) -> Want,
    ) -> Result<Self, Error> {
        let (mut report, mut required) = (LoadReport::default(), Vec::new());
        let mut plan = Vec::with_capacity(layout.entries().len());
        for entry in layout.entries() {
            let wanted = want(entry);
            let found = shards.find(names::candidates(prefix, &entry.name));
            match found.filter(|_| wanted != Want::Skipped) {
                Some((tensor, number)) => {
                    let start = check_tensor(shards.file(number), tensor, entry)?;
                    plan.push((number, start, tensor, entry));
                }
                None => {
                    if wanted == Want::Required {
                        required.push(&entry.name);
                    }
                    report.missing.push(entry.name.clone());
                }
            }
        }
        report.missing.sort();
        required.sort();
        refuse_missing(shards, &required)?;
        plan.sort_by_key(|&(number, start, ..)| (number, start));
        let plan: Vec<_> = plan.into_iter().map(|(.., tensor, entry)| (tensor, entry)).collect();

        report.applied = plan.iter().map(|(_, entry)| entry.name.clone()).collect();
        report.applied.sort();
        let mut used: Vec<_> = plan.iter().map(|&(tensor, _)| tensor).collect();
        used.sort_unstable();
        let is_unused = |name: &&str| used.binary_search(name).is_err();
        report.unused = shards.names().filter(is_unused).map(str::to_owned).collect();
        let of_encoder = |name: &&String| names::belongs_to_encoder(prefix, name);
        report.unexpected = report.unused.iter().filter(of_encoder).cloned().collect();
        report.nested = shards.nested();
        Ok(Self { shards, plan, report })
    }

    /// Reads the values, and looks at those of the tensors that no parameter asked for.
    pub(super) fn read(&self, store: &mut Store<f32>) -> Result<(), Error> {
        for &(tensor, entry) in &self.plan {
            let (file, values) = (self.shards.file_of(tensor), &mut store.values_mut()[entry.range.clone()]);
            file.read_floats(tensor, values)?;
            let count = values.iter().filter(|value| !value.is_finite()).count();
            refuse_not_finite(file, tensor, count)?;
        }
        for tensor in &self.report.unused {
            let file = self.shards.file_of(tensor);
            refuse_not_finite(file, tensor, file.count_not_finite(tensor)?)?;
        }
        Ok(())
    }
}

fn refuse_not_finite(file: &TensorFile, tensor: &str, count: usize) -> Result<(), Error> {
    if count == 0 {
        return Ok(());
    }
    let of = file.info(tensor)?.values();
    Err(Error::NotFinite { file: file.path().to_owned(), tensor: tensor.to_owned(), count, of })
}

/// That a tensor can become a parameter; where its values begin in the file.
fn check_tensor(file: &TensorFile, tensor: &str, entry: &Entry) -> Result<u64, Error> {
    file.check_floats(tensor)?;
    let found = file.info(tensor)?;
    if found.shape == entry.shape {
        return Ok(found.start);
    }
    Err(mtlift_files::Error::Shape {
        file: file.path().to_owned(),
        tensor: tensor.to_owned(),
        found: found.shape.clone(),
        expected: entry.shape.clone(),
    }
    .into())
}

fn refuse_missing(shards: &Shards, names: &[&String]) -> Result<(), Error> {
    let Some(first) = names.first() else { return Ok(()) };
    let more = match names.len() - 1 {
        0 => String::new(),
        more => format!(" (and {more} more)"),
    };
    Err(Error::Missing { directory: shards.directory.clone(), tensor: (*first).clone(), more })
}
