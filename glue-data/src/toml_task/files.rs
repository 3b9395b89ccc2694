//! The keys that say where rows are and how they are written: files, format, header, delimiter, and parts of train.

use super::{Files, Found, Fractions, Reader, Rows};
use crate::error::Error;
use crate::task::{Carve, Column, Columns, Format, GroupRule, Source, SplitFile, UNLABELLED};
use std::path::Path;

impl Reader<'_> {
    /// The files of a task that finds this in them, train first.
    pub(super) fn files(&self, rows: &Rows, found: &Found) -> Result<Vec<SplitFile>, Error> {
        let Rows { files, split, .. } = rows;
        let carve = self.carve(files, split)?;
        let mut all = vec![self.split_file("train", &files.train, carve, rows, found)?];
        for (name, file, fraction) in [("dev", &files.dev, split.dev), ("test", &files.test, split.test)] {
            match (file, fraction) {
                (Some(file), _) => all.push(self.split_file(name, file, None, rows, found)?),
                (None, Some(_)) => all.push(self.split_file(name, &files.train, carve, rows, found)?),
                (None, None) => {}
            }
        }
        if let Some(file) = &files.unlabelled {
            let there = self.split_file(UNLABELLED, file, None, rows, found)?;
            // The texts alone are read, whatever else stands in the file.
            let columns = Columns { label: None, index: None, ..there.columns };
            all.push(SplitFile { columns, groups: None, may_lack_labels: true, ..there });
        }
        Ok(all)
    }

    fn split_file(
        &self,
        name: &str,
        file: &Path,
        carve: Option<Carve>,
        rows: &Rows,
        found: &Found,
    ) -> Result<SplitFile, Error> {
        let format = rows.format.or(Format::of(file)).ok_or_else(|| {
            let file = file.display();
            self.fault(format!(
                "`{file}` does not end in .tsv, .csv, .jsonl or .parquet (or that and .gz): give `format`"
            ))
        })?;
        let has_lines = matches!(format, Format::Tsv | Format::Csv);
        if rows.delimiter.is_some() && !has_lines {
            return Err(self.fault("`delimiter` is for TSV and CSV; the files are of another format"));
        }
        let is_number = |column: &Column| matches!(column, Column::Number(_));
        let columns = || found.columns.all().chain(found.groups.as_ref().and_then(GroupRule::column));
        if format == Format::Jsonl && columns().any(is_number) {
            return Err(self.fault("JSON lines have keys, not column numbers: give names"));
        }
        let by_number = columns().all(is_number);
        if has_lines && by_number && rows.header.is_none() {
            return Err(self.fault(
                "the columns go by number: say with `header = true` or `header = false` whether the first line names them",
            ));
        }
        Ok(SplitFile {
            split: name.to_owned(),
            path: self.path.parent().unwrap_or(Path::new("")).join(file),
            source: Source::File,
            format,
            header: rows.header.unwrap_or(true),
            delimiter: rows.delimiter,
            columns: found.columns.clone(),
            groups: found.groups.clone(),
            labels: None,
            // A part of train has train's labels.
            may_lack_labels: name == "test" && carve.is_none(),
            skip_broken_rows: false,
            official_rows: None,
            carve,
        })
    }

    /// One character of ASCII that neither quotes nor ends a line.
    pub(super) fn delimiter(&self, written: Option<&str>) -> Result<Option<u8>, Error> {
        match written.map(str::as_bytes) {
            None => Ok(None),
            Some(&[byte]) if byte.is_ascii() && !b"\"\r\n\0".contains(&byte) => Ok(Some(byte)),
            Some(_) => {
                let reason = "`delimiter` must be one ASCII character, such as \";\" or \"\\t\", and no quote or line end";
                Err(self.fault(reason))
            }
        }
    }

    fn carve(&self, files: &Files, split: &Fractions) -> Result<Option<Carve>, Error> {
        for (name, file, fraction) in [("dev", &files.dev, split.dev), ("test", &files.test, split.test)] {
            if file.is_some() && fraction.is_some() {
                return Err(
                    self.fault(format!("`{name}` is under both [files] and [split]; keep one of them"))
                );
            }
            if fraction.is_some_and(|fraction| !(fraction > 0.0 && fraction < 1.0)) {
                return Err(self.fault(format!("[split] {name} must be a fraction between 0 and 1")));
            }
        }
        let carve =
            Carve { dev: split.dev.unwrap_or(0.0), test: split.test.unwrap_or(0.0), seed: split.seed };
        if carve.dev + carve.test >= 1.0 {
            return Err(self.fault("[split] leaves nothing to train on: dev and test make up 1 or more"));
        }
        Ok((carve.dev + carve.test > 0.0).then_some(carve))
    }
}
