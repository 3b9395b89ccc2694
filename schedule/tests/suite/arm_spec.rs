//! Arms with a method of their own: how they are written, and to what they are equal.

use mtlift_schedule::{Arm, ArmSpec, split_list};

fn arm(text: &str) -> ArmSpec {
    text.parse().unwrap()
}

#[test]
fn an_arm_is_written_as_it_is_read() {
    for shape in Arm::ALL {
        let plain = arm(shape.name());
        assert_eq!((plain, plain.to_string()), (shape.into(), shape.to_string()));
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
        error("mtl:dsf").contains(", famo, fixed, sam, asam; `mtlift methods` explains them"),
        "{}",
        error("mtl:dsf")
    );
    assert_eq!(error("single:sam(rho=-1)"), "sam's parameter rho is `-1`, expected a number from 0 to 100");
    assert!(
        error("mtl:nash+mgda").starts_with("mtl:nash+mgda has two methods of a kind: mgda is the second")
    );
    assert_eq!(error("mtl:nash(c=1)"), "nash has no parameter `c`: it takes every=1");
    assert!(error("nash").starts_with("unknown arm `nash`"));
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
