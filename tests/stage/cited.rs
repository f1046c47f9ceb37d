//! Tables that name the cases which judge something: that each of these is a test.

use std::fs;
use std::path::Path;

/// Fails unless `case`, a file below tests/ without its ending, `::` and a function, is a test there.
pub(crate) fn is_test(case: &str) {
    let (file, function) = case.split_once("::").unwrap();
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests").join(file).with_extension("rs");
    let text = fs::read_to_string(path).unwrap_or_else(|why| panic!("{case}: {why}"));
    let lines: Vec<&str> = text.lines().map(str::trim_start).collect();
    let named = format!("fn {function}(");
    let at = lines.iter().position(|line| line.contains(&named));
    let at = at.unwrap_or_else(|| panic!("{case} is not there"));
    let marked = lines[at.saturating_sub(2)..at].iter().any(|line| line.ends_with("test]"));
    assert!(marked, "{case} is no test");
}
