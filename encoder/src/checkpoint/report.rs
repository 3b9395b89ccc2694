//! What loading did with each name, so that a model that is not what its user thinks is seen at once.

use std::fmt;

/// Names of parameters and tensors by what became of them, each list sorted.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct LoadReport {
    /// Parameters that have the checkpoint's values.
    pub applied: Vec<String>,
    /// Parameters that are not in the checkpoint, and were not required.
    pub missing: Vec<String>,
    /// Tensors of the checkpoint that no parameter asked for.
    pub unused: Vec<String>,
    /// Those of the unused that are parameters of an encoder: then the configuration may not be the one of these
    /// weights. The other unused ones are constant buffers, poolers and heads of other kinds.
    pub unexpected: Vec<String>,
    /// The key under which the weights are in a file that holds more than them, as training programs write it.
    pub nested: Option<&'static str>,
}

impl fmt::Display for LoadReport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} applied", self.applied.len())?;
        if let Some(key) = self.nested {
            write!(f, ", from `{key}` of a training checkpoint")?;
        }
        list(f, "missing", &self.missing)?;
        list(f, "unexpected in the encoder", &self.unexpected)?;
        match self.unused.len() - self.unexpected.len() {
            0 => Ok(()),
            count => write!(f, "; {count} unused (buffers, other heads)"),
        }
    }
}

/// "; 5 missing: a, b, c, .."
fn list(f: &mut fmt::Formatter<'_>, what: &str, names: &[String]) -> fmt::Result {
    const MOST: usize = 3;
    if names.is_empty() {
        return Ok(());
    }
    let shown = names[..names.len().min(MOST)].join(", ");
    let more = if names.len() > MOST { ", .." } else { "" };
    write!(f, "; {} {what}: {shown}{more}", names.len())
}
