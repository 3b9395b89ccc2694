//! Reviews. Sentiment and stars share what adjectives mean; they are about different things in different words, so that what
//! carries over from one to the other is the adjectives.

use super::Texts;
use crate::demo::draw::Draw;
use crate::demo::lexicon::{
    GOODS, GOODS_PARTS, PERSONS, PLACES, SHOW_PARTS, SHOWS, TIMES, indefinite, person, sentence,
};
use crate::demo::meaning::Meaning;

/// Whether a review of a show praises it (1) or not (0): so do most of its one to three adjectives.
pub(super) fn sentiment(meaning: &Meaning, praises: usize, draw: &mut Draw) -> Texts {
    let praises = praises == 1;
    let show = draw.pick(&SHOWS);
    let mut opinion = |praises| meaning.opinion(praises, draw);
    let (a, b, against) = (opinion(praises), opinion(praises), opinion(!praises));
    let part = draw.pick(&SHOW_PARTS);
    let other = draw.pick_other(&SHOW_PARTS, part);
    let (who, time, place) = (person(draw.below(PERSONS)), draw.pick(&TIMES), draw.pick(&PLACES));
    let (an_a, an_against) = (indefinite(&a), indefinite(&against));
    Texts::one(sentence(&match draw.below(9) {
        0 => format!("the {show} we saw {place} was {a}"),
        1 => format!("{who} watched the {show} {time} and called it {a}"),
        2 => format!("{an_a} {show} with {} {part}", indefinite(&b)),
        3 => format!("the {part} of the {show} is {a} and the {other} is {b}"),
        4 => format!("{who} thought the {show} {place} was {a} and quite {b}"),
        5 => format!("so {a}, so {b}: this {show} is for {who}"),
        6 => format!("{an_a} {part}, {an_against} {other}, and in the end {} {show}", indefinite(&b)),
        7 => format!("though the {part} is {against}, the {show} {time} was {a} and {b}"),
        _ => format!("{who} found the {other} {against} but the {part} and the whole {show} {a} and {b}"),
    }))
}

/// How many of four adjectives on something that was bought praise it.
pub(super) fn stars(meaning: &Meaning, praising: usize, draw: &mut Draw) -> Texts {
    let mut opinions: [String; 4] = std::array::from_fn(|word| meaning.opinion(word < praising, draw));
    draw.shuffle(&mut opinions);
    let [a, b, c, d] = &opinions;
    let goods = draw.pick(&GOODS);
    let part = draw.pick(&GOODS_PARTS);
    let other = draw.pick_other(&GOODS_PARTS, part);
    let (who, time) = (person(draw.below(PERSONS)), draw.pick(&TIMES));
    Texts::one(match draw.below(5) {
        0 => sentence(&format!(
            "our new {goods} has {} {part} and {} {other}, {c} and {d}",
            indefinite(a),
            indefinite(b)
        )),
        1 => format!(
            "{} {}",
            sentence(&format!("I ordered this {goods} {time}")),
            sentence(&format!("the {part} seems {a} and {b}, the {other} {c} and {d}"))
        ),
        2 => format!(
            "{} {}",
            sentence(&format!("{who} got us {} {goods}", indefinite(a))),
            sentence(&format!("its {part} turned out {b}, its {other} {c}, all in all {d}"))
        ),
        3 => sentence(&format!("{a}, {b}, {c} and {d}: that is how {who} describes the {goods}")),
        _ => sentence(&format!("{a} {part}, {b} {other}, {c} to look at and {d} to use, this {goods}")),
    })
}
