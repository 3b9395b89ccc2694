//! A setting has one name: in messages, on the command line and in files.

use std::{fmt::Debug, str::FromStr};

use mtlift_schedule::{Arm, BatchKind, Error, Exposure, HeadStart, Shape, StepLoss};
use serde::{Serialize, de::DeserializeOwned};

#[track_caller]
fn have_one_name<T, const N: usize>(values: [T; N], names: [&str; N])
where
    T: Copy + Debug + PartialEq + ToString + FromStr<Err = Error> + Serialize + DeserializeOwned,
{
    for (value, name) in values.into_iter().zip(names) {
        assert_eq!(value.to_string(), name);
        assert_eq!(name.parse::<T>(), Ok(value));
        let json = format!("\"{name}\"");
        assert_eq!(serde_json::to_string(&value).unwrap(), json);
        assert_eq!(serde_json::from_str::<T>(&json).unwrap(), value);
    }
}

#[test]
fn everywhere() {
    have_one_name(Shape::ALL, ["constant", "linear", "cosine"]);
    have_one_name(BatchKind::ALL, ["homogeneous", "heterogeneous", "forced-heterogeneous", "partition"]);
    have_one_name(Exposure::ALL, ["truncating", "target-full", "all-full"]);
    have_one_name(StepLoss::ALL, ["task-means", "example-mean"]);
    have_one_name(HeadStart::ALL, ["fresh", "kept", "mapped-by-name", "shared-by-count"]);
    have_one_name(
        Arm::ALL,
        [
            "single",
            "single:steps",
            "stilts",
            "mtl",
            "mtl-all",
            "mtl-then-target",
            "merge",
            "merge-then-target",
            "adapt",
            "soup",
            "distill",
            "self-train",
            "self-train:support",
            "self-train:infill",
        ],
    );
}
