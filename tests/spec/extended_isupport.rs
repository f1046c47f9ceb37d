//! IRCv3 draft/extended-isupport.

use crate::stage::Stage;
use crate::support::{has, member, only, pairwise, params, verb};

/// "Servers MUST group all RPL_ISUPPORT messages inside a draft/isupport batch when the batch and
/// draft/extended-isupport capabilities are enabled"; the list is asked for with ISUPPORT.
#[test]
fn isupport_answers_with_the_list_in_a_batch_to_who_has_both_capabilities() {
    for set in pairwise(&["batch", "draft/extended-isupport", "labeled-response"]) {
        let mut stage = Stage::members();
        let anna = member(&mut stage, "anna", &set);
        for command in ["ISUPPORT", "VERSION"] {
            let heard = stage.says(&anna, command);
            let lines = only(&heard, "005");
            assert!(lines.len() > 1, "{set}: {heard:#?}");
            let batched = has(&set, "batch") && has(&set, "draft/extended-isupport");
            let batches = only(&heard, "BATCH");
            assert_eq!(batches.len(), if batched { 2 } else { 0 }, "{set}: {heard:#?}");
            if batched {
                assert_eq!(params(batches[0])[1], "draft/isupport");
                let reference = params(batches[0])[0][1..].to_owned();
                assert_eq!(params(batches[1])[0], format!("-{reference}"));
                let tag = format!("@batch={reference} ");
                assert!(lines.iter().all(|line| line.starts_with(&tag)), "{heard:#?}");
                let inside = heard.iter().skip_while(|l| verb(l) != "BATCH").skip(1);
                let inside = inside.take_while(|l| verb(l) != "BATCH");
                assert!(inside.into_iter().all(|l| verb(l) == "005"), "nothing else is in it");
            }
            assert!(lines.iter().all(|line| params(line)[0] == "anna"));
        }
    }
}

/// "The server MUST NOT send any unbatched RPL_ISUPPORT message while both are enabled", so not in
/// the welcome either.
#[test]
fn the_welcome_is_batched_too() {
    let mut stage = Stage::members();
    let anna = stage.connect();
    let heard = stage.says(
        &anna,
        "CAP REQ :draft/extended-isupport batch\r\nNICK anna\r\nUSER a 0 * :a\r\nCAP END",
    );
    let lines = only(&heard, "005");
    assert!(
        !lines.is_empty() && lines.iter().all(|line| line.starts_with("@batch=")),
        "{heard:#?}"
    );
}

/// "When the capability is enabled by the client, the server MUST accept ISUPPORT commands before
/// connection registration completes"; the first parameter is then `*`, or the nick given.
#[test]
fn before_registration_it_is_for_those_who_asked() {
    let mut stage = Stage::members();
    let anna = stage.connect();
    let heard = stage.says(&anna, "CAP LS 302\r\nISUPPORT");
    assert_eq!(only(&heard, "451").len(), 1, "{heard:#?}");
    assert!(only(&heard, "005").is_empty());
    let heard = stage.says(&anna, "CAP REQ draft/extended-isupport\r\nISUPPORT");
    let lines = only(&heard, "005");
    assert!(!lines.is_empty() && lines.iter().all(|line| params(line)[0] == "*"), "{heard:#?}");
    assert!(lines.iter().any(|line| line.contains(" NETWORK=")), "the same list: {heard:#?}");
    let heard = stage.says(&anna, "NICK anna\r\nUSER a 0 * :a\r\nCAP END");
    assert_eq!(only(&heard, "001").len(), 1, "registration goes on: {heard:#?}");
}
