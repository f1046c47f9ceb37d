//! The house rules as a test: floors, sizes, headers and banned names over every file of `src`.
//!
//! Each rule is a function from a file to its complaints, and has a test that it can fail.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

#[path = "tidy/source.rs"]
mod source;
use source::{File, block_end, ident_at, is_ident, line_of, places};

/// Which floor each module of the crate's root stands on. Imports go down only; modules of one
/// floor never import each other, except on the top floors, where only cycles are barred.
const FLOORS: &[(&str, u8)] = &[
    ("base", 0),
    ("wire", 1),
    ("desk", 1),
    ("face", 2),
    ("store", 2),
    ("bus", 2),
    ("accounts", 3),
    ("transcript", 3),
    ("guide", 3),
    ("reports", 3),
    ("node", 4),
    ("net", 5),
    ("web", 5),
    ("serve", 6),
    ("config", 6),
    ("telemetry", 6),
    ("cli", 6),
    ("main", 7),
];
/// From this floor up, siblings may know each other.
const SIBLINGS_FROM: u8 = 5;
/// Floors that are values: no clock, no socket, no lock.
const PURE: &[&str] = &["base", "wire", "desk", "face"];
/// Where clocks may be read.
const CLOCKS: &[&str] = &["node", "net", "serve", "cli", "telemetry", "main"];

const FILE_LINES: usize = 600;
const FUNCTION_LINES: usize = 70;

/// What the top of the repository may hold, besides dot files and what `.gitignore` names.
const TOP: &[&str] = &[
    "Cargo.toml",
    "Cargo.lock",
    "src",
    "conf",
    "certs",
    "tests",
    "benches",
    "README.md",
    "rustfmt.toml",
];

/// A name that may not be written, where it may, and what to write instead.
struct Ban {
    name: &'static str,
    allowed_in: &'static [&'static str],
    /// Barred in tests as well.
    tests_too: bool,
    instead: &'static str,
}

const fn ban(name: &'static str, instead: &'static str) -> Ban {
    Ban { name, allowed_in: &[], tests_too: false, instead }
}

const fn clock(name: &'static str) -> Ban {
    let instead =
        "take the moment as an argument (`now: Timestamp`); only the upper floors read clocks";
    Ban { name, allowed_in: CLOCKS, tests_too: true, instead }
}

const BANS: &[Ban] = &[
    Ban { tests_too: true, ..ban("unbounded_channel", "use a bounded channel with a limit") },
    clock("Instant::now"),
    clock("SystemTime::now"),
    clock("Zoned::now"),
    Ban { allowed_in: &["main"], ..ban("process::exit", "return an exit code to main") },
    ban(".unwrap()", "use `let else`, `?` or `unwrap_or`"),
    ban(".expect(", "use `let else`, `?`, or `unreachable!` with the reason"),
    Ban { tests_too: true, ..ban("todo!", "write it, or leave it out") },
    Ban { tests_too: true, ..ban("unimplemented!", "write it, or leave it out") },
    Ban { tests_too: true, ..ban("dbg!", "use tracing on the upper floors, or an assertion") },
];

/// What the pure floors never name.
const IMPURE: &[&str] = &[
    "tokio",
    "std::net::Tcp",
    "TcpStream",
    "TcpListener",
    "UdpSocket",
    "std::fs",
    "fs::",
    "std::thread",
    "thread::",
    "Mutex",
    "RwLock",
    "rand",
    "getrandom",
    "tracing",
    "SystemTime",
    "Instant",
];

/// The modules of the crate's root that the file's code names, and where.
fn imports(file: &File) -> Vec<(usize, String)> {
    let code = &file.product;
    let root = if file.path == "main.rs" { "switchboard" } else { "crate" };
    let mut found = Vec::new();
    for at in places(code, root) {
        if let Some(path) = code[at + root.len()..].strip_prefix("::") {
            found.extend(first_names(path).into_iter().map(|name| (at, name)));
        }
    }
    let climb = "super::".repeat(file.depth());
    for at in places(code, &climb) {
        // `super` as often as the file is deep is the crate's root; a longer run is found once.
        if !code[..at].ends_with("super::") {
            found.extend(first_names(&code[at + climb.len()..]).into_iter().map(|n| (at, n)));
        }
    }
    found
}

/// The first names of a path or of a group of paths.
fn first_names(path: &str) -> Vec<String> {
    let Some(group) = path.strip_prefix('{') else {
        return vec![ident_at(path).to_owned()];
    };
    let (mut depth, mut fresh, mut names) = (0, true, Vec::new());
    for (i, b) in group.bytes().enumerate() {
        match b {
            b'{' => depth += 1,
            b'}' if depth == 0 => break,
            b'}' => depth -= 1,
            b',' if depth == 0 => fresh = true,
            _ if fresh && is_ident(b) => {
                names.push(ident_at(&group[i..]).to_owned());
                fresh = false;
            }
            _ => {}
        }
    }
    names
}

fn floor(module: &str) -> Option<u8> {
    FLOORS.iter().find(|(name, _)| *name == module).map(|(_, floor)| *floor)
}

fn imports_go_down(file: &File) -> Vec<String> {
    let Some(module) = file.module() else { return Vec::new() };
    let Some(own) = floor(module) else {
        return vec![
            file.complain(0, &format!("`{module}` has no floor; name it in tests/tidy.rs")),
        ];
    };
    let mut wrong = Vec::new();
    for (at, to) in imports(file).into_iter().filter(|(_, to)| to != module) {
        let what = match floor(&to) {
            None => format!("`{to}` is no module of the root; name things where they live"),
            Some(other) if other > own => {
                format!("`{module}` is below `{to}`; imports go down only")
            }
            Some(other) if other == own && own < SIBLINGS_FROM => {
                format!("`{module}` and `{to}` share a floor; move what both need down")
            }
            Some(_) => continue,
        };
        wrong.push(file.complain(at, &what));
    }
    wrong
}

/// A cycle among the modules of the root, as a path that ends where it begins.
fn cycle(files: &[File]) -> Option<Vec<String>> {
    let mut graph: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for file in files {
        let Some(module) = file.module() else { continue };
        let to = imports(file).into_iter().map(|(_, to)| to).filter(|to| to != module);
        graph.entry(module.to_owned()).or_default().extend(to);
    }
    fn walk(
        graph: &BTreeMap<String, BTreeSet<String>>,
        path: &mut Vec<String>,
        done: &mut BTreeSet<String>,
    ) -> bool {
        let here = path[path.len() - 1].clone();
        for next in graph.get(&here).into_iter().flatten() {
            let seen = path.contains(next);
            if !seen && done.contains(next) {
                continue;
            }
            path.push(next.clone());
            if seen || walk(graph, path, done) {
                return true;
            }
            path.pop();
        }
        done.insert(here);
        false
    }
    let mut done = BTreeSet::new();
    graph.keys().find_map(|start| {
        let mut path = vec![start.clone()];
        walk(&graph, &mut path, &mut done).then_some(path)
    })
}

fn has_a_header(file: &File) -> Vec<String> {
    if file.text.starts_with("//!") {
        return Vec::new();
    }
    vec![file.complain(0, "begins without `//!`; say what it is and what it must not know")]
}

fn is_short(file: &File) -> Vec<String> {
    let lines = file.text.lines().count();
    if lines <= FILE_LINES {
        return Vec::new();
    }
    vec![file.complain(0, &format!("{lines} lines, at most {FILE_LINES}; move a wall"))]
}

fn functions_are_short(file: &File) -> Vec<String> {
    let code = &file.code;
    let mut long = Vec::new();
    for at in places(code, "fn") {
        let name = ident_at(code[at + 2..].trim_start());
        // Braces inside brackets of the signature are array lengths; `;` there is not its end.
        let mut brackets = 0;
        let open = code.bytes().enumerate().skip(at).find(|(_, b)| {
            match b {
                b'(' | b'[' => brackets += 1,
                b')' | b']' => brackets -= 1,
                b'{' | b';' => return brackets <= 0,
                _ => {}
            }
            false
        });
        let Some((open, b'{')) = open else { continue };
        if name.is_empty() {
            continue;
        }
        let end = block_end(code, open).unwrap_or(code.len());
        let lines = line_of(code, end) - line_of(code, at) + 1;
        if lines > FUNCTION_LINES {
            let what =
                format!("`{name}` has {lines} lines, at most {FUNCTION_LINES}; take it apart");
            long.push(file.complain(at, &what));
        }
    }
    long
}

fn names_nothing_banned(file: &File) -> Vec<String> {
    let mut wrong = Vec::new();
    for ban in BANS {
        if file.module().is_some_and(|module| ban.allowed_in.contains(&module)) {
            continue;
        }
        let code = if ban.tests_too { &file.code } else { &file.product };
        for at in places(code, ban.name) {
            wrong.push(file.complain(at, &format!("`{}`: {}", ban.name, ban.instead)));
        }
    }
    wrong
}

fn pure_floors_are_pure(file: &File) -> Vec<String> {
    if !file.module().is_some_and(|module| PURE.contains(&module)) {
        return Vec::new();
    }
    let mut wrong = Vec::new();
    for name in IMPURE {
        for at in places(&file.code, name) {
            let what =
                format!("`{name}` on a pure floor; take it as an argument, from `node` or above");
            wrong.push(file.complain(at, &what));
        }
    }
    let lines: Vec<&str> = file.text.lines().collect();
    for name in ["HashMap", "HashSet"] {
        for at in places(&file.product, name) {
            let line = lines[line_of(&file.text, at) - 1];
            if line.trim_start().starts_with("use ") || line.contains("// lookup only") {
                continue;
            }
            let what = format!(
                "`{name}` has no order; use BTreeMap or BTreeSet, or mark the line `// lookup only`"
            );
            wrong.push(file.complain(at, &what));
        }
    }
    wrong
}

fn the_root_is_strict(file: &File) -> Vec<String> {
    if file.path != "lib.rs" {
        return Vec::new();
    }
    ["#![forbid(unsafe_code)]", "missing_docs", "unreachable_pub"]
        .into_iter()
        .filter(|lint| !file.code.contains(lint))
        .map(|lint| file.complain(0, &format!("lacks `{lint}`")))
        .collect()
}

/// Every rule that looks at one file.
const RULES: &[fn(&File) -> Vec<String>] = &[
    imports_go_down,
    has_a_header,
    is_short,
    functions_are_short,
    names_nothing_banned,
    pure_floors_are_pure,
    the_root_is_strict,
];

/// The names at the top of the repository that have no business there.
fn strangers<'a>(names: impl Iterator<Item = &'a str>, ignored: &str) -> Vec<String> {
    let ignored = |name: &str| {
        ignored.lines().any(|rule| match rule.strip_prefix('*') {
            Some(end) => name.ends_with(end),
            None => rule.trim_matches('/') == name,
        })
    };
    names
        .filter(|n| !n.starts_with('.') && !n.starts_with("LICENSE") && !TOP.contains(n))
        .filter(|n| !ignored(n))
        .map(str::to_owned)
        .collect()
}

fn read(directory: &Path, prefix: &str, files: &mut Vec<File>) {
    let mut entries: Vec<_> = fs::read_dir(directory).unwrap().map(|e| e.unwrap().path()).collect();
    entries.sort();
    for path in entries {
        let name = format!("{prefix}{}", path.file_name().unwrap().to_string_lossy());
        if path.is_dir() {
            read(&path, &format!("{name}/"), files);
        } else if name.ends_with(".rs") {
            files.push(File::new(&name, &fs::read_to_string(&path).unwrap()));
        }
    }
}

#[test]
fn the_house_is_tidy() {
    let mut files = Vec::new();
    read(&Path::new(env!("CARGO_MANIFEST_DIR")).join("src"), "", &mut files);
    assert!(files.iter().any(|f| f.path == "lib.rs") && files.len() > 10, "src was not read");
    let wrong: Vec<String> = files.iter().flat_map(|f| RULES.iter().flat_map(|r| r(f))).collect();
    assert!(wrong.is_empty(), "{} complaints:\n{}", wrong.len(), wrong.join("\n"));
    assert_eq!(cycle(&files), None, "modules import each other in a circle");
}

#[test]
fn the_top_of_the_repository_is_as_designed() {
    let top = Path::new(env!("CARGO_MANIFEST_DIR"));
    let ignored = fs::read_to_string(top.join(".gitignore")).unwrap_or_default();
    let names: Vec<String> = fs::read_dir(top)
        .unwrap()
        .map(|entry| entry.unwrap().file_name().to_string_lossy().into_owned())
        .collect();
    assert_eq!(strangers(names.iter().map(String::as_str), &ignored), Vec::<String>::new());
}

/// The rules themselves: each accepts the good snippet and complains of the bad one.
mod rules {
    use super::*;

    fn count(rule: fn(&File) -> Vec<String>, path: &str, text: &str) -> usize {
        rule(&File::new(path, text)).len()
    }

    #[test]
    fn imports_up_and_sideways_are_found() {
        let wrong = |path, text| count(imports_go_down, path, text);
        assert_eq!(wrong("desk/talk.rs", "use crate::base::ids::Seq; use super::state;"), 0);
        assert_eq!(wrong("desk/talk.rs", "use crate::face::Face;"), 1);
        assert_eq!(wrong("desk/talk.rs", "use crate::wire::tags;"), 1);
        assert_eq!(wrong("desk/talk.rs", "use crate::{base::ids, wire::{tags, build}, node};"), 2);
        assert_eq!(wrong("desk/talk.rs", "fn f() { super::super::node::run() }"), 1);
        assert_eq!(wrong("desk/mod.rs", "use super::wire;"), 1);
        assert_eq!(
            wrong("desk/mod.rs", "// crate::node\n#[cfg(test)]\nmod t { use crate::node; }"),
            0
        );
        assert_eq!(wrong("desk/talk.rs", "use crate::Everything;"), 1);
        assert_eq!(wrong("cellar/mod.rs", ""), 1);
        assert_eq!(wrong("serve.rs", "use crate::config; use crate::net;"), 0);
        assert_eq!(wrong("net/mod.rs", "use crate::serve;"), 1);
        assert_eq!(wrong("main.rs", "fn main() { switchboard::cli::run(); }"), 0);
    }

    #[test]
    fn cycles_are_found() {
        let files = |one, two| [File::new("serve.rs", one), File::new("config/mod.rs", two)];
        assert_eq!(cycle(&files("use crate::config;", "use crate::base;")), None);
        let found = cycle(&files("use crate::config;", "use crate::serve;")).unwrap();
        assert_eq!(found.first(), found.last());
    }

    #[test]
    fn missing_headers_and_long_files_are_found() {
        assert_eq!(count(has_a_header, "base/a.rs", "//! A.\n"), 0);
        assert_eq!(count(has_a_header, "base/a.rs", "// A.\n"), 1);
        assert_eq!(count(is_short, "base/a.rs", &"\n".repeat(FILE_LINES)), 0);
        assert_eq!(count(is_short, "base/a.rs", &"\n".repeat(FILE_LINES + 1)), 1);
    }

    #[test]
    fn long_functions_are_found() {
        let function = |lines: usize| {
            let body = "let s = (\"}\", '}', '\\'', r#\"}\"#); // }\n".repeat(lines - 2);
            format!("fn f<'a>(x: [u8; 3]) -> &'a str {{\n{body}}}\nfn g();\n")
        };
        assert_eq!(count(functions_are_short, "base/a.rs", &function(FUNCTION_LINES)), 0);
        assert_eq!(count(functions_are_short, "base/a.rs", &function(FUNCTION_LINES + 1)), 1);
    }

    #[test]
    fn banned_names_are_found_with_their_replacement() {
        for (path, bad) in [
            ("node/mod.rs", "let (a, b) = mpsc::unbounded_channel();"),
            ("store/mod.rs", "let t = Instant::now();"),
            ("accounts/mod.rs", "let t = std::time::SystemTime::now();"),
            ("reports.rs", "let t = jiff::Zoned::now();"),
            ("cli/mod.rs", "std::process::exit(1);"),
            ("net/mod.rs", "x.unwrap();"),
            ("net/mod.rs", "x\n    .expect(\"it\");"),
            ("net/mod.rs", "fn f() { todo!() }"),
            ("net/mod.rs", "fn f() { unimplemented!() }"),
            ("net/mod.rs", "#[cfg(test)] mod t { fn f() { dbg!(1); } }"),
        ] {
            let complaints = names_nothing_banned(&File::new(path, bad));
            assert_eq!(complaints.len(), 1, "{bad}");
            assert!(BANS.iter().any(|ban| complaints[0].ends_with(ban.instead)), "{bad}");
        }
        for (path, good) in [
            ("node/mod.rs", "let t = Instant::now();"),
            ("main.rs", "std::process::exit(1);"),
            ("net/mod.rs", "x.unwrap_or(1); y.expect_more(); // .unwrap()\nlet s = \"todo!\";"),
            ("net/mod.rs", "#[cfg(test)]\nmod tests { fn f() { x.unwrap(); } }"),
            ("net/tests.rs", "fn f() { x.expect(\"it\"); }"),
        ] {
            assert_eq!(count(names_nothing_banned, path, good), 0, "{good}");
        }
    }

    #[test]
    fn impure_names_are_found_on_pure_floors() {
        let wrong = |path: &str, text: &str| count(pure_floors_are_pure, path, text);
        for name in IMPURE {
            assert!(wrong("desk/a.rs", &format!("use {name};")) >= 1, "{name}");
        }
        assert!(wrong("face/a.rs", "use std::net::TcpStream;") >= 1);
        assert_eq!(wrong("desk/a.rs", "map: HashMap<u8, u8>,"), 1);
        assert_eq!(wrong("desk/a.rs", "map: HashSet<u8>, // lookup only: by nick"), 0);
        assert_eq!(wrong("desk/a.rs", "use std::collections::HashMap;"), 0);
        assert_eq!(wrong("desk/a.rs", "fn brand(operand: Brand) { offs::of(operand) }"), 0);
        assert_eq!(wrong("desk/a.rs", "/// tokio, Mutex\nlet s = \"rand\";"), 0);
        assert_eq!(wrong("node/a.rs", "use std::sync::Mutex; map: HashMap<u8, u8>,"), 0);
    }

    #[test]
    fn a_lax_root_is_found() {
        let strict = "#![forbid(unsafe_code)]\n#![warn(missing_docs, unreachable_pub)]\n";
        assert_eq!(count(the_root_is_strict, "lib.rs", strict), 0);
        assert_eq!(count(the_root_is_strict, "lib.rs", "// missing_docs"), 3);
    }

    #[test]
    fn strangers_at_the_top_are_found() {
        let names = ["src", ".ci", "LICENSE-MIT", "target", "a.profraw", "notes.txt", "docs"];
        let found = strangers(names.into_iter(), "/target\n/data\n*.profraw\n");
        assert_eq!(found, ["notes.txt", "docs"]);
    }
}
