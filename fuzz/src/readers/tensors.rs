//! Files of tensors, and the index of a checkpoint in shards.

use std::path::Path;

use mtlift_encoder::Checkpoint;
use mtlift_files::{Error, TensorFile, save_tensors};

use super::world::World;
use crate::mutate::Form;
use crate::target::Target;

pub(super) fn file() -> Target {
    let world = World::new();
    let tensors: [(&str, &[usize], &[f32]); 2] = [("a", &[2, 3], &[0.5; 6]), ("b.weight", &[4], &[-1.0; 4])];
    save_tensors(&world.path("x.safetensors"), &tensors).expect("a temporary folder can be written to");
    world.target(&[("x.safetensors", Form::Tensors)], |world| read_all(&world.path("x.safetensors")))
}

/// Reads every tensor of a file.
pub(super) fn read_all(path: &Path) -> Result<(), Error> {
    let file = TensorFile::open(path)?;
    for name in file.names() {
        if let Err(error) = file.f32(name) {
            file.i64(name).map_err(|_| error)?;
        }
        file.count_not_finite(name)?;
    }
    Ok(())
}

pub(super) fn shard_index() -> Target {
    let world = World::copy_of("train/tests/golden/bert-tanh-half-shards");
    let index = ("model.safetensors.index.json", Form::Json);
    world.target(&[index], |world| Checkpoint::open(world.root()).map(drop))
}
