//! What the suite's words mean under a seed. Tasks of one seed share these meanings: that is how one can help another. A task
//! of a relatedness below 1 has a share of words that mean in it something of its own, drawn without regard to the suite.

use super::draw::Draw;
use super::knobs::Knobs;
use super::lexicon::{BAD, CATEGORIES, GOOD, INVENTED, OPPOSITES, adjective, noun, verb};

/// The meanings of all words in one task, and how many of each class are in use.
pub(super) struct Meaning {
    /// Whether an adjective praises: English ones first, then the invented.
    praises: Vec<bool>,
    /// Whether an invented verb takes an object.
    takes_object: Vec<bool>,
    /// Invented nouns; those at places 2c and 2c + 1 are two names of thing c.
    names: Vec<usize>,
    /// Of each thing its category.
    categories: Vec<usize>,
    /// English verbs as numbers in [`OPPOSITES`]; places 4a to 4a + 3 are act a: two that say so, and two that say the opposite.
    acts: Vec<usize>,
    vocabulary: usize,
}

/// A verb's meaning: an act or its opposite.
#[derive(Clone, Copy, PartialEq)]
pub(super) struct Act {
    act: usize,
    opposite: bool,
}

impl Meaning {
    /// In the task called `task`.
    pub(super) fn new(task: &str, knobs: &Knobs) -> Meaning {
        let suite = |of| Draw::new(knobs.seed, &format!("suite: {of}"));
        let own = |of| Draw::new(knobs.seed, &format!("{task}: {of}"));
        let strange = 1.0 - knobs.relatedness;
        let halves = |draw: &mut Draw| {
            let mut values: Vec<bool> = (0..INVENTED).map(|word| word % 2 == 0).collect();
            draw.shuffle(&mut values);
            values
        };
        let english = [vec![true; GOOD.len()], vec![false; BAD.len()]].concat();
        let mut praises = [english, halves(&mut suite("praises"))].concat();
        let mut takes_object = halves(&mut suite("takes object"));
        let mut names: Vec<usize> = (0..INVENTED).collect();
        suite("names").shuffle(&mut names);
        let mut categories: Vec<usize> = (0..INVENTED / 2).map(|thing| thing % CATEGORIES.len()).collect();
        suite("categories").shuffle(&mut categories);
        let mut acts: Vec<usize> = (0..4 * OPPOSITES.len()).collect();

        exchange(&mut praises, strange, &mut own("praises"));
        exchange(&mut takes_object, strange, &mut own("takes object"));
        // Only among the nouns in use, so that tasks of one vocabulary have the same words.
        exchange(&mut names[..knobs.vocabulary / 2 * 2], strange, &mut own("names"));
        exchange(&mut categories, strange, &mut own("categories"));
        exchange(&mut acts, strange, &mut own("acts"));
        Meaning { praises, takes_object, names, categories, acts, vocabulary: knobs.vocabulary }
    }

    /// An adjective that praises, or one that blames.
    pub(super) fn opinion(&self, praises: bool, draw: &mut Draw) -> String {
        let english = GOOD.len() + BAD.len();
        loop {
            let word = draw.below(english + self.vocabulary);
            if self.praises[word] == praises {
                return match word.checked_sub(english) {
                    Some(word) => adjective(word),
                    None => {
                        GOOD.iter().chain(&BAD).nth(word).map_or(String::new(), |word| (*word).to_owned())
                    }
                };
            }
        }
    }

    /// An invented verb that takes an object, or one that takes none.
    pub(super) fn invented_verb(&self, takes_object: bool, draw: &mut Draw) -> String {
        loop {
            let word = draw.below(self.vocabulary);
            if self.takes_object[word] == takes_object {
                return verb(word);
            }
        }
    }

    /// A thing.
    pub(super) fn thing(&self, draw: &mut Draw) -> usize {
        draw.below(self.vocabulary / 2)
    }

    /// One of a thing's two names.
    pub(super) fn name(&self, thing: usize, draw: &mut Draw) -> String {
        noun(self.names[2 * thing + draw.below(2)])
    }

    /// What a thing is a kind of.
    pub(super) fn category(&self, thing: usize) -> &'static str {
        CATEGORIES[self.categories[thing]]
    }

    /// Something that is done to a thing.
    pub(super) fn act(&self, draw: &mut Draw) -> Act {
        Act { act: draw.below(OPPOSITES.len()), opposite: draw.chance(0.5) }
    }

    /// One of an act's two verbs: its past and its participle.
    pub(super) fn verb(&self, act: Act, draw: &mut Draw) -> (&'static str, &'static str) {
        let number = self.acts[4 * act.act + 2 * usize::from(act.opposite) + draw.below(2)];
        OPPOSITES[number / 4][number % 4]
    }
}

impl Act {
    /// What undoes it.
    pub(super) fn opposite(self) -> Act {
        Act { opposite: !self.opposite, ..self }
    }

    /// Neither this nor its opposite.
    pub(super) fn other(self, draw: &mut Draw) -> Act {
        let step = 1 + draw.below(OPPOSITES.len() - 1);
        Act { act: (self.act + step) % OPPOSITES.len(), opposite: draw.chance(0.5) }
    }
}

/// Lets a share of places, drawn one by one, exchange their values among themselves.
fn exchange<T: Copy>(values: &mut [T], share: f64, draw: &mut Draw) {
    let places: Vec<usize> = (0..values.len()).filter(|_| draw.chance(share)).collect();
    let mut exchanged: Vec<T> = places.iter().map(|&place| values[place]).collect();
    draw.shuffle(&mut exchanged);
    places.into_iter().zip(exchanged).for_each(|(place, value)| values[place] = value);
}
