//! Question and sentence: does the sentence answer the question? It does if it is about what is asked and names the part that is
//! asked for.

use super::Texts;
use crate::demo::draw::Draw;
use crate::demo::event::{Event, Role};
use crate::demo::lexicon::{person, question};
use crate::demo::meaning::Meaning;

/// A sentence that answers (1) or does not (0).
pub(super) fn answer(meaning: &Meaning, answers: usize, draw: &mut Draw) -> Texts {
    let event = Event::draw(meaning, draw);
    let asked = draw.pick(&[Role::Agent, Role::Place, Role::Time]);
    let (past, participle) = meaning.verb(event.act, draw);
    let name = meaning.name(event.thing, draw);
    let who = person(event.agent);
    let asking = question(&match asked {
        Role::Agent if draw.chance(0.5) => format!("who {past} the {name} {}", event.place),
        Role::Agent => format!("by whom was the {name} {participle} {}", event.place),
        Role::Place => format!("where was the {name} {participle} by {who}"),
        _ => format!("when was the {name} {participle} by {who}"),
    });
    let is_silent = draw.chance(0.4);
    let (told, place, time) = match (answers, asked) {
        (1, _) => (event, asked != Role::Time || draw.chance(0.5), asked == Role::Time || draw.chance(0.5)),
        (_, Role::Place) if is_silent => (event, false, true),
        (_, Role::Time) if is_silent => (event, true, false),
        _ => {
            (event.with_other(draw.pick(&[Role::Act, Role::Thing]), meaning, draw), true, asked == Role::Time)
        }
    };
    Texts::two(asking, told.say(place, time, meaning, draw))
}
