//! Coreference: whom does a pronoun mean? A person is praised for being good and blamed for being bad; a reason that does not fit
//! the object is one of the subject. So the answer depends on what an adjective means, as in the reviews.

use super::Texts;
use crate::demo::draw::Draw;
use crate::demo::lexicon::{FOR_BAD, FOR_GOOD, MEN, PLACES, TIMES, WOMEN, sentence};
use crate::demo::meaning::Meaning;

/// A sentence with a pronoun, and one that names the right person (1) or the other (0).
pub(super) fn coreference(meaning: &Meaning, right: usize, draw: &mut Draw) -> Texts {
    let (persons, pronoun) = if draw.chance(0.5) { (&WOMEN, "she") } else { (&MEN, "he") };
    let subject = draw.pick(persons);
    let object = draw.pick_other(persons, subject);
    let (for_good, is_good) = (draw.chance(0.5), draw.chance(0.5));
    let verb = draw.pick(if for_good { &FOR_GOOD } else { &FOR_BAD });
    let adjective = meaning.opinion(is_good, draw);
    let means_object = for_good == is_good;
    let named = if means_object == (right == 1) { object } else { subject };
    let where_or_when = if draw.chance(0.5) { draw.pick(&PLACES) } else { draw.pick(&TIMES) };
    Texts::two(
        sentence(&format!("{subject} {verb} {object} {where_or_when} because {pronoun} was {adjective}")),
        sentence(&format!("{named} was {adjective}")),
    )
}
