//! Who is told how far a fetch is.

/// Is told of a fetch. Every method does nothing unless it is written.
pub trait Observer {
    /// A file is about to come: how many bytes it has, if the hub says so, and how many are here from an earlier try.
    fn begin(&mut self, _file: &str, _bytes: Option<u64>, _here: u64) {}
    /// So many bytes of the file are here. The number falls where a server begins anew.
    fn position(&mut self, _bytes: u64) {}
    /// The file is whole and has so many bytes.
    fn end(&mut self, _bytes: u64) {}
    /// Something worth a line: a wait, another try.
    fn note(&mut self, _message: &str) {}
}

/// Nobody watches.
impl Observer for () {}
