//! Models and GLUE by name: fetched from a hub, found offline afterwards, and offered where they are not.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use assert_cmd::assert::Assert;
use serde_json::Value;

use crate::folder::{Folder, PATIENCE};
use crate::hub_server::{COMMIT, File, Reply, Request, Server};

/// Half of what the killed process was to fetch.
const HALF: usize = 1_000_000;

fn file(bytes: impl AsRef<[u8]>, tag: &str) -> File {
    File { bytes: bytes.as_ref().to_vec(), tag: tag.to_owned(), elsewhere: None }
}

/// A hub with the folder's own model.
fn hub_with_model(folder: &Folder) -> Server {
    let names = ["config.json", "vocab.txt", "model.safetensors"];
    let read =
        |name| file(fs::read(folder.path(&format!("model/{name}"))).unwrap(), &format!("tag-of-{name}"));
    let files = names.map(|name| (name.to_owned(), read(name)));
    Server::new(BTreeMap::from(files), |_, _| None)
}

fn command(folder: &Folder, server: &Server, arguments: &str) -> Command {
    let mut command = folder.command(arguments);
    command.env("HF_ENDPOINT", server.url());
    command
}

fn run(folder: &Folder, server: &Server, arguments: &str) -> Assert {
    assert_cmd::Command::from_std(command(folder, server, arguments)).timeout(PATIENCE).assert()
}

#[test]
fn a_model_is_fetched_once_and_found_by_name() {
    let folder = Folder::new();
    let server = hub_with_model(&folder);
    let bytes = |name: &str| fs::metadata(folder.path(&format!("model/{name}"))).unwrap().len();
    let all: u64 = ["config.json", "vocab.txt", "model.safetensors"].map(bytes).iter().sum();
    assert!((10_000..99_995).contains(&all));
    let place = folder.path("hub/models--owner--tiny/snapshots").join(COMMIT);
    let words = |came: &str| {
        let size = format!("{:.2} kB", all as f64 / 1000.0);
        let came = came.replace("ALL", &size);
        format!(
            "owner/tiny at commit {COMMIT}: 3 files, {size}, of which {came} came now\n{}\nuse it as --model owner/tiny\n",
            place.display()
        )
    };
    let first = run(&folder, &server, "fetch model owner/tiny").success().stdout(words("ALL"));
    let stderr = String::from_utf8(first.get_output().stderr.clone()).unwrap();
    let names: Vec<&str> = stderr.lines().filter_map(|line| Some(line.split_once(':')?.0)).collect();
    assert_eq!(names, ["config.json", "vocab.txt", "model.safetensors"], "a line for each file: {stderr}");
    run(&folder, &server, "fetch model owner/tiny").success().stdout(words("0 B")).stderr("");

    // Nothing is asked of the network: no server is named, and one at this address would not answer.
    let train = "train --task task.toml --max-steps 2 --json --model";
    let fetched = folder.run_json(&format!("{train} owner/tiny --out fetched"));
    let own = folder.run_json(&format!("{train} model --out own"));
    assert!(own["metrics"]["accuracy"].is_number(), "{own}");
    assert_eq!(fetched["metrics"], own["metrics"]);
    folder.run(&format!("{train} owner/tiny@{COMMIT} --out again")).success();
    assert_eq!(server.requests().iter().filter(|request| request.path.starts_with("/api")).count(), 2);
}

#[test]
fn a_revision_is_named_once() {
    let folder = Folder::new();
    let server = hub_with_model(&folder);
    let json = run(&folder, &server, "fetch model owner/tiny --revision v1 --json").success();
    let json: Value = serde_json::from_slice(&json.get_output().stdout).unwrap();
    assert_eq!(json["revision"], "v1");
    assert_eq!(json["commit"], COMMIT);
    assert_eq!(json["files"][2]["name"], "model.safetensors");
    assert_eq!(json["files"][2]["downloaded"], true);
    let stdout = run(&folder, &server, "fetch model owner/tiny@v1").success();
    let stdout = String::from_utf8(stdout.get_output().stdout.clone()).unwrap();
    assert_eq!(stdout.lines().last(), Some("use it as --model owner/tiny@v1"));
    run(&folder, &server, "fetch model owner/tiny@v1 --revision v2")
        .code(2)
        .stderr("error: owner/tiny@v1 and --revision v2 name two revisions: give one\n");
}

#[test]
fn misuse_and_failure_differ() {
    let folder = Folder::new();
    let server = Server::of(|_| Reply::new(404));
    run(&folder, &server, "fetch model a--b")
        .code(2)
        .stderr("error: `a--b` is no name of the hub's: `--` and `..` are in no name\n");
    run(&folder, &server, "fetch model owner/tiny").code(1).stdout("").stderr(format!(
        "error: {} has no model owner/tiny, or it is private: check the name; for a private one set HF_TOKEN\n",
        server.url()
    ));
    let mut offline = command(&folder, &server, "fetch model owner/tiny");
    offline.env("HF_HUB_OFFLINE", "1");
    let cache = folder.path("hub").display().to_string();
    assert_cmd::Command::from_std(offline).assert().code(1).stderr(format!(
        "error: HF_HUB_OFFLINE is set, and owner/tiny is not whole in {cache}: fetch it once without HF_HUB_OFFLINE\n"
    ));
}

#[test]
fn a_killed_fetch_goes_on() {
    let folder = Folder::new();
    let weights: Vec<u8> = (0..2 * HALF).map(|i| (i % 251) as u8).collect();
    let files = [("config.json", file("{}", "tag-c")), ("model.safetensors", file(&weights, "tag-w"))];
    let files = files.map(|(name, file)| (name.to_owned(), file));
    let bytes = weights.clone();
    let server = Server::new(BTreeMap::from(files), move |request: &Request, count| {
        let first = request.is_for_bytes_of("model.safetensors") && count == 0;
        first.then(|| Reply::new(200).body(&bytes).silent_after(HALF))
    });
    let incomplete = folder.path("hub/models--owner--tiny/blobs/tag-w.incomplete");
    let mut process = command(&folder, &server, "fetch model owner/tiny")
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let started = Instant::now();
    while fs::metadata(&incomplete).map_or(0, |metadata| metadata.len()) < HALF as u64 {
        assert!(started.elapsed() < PATIENCE, "half of the file never comes");
        std::thread::sleep(Duration::from_millis(1));
    }
    process.kill().unwrap();
    process.wait().unwrap();
    let again = run(&folder, &server, "fetch model owner/tiny").success();
    let stderr = String::from_utf8(again.get_output().stderr.clone()).unwrap();
    assert!(stderr.starts_with("model.safetensors: going on after 1.00 MB\n"), "{stderr}");
    let requests = server.requests();
    let starts: Vec<_> = requests
        .iter()
        .filter(|request| request.is_for_bytes_of("model.safetensors"))
        .map(Request::start)
        .collect();
    assert_eq!(starts, [None, Some(HALF)]);
    let snapshot = folder.path("hub/models--owner--tiny/snapshots").join(COMMIT);
    assert_eq!(fs::read(snapshot.join("model.safetensors")).unwrap(), weights);
}

/// Files that the `datasets` package wrote, with a few rows each.
#[test]
fn glue_comes_by_the_names_of_its_tasks_and_is_found_by_them() {
    let folder = Folder::new();
    let files = Path::new(env!("CARGO_MANIFEST_DIR")).join("../glue-data/tests/parquet/glue");
    let names = ["rte", "sst2"].iter().flat_map(|task| {
        ["train", "validation", "test"].map(|split| format!("{task}/{split}-00000-of-00001.parquet"))
    });
    let files: BTreeMap<String, File> = names
        .map(|name| (name.clone(), file(fs::read(files.join(&name)).unwrap(), &name.replace('/', "-"))))
        .collect();
    let server = Server::new(files, |_, _| None);
    let json = run(&folder, &server, "fetch glue rte SST-2 --json").success();
    let json: Value = serde_json::from_slice(&json.get_output().stdout).unwrap();
    assert_eq!(json["repository"], "nyu-mll/glue");
    assert_eq!(json["files"].as_array().unwrap().len(), 6);
    run(&folder, &server, "fetch glue RTE MRPC")
        .code(1)
        .stderr("error: nyu-mll/glue: there is no mrpc/train-00000-of-00001.parquet\n");
    let unknown = run(&folder, &server, "fetch glue RTF").code(2);
    let stderr = String::from_utf8(unknown.get_output().stderr.clone()).unwrap();
    assert!(stderr.starts_with("error: unknown task `RTF`; did you mean `RTE`?"), "{stderr}");

    let stdout = |arguments: &str| {
        String::from_utf8(folder.run(arguments).success().get_output().stdout.clone()).unwrap()
    };
    assert!(stdout("data check RTE").contains("entailment"));
    // Where the data home has the task, its files are taken; where it has not, the message names both ways.
    folder.write("home/glue/RTE/train.tsv", "index\tsentence1\tsentence2\tlabel\n0\tw1\tw2\tentailed\n");
    let own = folder.run("data check RTE --data-home home");
    let own = own.get_output();
    let said = [&*own.stdout, &*own.stderr].map(|bytes| String::from_utf8_lossy(bytes).into_owned()).concat();
    assert!(said.contains("home/glue/RTE/"), "{said}");
    folder.run("data check MRPC --data-home home").code(2).stderr(
        "error: MRPC is not in the data home: there is no file home/glue/MRPC/train.tsv; \
         to fetch it from the hub: mtlift fetch glue MRPC\n",
    );
}
