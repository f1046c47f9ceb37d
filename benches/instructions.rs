//! What the floors cost, in instructions: the same on a busy machine as on a quiet one.
//!
//! `cargo bench --profile counts --bench instructions [-- ROW…]` runs itself under `valgrind --tool=callgrind` once
//! for each row and prints a table; the profiles stay in `target/callgrind/` for `callgrind_annotate`. Each
//! row counts only what happens inside certain functions, without what led to the scenario. Figures: benches/RESULTS.md.

#[path = "instructions/probes.rs"]
mod probes;
#[path = "instructions/world.rs"]
mod world;

use std::path::Path;
use std::process::Command;

/// A row of the table: its name, the functions it counts, the scenario it runs (so many rounds; how
/// many units that was), and what one unit is.
struct Row {
    name: &'static str,
    counted: &'static [&'static str],
    run: fn(usize) -> u64,
    unit: &'static str,
}

const fn row(
    name: &'static str,
    counted: &'static [&'static str],
    run: fn(usize) -> u64,
    unit: &'static str,
) -> Row {
    Row { name, counted, run, unit }
}

const ROWS: &[Row] = &[
    row("frame", &["*counted_frame*"], world::frame, "line"),
    row("parse", &["*counted_parse*"], world::parse, "line"),
    row("line", &["*IrcFace>::line"], world::talk, "message"),
    row("desk", &["*desk::Desk::handle"], world::talk, "message"),
    row("undo", &["*State::mark", "*State::confirm"], world::talk, "message"),
    row("encode", &["*IrcFace>::notice"], world::talk, "message"),
    row("node", &["*counted_node*"], world::talk, "message"),
    row("journal", &["*counted_journal*"], world::journal, "event"),
    row("fanout", &["*counted_node*"], world::fanout, "delivery"),
];

/// Rounds that are counted.
const ROUNDS: usize = 3;

fn main() {
    let words: Vec<String> = std::env::args().skip(1).collect();
    if let [flag, name, rounds] = &words[..]
        && flag == "--inside"
    {
        let row = ROWS.iter().find(|row| row.name == name).expect("a row of that name");
        println!("units {}", (row.run)(rounds.parse().unwrap()));
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

/// The instructions of one unit: those of some rounds less those of none, over their units.
fn count(row: &Row) -> f64 {
    let (without, _) = run(row, 0);
    let (with, units) = run(row, ROUNDS);
    (with - without) / units
}

/// Runs a row under valgrind: instructions and units.
fn run(row: &Row, rounds: usize) -> (f64, f64) {
    let directory = Path::new(env!("CARGO_TARGET_TMPDIR")).join("../callgrind");
    std::fs::create_dir_all(&directory).unwrap();
    let file = directory.join(row.name);
    let output = Command::new("valgrind")
        .arg("--tool=callgrind")
        .args(row.counted.iter().map(|name| format!("--toggle-collect={name}")))
        .arg(format!("--callgrind-out-file={}", file.display()))
        .arg(std::env::current_exe().unwrap())
        .args(["--inside", row.name, &rounds.to_string()])
        .output()
        .expect("valgrind is installed");
    let (said, counted) =
        (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    assert!(output.status.success(), "{said}{counted}");
    let after = |text: &str, mark: &str| -> f64 {
        let from = text.find(mark).unwrap_or_else(|| panic!("no {mark}: {text}")) + mark.len();
        text[from..].split_whitespace().next().unwrap().parse().unwrap()
    };
    (after(&counted, "Collected :"), after(&said, "units "))
}
