//! Ctrl-C and SIGTERM: the process says how to go on, and what it says is true.

use std::io::Read;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use crate::folder::{Folder, PATIENCE, TRAIN};
use crate::study::{COMPARE, folder};
use crate::study_killed::results;

/// Sends a signal as soon as `ready`, and gives the exit status and standard error.
fn signalled(mut process: Child, signal: &str, mut ready: impl FnMut() -> bool) -> (Option<i32>, String) {
    let started = Instant::now();
    while !ready() {
        assert!(
            started.elapsed() < PATIENCE && process.try_wait().unwrap().is_none(),
            "too late for a signal"
        );
        std::thread::sleep(Duration::from_micros(200));
    }
    let sent = Command::new("kill").args([signal, &process.id().to_string()]).status().unwrap();
    assert!(sent.success());
    let mut said = String::new();
    process.stderr.take().unwrap().read_to_string(&mut said).unwrap();
    (process.wait().unwrap().code(), said)
}

fn start(folder: &Folder, arguments: &str) -> Child {
    folder.command(arguments).stdout(Stdio::null()).stderr(Stdio::piped()).spawn().unwrap()
}

/// Does what the last line of a message says, and checks that it is the command that was given.
fn go_on(folder: &Folder, said: &str, arguments: &str) {
    let (before, command) = said.trim_end().rsplit_once('\n').unwrap();
    assert!(before.ends_with("stopped; go on with --resume:"), "{said}");
    let program = env!("CARGO_BIN_EXE_mtlift");
    assert_eq!(command, format!("  {program} {arguments} --resume"));
    let mut shell = Command::new("sh");
    shell.args(["-c", command]).current_dir(folder.path("")).env("MTLIFT_CACHE", folder.path("cache"));
    let done = shell.env_remove("MTLIFT_HOME").output().unwrap();
    assert!(done.status.success(), "{}", String::from_utf8_lossy(&done.stderr));
}

#[test]
fn a_run_that_is_interrupted_says_how_to_go_on_and_ends_with_the_same_bits() {
    let folder = Folder::new();
    let long = TRAIN.replace("--epochs 4", "--epochs 12");
    folder.run(&format!("{long} --out whole")).success();
    let arguments = format!("{} --out stopped", long.split_whitespace().collect::<Vec<_>>().join(" "));
    let log = folder.path("stopped/steps.jsonl");
    let steps = || std::fs::read_to_string(&log).map_or(0, |log| log.lines().count());
    let (code, said) = signalled(start(&folder, &arguments), "-INT", || steps() >= 20);
    assert_eq!(code, Some(130), "{said}");
    assert!(!folder.path("stopped/result.json").exists());
    go_on(&folder, &said, &arguments);
    folder.snapshot("stopped").assert_same(&folder.snapshot("whole"), "interrupted");
}

#[test]
fn a_study_that_is_terminated_goes_on() {
    let folder = folder();
    folder.run(&format!("{COMPARE} --out whole")).success();
    let arguments = format!("{} --out stopped", COMPARE.split_whitespace().collect::<Vec<_>>().join(" "));
    let some = || folder.path("stopped/runs").exists() && !results(&folder, "stopped").is_empty();
    let (code, said) = signalled(start(&folder, &arguments), "-TERM", some);
    assert_eq!(code, Some(143), "{said}");
    go_on(&folder, &said, &arguments);
    let outcome = |study: &str| {
        let mut files = folder.snapshot(study).0;
        files.retain(|name, _| name.ends_with("result.json") || name.contains("/predictions-"));
        files
    };
    assert_eq!(outcome("stopped"), outcome("whole"));
}

/// The report of a study in progress says how far it has come.
#[test]
fn a_study_that_goes_on_has_a_report() {
    let folder = folder();
    let arguments = format!("{} --out study", COMPARE.split_whitespace().collect::<Vec<_>>().join(" "));
    let report = folder.path("study/report.html");
    let (_, said) = signalled(start(&folder, &arguments), "-KILL", || report.exists());
    let findings = folder.json("study/findings.json");
    let progress = |place: usize| findings["progress"][place].as_u64().unwrap();
    assert!((1..progress(1)).contains(&progress(0)), "{said}");
    let page = std::fs::read_to_string(report).unwrap();
    assert!(page.contains(&format!("{} of {} runs finished", progress(0), progress(1))), "{said}");
}
