//! What `torch.save` wrote, and the index of such a checkpoint in shards.

use std::path::Path;

use mtlift_encoder::Checkpoint;
use mtlift_files::TensorFile;
use serde_json::json;
use zip::CompressionMethod;

use super::tensors::read_all;
use super::world::World;
use crate::mutate::{Form, archive};
use crate::target::Target;

pub(super) fn file() -> Target {
    let golden = World::copy_of("files/tests/golden");
    let genuine = ["weights", "protocol5", "training"].map(|name| golden.read(&format!("{name}.bin")));
    Target::new(Form::Torch, genuine.to_vec(), move |bytes| {
        golden.write("x.bin", bytes);
        read_all(&golden.path("x.bin"))
    })
}

pub(super) fn index() -> Target {
    let world = World::copy_of("files/tests/golden");
    let shards = ["weights.bin", "other.bin"];
    let tensors = vec![("alone".to_owned(), vec![2, 2], vec![0.5; 4])];
    world.write(shards[1], torch_file(&tensors));
    let of = |shard: &&str| {
        let file = TensorFile::open(&world.path(shard)).expect("the shard is genuine");
        file.names()
            .map(|tensor| (tensor.to_owned(), (*shard).into()))
            .collect::<Vec<(String, serde_json::Value)>>()
    };
    let map: serde_json::Map<_, _> = shards.iter().flat_map(of).collect();
    let name = "pytorch_model.bin.index.json";
    world.write(name, json!({"metadata": {"total_size": 100}, "weight_map": map}).to_string());
    world.target(&[(name, Form::Json)], |world| Checkpoint::open(world.root()).map(drop))
}

/// The tensors of a safetensors file, all of them F32, as torch would write them.
pub(super) fn pickled(file: &Path) -> Vec<u8> {
    let file = TensorFile::open(file).expect("the file is genuine");
    let tensor = |name: &str| {
        let (shape, values) = file.f32(name).expect("the file is genuine");
        (name.to_owned(), shape, values)
    };
    torch_file(&file.names().map(tensor).collect::<Vec<_>>())
}

/// An archive with names, shapes and values, in pickle's protocol 2.
fn torch_file(tensors: &[(String, Vec<usize>, Vec<f32>)]) -> Vec<u8> {
    let text = |text: &str| [b"X", &(text.len() as u32).to_le_bytes()[..], text.as_bytes()].concat();
    let number = |number: usize| [b"J", &(number as u32).to_le_bytes()[..]].concat();
    let tuple = |items: Vec<Vec<u8>>| [b"(".as_slice(), &items.concat(), b"t"].concat();
    let mut files = Vec::new();
    let mut pickle = b"\x80\x02}".to_vec();
    for (key, (name, shape, values)) in tensors.iter().enumerate() {
        let strides = (0..shape.len()).map(|place| number(shape[place + 1..].iter().product()));
        let storage = tuple(vec![
            text("storage"),
            b"ctorch\nFloatStorage\n".to_vec(),
            text(&key.to_string()),
            text("cpu"),
            number(values.len()),
        ]);
        let shape = tuple(shape.iter().map(|&size| number(size)).collect());
        let hooks = b"\x89N".to_vec();
        let arguments =
            tuple(vec![storage, b"Q".to_vec(), number(0), shape, tuple(strides.collect()), hooks]);
        pickle.extend(
            [text(name), b"ctorch._utils\n_rebuild_tensor_v2\n".to_vec(), arguments, b"Rs".to_vec()].concat(),
        );
        let data = values.iter().flat_map(|value| value.to_le_bytes()).collect();
        files.push((format!("archive/data/{key}"), data));
    }
    pickle.push(b'.');
    files.insert(0, ("archive/data.pkl".to_owned(), pickle));
    archive(&files, CompressionMethod::Stored).expect("all names differ")
}
