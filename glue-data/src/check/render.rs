//! The report as text: tables first, then one sentence per finding.

use super::{CheckReport, SplitReport};
use std::collections::BTreeSet;
use std::fmt;

impl fmt::Display for CheckReport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{}: {}, scored by {}\n", self.task, self.kind.name(), self.metrics.join(" and "))?;
        let width = self.splits.iter().map(|split| split.split.len()).max().unwrap_or(0).max("split".len());
        self.counts(f, width)?;
        self.groups(f)?;
        self.lengths(f, width)?;
        self.findings(f)
    }
}

impl CheckReport {
    fn counts(&self, f: &mut fmt::Formatter<'_>, width: usize) -> fmt::Result {
        writeln!(f, "{:width$}  {:>7}  {:>14}  labels", "split", "rows", "official")?;
        for split in &self.splits {
            let official = match split.official_rows {
                None => String::new(),
                Some(official) if official == split.rows => "all".to_owned(),
                Some(official) if split.rows < official => format!("part of {official}"),
                Some(official) => format!("more than {official}"),
            };
            writeln!(f, "{:width$}  {:>7}  {official:>14}  {}", split.split, split.rows, split.balance())?;
        }
        writeln!(f)
    }

    /// The rows of each group by split, of a task with groups.
    fn groups(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let of_splits = || self.splits.iter().flat_map(|split| &split.groups);
        let names: BTreeSet<&String> = of_splits().map(|group| &group.group).collect();
        let Some(width) = names.iter().map(|name| name.chars().count()).max() else { return Ok(()) };
        let width = width.max("group".len());
        write!(f, "{:width$}", "group")?;
        self.splits.iter().try_for_each(|split| write!(f, "  {:>7}", split.split))?;
        writeln!(f)?;
        for name in names {
            write!(f, "{name:width$}")?;
            for split in &self.splits {
                let rows =
                    split.groups.iter().find(|group| group.group == *name).map_or(0, |group| group.rows);
                write!(f, "  {rows:>7}")?;
            }
            writeln!(f)?;
        }
        writeln!(f)
    }

    fn lengths(&self, f: &mut fmt::Formatter<'_>, width: usize) -> fmt::Result {
        let cut = self.max_tokens.map(|limit| format!("   longer than {limit}")).unwrap_or_default();
        let unit = self.length_unit;
        writeln!(
            f,
            "{:width$}  {:>7} {:>5} {:>5} {:>5} {:>5} {:>5}{cut}",
            unit, "min", "50 %", "90 %", "95 %", "99 %", "max"
        )?;
        for split in &self.splits {
            let l = split.lengths;
            write!(
                f,
                "{:width$}  {:>7} {:>5} {:>5} {:>5} {:>5} {:>5}",
                split.split, l.min, l.p50, l.p90, l.p95, l.p99, l.max
            )?;
            match split.truncated {
                Some(rows) => writeln!(f, "   {rows} rows ({:.1} %)", percent(rows, split.rows))?,
                None => writeln!(f)?,
            }
        }
        writeln!(f)
    }

    fn findings(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for file in &self.absent {
            writeln!(f, "There is no file {}.", file.display())?;
        }
        for split in &self.splits {
            let name = &split.split;
            if let Some(labelled) = split.labelled_rows.filter(|&labelled| labelled < split.rows) {
                let (missing, rows) = (split.rows - labelled, split.rows);
                writeln!(
                    f,
                    "{name}: {missing} of {rows} rows have no label for this head: they are none of its rows."
                )?;
            }
            if split.skipped_rows > 0 {
                writeln!(f, "{name}: {} broken rows are left out.", split.skipped_rows)?;
            }
            if split.duplicates > 0 {
                let repeat = if split.duplicates == 1 { "row repeats" } else { "rows repeat" };
                let SplitReport { duplicates, conflicting, .. } = split;
                writeln!(
                    f,
                    "{name}: {duplicates} {repeat} an earlier row, {conflicting} with another target."
                )?;
            }
            for note in &split.notes {
                writeln!(f, "{note}.")?;
            }
            for fault in &split.faults {
                let rows = if fault.rows == 1 { "row" } else { "rows" };
                writeln!(
                    f,
                    "{name}: {}: {} {rows}, the first is row {}.",
                    fault.what, fault.rows, fault.first_row
                )?;
            }
        }
        for overlap in &self.overlaps {
            let (split, with) = (&overlap.split, &overlap.with);
            let of = self.splits.iter().find(|report| report.split == *split).map_or(0, |report| report.rows);
            if overlap.rows > 0 {
                let (rows, conflicting) = (overlap.rows, overlap.conflicting);
                writeln!(
                    f,
                    "{rows} of {of} rows of {split} are also in {with}, {conflicting} with another target."
                )?;
            }
            if let Some(first) = overlap.first_texts.filter(|&first| first > 0) {
                writeln!(
                    f,
                    "{first} of {of} rows of {split} have a first text that is also a first text in {with}."
                )?;
            }
        }
        Ok(())
    }
}

impl SplitReport {
    /// The labels with their shares, or the range of numeric targets.
    fn balance(&self) -> String {
        if let Some(range) = self.targets {
            return format!("{} to {}, mean {:.3}", range.min, range.max, range.mean);
        }
        let of = self.labelled_rows.unwrap_or(self.rows);
        let labels = self
            .labels
            .iter()
            .map(|label| format!("{} {} ({:.1} %)", label.label, label.rows, percent(label.rows, of)));
        let labels = labels.collect::<Vec<_>>().join(", ");
        if labels.is_empty() { "none".to_owned() } else { labels }
    }
}

fn percent(part: usize, whole: usize) -> f64 {
    100.0 * part as f64 / whole as f64
}
