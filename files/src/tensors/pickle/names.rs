//! The names that a pickle of weights may use, and what they stand for.

use safetensors::Dtype;

use super::value::Class;

/// What a name stands for.
///
/// # Errors
/// If it is not known.
pub(super) fn find(module: &str, name: &str) -> Result<Class, String> {
    let known = KNOWN.iter().find(|known| (known.0, known.1) == (module, name));
    known.map(|known| known.2).ok_or_else(|| {
        let called: String = format!("{module}.{name}").chars().take(120).collect();
        format!(
            "it names `{called}`, which is no part of plain weights, and nothing that a pickle names is run; \
             if you trust it, save the weights alone with torch.save(model.state_dict(), ..)"
        )
    })
}

const KNOWN: &[(&str, &str, Class)] = &[
    ("collections", "OrderedDict", Class::OrderedDict),
    ("torch._utils", "_rebuild_tensor_v2", Class::RebuildTensor),
    ("torch._utils", "_rebuild_parameter", Class::RebuildParameter),
    ("torch", "FloatStorage", Class::Storage(Dtype::F32)),
    ("torch", "HalfStorage", Class::Storage(Dtype::F16)),
    ("torch", "BFloat16Storage", Class::Storage(Dtype::BF16)),
    ("torch", "DoubleStorage", Class::Storage(Dtype::F64)),
    ("torch", "LongStorage", Class::Storage(Dtype::I64)),
    ("torch", "IntStorage", Class::Storage(Dtype::I32)),
    ("torch", "ShortStorage", Class::Storage(Dtype::I16)),
    ("torch", "CharStorage", Class::Storage(Dtype::I8)),
    ("torch", "ByteStorage", Class::Storage(Dtype::U8)),
    ("torch", "BoolStorage", Class::Storage(Dtype::BOOL)),
];
