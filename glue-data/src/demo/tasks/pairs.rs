//! Two sentences about events. The four tasks share what invented nouns and English verbs mean: paraphrase and similarity ask how
//! much is the same, inference and entailment what follows.

use super::Texts;
use crate::demo::draw::Draw;
use crate::demo::event::{Event, Role};
use crate::demo::lexicon::indefinite;
use crate::demo::meaning::Meaning;

/// Two wordings of one event (1), or of two that differ in one part (0).
pub(super) fn paraphrase(meaning: &Meaning, same: usize, draw: &mut Draw) -> Texts {
    let event = Event::draw(meaning, draw);
    let other = if same == 1 { event } else { event.with_other(draw.pick(&Role::ALL), meaning, draw) };
    Texts::two(event.say(true, true, meaning, draw), other.say(true, true, meaning, draw))
}

/// Two events that have this many of five parts in common.
pub(super) fn similarity(meaning: &Meaning, common: usize, draw: &mut Draw) -> Texts {
    let event = Event::draw(meaning, draw);
    let mut roles = Role::ALL;
    draw.shuffle(&mut roles);
    let other = roles[common..].iter().fold(event, |other, role| other.with_other(*role, meaning, draw));
    Texts::two(event.say(true, true, meaning, draw), other.say(true, true, meaning, draw))
}

/// Whether the first sentence entails the second (0), leaves it open (1) or contradicts it (2).
pub(super) fn inference(meaning: &Meaning, answer: usize, draw: &mut Draw) -> Texts {
    let event = Event::draw(meaning, draw);
    let (place, time) = (draw.chance(0.6), draw.chance(0.6));
    let premise = event.say(place, time, meaning, draw);
    // The second sentence says less than the first, unless it leaves something open by naming a place that the first does not.
    let keeps_place = draw.chance(0.5);
    let adds_place = answer == 1 && !place && draw.chance(0.5);
    let (says_place, says_time) = (adds_place || place && keeps_place, time && !keeps_place);
    let told = match answer {
        0 => event,
        1 if adds_place => event,
        1 => event.with_other(draw.pick(&[Role::Agent, Role::Act, Role::Thing]), meaning, draw),
        _ => event.with_opposite_act(),
    };
    // Of another thing of that kind the second sentence could be true, whatever became of this one.
    let is_open = answer == 2
        || told.thing != event.thing && meaning.category(told.thing) == meaning.category(event.thing);
    let hypothesis = if !is_open && draw.chance(0.4) {
        told.say_of(&indefinite(meaning.category(told.thing)), says_place, says_time, meaning, draw)
    } else {
        told.say(says_place, says_time, meaning, draw)
    };
    Texts::two(premise, hypothesis)
}

/// Whether the first sentence entails the second (0) or not (1).
pub(super) fn entailment(meaning: &Meaning, answer: usize, draw: &mut Draw) -> Texts {
    let answer = if answer == 0 { 0 } else { 1 + draw.below(2) };
    inference(meaning, answer, draw)
}
