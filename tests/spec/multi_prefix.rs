//! IRCv3 multi-prefix.

use crate::stage::Stage;
use crate::support::{has, member, only, pairwise, params};

/// "When enabled, all prefixes are sent in NAMES, WHO and WHOIS, from highest to lowest; without it,
/// only the highest."
#[test]
fn every_rank_is_shown_to_who_asked_for_it_and_the_highest_to_others() {
    for set in pairwise(&["multi-prefix", "userhost-in-names", "no-implicit-names"]) {
        let mut stage = Stage::members();
        let anna = member(&mut stage, "anna", &set);
        stage.says(&anna, "JOIN #x\r\nMODE #x +v anna");
        let rank = if has(&set, "multi-prefix") { "@+" } else { "@" };
        let names = stage.says(&anna, "NAMES #x");
        let shown = params(only(&names, "353")[0])[3].clone();
        let name = shown.split('!').next().unwrap();
        assert_eq!(name, format!("{rank}anna"), "{set}: {shown}");
        assert_eq!(shown.contains('!'), has(&set, "userhost-in-names"), "{set}: {shown}");
        let who = stage.says(&anna, "WHO #x");
        assert_eq!(params(only(&who, "352")[0])[6], format!("H{rank}"), "{set}");
        let whois = stage.says(&anna, "WHOIS anna");
        assert_eq!(params(only(&whois, "319")[0])[2].trim(), format!("{rank}#x"), "{set}");
    }
}
