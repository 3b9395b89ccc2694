//! The disk that a study says it will take is more than it ever takes, and not by much.

use std::time::{Duration, Instant};

use mtlift_files::bytes_in;
use serde_json::json;

use crate::folder::{Folder, PATIENCE, bert};
use crate::study::{COMPARE, folder};

/// What a study is estimated to take and the most that it took, in MiB.
fn measured(folder: &Folder, study: &str, out: &str) -> (f64, f64) {
    let estimate =
        folder.run_json(&format!("{study} --out {out} --dry-run --json"))["disk_mib"].as_f64().unwrap();
    let mut process = folder.start(&format!("{study} --out {out}"));
    let (started, mut most) = (Instant::now(), 0);
    loop {
        most = most.max(bytes_in(&folder.path(out)));
        if let Some(status) = process.try_wait().unwrap() {
            assert!(status.success());
            return (estimate, most as f64 / (1024.0 * 1024.0));
        }
        assert!(started.elapsed() < 2 * PATIENCE);
        std::thread::sleep(Duration::from_micros(200));
    }
}

#[test]
fn the_disk_estimate_is_a_peak() {
    let folder = folder();
    // So large that models count for more than logs and reports.
    let mut large = bert();
    large["hidden_size"] = json!(96);
    large["intermediate_size"] = json!(192);
    folder.write_model("model", large);
    for (place, keep) in ["all", "needed"].into_iter().enumerate() {
        // Checkpoints are written by the clock: runs are long enough for the most of them on a fast machine too.
        let study = format!("{COMPARE} --keep-models {keep} --evaluate-every 0.2 --lr 1e-3")
            .replace("--lr 1e-2 ", "")
            .replace("--epochs 1 ", "--epochs 8 ");
        let (estimate, most) = measured(&folder, &study, &format!("study-{place}"));
        assert!(most <= estimate, "{keep}: {most} MiB of {estimate}");
        assert!(estimate < 2.0 * most, "{keep}: {most} MiB of {estimate}");
    }
}
