//! A rule's name with its parameters: one way to write it, and what is said where it is wrong.

use mtlift_schedule::Combine;
use proptest::prelude::*;

fn error(text: &str) -> String {
    text.parse::<Combine>().unwrap_err().to_string()
}

#[test]
fn what_is_the_default_is_not_written() {
    for (text, written) in [
        ("sum", "sum"),
        ("nash(every=5)", "nash(every=5)"),
        ("nash( every = 1 )", "nash"),
        ("cagrad(c=0.40)", "cagrad"),
        ("fixed(supports=2,target=1)", "fixed(supports=2)"),
        ("famo(decay=0,rate=0.1)", "famo(rate=0.1,decay=0)"),
    ] {
        let combine: Combine = text.parse().unwrap();
        assert_eq!(combine.to_string(), written);
        assert_eq!(serde_json::to_string(&combine).unwrap(), format!("\"{written}\""));
        assert_eq!(serde_json::from_str::<Combine>(&format!("\"{text}\"")).unwrap(), combine);
    }
    assert_eq!(Combine::default(), "sum".parse().unwrap());
    assert!(Combine::default().is_sum() && Combine::default().combination().is_none());
}

/// The names of 0.1.0, which are in the names of runs.
#[test]
fn names_of_0_1_0_stay() {
    for name in ["sum", "pcgrad", "gradvac", "scale-invariant"] {
        assert_eq!(name.parse::<Combine>().unwrap().to_string(), name);
    }
}

#[test]
fn what_is_wrong_is_named() {
    assert!(error("nahs").starts_with("unknown method `nahs`; did you mean nash? There are sum, pcgrad, "));
    assert!(error("tea").starts_with("unknown method `tea`. There are sum, "));
    assert_eq!(error("nash(c=1)"), "nash has no parameter `c`: it takes every=1");
    assert_eq!(error("mgda(c=1)"), "mgda has no parameter `c`: it takes none");
    assert_eq!(error("nash()"), "nash has no parameter ``: it takes every=1");
    assert_eq!(
        error("nash(every=2.5)"),
        "nash's parameter every is `2.5`, expected a whole number from 1 to 1000000"
    );
    assert_eq!(error("cagrad(c=-1)"), "cagrad's parameter c is `-1`, expected a number from 0 to 100");
    assert_eq!(error("cagrad(c=NaN)"), "cagrad's parameter c is `NaN`, expected a number from 0 to 100");
    assert_eq!(
        error("cagrad(c=1,c=1)"),
        "cagrad's parameter c is given twice, expected a number from 0 to 100"
    );
    assert_eq!(
        error("nash(every=2"),
        "method `nash(every=2` has no closing parenthesis, expected NAME(PARAMETER=VALUE,...)"
    );
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(200) })]

    #[test]
    fn what_is_written_is_read_back(rule in 0..Combine::rules().len(), shares in [0.0..1.0_f64, 0.0..1.0]) {
        let about = &Combine::rules()[rule].about;
        let given: Vec<String> = about
            .parameters
            .iter()
            .zip(shares)
            .map(|(parameter, share)| {
                let (least, most) = parameter.range.clone().into_inner();
                let value = least + share * (most - least);
                format!("{}={}", parameter.name, if parameter.whole { value.round() } else { value })
            })
            .collect();
        let text = if given.is_empty() { about.name.to_owned() } else { format!("{}({})", about.name, given.join(",")) };
        let combine: Combine = text.parse().unwrap();
        prop_assert_eq!(combine.to_string().parse::<Combine>().unwrap(), combine);
    }

    #[test]
    fn any_text_is_read_or_refused(text in ".{0,40}") {
        let _ = text.parse::<Combine>();
        let _ = format!("cagrad({text})").parse::<Combine>();
    }
}
