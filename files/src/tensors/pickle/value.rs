//! What a pickle makes: values that refer to each other by number, so that a hostile one can neither nest deeply nor
//! multiply itself.

use safetensors::Dtype;

/// The number of a value.
pub(super) type Id = u32;

#[derive(Debug)]
pub(super) enum Value<'a> {
    Int(i64),
    Text(&'a str),
    Tuple(Vec<Id>),
    Dict(Vec<(Id, Id)>),
    /// A list, whose items nothing here needs.
    List,
    Class(Class),
    Storage(Storage<'a>),
    Tensor(Box<Tensor<'a>>),
    /// None, a truth value, a fraction, bytes, a long integer: what no tensor is made of.
    Other,
}

/// What a pickle may name.
#[derive(Clone, Copy, Debug)]
pub(super) enum Class {
    OrderedDict,
    RebuildTensor,
    RebuildParameter,
    Storage(Dtype),
}

/// Where a tensor's values are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::tensors) struct Storage<'a> {
    pub(in crate::tensors) dtype: Dtype,
    /// The name of its file in the archive, below `data/`.
    pub(in crate::tensors) key: &'a str,
    pub(in crate::tensors) values: u64,
}

/// A view of a storage; offset and strides count values. Nothing is checked against the storage.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::tensors) struct Tensor<'a> {
    pub(in crate::tensors) storage: Storage<'a>,
    pub(in crate::tensors) offset: u64,
    pub(in crate::tensors) shape: Vec<u64>,
    /// As many as there are dimensions.
    pub(in crate::tensors) strides: Vec<u64>,
}
