//! A disk that is full while a checkpoint is saved: the job fails by name, loses nothing that was saved, and goes on to the
//! same bits when there is room.

use std::process::Command;

use assert_cmd::assert::Assert;

use crate::folder::{Folder, PATIENCE, Snapshot, TRAIN};
use crate::killed::killed_run;

/// `mtlift` where no file can grow beyond this many blocks of 512 bytes; the signal that would end the process is ignored,
/// so that the write fails as on a full disk.
pub(crate) fn limited(folder: &Folder, blocks: u64, arguments: &str) -> Assert {
    let mtlift = folder.command("");
    let mut command = Command::new("sh");
    let script = format!("trap '' XFSZ; ulimit -f {blocks}; exec \"$0\" \"$@\"");
    command.args(["-c", &script]).arg(mtlift.get_program()).args(arguments.split_whitespace());
    command.current_dir(folder.path("")).env_remove("MTLIFT_HOME").env("MTLIFT_CACHE", folder.path("cache"));
    assert_cmd::Command::from_std(command).timeout(PATIENCE).assert()
}

fn part(snapshot: &Snapshot, prefixes: &[&str]) -> Vec<(String, Vec<u8>)> {
    let is_part = |name: &String| prefixes.iter().any(|prefix| name.starts_with(prefix));
    snapshot
        .0
        .iter()
        .filter(|(name, _)| is_part(name))
        .map(|(name, bytes)| (name.clone(), bytes.clone()))
        .collect()
}

#[test]
fn checkpoint_that_does_not_fit() {
    let folder = Folder::new();
    let train = format!("{TRAIN} --out out");
    folder.run(&format!("{TRAIN} --out whole")).success();
    let state_size = 3 * 4 * folder.encoder("model").1.values().len() as u64;

    // Room for a best model, not for the three times larger checkpoint: nothing is saved, and nothing lost.
    let run = limited(&folder, state_size / 512 / 2, &train).code(1).stdout("");
    let stderr = String::from_utf8_lossy(&run.get_output().stderr).into_owned();
    assert_eq!(
        stderr.lines().last(),
        Some(
            "error: cannot write out/.unfinished-checkpoint/state.safetensors: File too large (os error 27)"
        )
    );
    let names = |snapshot: &Snapshot| snapshot.0.keys().cloned().collect::<Vec<_>>();
    assert_eq!(
        names(&folder.snapshot("out")),
        ["best-0000000005.safetensors", "evals.jsonl", "run.json", "steps.jsonl"]
    );
    folder.run(&format!("{train} --resume")).success();
    folder.snapshot("out").assert_same(&folder.snapshot("whole"), "when there is room");
}

#[test]
fn later_checkpoint_that_does_not_fit() {
    let folder = Folder::new();
    folder.run(&format!("{TRAIN} --out whole")).success();
    killed_run(&folder);
    let saved = ["checkpoint-", "best-"];
    let before = part(&folder.snapshot("out"), &saved);

    let state_size = 3 * 4 * folder.encoder("model").1.values().len() as u64;
    let run =
        limited(&folder, state_size / 512 / 2, &format!("{TRAIN} --out out --resume")).code(1).stdout("");
    let stderr = String::from_utf8_lossy(&run.get_output().stderr).into_owned();
    assert_eq!(
        stderr.lines().last(),
        Some(
            "error: cannot write out/.unfinished-checkpoint/state.safetensors: File too large (os error 27)"
        )
    );
    let after = part(&folder.snapshot("out"), &saved);
    for (name, bytes) in &before {
        assert!(after.contains(&(name.clone(), bytes.clone())), "{name} is lost");
    }
    folder.run(&format!("{TRAIN} --out out --resume")).success();
    folder.snapshot("out").assert_same(&folder.snapshot("whole"), "when there is room");
}

/// The same on a file system that really is full. Not every machine lets a user mount one, so the test is asked for.
#[test]
#[ignore = "mounts a file system: needs unshare and user namespaces, run with --include-ignored"]
fn full_file_system() {
    let folder = Folder::new();
    folder.run(&format!("{TRAIN} --out whole")).success();
    // Of one MiB only 160 KiB are left at first: enough for one checkpoint and its best model, not for two.
    let script = r#"
        mkdir disk && mount -t tmpfs -o size=1m tmpfs disk || exit 77
        head -c 888k /dev/zero > disk/filler
        "$0" "$@" --out disk/out 2> failure && exit 1
        ls disk/out > left
        rm disk/filler
        "$0" "$@" --out disk/out --resume 2> success && cp -r disk/out out
    "#;
    let mtlift = folder.command("");
    let mut command = Command::new("unshare");
    command.args(["--user", "--map-root-user", "--mount", "sh", "-c", script]).arg(mtlift.get_program());
    command.args(TRAIN.split_whitespace()).current_dir(folder.path(""));
    command.env_remove("MTLIFT_HOME").env("MTLIFT_CACHE", folder.path("cache"));
    let output = command.output().expect("`unshare` mounts a small file system");
    let why = String::from_utf8_lossy(&output.stderr);
    assert!(folder.path("failure").exists(), "a small file system cannot be mounted: {why}");
    let failure = folder.read("failure");
    let last = failure.lines().last().unwrap();
    assert!(
        last.starts_with("error: cannot write disk/out/")
            && last.ends_with(": No space left on device (os error 28)"),
        "{failure}"
    );
    assert!(folder.read("left").contains("checkpoint-0000000005\n"), "{}", folder.read("left"));
    let success = folder.read("success");
    assert!(success.contains("resuming after step "), "{success}");
    folder.snapshot("out").assert_same(&folder.snapshot("whole"), "when there is room");
}
