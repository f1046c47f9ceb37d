//! IRCv3 userhost-in-names.

use crate::stage::Stage;
use crate::support::{has, member, pairwise, params, signed_in};

/// "RPL_NAMREPLY … @nick!ident@host +nick2!ident2@host2": full masks behind the prefixes, on JOIN and NAMES.
#[test]
fn names_are_whole_sources_for_those_who_asked() {
    for set in pairwise(&["userhost-in-names", "multi-prefix", "extended-join"]) {
        let mut stage = Stage::members();
        let bob = signed_in(&mut stage, "bob", "");
        let zed = member(&mut stage, "zed", &set);
        stage.says(&bob, "JOIN #x\r\nMODE #x +v bob");
        let came = stage.says(&zed, "JOIN #x");
        let row = params(came.iter().find(|l| l.contains(" 353 ")).unwrap())[3].clone();
        let words: Vec<&str> = row.split(' ').collect();
        assert_eq!(words.len(), 2, "{set}: {row}");
        let prefix = if has(&set, "multi-prefix") { "@+" } else { "@" };
        if has(&set, "userhost-in-names") {
            assert!(words[0].starts_with(&format!("{prefix}bob!bob@")), "{set}: {row}");
            assert!(words[1].starts_with("zed!~zed@"), "{set}: {row}");
        } else {
            assert_eq!(words, [format!("{prefix}bob").as_str(), "zed"], "{set}");
        }
        let asked = stage.says(&zed, "NAMES #x");
        assert_eq!(params(&asked[0])[3], row, "{set}");
    }
}

/// A crowd takes several lines, none too long, and nobody is left out.
#[test]
fn a_crowd_takes_as_many_lines_as_it_needs() {
    let mut stage = Stage::members();
    let anna = member(&mut stage, "anna", "userhost-in-names");
    stage.says(&anna, "JOIN #x");
    for n in 0..60 {
        let one = member(&mut stage, &format!("somebody-with-a-long-nick-{n}"), "");
        stage.says(&one, "JOIN #x");
    }
    anna.heard();
    let names = stage.says(&anna, "NAMES #x");
    assert!(names.iter().all(|line| line.len() <= 510), "{names:#?}");
    let people: usize =
        names[..names.len() - 1].iter().map(|l| params(l)[3].split(' ').count()).sum();
    assert_eq!(people, 61);
}
