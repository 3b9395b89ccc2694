//! A user's tasks: their description, and rows in every format that is text.

use mtlift_glue_data::{Error, Task, check};

use super::world::World;
use crate::mutate::{Form, compressed};
use crate::target::Target;

pub(super) fn description() -> Target {
    let world = World::with_tasks();
    let carved = "name = \"carved\"\nkind = \"classification\"\nlabels = [\"no\", \"yes\"]\nmetrics = [\"accuracy\", \"mcc\"]\n\
                  positive = \"yes\"\ntext = 0\nlabel = 1\nformat = \"tsv\"\nheader = true\n[files]\ntrain = \"pairs-train.tsv\"\n\
                  unlabelled = \"pairs-dev.tsv\"\n[split]\ndev = 0.2\ntest = 0.2\nseed = 1\n";
    let grouped = format!("{carved}[groups]\nwords = [\"w1\", \"w2\"]\n");
    let by_column = carved.replace("label = 1", "label = 1\ngroup = \"label\"");
    world.write("shop.tsv", "text\tpair\tnumber\nw1 w2\tno\t4.5\nw3\t\t1\nw4\tyes\tNA\nw5\t-\t\n");
    let heads = "name = \"shop\"\ntext = \"text\"\nfiles = { train = \"shop.tsv\", dev = \"shop.tsv\" }\n[[heads]]\n\
                 name = \"pair\"\ncolumn = \"pair\"\nlabels = [\"no\", \"yes\"]\npositive = \"yes\"\nmetrics = [\"f1\"]\n[[heads]]\n\
                 name = \"number\"\ncolumn = \"number\"\nrange = [0, 5]\n[[heads]]\nname = \"other\"\ncolumn = \"number\"\n\
                 kind = \"regression\"\nmetrics = [\"mse\"]\n";
    let genuine = vec![
        world.read("pairs.toml"),
        world.read("triples.toml"),
        carved.into(),
        grouped.into(),
        by_column.into(),
        heads.into(),
    ];
    Target::new(Form::Toml, genuine, move |bytes| {
        world.write("it.toml", bytes);
        read(&world)
    })
}

const TSV: &str = "text\tlabel\nw1 w2\tno\n\"w3\" w4\tyes\nw5\tno\nw6\tyes\n";
const JSON_LINES: &str = "{\"text\": \"w1 w2\", \"label\": \"no\"}\n{\"text\": \"w3\\u00e9\", \"label\": \"yes\"}\n\
                          {\"text\": \"w4\", \"label\": \"no\"}\n{\"text\": \"w5\", \"label\": \"yes\", \"more\": [1, {}]}\n";

pub(super) fn tsv() -> Target {
    rows("tsv", Form::Bytes, TSV.into())
}

pub(super) fn csv() -> Target {
    rows("csv", Form::Bytes, "text,label\n\"w1, \"\"w2\"\"\nw3\",no\nw4,yes\nw5,no\r\nw6,yes\n".into())
}

pub(super) fn json_lines() -> Target {
    rows("jsonl", Form::JsonLines, JSON_LINES.into())
}

pub(super) fn tsv_gzip() -> Target {
    rows("tsv", Form::Gzip(&Form::Bytes), compressed(TSV.as_bytes()))
}

pub(super) fn json_lines_gzip() -> Target {
    rows("jsonl", Form::Gzip(&Form::JsonLines), compressed(JSON_LINES.as_bytes()))
}

fn rows(format: &'static str, form: Form, genuine: Vec<u8>) -> Target {
    let world = World::new();
    let toml = "name = \"it\"\nkind = \"classification\"\nlabels = [\"no\", \"yes\"]\ntext = \"text\"\nlabel = \"label\"\n\
                [files]\ntrain = \"it.FORMAT\"\n[split]\ndev = 0.25\ntest = 0.25\n";
    world.write("it.toml", toml.replace("FORMAT", format));
    Target::new(form, vec![genuine], move |bytes| {
        world.write(&format!("it.{format}"), bytes);
        read(&world)
    })
}

/// Opens the task, reads its splits and the columns of one, and reports on it.
fn read(world: &World) -> Result<(), Error> {
    for task in Task::find_all(&world.path("it.toml").to_string_lossy(), None)? {
        read_rows(&task)?;
        if let Some(split) = task.splits().first() {
            task.source_table(split)?;
        }
        check(&task, None)?;
    }
    Ok(())
}

/// Reads all splits.
pub(super) fn read_rows(task: &Task) -> Result<(), Error> {
    task.splits().into_iter().try_for_each(|split| task.read(split).map(drop))
}
