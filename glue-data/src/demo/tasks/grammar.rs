//! Acceptability: is the sentence one that a speaker would say? Half of the faults are of English word order and agreement; the
//! other half are invented verbs that lack an object or have one too many, and which verb takes one has to be learnt.

use super::Texts;
use crate::demo::draw::Draw;
use crate::demo::lexicon::{OBJECTS, PERSONS, PLACES, TIMES, person, sentence};
use crate::demo::meaning::Meaning;

/// An acceptable sentence (1) or one with a fault (0).
pub(super) fn acceptability(meaning: &Meaning, acceptable: usize, draw: &mut Draw) -> Texts {
    let acceptable = acceptable == 1;
    let in_verb = draw.chance(0.5);
    let takes_object = draw.chance(0.5);
    let verb = meaning.invented_verb(takes_object, draw);
    let who = person(draw.below(PERSONS));
    let (object, other) = (draw.pick(&OBJECTS), draw.pick(&OBJECTS));
    let (place, time) = (draw.pick(&PLACES), draw.pick(&TIMES));
    let has_object = takes_object == (acceptable || !in_verb);
    let fault = (!acceptable && !in_verb).then(|| draw.below(4));
    let the_object = match fault {
        Some(0) => format!("{object} the"),
        Some(1) => format!("a {object}s"),
        _ => format!("the {object}"),
    };
    let core = if has_object { format!("{verb} {the_object}") } else { verb };
    // A fault of the object shows without one as a fault of the place.
    let place = match (fault, has_object) {
        (Some(0), false) => {
            place.split_once(' ').map_or(String::new(), |(first, rest)| format!("{rest} {first}"))
        }
        (Some(1), false) => format!("{place} at"),
        _ => place.to_owned(),
    };
    let core = match fault {
        Some(2) => format!("{core} has"),
        Some(3) => format!("did {core}"),
        _ => core,
    };
    Texts::one(sentence(&match draw.below(4) {
        0 => format!("{who} {core} {place}"),
        1 => format!("{time} {who} {core} {place}"),
        2 => format!("{who} and the man with the {other} {core} {place} {time}"),
        _ => format!("we know that {who} {core} {place}"),
    }))
}
