//! `mtlift completions`.

use std::process::ExitCode;

use anyhow::Result;
use clap::{Args, CommandFactory};
use clap_complete::Shell;

use crate::stdout;

/// Print what makes a shell complete mtlift's commands and flags
#[derive(Args)]
#[command(after_help = "\
Examples:
  mtlift completions bash > ~/.local/share/bash-completion/completions/mtlift
  mtlift completions zsh > ~/.zfunc/_mtlift
  mtlift completions fish > ~/.config/fish/completions/mtlift.fish")]
pub(crate) struct Arguments {
    /// The shell
    #[arg(value_name = "SHELL")]
    shell: Shell,
}

pub(crate) fn run(arguments: &Arguments) -> Result<ExitCode> {
    let mut script = Vec::new();
    clap_complete::generate(arguments.shell, &mut crate::Arguments::command(), "mtlift", &mut script);
    stdout::print(&String::from_utf8(script)?)?;
    Ok(ExitCode::SUCCESS)
}
