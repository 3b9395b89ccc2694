//! The precision of matrix products as a setting: under its name in files, and refused where the processor is not made for it.
//!
//! What is refused would give the same bits, and take many times as long: nobody would want to find that out by waiting.

use mtlift_nn::Precision;
use serde::{Deserialize, Deserializer, Serializer, de::Error as _};

use crate::Error;

/// Whether products of this precision are worth the wait on this processor.
pub(crate) fn check_processor(precision: Precision) -> Result<(), Error> {
    if precision.is_fast() { Ok(()) } else { Err(Error::Processor { precision: precision.name() }) }
}

pub(crate) fn is_float32(precision: &Precision) -> bool {
    *precision == Precision::Float32
}

pub(crate) fn serialize<S: Serializer>(precision: &Precision, to: S) -> Result<S::Ok, S::Error> {
    to.serialize_str(precision.name())
}

pub(crate) fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<Precision, D::Error> {
    let name = String::deserialize(from)?;
    Precision::ALL.into_iter().find(|precision| precision.name() == name).ok_or_else(|| {
        let known = Precision::ALL.map(Precision::name).join(", ");
        D::Error::custom(format!("no precision is called `{name}`; there are: {known}"))
    })
}
