//! Arms with a method of their own: how they are written, and to what they are equal.

use mtlift_schedule::{Architecture, Arm, ArmSpec, split_list};

fn arm(text: &str) -> ArmSpec {
    text.parse().unwrap()
}

#[test]
fn an_arm_is_written_as_it_is_read() {
    for shape in Arm::ALL.into_iter().filter(|shape| !shape.merges()) {
        let plain = arm(shape.name());
        assert_eq!((plain.clone(), plain.to_string()), (shape.into(), shape.to_string()));
        assert_eq!(serde_json::to_string(&plain).unwrap(), serde_json::to_string(&shape).unwrap());
    }
    for (text, written) in [
        ("mtl:nash", "mtl:nash"),
        ("mtl:sum", "mtl:sum"),
        ("mtl:sam", "mtl:sam"),
        ("mtl-all:sam(rho=0.05)", "mtl-all:sam"),
        (" mtl-all:cagrad(c=0.5) ", "mtl-all:cagrad(c=0.5)"),
        ("mtl:fixed(supports=0.25, target=1)", "mtl:fixed(supports=0.25)"),
        ("single:sam", "single:sam"),
        ("single:steps:sam", "single:steps:sam"),
        ("stilts:asam(rho=0.5)", "stilts:asam"),
        ("mtl:sam(rho=0.1)+nash(every=2)", "mtl:nash(every=2)+sam(rho=0.1)"),
        ("mtl:fs-mtl(rho=2, adaptive=0)", "mtl:fs-mtl(adaptive=0)"),
        ("mtl-all:nash+fs-mtl", "mtl-all:nash+fs-mtl"),
        ("mtl:hierarchical", "mtl:hierarchical"),
        ("mtl-all:nash+hierarchical", "mtl-all:nash+hierarchical"),
        ("mtl:cooperative(rho=0.05)", "mtl:cooperative"),
        ("mtl:cooperative(rho=1)+asam", "mtl:cooperative(rho=1)+asam"),
        ("mtl:shared-private(adversary=0.05,orthogonality=0.01)", "mtl:shared-private"),
        ("mtl:nash+shared-private(orthogonality=0)", "mtl:nash+shared-private(orthogonality=0)"),
        ("mtl:sam+layers(RTE=4, MRPC=6)+nash", "mtl:nash+layers(MRPC=6,RTE=4)+sam"),
        ("mtl:match(weight=1)", "mtl:match"),
        ("mtl-all:match(0.5)+nash", "mtl-all:nash+match(weight=0.5)"),
        ("single:ema", "single:ema"),
        ("single:group-balanced", "single:group-balanced"),
        ("single:jtt(epochs=1,upweight=5)", "single:jtt"),
        ("single:ema+jtt(upweight=20)", "single:ema+jtt(upweight=20)"),
        ("mtl:swa(0.75)+nash", "mtl:nash+swa(start=0.75)"),
        ("stilts:ema+sam", "stilts:sam+ema"),
        ("adapt(epochs=3)", "adapt(epochs=3)"),
        ("adapt(3, lr=1e-4):sam", "adapt(epochs=3,lr=0.0001):sam"),
        ("adapt(epochs=0)", "adapt"),
        ("single:mlm", "single:mlm"),
        ("single:mlm(0.3, l1=0.5)+sam", "single:sam+mlm(weight=0.3,l1=0.5)"),
        ("single:steps:mlm(weight=0.1,l1=0)", "single:steps:mlm"),
        ("adapt(epochs=3):mlm+ema", "adapt(epochs=3):ema+mlm"),
        ("merge:ties+mlm", "merge:ties+mlm"),
        ("single:consistency(1, temperature=0.4,threshold=0.8)", "single:consistency"),
        (
            "single:steps:consistency(0.5,masked=0.2)+sam",
            "single:steps:sam+consistency(weight=0.5,masked=0.2)",
        ),
        ("merge", "merge:average"),
        ("merge:arithmetic(0.5)", "merge:arithmetic(coefficient=0.5)"),
        ("merge:ties+held-out", "merge:ties+held-out"),
        ("merge:sam+ties(density=0.5)+held-out", "merge:ties(density=0.5)+held-out+sam"),
        ("merge-then-target:metagpt", "merge-then-target:metagpt"),
        ("distill(temperature=1)", "distill"),
        ("distill(2)", "distill(temperature=2)"),
        ("distill( unlabelled = 5, temperature=2 ):sam", "distill(temperature=2,unlabelled=5):sam"),
        ("distill:ema", "distill:ema"),
        ("self-train(confidence=0.9, rounds=2)", "self-train(rounds=2)"),
        ("self-train(0.8):ema+sam", "self-train(confidence=0.8):sam+ema"),
        ("self-train:support(passes=0)", "self-train:support(passes=0)"),
        ("self-train(confidence=0.9,agreement=0.8)", "self-train"),
        ("self-train:infill", "self-train:infill"),
        ("self-train:infill(0.9, copies=2,masked=0.3)", "self-train:infill(copies=2)"),
        (
            "self-train:infill(sweeps=2,rounds=2,origin=1):sam",
            "self-train:infill(rounds=2,sweeps=2,origin=1):sam",
        ),
    ] {
        assert_eq!(arm(text).to_string(), written);
        let json = format!("\"{written}\"");
        assert_eq!(serde_json::to_string(&arm(text)).unwrap(), json);
        assert_eq!(serde_json::from_str::<ArmSpec>(&json).unwrap(), arm(text));
    }
}

/// Who asks for `mtl` means the plain one.
#[test]
fn an_arm_with_a_method_is_no_shape() {
    assert!(arm("mtl") == Arm::Mtl && arm("mtl") != Arm::Single);
    assert!(arm("mtl:nash") != Arm::Mtl && arm("mtl:nash") != arm("mtl"));
    assert_eq!(arm("mtl:nash").shape, Arm::Mtl);
    assert_ne!(arm("mtl:nash"), arm("mtl:nash(every=2)"));
    assert!(arm("adapt") == Arm::Adapt && arm("adapt(epochs=3)") != Arm::Adapt);
    assert_eq!(arm("merge"), ArmSpec::from(Arm::Merge));
    assert!(arm("distill(temperature=1)") == Arm::Distill && arm("distill(2)") != Arm::Distill);
    assert_eq!(arm("merge-then-target:ties").only_merging(), arm("merge:ties"));
    assert!(arm("self-train") == Arm::SelfTrain && arm("self-train(0.8)") != Arm::SelfTrain);
    assert!(arm("self-train:infill") == Arm::SelfTrainInfill && arm("self-train:infill") != Arm::SelfTrain);
    assert_ne!(arm("self-train:infill(copies=2)"), ArmSpec::from(Arm::SelfTrainInfill));
}

#[test]
fn what_is_wrong_is_named() {
    let error = |text: &str| text.parse::<ArmSpec>().unwrap_err().to_string();
    assert!(error("mlt").starts_with("unknown arm `mlt`; did you mean mtl"), "{}", error("mlt"));
    assert!(error("mtl:nahs").starts_with("unknown method `nahs`; did you mean nash? There are sum, "));
    assert!(
        error("mtl:asma").starts_with("unknown method `asma`; did you mean asam"),
        "{}",
        error("mtl:asma")
    );
    assert!(
        error("mtl:dsf")
            .contains(", swa, ema, mlm, consistency, group-balanced, jtt; `mtlift methods` explains them"),
        "{}",
        error("mtl:dsf")
    );
    assert_eq!(error("single:sam(rho=-1)"), "sam's parameter rho is `-1`, expected a number from 0 to 100");
    assert!(
        error("mtl:nash+mgda").starts_with("mtl:nash+mgda has two methods of a kind: mgda is the second")
    );
    assert!(
        error("mtl:layer(RTE=4)").starts_with("unknown method `layer`; did you mean layers? There are sum, ")
    );
    assert!(error("mtl:smm").contains("did you mean sum or sam"), "{}", error("mtl:smm"));
    for wrong in ["layers", "layers()", "layers(RTE)", "layers(RTE=0)", "layers(RTE=1,RTE=2)", "layers(=1)"] {
        assert_eq!(
            error(&format!("mtl:{wrong}")),
            format!(
                "`{wrong}` does not say a layer of each task, expected as layers(RTE=4,MNLI=6), layers counted from 1"
            )
        );
    }
    assert!(
        error("mtl:layers(a=1)+layers(a=2)")
            .starts_with("mtl:layers(a=1)+layers(a=2) has two methods of a kind")
    );
    assert_eq!(error("mtl:hierarchical(rho=1)"), "hierarchical has no parameter `rho`: it takes none");
    assert_eq!(
        error("mtl:fs-mtl(adaptive=0.5)"),
        "fs-mtl's parameter adaptive is `0.5`, expected a whole number from 0 to 1"
    );
    assert_eq!(error("mtl:nash(c=1)"), "nash has no parameter `c`: it takes every=1");
    assert!(error("nash").starts_with("unknown arm `nash`"));
    assert_eq!(
        error("single:mlm(weight=-1)"),
        "mlm's parameter weight is `-1`, expected a number from 0 to 100"
    );
    assert!(error("single:mlm+mlm(l1=1)").contains("two methods of a kind"));
    assert!(error("single:mlm+consistency").contains("two methods of a kind"));
    assert!(error("single:consistancy").contains("did you mean consistency"));
    assert_eq!(
        error("single:consistency(temperature=0)"),
        "consistency's parameter temperature is `0`, expected a number from 0.01 to 100"
    );
    assert_eq!(
        error("single:consistency(l1=1)"),
        "consistency has no parameter `l1`: it takes weight=1, temperature=0.4, threshold=0.8, masked=0.3"
    );
    assert_eq!(error("adapt(epoch=3)"), "adapt has no parameter `epoch`: it takes epochs=0, lr=0");
    assert_eq!(
        error("adapt(epochs=0.5)"),
        "adapt's parameter epochs is `0.5`, expected a whole number from 0 to 1000000"
    );
    assert!(error("adapt(epochs=3").starts_with("arm `adapt(epochs=3` has no closing parenthesis"));
    assert!(error("merge:metagtp").starts_with("unknown merge `metagtp`; did you mean metagpt?"));
    assert!(error("merge:ties+nash").starts_with("unknown merge `ties+nash`"));
    assert!(error("single:ties").starts_with("unknown method `ties`"));
    assert_eq!(
        error("self-train(rounds=0)"),
        "self-train's parameter rounds is `0`, expected a whole number from 1 to 10"
    );
    assert!(
        error("self-train(tau=1)")
            .starts_with("self-train has no parameter `tau`: it takes confidence=0.9, ")
    );
    assert!(error("self-train(copies=2)").starts_with("self-train has no parameter `copies`"));
    assert_eq!(
        error("self-train:infill(masked=1.5)"),
        "self-train:infill's parameter masked is `1.5`, expected a number from 0 to 1"
    );
    assert!(error("self-train:support(copies=2)").starts_with("self-train has no parameter `copies`"));
    assert!(error("self-train(0.8").contains("`self-train(0.8`"), "{}", error("self-train(0.8"));
    assert!(error("self-trian(0.8)").starts_with("unknown arm `self-trian(0.8)`; did you mean self-train"));
    assert!(error("self-train:sup").starts_with("unknown method `sup`"));
    assert!(error("single(0.8)").starts_with("unknown arm `single(0.8)`; did you mean single"));
}

/// What is said of other tasks makes no other run.
#[test]
fn an_architecture_is_that_of_the_tasks_that_are_there() {
    let all: Architecture = "layers(RTE=1,MNLI=2,QNLI=3)".parse().unwrap();
    assert_eq!(all.among(&["MNLI", "RTE"]).unwrap().to_string(), "layers(MNLI=2,RTE=1)");
    assert_eq!(all.among(&["SST-2"]), None);
    assert_eq!((all.layer("QNLI"), all.layer("SST-2")), (Some(3), None));
    assert!(all.check(&["RTE", "MNLI", "QNLI", "SST-2"], 3).is_ok());
    let error = |tasks: &[&str], layers| all.check(tasks, layers).unwrap_err().to_string();
    assert_eq!(
        error(&["RTE", "MNLI", "QNLI"], 2),
        "layers puts QNLI at layer 3, expected 1 to 2: so many the model has"
    );
    assert_eq!(
        error(&["RTE", "MNLI", "QNLi"], 3),
        "layers names the task `QNLI`, which is none here; did you mean QNLi or MNLI? There are RTE, MNLI, QNLi"
    );
}

#[test]
fn commas_in_parentheses_divide_no_list() {
    assert_eq!(
        split_list("single,mtl:fixed(target=1,supports=2),mtl"),
        ["single", "mtl:fixed(target=1,supports=2)", "mtl"]
    );
    assert_eq!(split_list("single"), ["single"]);
    assert_eq!(split_list("a,,b)"), ["a", "", "b)"]);
}
