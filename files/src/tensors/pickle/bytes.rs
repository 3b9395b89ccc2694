//! The bytes of a pickle, read from front to back; no number in them is believed before they are long enough for it.

pub(super) struct Bytes<'a> {
    all: &'a [u8],
    at: usize,
}

impl<'a> Bytes<'a> {
    pub(super) fn new(all: &'a [u8]) -> Self {
        Self { all, at: 0 }
    }

    /// How many are read.
    pub(super) fn at(&self) -> usize {
        self.at
    }

    pub(super) fn take<const W: usize>(&mut self) -> Result<[u8; W], String> {
        let bytes = self.slice(W)?;
        Ok(bytes.try_into().expect("it has the length that was asked for"))
    }

    pub(super) fn slice(&mut self, length: usize) -> Result<&'a [u8], String> {
        let slice = self.at.checked_add(length).and_then(|end| self.all.get(self.at..end));
        let slice = slice.ok_or_else(|| self.cut_short())?;
        self.at += length;
        Ok(slice)
    }

    /// A number of `width` bytes, at most 8, the least first.
    pub(super) fn length(&mut self, width: usize) -> Result<usize, String> {
        let mut whole = [0; 8];
        whole[..width].copy_from_slice(self.slice(width)?);
        usize::try_from(u64::from_le_bytes(whole)).map_err(|_| self.cut_short())
    }

    /// A line without its end.
    pub(super) fn line(&mut self) -> Result<&'a str, String> {
        let rest = &self.all[self.at..];
        let end = rest.iter().position(|&byte| byte == b'\n').ok_or_else(|| self.cut_short())?;
        self.at += end + 1;
        std::str::from_utf8(&rest[..end])
            .map_err(|_| format!("data.pkl has a name that is not UTF-8 before byte {}", self.at))
    }

    fn cut_short(&self) -> String {
        format!("data.pkl is cut short: it ends at byte {}", self.all.len())
    }
}
