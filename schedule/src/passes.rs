//! Passes over rows: an endless stream in which each pass is all rows, shuffled. What is at a place is a function of the place.

use std::ops::Range;

use rand::Rng;

use crate::epoch::shuffle;

/// The rows at places of the endless stream of passes over `size` rows, at least one; `pass` gives the generator of a pass, from 0.
pub fn in_passes<R: Rng>(size: usize, places: Range<u64>, mut pass: impl FnMut(u64) -> R) -> Vec<u32> {
    let size = size as u64;
    let mut rows = Vec::new();
    let mut place = places.start;
    while place < places.end {
        let mut order: Vec<u32> = (0..size as u32).collect();
        shuffle(&mut order, &mut pass(place / size));
        let from = place % size;
        let to = size.min(from + places.end - place);
        rows.extend(&order[from as usize..to as usize]);
        place += to - from;
    }
    rows
}
