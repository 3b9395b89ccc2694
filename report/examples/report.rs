//! Writes a study's report again from its findings, without its runs:
//! `cargo run -p mtlift-report --example report findings.json OUT` makes `OUT/report.html` and the tables beside it.

#![allow(clippy::print_stdout, reason = "an example is a program")]

use mtlift_report::{Findings, html, tables, terminal};
use std::error::Error;
use std::path::PathBuf;
use std::{env, fs};

fn main() -> Result<(), Box<dyn Error>> {
    let mut arguments = env::args_os().skip(1).map(PathBuf::from);
    let (Some(json), Some(out)) = (arguments.next(), arguments.next()) else {
        return Err("two paths are needed: the findings as JSON, and the folder to write to".into());
    };
    let findings: Findings = serde_json::from_slice(&fs::read(json)?)?;
    fs::create_dir_all(&out)?;
    fs::write(out.join("report.html"), html(&findings)?)?;
    for (name, table) in tables(&findings) {
        if let Some(table) = table {
            fs::write(out.join(name), table)?;
        }
    }
    print!("{}", terminal(&findings, 100));
    Ok(())
}
