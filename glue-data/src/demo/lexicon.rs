//! The suite's words. Names, places and the like are plain English; the words on which labels depend are invented for the most
//! part, so that no encoder knows beforehand what they mean: it has to be learnt from labels.

/// Words of each invented class.
pub(super) const INVENTED: usize = ONSETS.len() * ENDINGS;
const ENDINGS: usize = 24;

const ONSETS: [&str; 25] = [
    "b", "bl", "br", "ch", "d", "dr", "f", "fl", "fr", "g", "gl", "gr", "k", "kl", "l", "m", "n", "p", "pl",
    "pr", "sk", "sl", "st", "tr", "v",
];
const ADJECTIVES: [&str; ENDINGS] = [
    "olvy", "elvy", "arvy", "ulvy", "irvy", "umby", "imby", "urby", "elby", "ilby", "olby", "orfy", "elfy",
    "ilfy", "ulfy", "argy", "olgy", "ilgy", "ergy", "urky", "ondy", "aldy", "eldy", "ulmy",
];
const NOUNS: [&str; ENDINGS] = [
    "anvet", "onvet", "unvet", "indet", "elmet", "almet", "ormet", "uspet", "aspet", "osket", "isket",
    "ulket", "olket", "irpet", "orpet", "alpet", "elpet", "eptet", "octet", "ictet", "undet", "untet",
    "ampet", "ompet",
];
const VERBS: [&str; ENDINGS] = [
    "ulzed", "ilzed", "ulthed", "ilthed", "enthed", "onthed", "inzed", "anzed", "urzed", "olzed", "elzed",
    "aphed", "ophed", "ephed", "ushted", "ishted", "eshted", "oshted", "erned", "orned", "irned", "olmed",
    "arled", "erled",
];

/// An invented adjective: `blolvy`.
pub(super) fn adjective(word: usize) -> String {
    invented(word, &ADJECTIVES)
}

/// An invented noun: `blanvet`.
pub(super) fn noun(word: usize) -> String {
    invented(word, &NOUNS)
}

/// An invented verb in the past: `blulzed`.
pub(super) fn verb(word: usize) -> String {
    invented(word, &VERBS)
}

fn invented(word: usize, endings: &[&str; ENDINGS]) -> String {
    format!("{}{}", ONSETS[word % ONSETS.len()], endings[word / ONSETS.len()])
}

/// English adjectives that praise.
pub(super) const GOOD: [&str; 10] = [
    "good",
    "lovely",
    "excellent",
    "charming",
    "superb",
    "pleasant",
    "delightful",
    "splendid",
    "brilliant",
    "fine",
];
/// English adjectives that blame.
pub(super) const BAD: [&str; 10] =
    ["bad", "awful", "terrible", "dreadful", "poor", "nasty", "horrible", "dull", "unpleasant", "miserable"];

pub(super) const WOMEN: [&str; 20] = [
    "Anna", "Clara", "Emma", "Grace", "Helen", "Irene", "Julia", "Laura", "Maria", "Nora", "Olga", "Paula",
    "Rosa", "Sarah", "Tessa", "Vera", "Alice", "Ruth", "Lucy", "Jane",
];
pub(super) const MEN: [&str; 20] = [
    "Adam", "Ben", "Carl", "David", "Eric", "Frank", "George", "Henry", "Ivan", "Jack", "Kevin", "Leo",
    "Martin", "Noah", "Oscar", "Peter", "Robert", "Simon", "Thomas", "Victor",
];

pub(super) const PLACES: [&str; 24] = [
    "at the harbour",
    "in the garden",
    "at the market",
    "near the bridge",
    "in the kitchen",
    "at the station",
    "in the library",
    "behind the school",
    "at the farm",
    "in the old mill",
    "near the river",
    "at the museum",
    "in the cellar",
    "on the island",
    "at the hospital",
    "in the village",
    "near the tower",
    "at the office",
    "in the workshop",
    "on the hill",
    "at the theatre",
    "in the forest",
    "near the church",
    "at the airport",
];
pub(super) const TIMES: [&str; 20] = [
    "on Monday",
    "on Tuesday",
    "on Wednesday",
    "on Thursday",
    "on Friday",
    "on Saturday",
    "on Sunday",
    "in January",
    "in March",
    "in April",
    "in June",
    "in July",
    "in August",
    "in October",
    "in December",
    "last night",
    "this morning",
    "two weeks ago",
    "a year ago",
    "before lunch",
];

/// What a noun can be a kind of.
pub(super) const CATEGORIES: [&str; 8] =
    ["tool", "plant", "toy", "machine", "fruit", "garment", "vessel", "instrument"];

/// Two verbs that say the same and two that say the opposite, each in the past and as a participle.
pub(super) const OPPOSITES: [[(&str, &str); 4]; 12] = [
    [("bought", "bought"), ("purchased", "purchased"), ("sold", "sold"), ("auctioned", "auctioned")],
    [("lifted", "lifted"), ("raised", "raised"), ("lowered", "lowered"), ("sank", "sunk")],
    [("opened", "opened"), ("unsealed", "unsealed"), ("closed", "closed"), ("shut", "shut")],
    [("found", "found"), ("discovered", "discovered"), ("lost", "lost"), ("misplaced", "misplaced")],
    [("fixed", "fixed"), ("repaired", "repaired"), ("broke", "broken"), ("damaged", "damaged")],
    [("hid", "hidden"), ("concealed", "concealed"), ("showed", "shown"), ("displayed", "displayed")],
    [("cleaned", "cleaned"), ("washed", "washed"), ("soiled", "soiled"), ("stained", "stained")],
    [("built", "built"), ("assembled", "assembled"), ("destroyed", "destroyed"), ("wrecked", "wrecked")],
    [("fetched", "fetched"), ("collected", "collected"), ("delivered", "delivered"), ("sent", "sent")],
    [("filled", "filled"), ("loaded", "loaded"), ("emptied", "emptied"), ("drained", "drained")],
    [("praised", "praised"), ("admired", "admired"), ("mocked", "mocked"), ("criticised", "criticised")],
    [("accepted", "accepted"), ("welcomed", "welcomed"), ("refused", "refused"), ("rejected", "rejected")],
];

/// What reviews of the one kind are about, and parts of it.
pub(super) const SHOWS: [&str; 16] = [
    "film",
    "play",
    "song",
    "novel",
    "concert",
    "opera",
    "poem",
    "series",
    "musical",
    "ballet",
    "exhibition",
    "album",
    "comedy",
    "drama",
    "documentary",
    "thriller",
];
pub(super) const SHOW_PARTS: [&str; 12] = [
    "plot",
    "ending",
    "music",
    "cast",
    "opening",
    "dialogue",
    "story",
    "humour",
    "rhythm",
    "style",
    "second half",
    "main idea",
];
/// What reviews of the other kind are about, and parts of it.
pub(super) const GOODS: [&str; 16] = [
    "hotel",
    "kettle",
    "tent",
    "bicycle",
    "restaurant",
    "camera",
    "lamp",
    "sofa",
    "phone",
    "jacket",
    "cafe",
    "printer",
    "mattress",
    "suitcase",
    "oven",
    "guitar",
];
pub(super) const GOODS_PARTS: [&str; 12] = [
    "price",
    "service",
    "design",
    "quality",
    "colour",
    "delivery",
    "surface",
    "size",
    "manual",
    "finish",
    "packaging",
    "overall look",
];

/// What an invented verb is done to.
pub(super) const OBJECTS: [&str; 20] = [
    "box", "door", "letter", "basket", "window", "ladder", "table", "rope", "bottle", "curtain", "wheel",
    "carpet", "fence", "barrel", "mirror", "bucket", "chair", "boat", "candle", "hammer",
];

/// Verbs of one person with another: the object is praised for being good.
pub(super) const FOR_GOOD: [&str; 6] = ["praised", "thanked", "trusted", "admired", "rewarded", "hired"];
/// The object is blamed for being bad.
pub(super) const FOR_BAD: [&str; 6] = ["scolded", "blamed", "avoided", "dismissed", "warned", "punished"];

/// `Anna` or `Ben`, of forty.
pub(super) fn person(of: usize) -> &'static str {
    if of < WOMEN.len() { WOMEN[of] } else { MEN[of - WOMEN.len()] }
}
/// How many persons there are.
pub(super) const PERSONS: usize = WOMEN.len() + MEN.len();

/// The sentence of these words: a capital first, a full stop last.
pub(super) fn sentence(words: &str) -> String {
    finish(words, '.')
}

/// As [`sentence`], with a question mark.
pub(super) fn question(words: &str) -> String {
    finish(words, '?')
}

fn finish(words: &str, mark: char) -> String {
    let mut letters = words.chars();
    let first = letters.next().map(|first| first.to_ascii_uppercase());
    first.into_iter().chain(letters).chain([mark]).collect()
}

/// `a` or `an`, and the word.
pub(super) fn indefinite(word: &str) -> String {
    let article = if word.starts_with(['a', 'e', 'i', 'o', 'u']) { "an" } else { "a" };
    format!("{article} {word}")
}
