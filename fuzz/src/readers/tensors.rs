//! Files of tensors, and the index of a checkpoint in shards.

use mtlift_encoder::Checkpoint;
use mtlift_files::{Error, TensorFile, save_tensors};

use super::world::World;
use crate::mutate::Form;
use crate::target::Target;

pub(super) fn file() -> Target {
    let world = World::new();
    let path = world.path("x.safetensors");
    let tensors: [(&str, &[usize], &[f32]); 2] = [("a", &[2, 3], &[0.5; 6]), ("b.weight", &[4], &[-1.0; 4])];
    save_tensors(&path, &tensors).expect("a temporary folder can be written to");
    let genuine = vec![world.read("x.safetensors")];
    Target::new(Form::Tensors, genuine, move |bytes| {
        world.write("x.safetensors", bytes);
        let file = TensorFile::open(&path)?;
        for name in file.names() {
            if let Err(error) = file.f32(name) {
                file.i64(name).map_err(|_| error)?;
            }
        }
        Ok::<_, Error>(())
    })
}

pub(super) fn shard_index() -> Target {
    let world = World::copy_of("train/tests/golden/bert-tanh-half-shards");
    let name = "model.safetensors.index.json";
    let genuine = vec![world.read(name)];
    Target::new(Form::Json, genuine, move |bytes| {
        world.write(name, bytes);
        Checkpoint::open(world.root()).map(drop)
    })
}
