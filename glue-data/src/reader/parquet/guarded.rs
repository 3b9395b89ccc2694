//! A Parquet file whose pages are looked at before the library takes memory for them: it believes what a page's header says of
//! its size, and a header of ten bytes can say two gigabytes.

use ::parquet::basic::Type;
use ::parquet::column::page::{Page, PageMetadata, PageReader};
use ::parquet::errors::{ParquetError, Result};
use ::parquet::file::reader::{ChunkReader, Length};
use bytes::{Buf, Bytes};

/// The file in memory, of whose pages none may be larger than `most` bytes.
pub(super) struct Guarded {
    pub(super) bytes: Bytes,
    pub(super) most: usize,
}

/// Bytes at the end that are no page: the length of the metadata, and `PAR1`.
const FOOTER: u64 = 8;

impl Length for Guarded {
    fn len(&self) -> u64 {
        self.bytes.len() as u64
    }
}

impl ChunkReader for Guarded {
    type T = bytes::buf::Reader<Bytes>;

    /// The library asks for this where a page's header begins, and at the footer.
    fn get_read(&self, start: u64) -> Result<Self::T> {
        let rest = self.bytes.slice(self.place(start)?..);
        if start + FOOTER < self.len() && uncompressed_size(&rest).is_none_or(|size| size > self.most as u64)
        {
            return Err(too_much());
        }
        Ok(rest.reader())
    }

    fn get_bytes(&self, start: u64, length: usize) -> Result<Bytes> {
        let start = self.place(start)?;
        let end = start.checked_add(length).filter(|&end| end <= self.bytes.len());
        end.map(|end| self.bytes.slice(start..end)).ok_or_else(cut_short)
    }
}

impl Guarded {
    fn place(&self, start: u64) -> Result<usize> {
        usize::try_from(start).ok().filter(|&start| start <= self.bytes.len()).ok_or_else(cut_short)
    }
}

fn cut_short() -> ParquetError {
    ParquetError::General("it ends before its own table of contents says".to_owned())
}

/// What is said of a file that would take too much memory.
pub(super) fn too_much() -> ParquetError {
    ParquetError::General("the sizes that it gives for its parts are implausible".to_owned())
}

/// The second field of a page's header, in Thrift's compact protocol: each of the first two is the byte 0x15 (the next field, a
/// 32-bit integer) and a zigzag varint. `None` where that is not what stands there, or the size is negative.
fn uncompressed_size(header: &[u8]) -> Option<u64> {
    let mut bytes = header.iter();
    let mut field = || -> Option<u64> {
        (*bytes.next()? == 0x15).then_some(())?;
        let mut value = 0;
        for shift in (0..35).step_by(7) {
            let byte = *bytes.next()?;
            value |= u64::from(byte & 0x7f) << shift;
            if byte & 0x80 == 0 {
                return (value & 1 == 0).then_some(value >> 1);
            }
        }
        None
    };
    let _kind = field()?;
    field()
}

/// Pages of one column, of which a dictionary with more entries than it has bytes for is refused: the library makes room for all of
/// them first.
pub(super) struct GuardedPages {
    pub(super) pages: Box<dyn PageReader>,
    pub(super) kind: Type,
}

impl PageReader for GuardedPages {
    fn get_next_page(&mut self) -> Result<Option<Page>> {
        let page = self.pages.get_next_page()?;
        if let Some(Page::DictionaryPage { buf, num_values, .. }) = &page {
            let least = match self.kind {
                Type::INT64 | Type::DOUBLE => 8,
                Type::INT96 => 12,
                Type::INT32 | Type::FLOAT | Type::BYTE_ARRAY => 4,
                Type::BOOLEAN | Type::FIXED_LEN_BYTE_ARRAY => 1,
            };
            if *num_values as usize > buf.len() / least {
                return Err(too_much());
            }
        }
        Ok(page)
    }

    fn peek_next_page(&mut self) -> Result<Option<PageMetadata>> {
        self.pages.peek_next_page()
    }

    fn skip_next_page(&mut self) -> Result<()> {
        self.pages.skip_next_page()
    }
}

impl Iterator for GuardedPages {
    type Item = Result<Page>;

    fn next(&mut self) -> Option<Self::Item> {
        self.get_next_page().transpose()
    }
}
