//! What the floors cost, in instructions: the same on a busy machine as on a quiet one.
//!
//! `cargo bench --profile counts --bench instructions [-- ROW…]` runs itself under `valgrind --tool=callgrind` once
//! for each row and prints a table; the profiles stay in `target/callgrind/` for `callgrind_annotate`. Each
//! row counts only what happens inside one function named `counted_…`. Figures: benches/RESULTS.md.

#[path = "instructions/probes.rs"]
mod probes;
#[path = "instructions/world.rs"]
mod world;

use std::path::Path;
use std::process::Command;

/// A row of the table: its name, the probe it counts, the scenario it runs, and what one unit is.
struct Row {
    name: &'static str,
    probe: &'static str,
    run: fn() -> u64,
    unit: &'static str,
}

const ROWS: &[Row] = &[
    Row { name: "frame", probe: "counted_frame", run: world::frame, unit: "line" },
    Row { name: "parse", probe: "counted_parse", run: world::parse, unit: "line" },
    Row { name: "line", probe: "counted_line", run: world::talk, unit: "message" },
    Row { name: "desk", probe: "counted_desk", run: world::talk, unit: "message" },
    Row { name: "undo", probe: "counted_undo", run: world::talk, unit: "message" },
    Row { name: "encode", probe: "counted_encode", run: world::talk, unit: "message" },
    Row { name: "node", probe: "counted_node", run: world::talk, unit: "message" },
    Row { name: "journal", probe: "counted_journal", run: world::journal, unit: "event" },
    Row { name: "fanout", probe: "counted_node", run: world::fanout, unit: "delivery" },
];

fn main() {
    let words: Vec<String> = std::env::args().skip(1).collect();
    if let [flag, name] = &words[..]
        && flag == "--inside"
    {
        let row = ROWS.iter().find(|row| row.name == name).expect("a row of that name");
        println!("units {}", (row.run)());
        return;
    }
    if !words.iter().any(|word| word == "--bench") {
        // `cargo test --all-targets` runs every bench without words.
        println!("usage: cargo bench --profile counts --bench instructions [-- ROW...]");
        return;
    }
    let wanted: Vec<&String> = words.iter().filter(|word| !word.starts_with('-')).collect();
    println!("| row | instructions | for one |\n|---|---|---|");
    for row in ROWS.iter().filter(|row| wanted.is_empty() || wanted.iter().any(|w| *w == row.name))
    {
        println!("| {} | {:.0} | {} |", row.name, count(row), row.unit);
    }
}

/// Runs a row under valgrind: the instructions of one unit.
fn count(row: &Row) -> f64 {
    let directory = Path::new(env!("CARGO_TARGET_TMPDIR")).join("../callgrind");
    std::fs::create_dir_all(&directory).unwrap();
    let file = directory.join(row.name);
    let output = Command::new("valgrind")
        .arg("--tool=callgrind")
        .arg(format!("--toggle-collect=*{}*", row.probe))
        .arg(format!("--callgrind-out-file={}", file.display()))
        .arg(std::env::current_exe().unwrap())
        .args(["--inside", row.name])
        .output()
        .expect("valgrind is installed");
    let (said, counted) =
        (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    assert!(output.status.success(), "{said}{counted}");
    let after = |text: &str, mark: &str| -> f64 {
        let from = text.find(mark).unwrap_or_else(|| panic!("no {mark}: {text}")) + mark.len();
        text[from..].split_whitespace().next().unwrap().parse().unwrap()
    };
    after(&counted, "Collected :") / after(&said, "units ")
}
