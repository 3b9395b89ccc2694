//! Encoder and heads do not know each other; that every family has a head shows where they are joined.

use mtlift_encoder::Family;
use mtlift_heads::{Form, MaskedForm};

#[test]
fn every_family_has_a_head() {
    for family in Family::ALL {
        let form = Form::of(family.head());
        let form = form.unwrap_or_else(|| panic!("{family}: heads has no form `{}`", family.head()));
        // A pooler lies in the encoder's module, which has the family's own name.
        assert!(
            MaskedForm::of(family.head()).is_some(),
            "{family}: heads has no form to guess masked tokens"
        );
        let module = form.dense.split('.').next();
        let others = Family::ALL.iter().filter(|other| *other != family);
        assert!(
            others.map(|other| other.prefix()).all(|prefix| Some(prefix) != module),
            "{family}: {form:?}"
        );
    }
}
