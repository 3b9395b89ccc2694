//! Help for people and shells: every default is shown, no line is too long or broken twice, completions and manual pages are there.

use std::process::Command;

use crate::folder::Folder;

/// Every command.
pub(crate) const COMMANDS: [&str; 28] = [
    "",
    "compare",
    "sweep",
    "size-curve",
    "advise",
    "plan",
    "merge",
    "methods",
    "study",
    "study status",
    "study gc",
    "study calibrate",
    "report",
    "submit",
    "train",
    "pretrain",
    "evaluate",
    "predict",
    "verify",
    "data",
    "data list",
    "data show",
    "data check",
    "fetch",
    "fetch model",
    "fetch glue",
    "completions",
    "man",
];

/// Flags without which nothing else is done in their place: what is asked, and where files are.
const WITHOUT_DEFAULT: [&str; 14] = [
    "--model",
    "--base",
    "--method",
    "--target",
    "--support",
    "--task",
    "--tasks",
    "--out",
    "--reuse",
    "--input",
    "--text",
    "--data-home",
    "--ratio",
    "--help",
];

fn help(folder: &Folder, command: &str, columns: &str) -> String {
    let mut command: Command = folder.command(&format!("{command} --help"));
    String::from_utf8(command.env("COLUMNS", columns).output().unwrap().stdout).unwrap()
}

#[test]
fn every_flag_with_a_value_shows_its_default() {
    let folder = Folder::new();
    for command in COMMANDS {
        let help = help(&folder, command, "200");
        // A flag's block ends where the next one begins.
        let mut blocks: Vec<String> = Vec::new();
        for line in help.lines() {
            let is_flag = line.trim_start().starts_with('-') && line.starts_with("  ");
            if is_flag || line.is_empty() && blocks.last().is_some_and(|block| block.contains("[default")) {
                blocks.push(line.trim().to_owned());
            } else if let Some(block) = blocks.last_mut() {
                block.push(' ');
                block.push_str(line.trim());
            }
        }
        for block in blocks.iter().filter(|block| block.starts_with("--")) {
            let flag = block.split_whitespace().next().unwrap();
            let takes_value =
                block.split_whitespace().nth(1).is_some_and(|word| word.starts_with(['<', '[']));
            if takes_value && !WITHOUT_DEFAULT.contains(&flag) {
                assert!(block.contains("[default: "), "`{command}`: {block}");
            }
        }
    }
}

#[test]
fn help_is_wrapped_once() {
    let folder = Folder::new();
    for (columns, widest) in [("80", 80), ("200", 110)] {
        for command in COMMANDS {
            let help = help(&folder, command, columns);
            for line in help.lines().filter(|line| !line.contains("mtlift ")) {
                assert!(line.chars().count() <= widest, "`{command}` at {columns} columns: {line}");
            }
        }
    }
}

#[test]
fn completions_and_manual_pages_know_every_command() {
    let folder = Folder::new();
    for shell in ["bash", "zsh", "fish", "powershell", "elvish"] {
        let run = folder.run(&format!("completions {shell}")).success().stderr("");
        let script = String::from_utf8(run.get_output().stdout.clone()).unwrap();
        assert!(script.contains("size-curve") && script.contains("choose-threshold"), "{shell}");
    }
    let run = folder.run("completions bash").success();
    folder.write("complete", &run.get_output().stdout);
    let checked = Command::new("bash").args(["-n", "complete"]).current_dir(folder.path("")).status();
    assert!(checked.is_ok_and(|status| status.success()), "bash reads it");
    let page = folder.run("man").success();
    let page = String::from_utf8(page.get_output().stdout.clone()).unwrap();
    assert!(page.contains(".TH mtlift 1") && page.contains("size\\-curve"), "{page}");
    folder.run("man --out pages").success().stdout(format!("{} pages in pages\n", COMMANDS.len()));
    for command in COMMANDS {
        let name = format!("mtlift {command}").trim().replace(' ', "-");
        let page = folder.read(&format!("pages/{name}.1"));
        assert!(page.contains(&format!(".TH {name} 1")), "{page}");
    }
}
