//! A disk that is full during a study: the runs that fail are named, the rest goes on, nothing that was finished is lost,
//! and when there is room the study ends with the bits of one that was never disturbed.

use std::process::Command;

use crate::folder::Snapshot;
use crate::full_disk::limited;
use crate::study::{COMPARE, folder, label, runs};
use crate::study_killed::{outcome, results};

/// Eight runs: two singles, STILTs and MTL under two seeds.
fn compare() -> String {
    COMPARE.replace("help.toml,other.toml", "help.toml")
}

#[test]
fn runs_whose_checkpoints_do_not_fit() {
    let folder = folder();
    let compare = compare();
    folder.run(&format!("{compare} --out whole")).success();

    // Room for a checkpoint with one task's head, not with two: the mixed runs alone fail.
    let (encoder, head) = (folder.encoder("model").1.values().len() as u64, 16 * 16 + 16 + 2 * 16 + 2);
    let run = limited(&folder, 3 * 4 * (encoder + head) / 512 + 2, &format!("{compare} --out study")).code(1);
    let output = run.get_output();
    let [stdout, stderr] =
        [&output.stdout, &output.stderr].map(|bytes| String::from_utf8_lossy(bytes).into_owned());
    assert!(stdout.ends_with("report: study/report.html\n"), "what there is is reported: {stdout}");
    let mixed: Vec<String> = runs(&folder, "whole")
        .into_iter()
        .filter(|id| label(&folder, "whole", id).contains("mtl with"))
        .collect();
    assert_eq!(mixed.len(), 2);
    for id in &mixed {
        let what = label(&folder, "whole", id);
        let why = format!(
            "cannot write study/runs/{id}/.unfinished-checkpoint/state.safetensors: File too large (os error 27)"
        );
        assert!(stderr.contains(&format!("warning: {what} ({id}) failed: {why}\n")), "{stderr}");
    }
    let finished = results(&folder, "study");
    let expected: Vec<String> = runs(&folder, "whole").into_iter().filter(|id| !mixed.contains(id)).collect();
    assert_eq!(finished.keys().cloned().collect::<Vec<_>>(), expected, "the rest went on");

    folder.run(&format!("{compare} --out study --resume")).success();
    let now = results(&folder, "study");
    assert!(finished.iter().all(|(run, written)| now.get(run) == Some(written)), "a run was made twice");
    outcome(&folder, "study").assert_same(&outcome(&folder, "whole"), "when there is room");
}

/// The same on a file system that really is full. Not every machine lets a user mount one, so the test is asked for.
#[test]
#[ignore = "mounts a file system: needs unshare and user namespaces, run with --include-ignored"]
fn full_file_system() {
    let folder = folder();
    let compare = compare();
    folder.run(&format!("{compare} --out whole")).success();
    // Half of the pages that the study takes.
    let Snapshot(files) = folder.snapshot("whole");
    let room: usize = files.values().map(|bytes| bytes.len().div_ceil(4096) * 4096).sum::<usize>() / 2;
    let script = r#"
        mkdir disk && mount -t tmpfs -o size=16m tmpfs disk || exit 77
        head -c $((16 * 1024 * 1024 - $ROOM)) /dev/zero > disk/filler
        "$0" "$@" --out disk/study 2> failure
        echo $? > status
        cp -r disk/study half
        rm disk/filler
        "$0" "$@" --out disk/study --resume 2> success && cp -r disk/study study
    "#;
    let mtlift = folder.command("");
    let mut command = Command::new("unshare");
    command.args(["--user", "--map-root-user", "--mount", "sh", "-c", script]).arg(mtlift.get_program());
    command.args(compare.split_whitespace()).current_dir(folder.path("")).env("ROOM", room.to_string());
    command.env_remove("MTLIFT_HOME").env("MTLIFT_CACHE", folder.path("cache"));
    let output = command.output().expect("`unshare` mounts a small file system");
    let why = String::from_utf8_lossy(&output.stderr);
    assert!(folder.path("failure").exists(), "a small file system cannot be mounted: {why}");
    let failure = folder.read("failure");
    assert_eq!(folder.read("status"), "1\n", "{failure}");
    let failed: Vec<&str> = failure.lines().filter(|line| line.contains(" failed: ")).collect();
    assert!(!failed.is_empty(), "{failure}");
    for line in failed {
        assert!(
            line.contains(" failed: cannot write disk/study/")
                && line.ends_with(": No space left on device (os error 28)"),
            "{failure}"
        );
    }
    let half = outcome(&folder, "half");
    let finished = results(&folder, "half").len();
    assert!((1..8).contains(&finished), "{finished} runs were finished");
    let study = outcome(&folder, "study");
    for (name, bytes) in half.0.iter().filter(|(name, _)| name.ends_with("result.json")) {
        assert_eq!(study.0.get(name), Some(bytes), "{name} was finished, and stays");
    }
    study.assert_same(&outcome(&folder, "whole"), "when there is room");
}
