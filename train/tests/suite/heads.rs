//! A model for several tasks starts as the models of each of them alone would, on the checkpoint's encoder.

use mtlift_encoder::Config;
use mtlift_nn::{Entry, Role};
use mtlift_schedule::HeadStart;
use mtlift_train::{Design, HeadSharing, Model, TaskHead};

use crate::folder::{Folder, task};

/// Labels of four tasks, two of which have as many; one label is a regression.
const TASKS: [&[&str]; 4] = [&["x", "y", "z"], &["no", "yes"], &["LABEL_0"], &["good", "bad"]];

const SEED: u64 = 5;

/// The values of a parameter.
fn values<'a>(model: &'a Model, name: &str) -> &'a [f32] {
    let entry = model.network.layout().find(name).unwrap_or_else(|| panic!("no parameter {name}"));
    &model.params.values()[entry.range.clone()]
}

/// The parameters of the head of a model of one task.
fn head_names(alone: &Model) -> Vec<String> {
    let of_head = |entry: &&Entry| entry.role.head() == Some(0);
    alone.network.layout().entries().iter().filter(of_head).map(|entry| entry.name.clone()).collect()
}

/// The names of the encoder's parameters.
fn encoder_names(model: &Model) -> impl Iterator<Item = &str> {
    let of_encoder = |entry: &&Entry| entry.role == Role::Encoder;
    model.network.layout().entries().iter().filter(of_encoder).map(|entry| entry.name.as_str())
}

/// Reads the model in `name` for tasks of these labels, and checks each task's parameters: `places` says which head of
/// the layout is a task's, and `like` which task's start that head has.
#[track_caller]
fn check(
    folder: &Folder,
    name: &str,
    tasks: &[&[&str]],
    sharing: HeadSharing,
    places: &[usize],
    like: &[usize],
) {
    let directory = folder.path(name);
    let config = || Config::read(&directory).unwrap();
    let head =
        |labels: &&[&str]| TaskHead::to_train(&config(), &task(labels), HeadStart::MappedByName).unwrap();
    let heads: Vec<TaskHead> = tasks.iter().map(head).collect();
    let (joint, _) = Model::read_joint(
        &directory,
        config(),
        &heads.iter().collect::<Vec<_>>(),
        &Design { sharing, ..Design::default() },
        SEED,
    )
    .unwrap();
    for (of, (&place, &like)) in places.iter().zip(like).enumerate() {
        let (alone, _) = Model::read(&directory, config(), &heads[like], SEED).unwrap();
        let names = head_names(&alone);
        assert_eq!(names.len(), 4, "{names:?}");
        for parameter in names {
            let found = values(&joint, &format!("task.{place}.{parameter}"));
            assert_eq!(found, values(&alone, &parameter), "task {of}: {parameter}");
        }
    }
    let heads = places.iter().max().unwrap() + 1;
    let entries = joint.network.layout().entries().len();
    assert_eq!(entries, encoder_names(&joint).count() + 4 * heads, "no other heads");
}

#[test]
fn every_task_with_a_head_of_its_own() {
    let folder = Folder::new();
    for family in ["bert", "roberta"] {
        folder.write_model(family, family, &["no", "yes"]);
        check(&folder, family, &TASKS, HeadSharing::PerTask, &[0, 1, 2, 3], &[0, 1, 2, 3]);
    }
}

/// Of tasks with one head the first decides: `no` and `yes` are the checkpoint's, `good` and `bad` are not.
#[test]
fn tasks_that_share_a_head() {
    let folder = Folder::new();
    for family in ["bert", "roberta"] {
        folder.write_model(family, family, &["no", "yes"]);
        let [three, kept, value, fresh] = TASKS;
        let shared = HeadSharing::ByLabelCount;
        check(&folder, family, &[three, kept, value, fresh], shared, &[0, 1, 2, 1], &[0, 1, 2, 1]);
        check(&folder, family, &[three, fresh, value, kept], shared, &[0, 1, 2, 1], &[0, 1, 2, 1]);
    }
}

#[test]
fn the_encoder_is_the_checkpoints() {
    let folder = Folder::new();
    for (family, labels) in [("bert", &["no", "yes"][..]), ("roberta", &[])] {
        let (layout, written) = folder.write_model(family, family, labels);
        let directory = folder.path(family);
        let config = || Config::read(&directory).unwrap();
        let heads = TASKS
            .map(|labels| TaskHead::to_train(&config(), &task(labels), HeadStart::MappedByName).unwrap());
        let sharing = HeadSharing::ByLabelCount;
        let (joint, _) = Model::read_joint(
            &directory,
            config(),
            &heads.each_ref(),
            &Design { sharing, ..Design::default() },
            SEED,
        )
        .unwrap();
        for name in encoder_names(&joint) {
            let range = layout.find(name).unwrap().range.clone();
            assert_eq!(values(&joint, name), &written.values()[range], "{family}: {name}");
        }
    }
}
