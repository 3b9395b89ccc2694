//! A user's tasks: their description, and rows in every format.

use mtlift_glue_data::{Error, Task, check};

use super::world::World;
use crate::mutate::Form;
use crate::target::Target;

pub(super) fn description() -> Target {
    let world = World::with_tasks();
    let carved = "name = \"carved\"\nkind = \"classification\"\nlabels = [\"no\", \"yes\"]\nmetrics = [\"accuracy\", \"mcc\"]\n\
                  positive = \"yes\"\ntext = 0\nlabel = 1\nformat = \"tsv\"\nheader = true\n[files]\ntrain = \"pairs-train.tsv\"\n\
                  [split]\ndev = 0.2\ntest = 0.2\nseed = 1\n";
    let genuine = vec![world.read("pairs.toml"), world.read("triples.toml"), carved.into()];
    Target::new(Form::Toml, genuine, move |bytes| {
        world.write("it.toml", bytes);
        read(&world)
    })
}

pub(super) fn tsv() -> Target {
    rows("tsv", "text\tlabel\nw1 w2\tno\n\"w3\" w4\tyes\nw5\tno\nw6\tyes\n")
}

pub(super) fn csv() -> Target {
    rows("csv", "text,label\n\"w1, \"\"w2\"\"\nw3\",no\nw4,yes\nw5,no\r\nw6,yes\n")
}

pub(super) fn json_lines() -> Target {
    let text = "{\"text\": \"w1 w2\", \"label\": \"no\"}\n{\"text\": \"w3\\u00e9\", \"label\": \"yes\"}\n\
                {\"text\": \"w4\", \"label\": \"no\"}\n{\"text\": \"w5\", \"label\": \"yes\", \"more\": [1, {}]}\n";
    rows("jsonl", text)
}

fn rows(format: &'static str, genuine: &str) -> Target {
    let world = World::new();
    let toml = "name = \"it\"\nkind = \"classification\"\nlabels = [\"no\", \"yes\"]\ntext = \"text\"\nlabel = \"label\"\n\
                [files]\ntrain = \"it.FORMAT\"\n[split]\ndev = 0.25\ntest = 0.25\n";
    world.write("it.toml", toml.replace("FORMAT", format));
    let form = if format == "jsonl" { Form::JsonLines } else { Form::Bytes };
    Target::new(form, vec![genuine.into()], move |bytes| {
        world.write(&format!("it.{format}"), bytes);
        read(&world)
    })
}

/// Opens the task, reads its splits, and reports on it.
fn read(world: &World) -> Result<(), Error> {
    let task = Task::find(&world.path("it.toml").to_string_lossy(), None)?;
    for split in task.splits() {
        task.read(split)?;
    }
    check(&task, None).map(drop)
}
