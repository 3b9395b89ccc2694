//! `mtlift man`.

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::{Context, Result};
use clap::{Args, Command, CommandFactory};
use clap_mangen::Man;
use mtlift_files::{make_directory, write_atomically};

use crate::stdout;

/// Print the manual page, or write one for each command
#[derive(Args)]
#[command(after_help = "\
Examples:
  mtlift man | man -l -
  mtlift man --out ~/.local/share/man/man1")]
pub(crate) struct Arguments {
    /// Write mtlift.1, mtlift-train.1 and so on into this folder, in place of printing the first
    #[arg(long, value_name = "DIR")]
    out: Option<PathBuf>,
}

pub(crate) fn run(arguments: &Arguments) -> Result<ExitCode> {
    let mut command = crate::Arguments::command();
    // Gives each command its whole name.
    command.build();
    match &arguments.out {
        None => stdout::print(&String::from_utf8(page(&command, "mtlift")?)?)?,
        Some(folder) => {
            make_directory(folder)?;
            let pages = write(&command, "mtlift", folder)?;
            stdout::print(&format!("{pages} pages in {}", folder.display()))?;
        }
    }
    Ok(ExitCode::SUCCESS)
}

/// Writes the pages of a command and of those below it, and says how many.
fn write(command: &Command, name: &str, folder: &Path) -> Result<usize> {
    let page = page(command, name)?;
    write_atomically(&folder.join(format!("{name}.1")), |file| std::io::Write::write_all(file, &page))?;
    let below = command.get_subcommands().filter(|below| below.get_name() != "help" && !below.is_hide_set());
    below
        .map(|below| write(below, &format!("{name}-{}", below.get_name()), folder))
        .sum::<Result<usize>>()
        .map(|pages| pages + 1)
}

fn page(command: &Command, name: &str) -> Result<Vec<u8>> {
    let mut page = Vec::new();
    Man::new(command.clone()).title(name).render(&mut page).context("cannot make the manual page")?;
    Ok(page)
}
