//! Events: somebody did something to a thing, somewhere at some time. The tasks on pairs ask what two sentences about events
//! have in common; the same event has many wordings.

use super::draw::Draw;
use super::lexicon::{PERSONS, PLACES, TIMES, person, sentence};
use super::meaning::{Act, Meaning};

/// What happened.
#[derive(Clone, Copy, PartialEq)]
pub(super) struct Event {
    pub(super) agent: usize,
    pub(super) act: Act,
    pub(super) thing: usize,
    pub(super) place: &'static str,
    pub(super) time: &'static str,
}

/// The parts of an event.
#[derive(Clone, Copy, PartialEq)]
pub(super) enum Role {
    Agent,
    Act,
    Thing,
    Place,
    Time,
}

impl Role {
    pub(super) const ALL: [Role; 5] = [Role::Agent, Role::Act, Role::Thing, Role::Place, Role::Time];
}

impl Event {
    pub(super) fn draw(meaning: &Meaning, draw: &mut Draw) -> Event {
        Event {
            agent: draw.below(PERSONS),
            act: meaning.act(draw),
            thing: meaning.thing(draw),
            place: draw.pick(&PLACES),
            time: draw.pick(&TIMES),
        }
    }

    /// The event with another agent, act, ...
    pub(super) fn with_other(mut self, role: Role, meaning: &Meaning, draw: &mut Draw) -> Event {
        match role {
            Role::Agent => self.agent = (self.agent + 1 + draw.below(PERSONS - 1)) % PERSONS,
            Role::Act => self.act = self.act.other(draw),
            Role::Thing => {
                let taken = self.thing;
                while self.thing == taken {
                    self.thing = meaning.thing(draw);
                }
            }
            Role::Place => self.place = draw.pick_other(&PLACES, self.place),
            Role::Time => self.time = draw.pick_other(&TIMES, self.time),
        }
        self
    }

    /// The event with the opposite done.
    pub(super) fn with_opposite_act(self) -> Event {
        Event { act: self.act.opposite(), ..self }
    }

    /// A sentence that says it, with place and time or without, in one of several wordings.
    pub(super) fn say(&self, place: bool, time: bool, meaning: &Meaning, draw: &mut Draw) -> String {
        let thing = format!("the {}", meaning.name(self.thing, draw));
        self.say_of(&thing, place, time, meaning, draw)
    }

    /// As [`Event::say`], the thing being called `thing`.
    pub(super) fn say_of(
        &self,
        thing: &str,
        place: bool,
        time: bool,
        meaning: &Meaning,
        draw: &mut Draw,
    ) -> String {
        let agent = person(self.agent);
        let (past, participle) = meaning.verb(self.act, draw);
        let core = if draw.chance(0.7) {
            format!("{agent} {past} {thing}")
        } else {
            format!("{thing} was {participle} by {agent}")
        };
        let place = if place { format!(" {}", self.place) } else { String::new() };
        sentence(&match time {
            true if draw.chance(0.3) => format!("{} {core}{place}", self.time),
            true => format!("{core}{place} {}", self.time),
            false => format!("{core}{place}"),
        })
    }
}
