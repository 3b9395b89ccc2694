//! The objects that torch pickles: a call in a pickle is how one is described, and here it is only read as that.

use super::machine::Machine;
use super::value::{Class, Id, Storage, Tensor, Value};

/// More than any parameter has; a pickle may name one tensor often, and each has its own shape.
const MOST_DIMENSIONS: usize = 8;

impl<'a> Machine<'a> {
    /// Calls what the stack holds below its arguments: as data, nothing is run.
    pub(super) fn call(&mut self) -> Result<(), String> {
        let (arguments, class) = (self.pop()?, self.pop()?);
        let (Value::Tuple(arguments), &Value::Class(class)) = (self.value(arguments), self.value(class))
        else {
            return Err(self.damaged("a call of what is no class"));
        };
        match (class, &arguments[..]) {
            (Class::OrderedDict, []) => self.push(Value::Dict(Vec::new())),
            (Class::RebuildParameter, &[tensor, ..]) if matches!(self.value(tensor), Value::Tensor(_)) => {
                self.push_again(tensor)
            }
            (Class::RebuildTensor, &[storage, offset, shape, strides, ..]) => {
                let tensor = self.tensor(storage, offset, shape, strides);
                let tensor = tensor.ok_or_else(|| self.damaged("a tensor of the wrong form"))?;
                self.push(Value::Tensor(Box::new(tensor)))
            }
            _ => Err(self.damaged("a call with the wrong arguments")),
        }
    }

    fn tensor(&self, storage: Id, offset: Id, shape: Id, strides: Id) -> Option<Tensor<'a>> {
        let &Value::Storage(storage) = self.value(storage) else { return None };
        let sizes = |tuple: Id| match self.value(tuple) {
            Value::Tuple(items) => items.iter().map(|&item| self.size(item)).collect::<Option<Vec<u64>>>(),
            _ => None,
        };
        let (shape, strides) = (sizes(shape)?, sizes(strides)?);
        let tensor = Tensor { storage, offset: self.size(offset)?, shape, strides };
        let dimensions = tensor.shape.len();
        (dimensions == tensor.strides.len() && dimensions <= MOST_DIMENSIONS).then_some(tensor)
    }

    /// What stands for a storage: `("storage", class, key, device, values)`.
    pub(super) fn storage(&mut self) -> Result<(), String> {
        let id = self.pop()?;
        let parts = match self.value(id) {
            Value::Tuple(parts) => &parts[..],
            _ => &[],
        };
        let storage = match *parts {
            [kind, class, key, _, values] => {
                match (self.value(kind), self.value(class), self.value(key), self.size(values)) {
                    (
                        &Value::Text("storage"),
                        &Value::Class(Class::Storage(dtype)),
                        &Value::Text(key),
                        Some(values),
                    ) => Some(Storage { dtype, key, values }),
                    _ => None,
                }
            }
            _ => None,
        };
        let storage = storage.ok_or_else(|| self.damaged("a storage of the wrong form"))?;
        self.push(Value::Storage(storage))
    }

    fn size(&self, id: Id) -> Option<u64> {
        match self.value(id) {
            Value::Int(size) => u64::try_from(*size).ok(),
            _ => None,
        }
    }
}
