//! IRCv3 no-implicit-names.

use crate::stage::Stage;
use crate::support::{has, member, pairwise, verb};

/// "servers MUST NOT send implicit NAMES responses (RPL_NAMREPLY, RPL_ENDOFNAMES) when the client joins",
/// and NAMES when asked for is as ever (fact 58).
#[test]
fn joining_brings_no_names_unless_asked_for() {
    for set in
        pairwise(&["no-implicit-names", "multi-prefix", "userhost-in-names", "extended-join"])
    {
        let mut stage = Stage::members();
        let anna = member(&mut stage, "anna", "");
        let zed = member(&mut stage, "zed", &set);
        stage.says(&anna, "JOIN #x\r\nTOPIC #x :tea");
        let came: Vec<String> = stage.says(&zed, "JOIN #x").iter().map(|l| verb(l)).collect();
        let names: &[&str] = if has(&set, "no-implicit-names") { &[] } else { &["353", "366"] };
        assert_eq!(came, [&["JOIN", "332", "333"], names].concat(), "{set}");
        let asked: Vec<String> = stage.says(&zed, "NAMES #x").iter().map(|l| verb(l)).collect();
        assert_eq!(asked, ["353", "366"], "{set}");
        stage.says(&zed, "PART #x\r\nCAP REQ :-no-implicit-names");
        assert_eq!(stage.says(&zed, "JOIN #x").len(), 5, "{set}: off again");
    }
}
