//! Modern IRC "Server Queries and Commands": VERSION, TIME, ADMIN, INFO, MOTD, LINKS, and the old ones.

use crate::stage::Stage;
use crate::support::{member, only, operator, pairwise, params, verb};
use switchboard::base::text::Line;

/// The verbs without repetitions and without what a label adds.
fn verbs(heard: &[String]) -> Vec<String> {
    let mut verbs: Vec<String> = heard.iter().map(|line| verb(line)).collect();
    verbs.dedup();
    verbs
}

/// "the given server SHOULD respond with one RPL_VERSION reply and one or more RPL_ISUPPORT replies";
/// ADMIN "with RPL_ADMINME, RPL_ADMINLOC1, RPL_ADMINLOC2, and RPL_ADMINEMAIL"; INFO "zero or more
/// RPL_INFO replies, followed by one RPL_ENDOFINFO"; LINKS "mark the end … using RPL_ENDOFLINKS".
#[test]
fn each_has_its_numerics_in_order() {
    for set in pairwise(&["message-tags", "server-time"]) {
        let mut stage = Stage::members();
        stage.info_mut().admin = ["Anna", "Room 7", "root@irc.test"].map(Line::scrubbed).to_vec();
        stage.info_mut().motd = ["Be kind.", "", "Ask away."].map(Line::scrubbed).to_vec();
        let anna = stage.connect();
        stage.says(&anna, &format!("CAP REQ :{set}\r\nNICK anna\r\nUSER a 0 * :a\r\nCAP END"));
        for (line, expected) in [
            ("VERSION", vec!["351", "005"]),
            ("TIME", vec!["391"]),
            ("ADMIN", vec!["256", "257", "258", "259"]),
            ("INFO", vec!["371", "374"]),
            ("MOTD", vec!["375", "372", "376"]),
            ("LINKS", vec!["364", "365"]),
            ("TRACE", vec!["262"]),
            ("USERS", vec!["446"]),
            ("SUMMON", vec!["445"]),
        ] {
            assert_eq!(verbs(&stage.says(&anna, line)), expected, "{set}: {line}");
        }
        let motd = stage.says(&anna, "MOTD");
        let lines: Vec<String> =
            only(&motd, "372").iter().map(|line| params(line)[1].clone()).collect();
        assert_eq!(lines, ["- Be kind.", "- ", "- Ask away."]);
    }
}

/// "If the MOTD does not exist … ERR_NOMOTD"; 423 where nobody is named.
#[test]
fn what_is_not_set_is_said_so() {
    let mut stage = Stage::members();
    let anna = member(&mut stage, "anna", "");
    assert_eq!(verbs(&stage.says(&anna, "MOTD")), ["422"]);
    assert_eq!(verbs(&stage.says(&anna, "ADMIN")), ["423"]);
}

/// "If target is given and a matching server cannot be found, the server will respond with the
/// ERR_NOSUCHSERVER numeric and the command will fail"; "Wildcards are allowed".
#[test]
fn another_server_is_402_and_this_one_by_name_or_mask_is_meant() {
    let mut stage = Stage::members();
    let anna = member(&mut stage, "anna", "");
    for command in ["VERSION", "TIME", "ADMIN", "INFO", "MOTD", "TRACE"] {
        let alone = verbs(&stage.says(&anna, command));
        for target in ["irc.test", "IRC.TEST", "*.test", "i?c.*", "anna"] {
            let heard = stage.says(&anna, &format!("{command} {target}"));
            assert_eq!(verbs(&heard), alone, "{command} {target}");
        }
        for target in ["nosuchserver", "*.example", "irc.test.example"] {
            let heard = stage.says(&anna, &format!("{command} {target}"));
            assert_eq!(verbs(&heard), ["402"], "{command} {target}");
            assert_eq!(params(&heard[0])[1], target);
        }
    }
    assert_eq!(verbs(&stage.says(&anna, "LINKS *.example")), ["365"]);
    assert_eq!(verbs(&stage.says(&anna, "LINKS *.test")), ["364", "365"]);
    assert_eq!(verbs(&stage.says(&anna, "LINKS nowhere.example *")), ["402"]);
}

/// ERR_NOPRIVILEGES for what links servers; there is one.
#[test]
fn servers_are_not_linked() {
    let mut stage = Stage::members();
    let (anna, op) = (member(&mut stage, "anna", ""), operator(&mut stage, "op", ""));
    for line in ["CONNECT eff.org", "SQUIT eff.org :bad link"] {
        assert_eq!(verbs(&stage.says(&anna, line)), ["481"], "{line}");
        assert_eq!(verbs(&stage.says(&op, line)), ["481"], "{line}");
    }
    assert_eq!(verbs(&stage.says(&anna, "CONNECT")), ["461"]);
    for line in ["RESTART", "DIE", "SERVICE x"] {
        assert_eq!(verbs(&stage.says(&anna, line)), ["421"], "{line}");
    }
}
