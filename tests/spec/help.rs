//! Modern IRC "HELP message".

use crate::stage::Stage;
use crate::support::{member, pairwise, params, verb};

/// "reply with a single ERR_HELPNOTFOUND message; or reply with a single RPL_HELPSTART message, then
/// arbitrarily many RPL_HELPTXT messages, then a single RPL_ENDOFHELP"; "the first RPL_HELPTXT message
/// SHOULD be empty".
#[test]
fn help_begins_has_text_and_ends() {
    for set in pairwise(&["message-tags", "standard-replies"]) {
        let mut stage = Stage::members();
        let anna = member(&mut stage, "anna", &set);
        for line in ["HELP", "HELPOP", "HELP PRIVMSG", "help privmsg", "HELPOP JOIN", "HELP KILL"] {
            let heard = stage.says(&anna, line);
            let verbs: Vec<String> = heard.iter().map(|l| verb(l)).collect();
            assert_eq!(verbs.first().map(String::as_str), Some("704"), "{line}");
            assert_eq!(verbs.last().map(String::as_str), Some("706"), "{line}");
            let inner = &verbs[1..verbs.len() - 1];
            assert!(inner.len() > 1 && inner.iter().all(|v| v == "705"), "{line}: {verbs:?}");
            assert_eq!(params(&heard[1])[2], "", "{line}");
        }
        for line in ["HELP nonsense", "HELP :unknown subject", "HELPOP nonsense"] {
            let heard = stage.says(&anna, line);
            assert_eq!((verb(&heard[0]).as_str(), heard.len()), ("524", 1), "{line}");
        }
    }
}

/// "Servers typically have documentation for most of the IRC commands they support": here for all.
#[test]
fn every_command_of_the_list_has_its_own_help() {
    let mut stage = Stage::members();
    let anna = member(&mut stage, "anna", "");
    let index = stage.says(&anna, "HELP");
    let lines = index.iter().filter(|l| verb(l) == "705").map(|l| params(l)[2].clone());
    let names: Vec<String> = lines
        .flat_map(|line| line.split(' ').map(str::to_owned).collect::<Vec<_>>())
        .filter(|word| word.len() > 2 && word.bytes().all(|b| b.is_ascii_uppercase()))
        .collect();
    assert!(names.len() > 40, "{names:?}");
    for name in names {
        assert_eq!(verb(&stage.says(&anna, &format!("HELP {name}"))[0]), "704", "{name}");
    }
}
