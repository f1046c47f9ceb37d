//! Channels: JOIN, PART, TOPIC, NAMES, INVITE, KICK. Modern IRC "Channel Operations", RFC 2812 section 3.2.

use crate::stage::Stage;
use crate::support::{member, only, params, signed_in, verb};
use switchboard::base::limits::{CHANLIMIT, CHANNELS_PER_COMMAND, KICKLEN, TOPICLEN};

fn verbs(lines: &[String]) -> Vec<String> {
    lines.iter().map(|line| verb(line)).collect()
}

/// "the server MUST send, in this order: 1. A JOIN message … 2. The channel's topic … and no message if
/// the channel does not have a topic. 3. A list of users currently joined" (fact 12).
#[test]
fn join_is_answered_by_join_topic_and_names_in_this_order() {
    let mut stage = Stage::members();
    let anna = member(&mut stage, "anna", "");
    let made = stage.says(&anna, "JOIN #Tea");
    assert_eq!(verbs(&made), ["JOIN", "353", "366"], "no 331: {made:#?}");
    assert!(made[0].starts_with(":anna!"));
    assert_eq!(params(&made[1]), ["anna", "=", "#Tea", "@anna"]);
    stage.says(&anna, "TOPIC #tea :Earl Grey");
    let zed = member(&mut stage, "zed", "");
    let came = stage.says(&zed, "JOIN #tea");
    assert_eq!(verbs(&came), ["JOIN", "332", "333", "353", "366"]);
    assert_eq!(params(&came[0]), ["#Tea"], "as it was first written");
    assert_eq!(params(&came[1]), ["zed", "#Tea", "Earl Grey"]);
    assert!(params(&came[2])[2].starts_with("anna!"), "{came:#?}");
    assert_eq!(params(&came[3])[3], "@anna zed");
    assert_eq!(verbs(&anna.heard()), ["JOIN"]);
    assert_eq!(stage.says(&zed, "JOIN #TEA"), [""; 0], "being in is no news");
}

/// "353 carries `=`, `@` (secret) or `*` (private) as its second parameter" (fact 12).
#[test]
fn names_tell_whether_a_channel_is_public_private_or_secret() {
    let mut stage = Stage::members();
    let anna = member(&mut stage, "anna", "");
    stage.says(&anna, "JOIN #x");
    for (modes, kind) in [("+p", "*"), ("+s", "@"), ("-p", "@"), ("-s", "=")] {
        stage.says(&anna, &format!("MODE #x {modes}"));
        let names = stage.says(&anna, "NAMES #x");
        assert_eq!(params(only(&names, "353")[0])[1], kind, "{modes}");
    }
}

/// "with the first <key> being used for the first <channel>, the second for the second", keys without
/// spaces or commas (fact 13).
#[test]
fn each_key_is_for_its_own_channel() {
    let mut stage = Stage::members();
    let anna = member(&mut stage, "anna", "");
    let zed = member(&mut stage, "zed", "");
    stage.says(&anna, "JOIN #a,#b,#c\r\nMODE #a +k one\r\nMODE #c +k three");
    let bad = stage.says(&anna, "MODE #b +k :two words\r\nMODE #b +k a,b\r\nMODE #b +k :");
    assert_eq!(verbs(&bad), ["696", "696", "696"], "{bad:#?}");
    let wrong = stage.says(&zed, "JOIN #a,#c three,one");
    assert_eq!(verbs(&wrong), ["475", "475"]);
    let right = stage.says(&zed, "JOIN #a,nonsense,#b,#c one,x,,three");
    let joined: Vec<String> = only(&right, "JOIN").iter().map(|l| params(l)[0].clone()).collect();
    assert_eq!(joined, ["#a", "#b", "#c"], "{right:#?}");
    assert_eq!(only(&right, "403").len(), 1);
    assert_eq!(verbs(&stage.says(&zed, "JOIN\r\nJOIN :")), ["461", "461"]);
}

/// "leave all channels … as though the client had sent a PART command for each".
#[test]
fn join_0_leaves_everything_also_after_a_kick() {
    let mut stage = Stage::members();
    let anna = member(&mut stage, "anna", "");
    let zed = member(&mut stage, "zed", "");
    stage.says(&anna, "JOIN #a");
    stage.says(&zed, "JOIN #a,#b,#c");
    stage.says(&anna, "KICK #a zed");
    zed.heard();
    let left = stage.says(&zed, "JOIN 0");
    assert_eq!(verbs(&left), ["PART", "PART"], "{left:#?}");
    assert_eq!(stage.says(&zed, "JOIN 0"), [""; 0]);
    let mut desk = Stage::new();
    let bob = signed_in(&mut desk, "bob", "");
    let (customer, _, channel) = desk.customer("anna", "");
    desk.says(&customer, &format!("PRIVMSG {channel} :hello"));
    desk.says(&bob, &format!("JOIN {channel}"));
    let left = desk.says(&bob, "JOIN 0");
    assert_eq!(only(&left, "PART").len(), 2, "the department's and the customer's: {left:#?}");
    customer.heard();
    assert_eq!(verbs(&desk.says(&customer, "JOIN 0")), ["482"], "their channel is theirs");
}

/// "If the client cannot join this channel because they would be over their limit, they will receive an
/// ERR_TOOMANYCHANNELS"; 471, 473, 474, 475, 477 by the channel's modes.
#[test]
fn what_bars_a_channel_says_which_mode_it_is() {
    let mut stage = Stage::members();
    let anna = member(&mut stage, "anna", "");
    let zed = member(&mut stage, "zed", "");
    stage.says(&anna, "JOIN #x");
    for (set, unset, code) in [
        ("+i", "-i", "473"),
        ("+k secret", "-k secret", "475"),
        ("+l 1", "-l", "471"),
        ("+b zed", "-b zed!*@*", "474"),
        ("+R", "-R", "477"),
    ] {
        stage.says(&anna, &format!("MODE #x {set}"));
        let refused = stage.says(&zed, "JOIN #x");
        assert_eq!(verbs(&refused), [code], "{set}");
        assert_eq!(params(&refused[0])[..2], ["zed", "#x"]);
        stage.says(&anna, &format!("MODE #x {unset}"));
    }
    assert_eq!(stage.says(&zed, "JOIN #x").len(), 3, "nothing bars any more");
    for n in 0..CHANLIMIT / CHANNELS_PER_COMMAND + 1 {
        let names: Vec<String> = (0..CHANNELS_PER_COMMAND).map(|m| format!("#n{n}-{m}")).collect();
        stage.says(&zed, &format!("JOIN {}", names.join(",")));
    }
    assert_eq!(verbs(&stage.says(&zed, "JOIN #one-more")), ["405"]);
}

/// "<reason> (if it exists) should be on each of these messages"; 403 and 442 for each channel alone.
#[test]
fn part_takes_a_list_and_a_reason() {
    let mut stage = Stage::members();
    let anna = member(&mut stage, "anna", "");
    let zed = member(&mut stage, "zed", "");
    stage.says(&anna, "JOIN #a,#b,#d");
    stage.says(&zed, "JOIN #a,#b");
    anna.heard();
    let left = stage.says(&zed, "PART #a,#none,#d,#b :good night all");
    assert_eq!(verbs(&left), ["PART", "403", "442", "PART"], "{left:#?}");
    let seen = anna.heard();
    assert_eq!(params(&seen[0]), ["#a", "good night all"]);
    assert_eq!(params(&seen[1]), ["#b", "good night all"]);
    assert_eq!(verbs(&stage.says(&zed, "PART\r\nPART ,")), ["461", "461"]);
    let silent = stage.says(&anna, "PART #a");
    assert_eq!(params(&silent[0]), ["#a"], "no reason, no parameter");
}

/// "If <topic> is not given, either RPL_TOPIC or RPL_NOTOPIC is returned … an empty string, the topic will
/// be cleared … every client in that channel (including the author) will receive a TOPIC command".
#[test]
fn topics_are_asked_for_set_and_cleared() {
    let mut stage = Stage::members();
    let anna = member(&mut stage, "anna", "");
    let zed = member(&mut stage, "zed", "");
    stage.says(&anna, "JOIN #x");
    stage.says(&zed, "JOIN #x");
    anna.heard();
    assert_eq!(verbs(&stage.says(&anna, "TOPIC #x")), ["331"]);
    let set = stage.says(&anna, "TOPIC #x :one");
    assert_eq!(params(&set[0]), ["#x", "one"]);
    assert_eq!(verbs(&zed.heard()), ["TOPIC"]);
    assert_eq!(verbs(&stage.says(&zed, "TOPIC #x")), ["332", "333"]);
    assert_eq!(verbs(&stage.says(&zed, "TOPIC #x :mine")), ["482"], "+t is on at first");
    stage.says(&anna, "MODE #x -t");
    zed.heard();
    assert_eq!(verbs(&stage.says(&zed, "TOPIC #x :mine")), ["TOPIC"]);
    let cleared = stage.says(&zed, "TOPIC #x :");
    assert_eq!(params(&cleared[0]), ["#x", ""]);
    assert_eq!(verbs(&stage.says(&zed, "TOPIC #x")), ["331"]);
    let long = stage.says(&zed, &format!("TOPIC #x :{}", "é".repeat(TOPICLEN / 2 + 20)));
    assert_eq!(params(&long[0])[1].len(), TOPICLEN, "cut between characters");
    assert_eq!(
        verbs(&stage.says(&zed, "TOPIC #none\r\nTOPIC #none :x\r\nTOPIC")),
        ["403", "403", "461"]
    );
    stage.says(&zed, "PART #x");
    assert_eq!(verbs(&stage.says(&zed, "TOPIC #x :x\r\nTOPIC #x")), ["442", "332", "333"]);
    stage.says(&anna, "MODE #x +s");
    assert_eq!(verbs(&stage.says(&zed, "TOPIC #x")), ["403"], "a secret is not there");
}

/// NAMES: "If the channel name is invalid or the channel does not exist, one RPL_ENDOFNAMES"; of a secret
/// channel, the same. RFC 2812 section 3.2.5: without a parameter, all that is visible.
#[test]
fn names_are_of_what_one_may_see() {
    let mut stage = Stage::members();
    let anna = member(&mut stage, "anna", "");
    let zed = member(&mut stage, "zed", "");
    stage.says(&anna, "JOIN #open,#hidden\r\nMODE #hidden +s");
    let both = stage.says(&zed, "NAMES #open,#hidden,#none,bad");
    assert_eq!(verbs(&both), ["353", "366", "366", "366", "366"], "{both:#?}");
    let ends: Vec<String> = only(&both, "366").iter().map(|l| params(l)[1].clone()).collect();
    assert_eq!(ends, ["#open", "#hidden", "#none", "bad"]);
    let all = stage.says(&zed, "NAMES");
    assert_eq!(verbs(&all), ["353", "366"], "{all:#?}");
    assert_eq!(params(&all[1])[1], "*");
    assert_eq!(only(&stage.says(&anna, "NAMES"), "353").len(), 2);
    for line in stage.says(&anna, "NAMES #open") {
        assert!(!line.ends_with(' '), "no space at the end (fact 57): {line:?}");
    }
    stage.says(&anna, "MODE anna +i");
    assert_eq!(verbs(&stage.says(&zed, "NAMES #open")), ["366"], "invisible to outsiders");
    stage.says(&zed, "JOIN #open");
    assert_eq!(params(&stage.says(&zed, "NAMES #open")[0])[3], "@anna zed");
}

/// "Only members … ERR_NOTONCHANNEL … SHOULD reject it when the channel has invite-only mode set, and the
/// user is not a channel operator … already on the target channel … ERR_USERONCHANNEL".
#[test]
fn invitations_let_in_only_by_those_who_may() {
    let mut stage = Stage::members();
    let anna = member(&mut stage, "anna", "");
    let zed = member(&mut stage, "zed", "");
    let eve = member(&mut stage, "eve", "");
    stage.says(&anna, "JOIN #x");
    stage.says(&eve, "JOIN #x");
    anna.heard();
    let done = stage.says(&anna, "INVITE zed #x");
    assert_eq!(verbs(&done), ["341"]);
    assert_eq!(params(&done[0]), ["anna", "zed", "#x"]);
    let got = zed.heard();
    assert_eq!(params(&got[0]), ["zed", "#x"]);
    assert!(got[0].starts_with(":anna!") && eve.heard().is_empty());
    for (who, line, code) in [
        (&zed, "INVITE eve #x", "442"),
        (&anna, "INVITE eve #x", "443"),
        (&anna, "INVITE nobody #x", "401"),
        (&anna, "INVITE zed #none", "403"),
        (&anna, "INVITE zed", "461"),
    ] {
        assert_eq!(verbs(&stage.says(who, line)), [code], "{line}");
    }
    // RPL_INVITELIST: the channels one is invited to.
    let list = stage.says(&zed, "INVITE");
    assert_eq!(verbs(&list), ["336", "337"]);
    assert_eq!(params(&list[0]), ["zed", "#x"]);
    stage.says(&anna, "MODE #x +ib zed");
    assert_eq!(only(&stage.says(&zed, "JOIN #x"), "JOIN").len(), 1, "an operator's word counts");
    assert_eq!(verbs(&stage.says(&zed, "INVITE")), ["337"], "used up");
    stage.says(&zed, "PART #x");
    assert_eq!(verbs(&stage.says(&zed, "JOIN #x")), ["474"], "once");
    eve.heard();
    assert_eq!(verbs(&stage.says(&eve, "INVITE zed #x")), ["482"]);
    stage.says(&anna, "MODE #x -i");
    eve.heard();
    assert_eq!(verbs(&stage.says(&eve, "INVITE zed #x")), ["341"]);
    zed.heard();
    assert_eq!(verbs(&stage.says(&zed, "JOIN #x")), ["474"], "a member's invitation is no pardon");
    stage.says(&zed, "AWAY :asleep");
    assert_eq!(verbs(&stage.says(&anna, "INVITE zed #x")), ["341", "301"]);
}

/// An invitation is to a channel, not to a name: a channel made later is another.
#[test]
fn an_empty_channel_vanishes_with_everything_of_it() {
    let mut stage = Stage::members();
    let anna = member(&mut stage, "anna", "");
    let zed = member(&mut stage, "zed", "");
    stage.says(&anna, "JOIN #x\r\nTOPIC #x :old\r\nMODE #x +ikl key 9\r\nMODE #x +b eve");
    stage.says(&anna, "INVITE zed #x\r\nPART #x");
    stage.passes(std::time::Duration::from_secs(1));
    zed.heard();
    assert_eq!(verbs(&stage.says(&anna, "MODE #x\r\nTOPIC #x")), ["403", "403"]);
    let made = stage.says(&anna, "JOIN #x");
    assert_eq!(verbs(&made), ["JOIN", "353", "366"]);
    assert_eq!(params(&stage.says(&anna, "MODE #x")[0])[2..], ["+nt"]);
    assert_eq!(verbs(&stage.says(&anna, "MODE #x b")), ["368"]);
    stage.says(&anna, "MODE #x +i");
    assert_eq!(verbs(&stage.says(&zed, "INVITE")), ["337"]);
    assert_eq!(verbs(&stage.says(&zed, "JOIN #x")), ["473"]);
}

/// "The server MUST NOT send KICK messages with multiple users to clients … If no comment is given, the
/// server SHOULD use a default message"; RFC 2812: as many channels as users, or one channel.
#[test]
fn kick_removes_several_and_tells_of_each() {
    let mut stage = Stage::members();
    let anna = member(&mut stage, "anna", "");
    let zed = member(&mut stage, "zed", "");
    let eve = member(&mut stage, "eve", "");
    stage.says(&anna, "JOIN #a,#b");
    for who in [&zed, &eve] {
        stage.says(who, "JOIN #a,#b");
    }
    anna.heard();
    let out = stage.says(&anna, "KICK #a zed,nobody,eve :enough of this");
    assert_eq!(verbs(&out), ["KICK", "441", "KICK"], "{out:#?}");
    assert_eq!(params(&out[0]), ["#a", "zed", "enough of this"]);
    assert_eq!(params(&out[2]), ["#a", "eve", "enough of this"]);
    zed.heard();
    let plain = stage.says(&anna, "KICK #b,#none zed,eve");
    assert_eq!(params(&plain[0]), ["#b", "zed", "anna"]);
    assert_eq!(verbs(&plain[1..]), ["403"]);
    let long = stage.says(&anna, &format!("KICK #b eve :{}", "x".repeat(400)));
    assert_eq!(params(&long[0])[2].len(), KICKLEN);
    eve.heard();
    stage.says(&zed, "JOIN #b");
    anna.heard();
    for (who, line, code) in [
        (&zed, "KICK #b anna", "482"),
        (&eve, "KICK #b anna", "442"),
        (&eve, "KICK #none anna", "403"),
        (&anna, "KICK #b eve", "441"),
        (&anna, "KICK #b", "461"),
    ] {
        assert_eq!(verbs(&stage.says(who, line)), [code], "{line}");
    }
}
