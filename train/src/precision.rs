//! The precision of matrix products as a setting: under its name in files, and refused where the processor is not made for it.
//!
//! What is refused would give the same bits, and take many times as long: nobody would want to find that out by waiting.

use mtlift_nn::Precision;
use serde::{Deserialize, Deserializer, Serializer, de::Error as _};

use crate::Error;

/// Whether products of this precision are worth the wait on this processor.
pub(crate) fn check_processor(precision: Precision) -> Result<(), Error> {
    let needed = match precision {
        Precision::Int8 => "AVX512-VNNI: Intel's since Cascade Lake, AMD's since Zen 4",
        _ => "AVX512-BF16: AMD's since Zen 4, some of Intel's since Cooper Lake",
    };
    if precision.is_fast() { Ok(()) } else { Err(Error::Processor { precision: precision.name(), needed }) }
}

/// Whether a model can be trained in it: int8 has no gradient.
pub(crate) fn check_training(precision: Precision) -> Result<(), Error> {
    let (name, value) = ("precision", precision.name().to_owned());
    let expected = "float32 or bf16: int8 is for a trained model, in evaluate and predict";
    if precision == Precision::Int8 { Err(Error::Setting { name, value, expected }) } else { Ok(()) }
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
