//! What a parameter can be called in a checkpoint. A layout has the names of a model with a head; the checkpoint of an
//! encoder alone has no prefix, and old ones call LayerNorm's parameters after TensorFlow's.

use crate::Family;

/// The names under which to look for a parameter, the likeliest first.
pub(super) fn candidates(prefix: &str, name: &str) -> impl Iterator<Item = String> {
    let bare = without_prefix(prefix, name);
    [Some(name), bare].into_iter().flatten().flat_map(|name| [Some(name.to_owned()), old(name)]).flatten()
}

/// Whether a tensor is a parameter of the encoder itself, so that a network that has no place for it is not the one
/// it was made for. Constant buffers, the pooler and other heads are not.
pub(super) fn belongs_to_encoder(prefix: &str, name: &str) -> bool {
    let bare = without_prefix(prefix, name).unwrap_or(name);
    let part = bare.split('.').next().unwrap_or_default();
    let buffer = [".position_ids", ".token_type_ids"].iter().any(|buffer| bare.ends_with(buffer));
    let stack = Family::ALL.iter().any(|family| part == family.stack);
    (stack || ["embeddings", "embeddings_project"].contains(&part)) && !buffer
}

fn without_prefix<'a>(prefix: &str, name: &'a str) -> Option<&'a str> {
    name.strip_prefix(prefix)?.strip_prefix('.')
}

/// The name in old checkpoints, where it differs: LayerNorm's weight was gamma, its bias beta.
fn old(name: &str) -> Option<String> {
    let (module, parameter) = name.rsplit_once('.')?;
    let parameter = match parameter {
        "weight" => "gamma",
        "bias" => "beta",
        _ => return None,
    };
    module.ends_with("LayerNorm").then(|| format!("{module}.{parameter}"))
}

/// The name of today for a tensor of an old checkpoint.
pub(super) fn current(name: &str) -> String {
    let renamed =
        |old, now| Some(format!("{}LayerNorm.{now}", name.strip_suffix(&format!("LayerNorm.{old}"))?));
    renamed("gamma", "weight").or_else(|| renamed("beta", "bias")).unwrap_or_else(|| name.to_owned())
}
