//! Several label columns over the same texts, `[[heads]]`: each is a task of its own with the file's rows, named after the file's
//! task and the head. So whatever takes a task takes a head, as `FILE.toml:HEAD`.

use super::{Asked, Label, Reader, Rows};
use crate::error::{Error, listed, suggestion};
use crate::task::{Column, HeadOf, Kind, Relations, Task};
use std::fs;
use std::path::Path;

/// A head as written.
#[derive(serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Written {
    name: String,
    column: Column,
    kind: Option<Kind>,
    labels: Option<Vec<Label>>,
    range: Option<[f32; 2]>,
    positive: Option<Label>,
    metrics: Option<Vec<String>>,
}

/// The tasks of a file that is named, alone or with one of its heads; none where no `.toml` file is.
pub(crate) fn find(name: &str) -> Option<Result<Vec<Task>, Error>> {
    let (path, head) = divided(name)?;
    Some(super::read(path).and_then(|tasks| match head {
        None => Ok(tasks),
        Some(head) => Ok(vec![named(path, head, tasks)?]),
    }))
}

/// A file, and what stands after it.
fn divided(name: &str) -> Option<(&Path, Option<&str>)> {
    let path = Path::new(name);
    if path.extension().is_some_and(|extension| extension.eq_ignore_ascii_case("toml")) {
        return Some((path, None));
    }
    let end = name.to_ascii_lowercase().rfind(".toml:")? + ".toml".len();
    Some((Path::new(&name[..end]), Some(&name[end + 1..])))
}

fn named(path: &Path, head: &str, tasks: Vec<Task>) -> Result<Task, Error> {
    let unknown = |there| Error::UnknownHead { file: path.to_owned(), head: head.to_owned(), there };
    if tasks.iter().any(|task| task.head_of.is_none()) {
        return Err(unknown(format!("it has no [[heads]]: give {} alone", path.display())));
    }
    let names: Vec<String> = tasks.iter().map(|task| task.head_name().to_owned()).collect();
    tasks.into_iter().find(|task| task.head_name() == head).ok_or_else(|| {
        let like = suggestion(head, names.iter().map(String::as_str));
        unknown(format!("the heads are {}{like}", listed(&names)))
    })
}

impl Reader<'_> {
    /// A task for each head.
    pub(super) fn heads(&self, name: &str, heads: Vec<Written>, rows: &Rows) -> Result<Vec<Task>, Error> {
        for (place, head) in heads.iter().enumerate() {
            let of_head = Reader { head: Some(&head.name), ..*self };
            of_head.check_name(&head.name)?;
            if head.name.contains([':', ',']) {
                return Err(of_head.fault("a head's name has neither `:` nor `,`: rename it"));
            }
            // By case alone they would be one file on some systems.
            let same = |earlier: &Written| earlier.name.to_lowercase() == head.name.to_lowercase();
            if let Some(earlier) = heads[..place].iter().find(|earlier| same(earlier)) {
                let earlier = &earlier.name;
                return Err(of_head.fault(format!("another head is called `{earlier}`: rename one of them")));
            }
        }
        // One path for all spellings, so that heads of one file know each other.
        let file = fs::canonicalize(self.path).unwrap_or_else(|_| self.path.to_owned());
        let head = |written: Written| {
            let of_head = Reader { head: Some(&written.name), ..*self };
            let kind = of_head.kind(&written)?;
            let head_of = HeadOf { file: file.clone(), range: of_head.range(&written, kind)? };
            let asked = Asked {
                name: format!("{name}:{}", written.name),
                kind,
                label: written.column,
                labels: written.labels,
                positive: written.positive,
                metrics: written.metrics,
                groups: None,
                relations: Relations::new(),
                head_of: Some(head_of),
            };
            of_head.task(asked, rows)
        };
        heads.into_iter().map(head).collect()
    }

    /// What is given, or what `labels` or `range` say.
    fn kind(&self, head: &Written) -> Result<Kind, Error> {
        match (head.kind, &head.labels, head.range) {
            (Some(kind), ..) => Ok(kind),
            (None, Some(_), _) => Ok(Kind::Classification),
            (None, None, Some(_)) => Ok(Kind::Regression),
            (None, None, None) => Err(self.fault(
                "give `labels`, or for numbers `range = [LEAST, GREATEST]` or `kind = \"regression\"`",
            )),
        }
    }

    fn range(&self, head: &Written, kind: Kind) -> Result<Option<[f32; 2]>, Error> {
        match head.range {
            Some(_) if kind == Kind::Classification => {
                Err(self.fault("`range` is for a regression, and a classification has `labels`"))
            }
            Some([least, greatest]) if !(least.is_finite() && greatest.is_finite() && least < greatest) => {
                Err(self.fault(format!(
                    "`range` is {least} to {greatest}, expected a smaller and a greater number"
                )))
            }
            range => Ok(range),
        }
    }
}
