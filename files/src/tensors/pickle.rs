//! The pickle that `torch.save` writes, as far as it describes tensors. Python's own reader runs what a pickle names; this
//! one knows a handful of names, each of which stands for plain data, and refuses every other by its name.

mod bytes;
mod machine;
mod names;
mod objects;
mod value;

use std::collections::BTreeMap;

use machine::Machine;
use value::{Id, Value};
pub(super) use value::{Storage, Tensor};

/// The tensors by name. All texts are the pickle's own: it may use one of them as often as it is long.
#[derive(Debug)]
pub(super) struct StateDict<'a> {
    /// Of a name that is there twice, the last.
    pub(super) tensors: BTreeMap<&'a str, Tensor<'a>>,
    /// The key under which they were found, if they are not all that the pickle holds.
    pub(super) nested: Option<&'static str>,
}

/// Under which keys the checkpoints of training programs have the weights.
const WRAPPERS: [&str; 2] = ["state_dict", "model_state_dict"];

/// Reads a pickle.
///
/// # Errors
/// If it is damaged, names what is not known, or holds no tensors by name.
pub(super) fn read(bytes: &[u8]) -> Result<StateDict<'_>, String> {
    let mut machine = Machine::new(bytes);
    let top = machine.run()?;
    let wrapped = |&key: &&'static str| {
        let holder = machine.entry(top, key)?;
        matches!(machine.value(holder), Value::Dict(_)).then_some((key, holder))
    };
    let (nested, holder) = match WRAPPERS.iter().find_map(wrapped) {
        Some((key, holder)) => (Some(key), holder),
        None => (None, top),
    };
    let Value::Dict(entries) = machine.value(holder) else {
        return Err("it holds no tensors by name, expected what `model.state_dict()` gives".to_owned());
    };
    let tensor = |&(key, value): &(Id, Id)| match (machine.value(key), machine.value(value)) {
        (&Value::Text(name), Value::Tensor(tensor)) => Some((name, (**tensor).clone())),
        _ => None,
    };
    let tensors: BTreeMap<_, _> = entries.iter().filter_map(tensor).collect();
    if tensors.is_empty() {
        let keys = entries.iter().filter_map(|&(key, _)| match machine.value(key) {
            Value::Text(name) => Some(format!("`{name}`")),
            _ => None,
        });
        let keys: Vec<_> = keys.take(8).collect();
        return Err(format!(
            "it holds no tensors by name, expected what `model.state_dict()` gives; its keys are {}",
            if keys.is_empty() { "none".to_owned() } else { keys.join(", ") }
        ));
    }
    Ok(StateDict { tensors, nested })
}
