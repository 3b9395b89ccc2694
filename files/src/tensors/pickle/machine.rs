//! Python's pickle machine, cut down to data: the instructions that `torch.save` emits in protocols 2 to 5, a stack and a
//! memo. Their numbers and meanings are those of CPython's `pickletools`. Each instruction makes at most one value, and
//! all are bounded by the pickle's length.

use std::collections::BTreeMap;

use super::bytes::Bytes;
use super::names;
use super::value::{Id, Value};

pub(super) struct Machine<'a> {
    bytes: Bytes<'a>,
    values: Vec<Value<'a>>,
    stack: Vec<Id>,
    /// The height of the stack at each mark.
    marks: Vec<usize>,
    memo: BTreeMap<u32, Id>,
}

/// Far more than any model needs.
const MOST_VALUES: usize = 1 << 20;

impl<'a> Machine<'a> {
    pub(super) fn new(bytes: &'a [u8]) -> Self {
        let bytes = Bytes::new(bytes);
        Self { bytes, values: Vec::new(), stack: Vec::new(), marks: Vec::new(), memo: BTreeMap::new() }
    }

    /// Runs to the end; the value that the pickle stands for.
    pub(super) fn run(&mut self) -> Result<Id, String> {
        loop {
            let at = self.bytes.at();
            let [code] = self.bytes.take()?;
            if code == b'.' {
                return self.pop();
            }
            self.step(code, at)?;
        }
    }

    pub(super) fn value(&self, id: Id) -> &Value<'a> {
        &self.values[id as usize]
    }

    /// The value of a key in a dictionary, the last one if there are several.
    pub(super) fn entry(&self, dict: Id, key: &str) -> Option<Id> {
        let Value::Dict(entries) = self.value(dict) else { return None };
        let is_it = |entry: &&(Id, Id)| matches!(self.value(entry.0), Value::Text(text) if *text == key);
        entries.iter().rev().find(is_it).map(|entry| entry.1)
    }

    fn step(&mut self, code: u8, at: usize) -> Result<(), String> {
        match code {
            0x80 => self.bytes.take().and_then(|[version]| match version {
                2..=5 => Ok(()),
                _ => Err(format!("it is of pickle protocol {version}, expected 2 to 5")),
            }),
            // The length of a frame, which only helps a reader of streams.
            0x95 => self.bytes.take::<8>().map(drop),
            b'(' => {
                self.marks.push(self.stack.len());
                Ok(())
            }

            b'N' | 0x88 | 0x89 => self.push(Value::Other),
            b'K' => self.bytes.take::<1>().and_then(|x| self.push(Value::Int(x[0].into()))),
            b'M' => self.bytes.take().and_then(|x| self.push(Value::Int(u16::from_le_bytes(x).into()))),
            b'J' => self.bytes.take().and_then(|x| self.push(Value::Int(i32::from_le_bytes(x).into()))),
            0x8A => self.bytes.length(1).and_then(|n| self.long(n)),
            b'G' => self.bytes.take::<8>().and_then(|_| self.push(Value::Other)),
            0x8C => self.bytes.length(1).and_then(|n| self.text(n)),
            b'X' => self.bytes.length(4).and_then(|n| self.text(n)),
            0x8D => self.bytes.length(8).and_then(|n| self.text(n)),
            // Bytes, in which only other objects are kept.
            b'U' | b'C' => self.bytes.length(1).and_then(|n| self.skip(n)),
            b'T' | b'B' => self.bytes.length(4).and_then(|n| self.skip(n)),
            0x8E => self.bytes.length(8).and_then(|n| self.skip(n)),

            b')' => self.push(Value::Tuple(Vec::new())),
            b't' => self.above_mark().and_then(|items| self.push(Value::Tuple(items))),
            0x85..=0x87 => {
                let mut items = (0..code - 0x84).map(|_| self.pop()).collect::<Result<Vec<_>, _>>()?;
                items.reverse();
                self.push(Value::Tuple(items))
            }
            b']' => self.push(Value::List),
            b'a' => self.pop().and_then(|_| self.expect_list()),
            b'e' => self.above_mark().and_then(|_| self.expect_list()),
            b'}' => self.push(Value::Dict(Vec::new())),
            b's' => {
                let (value, key) = (self.pop()?, self.pop()?);
                self.insert(&[key, value])
            }
            b'u' => self.above_mark().and_then(|items| self.insert(&items)),

            b'q' => self.bytes.length(1).and_then(|key| self.remember(key as u32)),
            b'r' => self.bytes.length(4).and_then(|key| self.remember(key as u32)),
            0x94 => self.remember(self.memo.len() as u32),
            b'h' => self.bytes.length(1).and_then(|key| self.recall(key as u32)),
            b'j' => self.bytes.length(4).and_then(|key| self.recall(key as u32)),

            b'c' => {
                let (module, name) = (self.bytes.line()?, self.bytes.line()?);
                self.push(Value::Class(names::find(module, name)?))
            }
            0x93 => {
                let (name, module) = (self.pop()?, self.pop()?);
                match (self.value(module), self.value(name)) {
                    (&Value::Text(module), &Value::Text(name)) => {
                        self.push(Value::Class(names::find(module, name)?))
                    }
                    _ => Err(self.damaged("a name that is no text")),
                }
            }
            b'R' => self.call(),
            // The state of an ordered dictionary: attributes such as `_metadata`, which describe no tensor.
            b'b' => self.pop().and_then(|_| self.expect_dict()),
            b'Q' => self.storage(),
            _ => Err(format!(
                "byte {at} of data.pkl is instruction 0x{code:02X}, which no plain weights need: it is damaged, or holds more"
            )),
        }
    }

    fn expect_list(&self) -> Result<(), String> {
        match self.top()? {
            Value::List => Ok(()),
            _ => Err(self.damaged("an item for what is no list")),
        }
    }

    fn expect_dict(&self) -> Result<(), String> {
        match self.top()? {
            Value::Dict(_) => Ok(()),
            _ => Err(self.damaged("a state for what has none")),
        }
    }

    /// Puts pairs of key and value into the dictionary on top.
    fn insert(&mut self, items: &[Id]) -> Result<(), String> {
        let (pairs, rest) = items.as_chunks::<2>();
        let top = self.stack.last().map(|&id| id as usize);
        match top.map(|top| &mut self.values[top]) {
            Some(Value::Dict(entries)) if rest.is_empty() => {
                entries.extend(pairs.iter().map(|&[key, value]| (key, value)));
                Ok(())
            }
            _ => Err(self.damaged("entries for what is no dictionary")),
        }
    }

    fn remember(&mut self, key: u32) -> Result<(), String> {
        let top = *self.stack.last().ok_or_else(|| self.damaged("an empty stack"))?;
        self.memo.insert(key, top);
        Ok(())
    }

    fn recall(&mut self, key: u32) -> Result<(), String> {
        let id = *self.memo.get(&key).ok_or_else(|| self.damaged("a reference to what is not there"))?;
        self.push_again(id)
    }

    /// Pushes a value that is there already.
    pub(super) fn push_again(&mut self, id: Id) -> Result<(), String> {
        self.stack.push(id);
        Ok(())
    }

    pub(super) fn push(&mut self, value: Value<'a>) -> Result<(), String> {
        if self.values.len() == MOST_VALUES {
            return Err(format!("data.pkl makes more than {MOST_VALUES} values, which no model's does"));
        }
        self.stack.push(self.values.len() as Id);
        self.values.push(value);
        Ok(())
    }

    /// The top of the stack, but nothing from below the last mark.
    pub(super) fn pop(&mut self) -> Result<Id, String> {
        let floor = self.marks.last().copied().unwrap_or_default();
        let id = if self.stack.len() > floor { self.stack.pop() } else { None };
        id.ok_or_else(|| self.damaged("an empty stack"))
    }

    fn top(&self) -> Result<&Value<'a>, String> {
        let top = self.stack.last().ok_or_else(|| self.damaged("an empty stack"))?;
        Ok(self.value(*top))
    }

    fn above_mark(&mut self) -> Result<Vec<Id>, String> {
        let mark = self.marks.pop().ok_or_else(|| self.damaged("no mark"))?;
        Ok(self.stack.split_off(mark))
    }

    /// A whole number of `bytes` bytes, the least first; one above 8 bytes is no size of anything.
    fn long(&mut self, bytes: usize) -> Result<(), String> {
        let slice = self.bytes.slice(bytes)?;
        let value = match (bytes, slice.last()) {
            (0, _) | (_, None) => Value::Int(0),
            (1..=8, Some(&last)) => {
                let fill = if last >= 0x80 { 0xFF } else { 0 };
                let mut whole = [fill; 8];
                whole[..bytes].copy_from_slice(slice);
                Value::Int(i64::from_le_bytes(whole))
            }
            _ => Value::Other,
        };
        self.push(value)
    }

    fn text(&mut self, bytes: usize) -> Result<(), String> {
        let slice = self.bytes.slice(bytes)?;
        let text = std::str::from_utf8(slice).map_err(|_| self.damaged("a text that is not UTF-8"))?;
        self.push(Value::Text(text))
    }

    fn skip(&mut self, bytes: usize) -> Result<(), String> {
        self.bytes.slice(bytes)?;
        self.push(Value::Other)
    }

    pub(super) fn damaged(&self, found: &str) -> String {
        format!("data.pkl is damaged before byte {}: {found}", self.bytes.at())
    }
}
