//! The desk's transcripts: what each person sees of each behaviour, as text anybody can read.
//!
//! `tests/desk/*.txt` holds one behaviour each. Every transcript is played on the desk alone, where each
//! command is also undone and done again, through the IRC face, and with customers at the plain face;
//! after every step the journal is replayed and compared. Those that turn no clock are played over
//! sockets, too. `TRANSCRIPT=name` plays one.

#[path = "desk/direct.rs"]
mod direct;
#[path = "desk/driver.rs"]
mod driver;
#[path = "desk/durable.rs"]
mod durable;
#[path = "desk/faces.rs"]
mod faces;
#[path = "desk/heard.rs"]
mod heard;
#[path = "desk/memory.rs"]
mod memory;
#[path = "desk/names.rs"]
mod names;
#[path = "desk/play.rs"]
mod play;
#[path = "desk/script.rs"]
mod script;
#[path = "desk/sockets.rs"]
mod sockets;

use driver::Driver;
use memory::{MakeVoice, Memory};
use script::Script;
use sockets::Sockets;
use std::fs;
use std::path::Path;

/// Plays every transcript that `cast` finds a driver for, and tells everything that is wrong at once.
fn play_all(cast: impl Fn(&Script) -> Option<Box<dyn Driver>>) {
    let directory = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/desk");
    let mut files: Vec<_> = fs::read_dir(directory)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.extension().is_some_and(|e| e == "txt"))
        .collect();
    files.sort();
    let wanted = std::env::var("TRANSCRIPT").unwrap_or_default();
    let (mut wrong, mut played) = (Vec::new(), 0);
    for path in files.iter().filter(|p| p.to_string_lossy().contains(&wanted)) {
        let file = format!("tests/desk/{}", path.file_name().unwrap().to_string_lossy());
        match script::parse(&fs::read_to_string(path).unwrap()) {
            Err((line, what)) => wrong.push(format!("{file}:{line}: {what}")),
            Ok(script) => {
                let Some(mut driver) = cast(&script) else { continue };
                played += 1;
                wrong.extend(play::check(&file, &script, driver.as_mut()));
            }
        }
    }
    assert!(wrong.is_empty(), "{} complaints:\n{}", wrong.len(), wrong.join("\n"));
    println!("{played} transcripts played");
}

fn in_memory(name: &'static str, make: MakeVoice) {
    play_all(|script| {
        let meant = script.only.is_empty() || script.only.iter().any(|driver| driver == name);
        meant.then(|| Box::new(Memory::new(name, make, script)) as Box<dyn Driver>)
    });
}

#[test]
fn transcripts_hold_on_the_desk_alone() {
    in_memory("desk", direct::voice);
}

#[test]
fn transcripts_hold_through_the_irc_face() {
    in_memory("irc", faces::irc);
}

#[test]
fn transcripts_hold_with_customers_at_the_plain_face() {
    in_memory("plain", faces::plain);
}

#[test]
fn transcripts_hold_over_sockets() {
    play_all(|script| {
        let can = sockets::can_play(script);
        can.then(|| Box::new(Sockets::new(memory::settings(script))) as Box<dyn Driver>)
    });
}
