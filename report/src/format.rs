//! How numbers look. Scores and gains are shares and are shown in points; a number that is not finite is a dash, so that
//! no NaN reaches a reader.

use crate::findings::{Difference, Estimate};

/// What stands where there is no number.
pub(crate) const NONE: &str = "–";

/// [`NONE`] as a text.
pub(crate) fn none() -> String {
    NONE.to_owned()
}

/// A share in points: `83.1`.
pub(crate) fn score(share: f64) -> String {
    fixed(100.0 * share, 1)
}

/// A difference of shares in points, with its sign: `+1.2`, `−0.3`, `0.0`.
pub(crate) fn gain(share: f64) -> String {
    signed(100.0 * share, 1)
}

/// A difference with its interval: `+1.2 [−0.3, +2.7]`.
pub(crate) fn gain_interval(estimate: &Estimate) -> String {
    interval(estimate, gain)
}

/// The same of a difference, whose interval may be absent.
pub(crate) fn difference(difference: &Difference) -> String {
    difference.estimate().map_or_else(|| gain(difference.value), |estimate| gain_interval(&estimate))
}

/// An estimate and the ends of its interval, each shown by `show`.
pub(crate) fn interval(estimate: &Estimate, show: impl Fn(f64) -> String) -> String {
    format!("{} [{}, {}]", show(estimate.value), show(estimate.low), show(estimate.high))
}

/// A p-value: three decimals, or `< 0.001`; a dash if it is not finite.
pub fn p_value(p: f64) -> String {
    if p < 0.0005 { "< 0.001".to_owned() } else { fixed(p, 3) }
}

/// A p-value, or a dash without one.
pub(crate) fn p_or_none(p: Option<f64>) -> String {
    p.map_or_else(none, p_value)
}

/// What follows `p`: `= 0.031`, but `< 0.001`.
pub(crate) fn equals(p: &str) -> String {
    if p.starts_with('<') { p.to_owned() } else { format!("= {p}") }
}

/// A share of a whole: `92 %`.
pub(crate) fn percent(share: f64) -> String {
    with_unit(fixed(100.0 * share, 0), " %")
}

/// Minutes, or whatever else is counted and may be small: one decimal below 10, none from there on.
pub(crate) fn amount(value: f64) -> String {
    if value.abs() < 9.95 { fixed(value, 1) } else { fixed(value, 0) }
}

/// A time that people can read: `42 s`, `12 min`, `2.5 h`.
pub fn minutes(minutes: f64) -> String {
    if minutes < 1.0 {
        format!("{:.0} s", (60.0 * minutes).max(0.0))
    } else if minutes < 90.0 {
        format!("{minutes:.0} min")
    } else {
        format!("{:.1} h", minutes / 60.0)
    }
}

/// A count with its thousands apart: `392,702`.
pub(crate) fn count(value: usize) -> String {
    fixed(value as f64, 0)
}

/// The mean of counts, of which there is one at least, as a count.
pub(crate) fn mean_count(counts: impl ExactSizeIterator<Item = usize>) -> String {
    let all = counts.len() as f64;
    count((counts.sum::<usize>() as f64 / all).round() as usize)
}

/// A number with its sign, `−` being U+2212.
pub(crate) fn signed(value: f64, decimals: usize) -> String {
    let text = fixed(value, decimals);
    let positive =
        text.starts_with(|c: char| c.is_ascii_digit()) && text.contains(|c| matches!(c, '1'..='9'));
    if positive { format!("+{text}") } else { text }
}

/// A number with as many decimals as asked for, thousands apart.
pub(crate) fn fixed(value: f64, decimals: usize) -> String {
    if !value.is_finite() {
        return NONE.to_owned();
    }
    let digits = format!("{:.decimals$}", value.abs());
    let (whole, fraction) = digits.split_at(digits.find('.').unwrap_or(digits.len()));
    let mut text = String::new();
    if value < 0.0 && digits.contains(|c| matches!(c, '1'..='9')) {
        text.push('−');
    }
    for (place, digit) in whole.chars().enumerate() {
        if place > 0 && (whole.len() - place).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text + fraction
}

/// A number beside an axis: at most two decimals, and none that say nothing.
pub(crate) fn tick(value: f64) -> String {
    let text = fixed(value, 2);
    if text.contains('.') { text.trim_end_matches('0').trim_end_matches('.').to_owned() } else { text }
}

/// The unit after a number, and nothing after a dash.
pub(crate) fn with_unit(number: String, unit: &str) -> String {
    if number == NONE { number } else { number + unit }
}

/// `most` characters of a name. Where there are more its beginning stays, and with 20 or more its end too, in which an arm's support is
/// named.
pub(crate) fn short(name: &str, most: usize) -> String {
    let all = name.chars().count();
    if all <= most {
        return name.to_owned();
    }
    let kept = most.saturating_sub(1);
    let last = if most < 20 { 0 } else { kept / 3 };
    name.chars().take(kept - last).chain(['…']).chain(name.chars().skip(all - last)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_look_as_a_paper_prints_them() {
        let cases = [
            (score(0.83149), "83.1"),
            (gain(0.0123), "+1.2"),
            (gain(-0.0031), "−0.3"),
            (gain(0.0004), "0.0"),
            (gain(-0.0004), "0.0"),
            (gain(f64::NAN), "–"),
            (score(f64::INFINITY), "–"),
            (p_value(0.00049), "< 0.001"),
            (p_value(0.0314), "0.031"),
            (p_value(f64::NAN), "–"),
            (percent(0.925), "92 %"),
            (percent(f64::NAN), "–"),
            (amount(0.44), "0.4"),
            (amount(9.96), "10"),
            (amount(1234.5), "1,234"),
            (count(392_702), "392,702"),
            (count(999), "999"),
            (signed(-1234.56, 1), "−1,234.6"),
            (tick(0.5), "0.5"),
            (tick(-20.0), "−20"),
            (tick(100.0), "100"),
            (short("über", 4), "über"),
            (short("sentiment", 5), "sent…"),
            (short("merge:average+held-out with QQP", 22), "merge:average+…ith QQP"),
        ];
        for (found, expected) in cases {
            assert_eq!(found, expected);
        }
        let gain = Estimate { value: 0.012, low: -0.003, high: 0.027 };
        assert_eq!(gain_interval(&gain), "+1.2 [−0.3, +2.7]");
        assert_eq!(interval(&Estimate { value: 0.831, low: 0.82, high: 0.842 }, score), "83.1 [82.0, 84.2]");
    }
}
