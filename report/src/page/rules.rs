//! What the page says of the size rule: its record, and the pairs on which it is wrong.

use mtlift_eval::size_rule;
use serde::Serialize;

use crate::findings::{Cell, Findings, RuleRecord, rule_name};
use crate::format::{self, none};

/// How often a rule was right.
#[derive(Serialize)]
pub(super) struct Rule {
    rule: &'static str,
    test: &'static str,
    right: String,
    share: String,
}

impl Rule {
    pub(super) fn of(record: &RuleRecord) -> Rule {
        let share = record.share.as_ref().map(|share| format::interval(share, format::percent));
        Rule {
            rule: rule_name(record.rule),
            test: record.test.name(),
            right: format!("{} of {}", format::tick(record.right), format::count(record.of)),
            share: share.unwrap_or_else(none),
        }
    }
}

/// The tests by which no pair is decided.
pub(super) fn deciding_nothing(findings: &Findings) -> Vec<&'static str> {
    let mut tests: Vec<&'static str> =
        findings.rules.iter().filter(|record| record.of == 0).map(|record| record.test.name()).collect();
    tests.dedup();
    tests
}

/// The pairs that are decided, and not as their sizes say: MTL where the support is larger, STILTs where the target is.
pub(super) fn against_the_rule(findings: &Findings) -> Vec<String> {
    let against = |cell: &&Cell| {
        let predicted = size_rule(cell.sizes.target, cell.sizes.support);
        cell.winner.is_some_and(|winner| winner != predicted)
    };
    let found = findings.cells.iter().filter(against);
    found.map(|cell| format!("{} with {}", cell.target, cell.support)).collect()
}
