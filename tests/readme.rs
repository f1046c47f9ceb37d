//! The README's tables against what they tell of: limits, defaults, dependencies, commands.

use std::collections::BTreeMap;
use std::path::Path;

const README: &str = include_str!("../README.md");
const LIMITS: &str = include_str!("../src/base/limits.rs");
const REFERENCE: &str = include_str!("../conf/switchboard.toml");
const MANIFEST: &str = include_str!("../Cargo.toml");

/// The cells of every row of the table under a heading; its own heading rows left out.
fn table(heading: &str) -> Vec<Vec<String>> {
    let start = README.lines().position(|line| line == heading);
    let lines = README.lines().skip(start.expect("the heading is there") + 1);
    let section = lines.take_while(|line| !line.starts_with("## "));
    let rows = section.filter(|line| line.starts_with("| `"));
    rows.map(cells).collect()
}

fn cells(row: &str) -> Vec<String> {
    let inner = row.trim().trim_start_matches('|').trim_end_matches('|').replace("\\|", "\u{0}");
    inner.split('|').map(|cell| cell.trim().replace('\u{0}', "|")).collect()
}

/// The constants of `base::limits`, by name; a value may be a sum of numbers and earlier names.
fn constants() -> BTreeMap<&'static str, usize> {
    let mut found = BTreeMap::new();
    for line in LIMITS.lines() {
        let Some(rest) = line.strip_prefix("pub const ") else { continue };
        let (name, value) = rest.split_once(": usize = ").expect("every limit is a usize");
        let terms = value.trim_end_matches(';').split(" + ");
        let sum = terms.map(|term| match term.replace('_', "").parse() {
            Ok(number) => number,
            Err(_) => *found.get(term).unwrap_or_else(|| panic!("{name}: what is {term}?")),
        });
        let sum = sum.sum();
        found.insert(name, sum);
    }
    found
}

#[test]
fn the_limits_table_agrees_with_the_code() {
    let mut constants = constants();
    assert!(constants.len() > 30, "limits.rs was not read");
    assert_eq!(constants["INPUT_LINE_BYTES"], switchboard::base::limits::INPUT_LINE_BYTES);
    for row in table("## Limits") {
        let name = row[0].trim_matches('`');
        assert!(row.len() == 4 && row.iter().all(|cell| !cell.is_empty()), "{row:?}");
        if !name.starts_with('[') {
            let value = constants.remove(name).unwrap_or_else(|| panic!("{name} is no limit"));
            assert_eq!(row[1], value.to_string(), "{name}");
        }
    }
    assert!(constants.is_empty(), "limits without a row: {:?}", constants.keys());
}

#[test]
fn the_limits_table_agrees_with_the_config() {
    let config: toml::Table = REFERENCE.parse().unwrap();
    let rows = table("## Limits");
    for row in &rows {
        let Some((section, key)) = row[0].trim_matches('`').split_once(' ') else { continue };
        let value = &config[section.trim_matches(['[', ']'])][key];
        let shown = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
        assert_eq!(row[1], shown, "{section} {key}");
    }
    for key in config["limits"].as_table().unwrap().keys().filter(|key| *key != "exempt") {
        assert!(rows.iter().any(|row| row[0] == format!("`[limits] {key}`")), "no row for {key}");
    }
}

#[test]
fn every_dependency_has_its_row_and_every_row_its_dependency() {
    let manifest: toml::Table = MANIFEST.parse().unwrap();
    let crates: Vec<_> = manifest["dependencies"].as_table().unwrap().keys().cloned().collect();
    let rows = table("## Dependencies");
    let named: Vec<_> = rows.iter().map(|row| row[0].trim_matches('`').to_owned()).collect();
    assert_eq!(named, crates);
    assert!(rows.iter().all(|row| row.len() == 3 && row.iter().all(|cell| !cell.is_empty())));
    for name in manifest["dev-dependencies"].as_table().unwrap().keys() {
        assert!(README.contains(&format!("`{name}` (")), "{name} is not explained");
    }
}

#[test]
fn what_the_readme_points_to_is_there() {
    let top = Path::new(env!("CARGO_MANIFEST_DIR"));
    for link in README.split("](").skip(1).filter_map(|rest| rest.split(')').next()) {
        assert!(link.starts_with("http") || top.join(link).exists(), "{link}");
    }
}
