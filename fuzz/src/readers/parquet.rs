//! Parquet: a user's rows, with the names of their classes in the file or in the description, and GLUE's as the hub has them.

use mtlift_glue_data::{Error, Task};

use super::task::read_rows;
use super::world::World;
use crate::mutate::Form;
use crate::target::{Genuine, Target};

/// Files that `datasets` and pandas wrote, with every codec.
const FILES: &str = "glue-data/tests/parquet";

pub(super) fn rows() -> Target {
    let world = World::copy_of(FILES);
    let names = ["own", "own-none", "own-zstd", "own-gzip", "own-lz4", "own-pages-v2"];
    let versions = names.map(|name| world.read(&format!("{name}.parquet"))).to_vec();
    world.write(
        "it.toml",
        "name = \"it\"\nkind = \"classification\"\ntext = \"review\"\nlabel = \"verdict\"\nindex = \"id\"\n\
         files = { train = \"it.parquet\", dev = \"it.parquet\" }\n",
    );
    Target::new(Form::Parquet, versions, move |bytes| {
        world.write("it.parquet", bytes);
        let task = Task::find(&world.path("it.toml").to_string_lossy(), None)?;
        read_rows(&task)?;
        task.source_table("train").map(drop)
    })
}

pub(super) fn glue() -> Target {
    let world = World::copy_of(&format!("{FILES}/glue"));
    let of = |name: &str| Task::from_hub_glue(name, world.root()).expect("it is one of GLUE's");
    let tasks: Vec<Task> = ["RTE", "CoLA", "STS-B"].map(of).to_vec();
    let file = |task: &Task| task.files[0].path.clone();
    let genuine = |task: &Task| Genuine {
        name: task.name.clone(),
        form: Form::Parquet,
        versions: vec![std::fs::read(file(task)).expect("the file is there")],
    };
    Target::of(tasks.iter().map(genuine).collect(), move |number, bytes| {
        let task = &tasks[number];
        std::fs::write(file(task), bytes).expect("a temporary folder can be written to");
        // Kept until the task is dropped.
        let _world = &world;
        task.read(&task.files[0].split).map(drop)?;
        Ok::<_, Error>(())
    })
}
