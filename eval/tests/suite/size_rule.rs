//! The size rule and its rivals on cells small enough to score by hand.

use mtlift_eval::Strategy::{Mtl, Stilts};
use mtlift_eval::{Rule, RuleCell, score_rules, size_rule, wilson};

#[test]
fn the_smaller_target_trains_with_its_support() {
    assert_eq!(size_rule(635, 392_702), Mtl);
    assert_eq!(size_rule(392_702, 635), Stilts);
    assert_eq!(size_rule(100, 100), Stilts);
}

#[test]
fn every_rule_is_scored_on_the_same_cells() {
    let cell =
        |target, target_rows, support_rows, winner| RuleCell { target, target_rows, support_rows, winner };
    let cells = [
        // A large target: the size rule is right about all three, so is each cell's majority of the others.
        cell(0, 1000, 10, Stilts),
        cell(0, 1000, 20, Stilts),
        cell(0, 1000, 30, Stilts),
        // A small one, won by either: the other cell of the row misleads both times.
        cell(1, 10, 1000, Mtl),
        cell(1, 10, 20, Stilts),
        // Two of three: the cells of the majority have a tie among the others, the third is misled.
        cell(2, 20, 10, Mtl),
        cell(2, 20, 30, Mtl),
        cell(2, 20, 1000, Stilts),
        // Alone in its row.
        cell(3, 5, 10, Mtl),
    ];
    let scores = score_rules(&cells, 0.95).unwrap();
    let found: Vec<(&str, f64, usize)> =
        scores.iter().map(|score| (score.rule.name(), score.right, score.of)).collect();
    let expected =
        [("size", 6.0, 9), ("always-mtl", 4.0, 9), ("always-stilts", 5.0, 9), ("row-majority", 4.5, 9)];
    assert_eq!(found, expected);
    assert_eq!(scores[0].interval, wilson(6, 9, 0.95).unwrap());
}

#[test]
fn without_cells_nothing_is_known() {
    for score in score_rules(&[], 0.95).unwrap() {
        assert_eq!((score.right, score.of, score.interval), (0.0, 0, (0.0, 1.0)));
    }
    assert_eq!(score_rules(&[], 0.0).unwrap_err().to_string(), "level is 0, expected above 0 and below 1");
}

#[test]
fn a_rule_prints_and_serialises_alike() {
    for rule in Rule::ALL {
        assert_eq!(rule.to_string(), rule.name());
        assert_eq!(serde_json::to_value(rule).unwrap(), rule.name());
    }
}
