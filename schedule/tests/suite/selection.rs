//! The best evaluation is the first of the highest, and a run cut in two selects as if it were whole.

use mtlift_schedule::{Best, Offer, Selection};
use proptest::{collection::vec, prelude::*};

fn offers(selection: &mut Selection, first_step: u64, values: &[f64]) -> Vec<Offer> {
    (first_step..).zip(values).map(|(step, &value)| selection.offer(step, value, true)).collect()
}

#[test]
fn the_earlier_of_a_tie_stays() {
    let mut selection = Selection::check(None).unwrap();
    assert_eq!(
        offers(&mut selection, 1, &[0.5, 0.7, 0.7, 0.6]),
        [Offer::Best, Offer::Best, Offer::NotBetter, Offer::NotBetter]
    );
    assert_eq!(selection.best(), Some(Best { step: 2, value: 0.7 }));
}

#[test]
fn lower_can_be_better() {
    let mut selection = Selection::check(None).unwrap();
    let found = [2.0, 1.0, 1.5].map(|error| selection.offer(9, error, false));
    assert_eq!(found, [Offer::Best, Offer::Best, Offer::NotBetter]);
}

#[test]
fn nan_and_infinities_are_never_better() {
    for higher_is_better in [true, false] {
        let mut selection = Selection::check(None).unwrap();
        for value in [f64::NAN, f64::INFINITY, f64::NEG_INFINITY] {
            assert_eq!(selection.offer(1, value, higher_is_better), Offer::NotBetter, "{value}");
        }
        assert_eq!(selection.best(), None);
        assert_eq!(selection.offer(2, -1.0, higher_is_better), Offer::Best);
        assert_eq!(selection.offer(3, f64::NAN, higher_is_better), Offer::NotBetter);
    }
}

#[test]
fn patience_counts_evaluations_since_the_best() {
    let mut selection = Selection::check(Some(2)).unwrap();
    let found = offers(&mut selection, 1, &[0.5, 0.4, 0.6, 0.6, 0.1, 0.2, 0.9]);
    use Offer::{Best, NotBetter, Stop};
    assert_eq!(found, [Best, NotBetter, Best, NotBetter, Stop, Stop, Best]);
}

#[test]
fn a_stored_state_with_no_patience_at_all_is_refused() {
    let state = r#"{"patience":0,"best":null,"since_best":0}"#;
    serde_json::from_str::<Selection>(state).unwrap_err();
}

proptest! {
    /// Through JSON, as a checkpoint writes it: every bit of the best value must come back.
    #[test]
    fn a_run_cut_in_two_selects_as_if_whole(
        values in vec(prop_oneof![any::<f64>(), (0u8..4).prop_map(f64::from)], 1..20),
        cut in any::<prop::sample::Index>(),
        patience in prop::option::of(1u32..5),
    ) {
        let cut = cut.index(values.len() + 1);
        let mut whole = Selection::check(patience).unwrap();
        let expected = offers(&mut whole, 1, &values);

        let mut first = Selection::check(patience).unwrap();
        let mut found = offers(&mut first, 1, &values[..cut]);
        let mut second: Selection = serde_json::from_str(&serde_json::to_string(&first).unwrap()).unwrap();
        found.extend(offers(&mut second, 1 + cut as u64, &values[cut..]));

        prop_assert_eq!(found, expected);
        prop_assert_eq!(second, whole);
    }
}
