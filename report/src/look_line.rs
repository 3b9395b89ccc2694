//! Where a comparison stands in its plan of looks, in words. Verdicts, page and terminal say it alike.

/// `at look 2 of 4 (5 seeds)` where the plan has a look at so many seeds; `after look 2 of 4 (7 seeds)` between looks and
/// beyond the last; `before the first look (2 of 3 seeds)`. `plan` is ascending and not empty.
pub fn look_line(plan: &[usize], seeds: usize) -> String {
    let taken = plan.iter().filter(|look| **look <= seeds).count();
    if taken == 0 {
        return format!("before the first look ({seeds} of {} seeds)", plan.first().unwrap_or(&seeds));
    }
    let place = if plan.contains(&seeds) { "at" } else { "after" };
    format!("{place} look {taken} of {} ({seeds} seeds)", plan.len())
}

#[cfg(test)]
mod tests {
    use super::look_line;

    #[test]
    fn a_look_is_counted_among_the_planned_ones() {
        let plan = [3, 5, 10, 20];
        for (seeds, expected) in [
            (1, "before the first look (1 of 3 seeds)"),
            (3, "at look 1 of 4 (3 seeds)"),
            (5, "at look 2 of 4 (5 seeds)"),
            (7, "after look 2 of 4 (7 seeds)"),
            (20, "at look 4 of 4 (20 seeds)"),
            (25, "after look 4 of 4 (25 seeds)"),
        ] {
            assert_eq!(look_line(&plan, seeds), expected);
        }
    }
}
