//! Which rows of a lookup table a step has touched: few of many, so they are listed.

/// A set of rows that lists its members in the order in which they came.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct RowSet {
    member: Vec<bool>,
    listed: Vec<usize>,
}

impl RowSet {
    pub(crate) fn new(rows: usize) -> Self {
        Self { member: vec![false; rows], listed: Vec::with_capacity(rows) }
    }

    pub(crate) fn insert(&mut self, row: usize) {
        if !std::mem::replace(&mut self.member[row], true) {
            self.listed.push(row);
        }
    }

    /// For each row whether it is a member.
    pub(crate) fn members(&self) -> &[bool] {
        &self.member
    }

    /// The members, in the order in which they came.
    pub(crate) fn rows(&self) -> &[usize] {
        &self.listed
    }

    pub(crate) fn clear(&mut self) {
        self.listed.drain(..).for_each(|row| self.member[row] = false);
    }
}
