//! Methods that carry something from step to step: a study whose runs are killed while each of them is at work ends with the bits
//! of one that never was.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use mtlift_nn::random::Stream;

use crate::folder::below;
use crate::killed::{kill_when, steps};
use crate::study::{COMPARE, folder, label, runs};
use crate::study_killed::outcome;

/// Learnt weights, coefficients that are kept, losses of windows and epochs, means of cosines, scores, and updates by a gradient nearby.
const METHODS: [&str; 12] = [
    "mtl:uncertainty",
    "mtl:nash",
    "mtl:nash(every=3)",
    "mtl:gradnorm",
    "mtl:famo",
    "mtl:sum+sam",
    "mtl:famo+asam",
    "mtl:dwa",
    "mtl:dwa(every=4)",
    "mtl:gradvac",
    "mtl:dtp",
    "mtl:pcgrad",
];

#[test]
fn methods_killed_at_random_moments() {
    let folder = folder();
    let compare = COMPARE
        .replace("help.toml,other.toml", "help.toml")
        .replace("single,stilts,mtl", &METHODS.join(","))
        .replace("--seeds 2", "--seeds 1,")
        + " --evaluate-every 0.3";
    folder.run(&format!("{compare} --out whole")).success();
    let whole = outcome(&folder, "whole");

    // For each run the step after which it is killed, and how long after.
    let mut rng = Stream::new(4, "moments").at(0);
    let mut moments: BTreeMap<String, (u64, Duration)> = BTreeMap::new();
    for id in runs(&folder, "whole") {
        let all = steps(&folder.path(&format!("whole/runs/{id}")));
        assert!(all >= 12, "{id} has {all} steps");
        moments.insert(id, (below(&mut rng, all), Duration::from_micros(below(&mut rng, 3000))));
    }
    assert_eq!(moments.len(), METHODS.len());
    let mut in_the_act = 0;
    while !moments.is_empty() {
        let mut reached: Option<(String, Instant)> = None;
        let process = folder.start(&format!("{compare} --out killed --resume"));
        let was_killed = kill_when(process, || {
            let is_there = |id: &String| folder.path(&format!("killed/runs/{id}")).is_dir();
            let is_reached = |(id, (step, _)): &(&String, &(u64, Duration))| {
                is_there(id) && steps(&folder.path(&format!("killed/runs/{id}"))) >= *step
            };
            if reached.is_none() {
                reached = moments.iter().find(is_reached).map(|(id, _)| (id.clone(), Instant::now()));
            }
            reached.as_ref().is_some_and(|(id, since)| since.elapsed() >= moments[id].1)
        });
        let Some((id, _)) = reached.filter(|_| was_killed) else { break };
        in_the_act += usize::from(!folder.path(&format!("killed/runs/{id}/result.json")).exists());
        moments.remove(&id);
    }
    folder.run(&format!("{compare} --out killed --resume")).success();
    outcome(&folder, "killed").assert_same(&whole, "methods");
    let labels: Vec<String> = runs(&folder, "killed").iter().map(|id| label(&folder, "killed", id)).collect();
    assert!(in_the_act >= 9, "only {in_the_act} of {labels:?} were killed before they had ended");
}
