//! What `verify` compares with.

use mtlift_files::save_tensors;
use mtlift_train::verify;
use serde_json::json;

use super::world::World;
use crate::mutate::Form;
use crate::target::Target;

/// A model with a batch and a run that PyTorch recorded.
const GOLDEN: &str = "train/tests/golden/bert-gelu-new-4class";

pub(super) fn trajectory() -> Target {
    recorded("trajectory.json", Form::Json)
}

pub(super) fn trajectory_tensors() -> Target {
    recorded("trajectory.safetensors", Form::Tensors)
}

pub(super) fn golden_tensors() -> Target {
    recorded("golden.safetensors", Form::Tensors)
}

fn recorded(file: &'static str, form: Form) -> Target {
    let world = World::copy_of(GOLDEN);
    let other = if file.starts_with("golden") { "trajectory.safetensors" } else { "golden.safetensors" };
    std::fs::remove_file(world.path(other)).expect("the other reference is there");
    world.target(&[(file, form)], |world| verify(world.root(), world.root(), None).map(drop))
}

pub(super) fn reference() -> Target {
    on_rows("reference.json", Form::Json)
}

pub(super) fn reference_tensors() -> Target {
    on_rows("reference.safetensors", Form::Tensors)
}

/// A reference on a task's rows. It need not agree with the model: what is compared differs, and that is no error.
fn on_rows(file: &'static str, form: Form) -> Target {
    let world = World::with_tasks();
    let task = world.path("pairs.toml").to_string_lossy().into_owned();
    let settings = json!({
        "weight_decay": 0.01, "max_grad_norm": 1.0, "task": task, "steps": 2, "batch": 4, "lr": 0.001, "max_tokens": 8,
        "first_token_ids": [[2, 5, 5, 5, 3]], "first_segment_ids": [[0, 0, 0, 0, 0]],
    });
    world.write("model/reference.json", settings.to_string());
    let tensors: [(&str, &[usize], &[f32]); 4] = [
        ("dev_logits_before", &[4, 2], &[0.0; 8]),
        ("dev_logits_after", &[4, 2], &[0.0; 8]),
        ("loss", &[2], &[0.7; 2]),
        ("grad_norm", &[2], &[1.0; 2]),
    ];
    save_tensors(&world.path("model/reference.safetensors"), &tensors)
        .expect("a temporary folder can be written to");
    world.target(&[(&format!("model/{file}"), form)], |world| {
        let model = world.path("model");
        verify(&model, &model, None).map(drop)
    })
}
