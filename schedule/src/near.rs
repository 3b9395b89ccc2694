//! Which names a mistyped one may have meant.

/// As alike as names must be to be suggested: `gradnrom` is to `gradnorm`.
const ALIKE: f64 = 0.75;

/// The names of `all` that are like `name`, one slip away from it or begin with it, whatever their case, as the end of a sentence: `; did you mean nash?`. A full
/// stop where there is none.
pub(crate) fn near(name: &str, all: &[&str]) -> String {
    let name = name.to_lowercase();
    let mut near: Vec<(f64, &str)> = all
        .iter()
        .filter_map(|&known| {
            let lower = known.to_lowercase();
            let alike = strsim::jaro_winkler(&name, &lower);
            let is_beginning = !name.is_empty() && lower.starts_with(&name);
            let is_near = alike >= ALIKE || is_beginning || strsim::osa_distance(&name, &lower) <= 1;
            is_near.then_some((alike, known))
        })
        .collect();
    near.sort_by(|a, b| b.0.total_cmp(&a.0));
    let names: Vec<&str> = near.into_iter().take(3).map(|(_, known)| known).collect();
    if names.is_empty() { ".".to_owned() } else { format!("; did you mean {}?", names.join(" or ")) }
}
