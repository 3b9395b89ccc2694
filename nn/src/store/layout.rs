//! What lies where: the parameters' names, shapes and places, what each is for, and whether it trains.

use std::ops::Range;

use super::handle::{Mat, Table, Vector};

/// What lies where: a growing list of named parameters.
#[derive(Clone, Debug, Default)]
pub struct Layout {
    entries: Vec<Entry>,
    len: usize,
    tables: Vec<Mat>,
    /// Of what is laid out next.
    role: Role,
}

/// One named parameter.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// Its name in a Hugging Face checkpoint.
    pub name: String,
    /// Its shape there.
    pub shape: Vec<usize>,
    /// Where its values lie in a store.
    pub range: Range<usize>,
    /// Whether weight decay applies: not to biases and normalisation.
    pub decays: bool,
    /// What it is a part of.
    pub role: Role,
    /// Whether training changes it.
    pub trains: bool,
    /// Which lookup table it is, if one.
    pub(crate) table: Option<usize>,
}

/// What a parameter is a part of. A head is counted as it lies in the layout: tasks may share one.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Role {
    /// The encoder: shared by all tasks.
    #[default]
    Encoder,
    /// The part of a head that a checkpoint without a head can have: BERT's pooler.
    Pooler(usize),
    /// The hidden layer of a head.
    Hidden(usize),
    /// The layer of a head that makes its logits.
    Projection(usize),
    /// What a head reads beside its hidden layer.
    Side(usize),
    /// The features that one head alone reads.
    Private(usize),
    /// Who tells the tasks by what they share.
    Adversary,
}

impl Role {
    /// The head that it is a part of, if one.
    pub fn head(self) -> Option<usize> {
        match self {
            Role::Encoder | Role::Adversary => None,
            Role::Pooler(head)
            | Role::Hidden(head)
            | Role::Projection(head)
            | Role::Side(head)
            | Role::Private(head) => Some(head),
        }
    }
}

impl Layout {
    /// Lays out what `lay` adds as parts of `role`; outside of it parameters are the encoder's.
    pub fn with_role<T>(&mut self, role: Role, lay: impl FnOnce(&mut Layout) -> T) -> T {
        let before = std::mem::replace(&mut self.role, role);
        let laid = lay(self);
        self.role = before;
        laid
    }

    /// Adds a matrix that decays: the weight of a linear layer, a small embedding.
    pub fn matrix(&mut self, name: impl Into<String>, rows: usize, columns: usize) -> Mat {
        let range = self.push(name.into(), vec![rows, columns], true, None);
        Mat { offset: range.start, rows, columns }
    }

    /// Adds a vector that does not decay: a bias, or the scale or shift of a normalisation.
    pub fn vector(&mut self, name: impl Into<String>, len: usize) -> Vector {
        let range = self.push(name.into(), vec![len], false, None);
        Vector { offset: range.start, len }
    }

    /// Adds a lookup table, which decays.
    pub fn table(&mut self, name: impl Into<String>, rows: usize, columns: usize) -> Table {
        let index = self.tables.len();
        let range = self.push(name.into(), vec![rows, columns], true, Some(index));
        let mat = Mat { offset: range.start, rows, columns };
        self.tables.push(mat);
        Table { mat, index }
    }

    fn push(&mut self, name: String, shape: Vec<usize>, decays: bool, table: Option<usize>) -> Range<usize> {
        assert!(self.find(&name).is_none(), "parameter {name} is laid out twice");
        let range = self.len..self.len + shape.iter().product::<usize>();
        self.len = range.end;
        let (role, trains) = (self.role, true);
        self.entries.push(Entry { name, shape, range: range.clone(), decays, role, trains, table });
        range
    }

    /// All parameters in the order of their values.
    pub fn entries(&self) -> &[Entry] {
        &self.entries
    }

    /// The parameter called `name`.
    pub fn find(&self, name: &str) -> Option<&Entry> {
        self.entries.iter().find(|entry| entry.name == name)
    }

    /// Number of values.
    pub fn len(&self) -> usize {
        self.len
    }

    /// Whether nothing has been laid out.
    pub fn is_empty(&self) -> bool {
        self.len == 0
    }

    /// Takes the parameters for which `frozen` holds out of training: they have no part in a norm, no update and no
    /// decay.
    pub fn freeze(&mut self, frozen: impl Fn(&Entry) -> bool) {
        for entry in &mut self.entries {
            entry.trains &= !frozen(entry);
        }
    }

    /// The lookup tables.
    pub(crate) fn tables(&self) -> &[Mat] {
        &self.tables
    }
}
