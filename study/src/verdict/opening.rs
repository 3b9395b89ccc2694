//! How a verdict begins: what to use or what is open, by how much and how sure, and which look comes next.

use mtlift_report::{Against, ArmFindings, Difference, Estimate, NextLook, TaskFacts, look_line, p_value};

/// What a verdict is about.
pub(super) struct Case<'a> {
    pub(super) task: &'a TaskFacts,
    /// The arms with a mean, best first.
    pub(super) ranked: &'a [(&'a str, &'a ArmFindings, f64)],
    /// The planned looks.
    pub(super) plan: &'a [usize],
}

/// How a verdict begins.
pub(super) struct Opening<'a> {
    pub(super) decided: bool,
    /// The comparison that a further look may decide.
    pub(super) open: Option<&'a Against>,
    pub(super) lines: Vec<String>,
}

impl<'a> Case<'a> {
    /// An arm other than `single` has the best mean.
    pub(super) fn best_over_single(&self, best: &str, arm: &ArmFindings, gain: &'a Against) -> Opening<'a> {
        let Self { task: TaskFacts { name: target, .. }, .. } = self;
        if gain.tied {
            let lines = vec![format!("{target}: tie: the predictions of {best} and single are the same.")];
            return Opening { decided: false, open: None, lines };
        }
        let decided = gain.is_decided_corrected() && self.task.sign() * gain.difference.value > 0.0;
        let first = if decided {
            format!("{target}: use {best}.")
        } else {
            format!("{target}: undecided. {best} has the best mean, and single may be as good.")
        };
        let mut lines = vec![first, format!("Gain over single {}.", self.measured(gain, decided))];
        lines.extend(self.expected(arm));
        lines.extend((!decided).then(|| settling(gain, self.task)));
        Opening { decided, open: (!decided).then_some(gain), lines }
    }

    /// Nothing beats `single` in the mean.
    pub(super) fn best_is_single(&self, best: &str) -> Opening<'a> {
        let target = &self.task.name;
        let rivals =
            || self.ranked.iter().skip(1).filter_map(|(label, arm, _)| Some((*label, arm.gain.as_ref()?)));
        let mut unlike = rivals().filter(|(_, gain)| !gain.tied);
        let open = rivals().find(|(_, gain)| !gain.tied && !gain.is_decided_corrected());
        let (decided, open, lines) = match (unlike.next(), open) {
            (None, _) if rivals().next().is_none() => {
                (false, None, vec![format!("{target}: there is nothing to compare with {best} yet.")])
            }
            (None, _) => {
                let labels: Vec<&str> = rivals().map(|(label, _)| label).collect();
                let tied = format!(
                    "{target}: tie: the predictions are the same under single and {}. Keep single: it is the cheapest.",
                    labels.join(", ")
                );
                (false, None, vec![tied])
            }
            (Some((label, gain)), None) => {
                let same = if rivals().any(|(_, gain)| gain.tied) { " or the same" } else { "" };
                let use_it =
                    format!("{target}: use {best}. No support helps: every other arm is worse{same}.");
                let nearest = format!("The nearest, {label}: {} against single.", self.measured(gain, true));
                (true, None, vec![use_it, nearest])
            }
            (_, Some((label, gain))) => {
                let open =
                    format!("{target}: undecided. {best} has the best mean, and {label} may be as good.");
                let measured = format!("{label} against single {}.", self.measured(gain, false));
                (false, Some(gain), vec![open, measured, settling(gain, self.task)])
            }
        };
        Opening { decided, open, lines }
    }

    /// What an arm gains over a single that was trained for as many steps as the arm that has the most, if there is one.
    pub(super) fn at_equal_compute(&self, arm: &ArmFindings) -> Option<String> {
        let (over_steps, over_single) = (arm.over_single_steps.as_ref()?, arm.gain.as_ref()?);
        let is_gain =
            |gain: &Against| gain.is_decided_corrected() && self.task.sign() * gain.difference.value > 0.0;
        let measured = self.measured(over_steps, over_steps.is_decided_corrected());
        let by_training = if is_gain(over_single) && !is_gain(over_steps) {
            ": what it gains over single may come of more training alone"
        } else {
            ""
        };
        Some(format!("At equal compute, over single:steps, {measured}{by_training}."))
    }

    /// What to expect of an arm as one of several.
    fn expected(&self, arm: &ArmFindings) -> Option<String> {
        let gain = arm.shrunken?.gain;
        let gain = points(&Difference::new(gain.value, Some((gain.low, gain.high))), self.task.sign());
        let share =
            arm.best.map_or(String::new(), |share| format!("; best of all arms with probability {share:.2}"));
        Some(format!("To be expected, shrunken towards the other arms: {gain}{share}."))
    }

    /// `+3.4 points [+1.2, +5.6] (raw mean; p 0.004, after Holm 0.008), decided at look 2 of 4 (5 seeds)`
    fn measured(&self, gain: &Against, decided: bool) -> String {
        let points = points(&gain.difference, self.task.sign());
        let look = look_line(self.plan, gain.seeds);
        match (gain.p_value, gain.p_holm) {
            (Some(p), Some(holm)) => {
                let word = if decided { "decided" } else { "undecided" };
                format!("{points} (raw mean; p {}, after Holm {}), {word} {look}", p_value(p), p_value(holm))
            }
            _ => format!("{points} (raw mean), {look}"),
        }
    }

    /// The look that an undecided comparison waits for.
    pub(super) fn next(&self, gain: &Against) -> Option<NextLook> {
        let seeds = *self.plan.iter().find(|look| **look > gain.seeds)?;
        let which = if self.plan.first() == Some(&seeds) { "first" } else { "next" };
        Some(NextLook { seeds, note: format!("The {which} look is at {seeds} seeds:"), command: None })
    }
}

/// How many seeds may settle a difference, or what else would.
fn settling(gain: &Against, task: &TaskFacts) -> String {
    if gain.p_value.is_none() {
        return format!(
            "{} cannot show how much seeds vary.",
            if gain.seeds == 1 { "One seed" } else { "So few seeds" }
        );
    }
    let more = gain.seeds as u32 + 1;
    let rows = match task.score_rows {
        0 => format!("more dev rows than the {} would help", task.dev_rows),
        unused => format!("more rows to score than these {} would help", task.dev_rows + unused),
    };
    match (gain.seeds_least.map(|least| least.max(more)), gain.seeds_most) {
        (_, Some(most)) if most < more => {
            "By their spread these seeds should have been enough. They were not.".to_owned()
        }
        (Some(least), Some(most)) if least < most => format!(
            "Between {least} and {most} seeds in all would settle it with 80 % power: the fewer, the larger the difference is."
        ),
        (_, Some(most)) => format!("{most} seeds in all would settle it with 80 % power."),
        (Some(least), None) => format!(
            "From {least} seeds in all it may be settled, if the difference is as large as it may well be; if it is as small as it \
             may well be, {rows}."
        ),
        (None, None) => format!("More seeds alone would hardly settle a difference this small: {rows}."),
    }
}

/// `+3.4 points [+1.2, +5.6]`, without the interval where there is none; an error, of which less is better, in its own unit.
fn points(difference: &Difference, sign: f64) -> String {
    let number = |x: f64| {
        let text = if sign > 0.0 { format!("{:+.1}", 100.0 * x) } else { format!("{x:+.4}") };
        text.replace('-', "\u{2212}")
    };
    let unit = if sign > 0.0 { " points" } else { "" };
    let value = number(difference.value) + unit;
    match difference.estimate() {
        Some(Estimate { low, high, .. }) => format!("{value} [{}, {}]", number(low), number(high)),
        None => value,
    }
}
