//! `mtlift`: parse, validate, call one function, print.
fn main() {}
