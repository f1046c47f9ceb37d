//! IRCv3 metadata (draft/metadata-2, fact 67).

use crate::stage::{Peer, Stage};
use crate::support::{has, member, only, pairwise, params, signed_in, verb};
use switchboard::desk::settings::{Guests, MetadataSettings, Settings};

const CAPS: &str = "draft/metadata-2 batch standard-replies";

/// The one line of an answer: its verb and parameters, without the nick in front.
fn one(stage: &mut Stage, peer: &Peer, line: &str) -> (String, Vec<String>) {
    let heard = stage.says(peer, line);
    assert_eq!(heard.len(), 1, "{line}: {heard:#?}");
    (verb(&heard[0]), params(&heard[0]))
}

/// The code and context of a FAIL.
fn failed(stage: &mut Stage, peer: &Peer, line: &str) -> Vec<String> {
    let (verb, mut params) = one(stage, peer, line);
    assert_eq!(verb, "FAIL", "{line}: {params:?}");
    assert_eq!(params.remove(0), "METADATA");
    assert!(params.pop().unwrap().contains(' '), "it ends with a sentence");
    params
}

/// The lines within the one batch of an answer, and its parameters.
fn batch(stage: &mut Stage, peer: &Peer, line: &str) -> (Vec<String>, Vec<String>) {
    let mut heard = stage.says(peer, line);
    let (open, close) = (params(&heard.remove(0)), params(&heard.pop().unwrap()));
    assert_eq!(format!("-{}", &open[0][1..]), close[0], "{line}: {heard:#?}");
    let tag = format!("@batch={} ", &open[0][1..]);
    assert!(heard.iter().all(|line| line.starts_with(&tag)), "{line}: {heard:#?}");
    (open[1..].to_vec(), heard)
}

/// "These are the defined tokens": the limits, as they are kept.
#[test]
fn the_limits_are_in_the_value() {
    let mut stage = Stage::members();
    let peer = stage.connect();
    let heard = stage.says(&peer, "CAP LS 302");
    let value = "draft/metadata-2=max-subs=40,max-keys=20,max-value-bytes=280";
    assert!(heard.iter().any(|line| line.contains(value)), "{heard:#?}");
    stage.info_mut().metadata = MetadataSettings { enabled: false, ..Default::default() };
    let peer = stage.connect();
    let heard = stage.says(&peer, "CAP LS 302");
    assert!(!heard.iter().any(|line| line.contains("metadata")), "{heard:#?}");
    let heard = stage.says(&peer, "NICK a\r\nUSER a 0 * :a\r\nCAP END\r\nMETADATA * LIST");
    assert_eq!(only(&heard, "421").len(), 1, "{heard:#?}");
}

/// "If the request is successful, the server carries out the requested change and responds with one
/// RPL_KEYVALUE event"; "if no value is given, the key is removed"; an empty value is a value.
#[test]
fn what_is_set_is_answered_read_and_removed() {
    let mut stage = Stage::members();
    let anna = member(&mut stage, "anna", CAPS);
    let (code, words) = one(&mut stage, &anna, "METADATA * SET url :https://a.example/ x");
    assert_eq!(
        (code.as_str(), &words[1..]),
        ("761", &["*", "url", "*", "https://a.example/ x"].map(String::from)[..])
    );
    let (code, words) = one(&mut stage, &anna, "METADATA anna SET Avatar :");
    assert_eq!((code.as_str(), words[2].as_str(), words[4].as_str()), ("761", "avatar", ""));
    let (kind, rows) = batch(&mut stage, &anna, "METADATA anna GET url avatar nothing $odd");
    assert_eq!(kind, ["metadata", "anna"]);
    let codes: Vec<String> = rows.iter().map(|row| verb(row)).collect();
    assert_eq!(codes, ["761", "761", "766", "FAIL"], "in order: {rows:#?}");
    assert_eq!(params(&rows[3])[..3], ["METADATA", "KEY_INVALID", "$odd"]);
    let (code, words) = one(&mut stage, &anna, "METADATA * SET url");
    assert_eq!((code.as_str(), words[2].as_str()), ("766", "url"));
    assert_eq!(failed(&mut stage, &anna, "METADATA * SET url"), ["KEY_NOT_SET", "*", "url"]);
    let (_, rows) = batch(&mut stage, &anna, "METADATA * LIST");
    assert_eq!(rows.len(), 1, "the empty value is still there: {rows:#?}");
    let (_, rows) = batch(&mut stage, &anna, "METADATA * CLEAR");
    assert_eq!((rows.len(), verb(&rows[0]).as_str()), (1, "766"));
    let (_, rows) = batch(&mut stage, &anna, "METADATA * LIST");
    assert!(rows.is_empty());
}

/// The codes of what fails, and nothing is changed by it.
#[test]
fn what_cannot_be_done_fails_with_its_code() {
    let metadata = MetadataSettings { max_keys: 2, max_value_bytes: 10, ..Default::default() };
    let settings = Settings { guests: Guests::Member, metadata, ..Settings::default() };
    let mut stage = Stage::of(settings);
    let anna = member(&mut stage, "anna", CAPS);
    let _paul = member(&mut stage, "paul", CAPS);
    stage.says(&anna, "METADATA * SET a :1\r\nMETADATA * SET b :2");
    let long = format!("METADATA * SET {} :x", "k".repeat(33));
    for (line, wanted) in [
        ("METADATA * SET c :3", &["LIMIT_REACHED", "*"][..]),
        ("METADATA * SET a :12345678901", &["VALUE_INVALID"]),
        ("METADATA * SET $a$ :1", &["KEY_INVALID", "$a$"]),
        ("METADATA * SET a:b :1", &["KEY_INVALID", "a:b"]),
        (&long, &["KEY_INVALID", &"k".repeat(33)]),
        ("METADATA paul SET a :1", &["KEY_NO_PERMISSION", "paul", "a"]),
        ("METADATA paul CLEAR", &["KEY_NO_PERMISSION", "paul", "*"]),
        ("METADATA nobody SET a :1", &["INVALID_TARGET", "nobody"]),
        ("METADATA #nowhere LIST", &["INVALID_TARGET", "#nowhere"]),
        ("METADATA $a:user GET a", &["INVALID_TARGET", "$a:user"]),
        ("METADATA * destr0y", &["SUBCOMMAND_INVALID", "destr0y"]),
    ] {
        assert_eq!(failed(&mut stage, &anna, line), wanted, "{line}");
    }
    stage.says(&anna, "METADATA * SET a :other");
    let (_, rows) = batch(&mut stage, &anna, "METADATA * LIST");
    assert_eq!(rows.len(), 2, "{rows:#?}");
    assert_eq!(only(&stage.says(&anna, "METADATA * GET"), "461").len(), 1);
    let odd = b"METADATA * SET a :\xff\xfe\r\n";
    stage.bytes(&anna, odd);
    assert!(anna.heard().iter().any(|line| line.contains(" INVALID_UTF8 ")), "not UTF-8");
}

/// "The server MUST process each key in order"; at a full list it "does not process any further
/// keys", and names the first of them.
#[test]
fn subscriptions_are_taken_in_order_up_to_the_limit() {
    let metadata = MetadataSettings { max_subs: 3, ..Default::default() };
    let settings = Settings { guests: Guests::Member, metadata, ..Settings::default() };
    let mut stage = Stage::of(settings);
    let anna = member(&mut stage, "anna", CAPS);
    let (code, words) = one(&mut stage, &anna, "METADATA * SUB avatar website");
    assert_eq!((code.as_str(), &words[1..]), ("770", &["avatar", "website"].map(String::from)[..]));
    let heard = stage.says(&anna, "METADATA * SUB $odd foo website avatar");
    assert_eq!(params(only(&heard, "770")[0])[1..], ["foo"]);
    let fails: Vec<_> = only(&heard, "FAIL").into_iter().map(|line| params(line)).collect();
    assert_eq!(fails[0][1..3], ["KEY_INVALID", "$odd"]);
    assert_eq!(fails[1][1..3], ["TOO_MANY_SUBS", "website"]);
    let (kind, rows) = batch(&mut stage, &anna, "METADATA * SUBS");
    assert_eq!(kind, ["metadata-subs"]);
    assert_eq!(params(&rows[0])[1..], ["avatar", "foo", "website"]);
    let (code, words) = one(&mut stage, &anna, "METADATA * UNSUB foo never");
    assert_eq!((code.as_str(), &words[1..]), ("771", &["foo", "never"].map(String::from)[..]));
    let (_, rows) = batch(&mut stage, &anna, "METADATA * SUBS");
    assert_eq!(params(&rows[0])[1..], ["avatar", "website"]);
}

/// "Clients automatically receive metadata updates for themselves (excluding changes they make
/// themselves), channels they are joined to, and other clients in the channels they are joined to";
/// for those who MONITOR; of keys they subscribed to; with the capability.
#[test]
fn those_are_told_who_share_a_channel_or_monitor_and_asked_for_the_key() {
    for set in pairwise(&["draft/metadata-2", "batch", "server-time"]) {
        let mut stage = Stage::members();
        let anna = member(&mut stage, "anna", &set);
        let near = member(&mut stage, "near", &set);
        let far = member(&mut stage, "far", &set);
        let watching = member(&mut stage, "watching", &set);
        let deaf = member(&mut stage, "deaf", &set);
        stage.says(&anna, "JOIN #x\r\nMETADATA * SUB url");
        for peer in [&near, &deaf] {
            stage.says(peer, "JOIN #x");
        }
        for peer in [&near, &far, &watching] {
            stage.says(peer, "METADATA * SUB url");
        }
        stage.says(&watching, "MONITOR + anna");
        let all = [&anna, &near, &far, &watching, &deaf];
        let told = |stage: &mut Stage, line: &str| {
            all.iter().for_each(|peer| drop(peer.heard()));
            stage.says(&anna, line);
            all.map(|peer| {
                let heard = peer.heard();
                only(&heard, "METADATA").first().map(|line| (line.to_string(), params(line)))
            })
        };
        let wanted = |name: &str| has(&set, "draft/metadata-2") && name == "yes";
        let [own, near, far, watching, deaf] = told(&mut stage, "METADATA * SET url :here");
        assert!(own.is_none() && far.is_none() && deaf.is_none(), "{set}");
        for someone in [near, watching] {
            assert_eq!(someone.is_some(), wanted("yes"), "{set}");
            let Some((line, params)) = someone else { continue };
            assert!(line.contains(":anna!"), "{line}");
            assert_eq!(params, ["anna", "url", "*", "here"]);
        }
        let [_, near, ..] = told(&mut stage, "METADATA * SET url :here");
        assert!(near.is_none(), "nothing changed");
        let [_, near, ..] = told(&mut stage, "METADATA * SET other :x");
        assert!(near.is_none(), "not a key they asked for");
        let [_, near, _, watching, _] = told(&mut stage, "METADATA #x SET url :of the channel");
        assert!(watching.is_none());
        assert_eq!(near.map(|(_, params)| params[0].clone()), wanted("yes").then(|| "#x".into()));
        let [_, near, ..] = told(&mut stage, "METADATA * SET url");
        assert_eq!(near.map(|(_, params)| params.len()), wanted("yes").then_some(3), "removed");
    }
}

/// "On joining a channel, users will get the channel's current metadata … and the same information
/// for all users who are in the channel"; SYNC gives it again; SUB gives what is new.
#[test]
fn joining_subscribing_and_syncing_tell_what_is_set() {
    let mut stage = Stage::members();
    let anna = member(&mut stage, "anna", CAPS);
    stage.says(&anna, "JOIN #x\r\nMETADATA #x SET url :room\r\nMETADATA * SET avatar :face");
    let paul = member(&mut stage, "paul", CAPS);
    let told = |heard: &[String]| -> Vec<Vec<String>> {
        only(heard, "METADATA").into_iter().map(|line| params(line)).collect()
    };
    assert!(told(&stage.says(&paul, "JOIN #x")).is_empty(), "nothing was asked for");
    let heard = stage.says(&paul, "METADATA * SUB avatar");
    assert_eq!(told(&heard), [["anna", "avatar", "*", "face"]]);
    stage.says(&paul, "PART #x\r\nMETADATA * SUB url");
    let heard = stage.says(&paul, "JOIN #x");
    assert_eq!(told(&heard), [["#x", "url", "*", "room"], ["anna", "avatar", "*", "face"]]);
    let (kind, rows) = batch(&mut stage, &paul, "METADATA #x SYNC");
    assert_eq!((kind, rows.len()), (vec!["metadata".to_owned(), "#x".into()], 2));
    let (_, rows) = batch(&mut stage, &paul, "METADATA anna SYNC");
    assert_eq!(params(&rows[0]), ["anna", "avatar", "*", "face"]);
}

/// "Clients can set/delete metadata on channels they administer"; what is hidden is as unknown as
/// what does not exist.
#[test]
fn a_channel_is_its_operators_and_private_ones_their_members() {
    let mut stage = Stage::members();
    let anna = member(&mut stage, "anna", CAPS);
    let paul = member(&mut stage, "paul", CAPS);
    stage.says(&anna, "JOIN #x\r\nMETADATA #x SET url :room");
    let refused = failed(&mut stage, &paul, "METADATA #x SET url :mine");
    assert_eq!(refused, ["KEY_NO_PERMISSION", "#x", "url"]);
    stage.says(&paul, "JOIN #x");
    assert_eq!(failed(&mut stage, &paul, "METADATA #x CLEAR"), ["KEY_NO_PERMISSION", "#x", "*"]);
    stage.says(&paul, "PART #x");
    let (_, rows) = batch(&mut stage, &paul, "METADATA #x LIST");
    assert_eq!(rows.len(), 1);
    stage.says(&anna, "MODE #x +s");
    for command in ["LIST", "GET url", "SET url :x", "SYNC", "CLEAR"] {
        let hidden = failed(&mut stage, &paul, &format!("METADATA #x {command}"));
        let unknown = failed(&mut stage, &paul, &format!("METADATA #q {command}"));
        assert_eq!(hidden, ["INVALID_TARGET", "#x"], "{command}");
        assert_eq!(unknown, ["INVALID_TARGET", "#q"], "{command}");
    }
    stage.says(&anna, "PART #x");
    stage.says(&paul, "JOIN #x");
    let (_, rows) = batch(&mut stage, &paul, "METADATA #x LIST");
    assert!(rows.is_empty(), "it ended with the channel");
}

/// "Upon requesting the capability, clients receive their non-transient metadata in a `metadata`
/// batch with their own nick as target. If none exists, the server MUST send an empty batch."
#[test]
fn an_account_keeps_its_metadata_and_is_told_it_at_the_beginning() {
    let begins = |heard: &[String]| -> (String, Vec<Vec<String>>) {
        let open = heard.iter().find(|line| verb(line) == "BATCH" && line.contains(" metadata "));
        let told = only(heard, "METADATA").into_iter().map(|line| params(line)).collect();
        (params(open.expect("a batch"))[2].clone(), told)
    };
    let mut stage = Stage::members();
    let bob = signed_in(&mut stage, "bob", "batch");
    let heard = stage.says(&bob, "CAP REQ draft/metadata-2");
    assert_eq!(begins(&heard), ("bob".to_owned(), vec![]));
    stage.says(&bob, "METADATA * SET url :https://bob.example\r\nQUIT");
    let again = stage.connect();
    let heard = stage.says(
        &again,
        &format!(
            "CAP REQ :batch draft/metadata-2\r\nPASS bob:{}\r\nNICK bob\r\nUSER b 0 * :b\r\nCAP END",
            crate::stage::PASSWORD
        ),
    );
    let wanted = vec![["bob", "url", "*", "https://bob.example"].map(String::from).to_vec()];
    assert_eq!(begins(&heard), ("bob".to_owned(), wanted));
    // Somebody without an account leaves nothing behind.
    let anna = member(&mut stage, "anna", CAPS);
    stage.says(&anna, "METADATA * SET url :x\r\nQUIT");
    let anna = member(&mut stage, "anna", CAPS);
    assert!(batch(&mut stage, &anna, "METADATA * LIST").1.is_empty());
}

/// What is stored is there after the server begins again.
#[test]
fn what_accounts_and_departments_set_is_in_the_journal() {
    use switchboard::desk::Desk;
    use switchboard::desk::language::metadata::Owner;
    use switchboard::store::Journal;
    let mut stage = Stage::new();
    let bob = signed_in(&mut stage, "bob", CAPS);
    let root = signed_in(&mut stage, "root", CAPS);
    stage.says(&bob, "METADATA * SET url :bob\r\nMETADATA * SET gone :x\r\nMETADATA * SET gone");
    stage.says(&root, "METADATA #support SET url :https://wiki.example");
    let mut desk = Desk::new(Settings::default(), 2);
    stage.disk.journal().replay(&mut |event| desk.replay(&event)).unwrap();
    for (owner, value) in [
        (Owner::Account(switchboard::base::text::Folded::of("bob")), "bob"),
        (Owner::Room(switchboard::base::text::Folded::of("#support")), "https://wiki.example"),
    ] {
        let all: Vec<_> = desk.state().metadata(&owner).collect();
        assert_eq!(all.len(), 1, "{all:?}");
        assert_eq!((&**all[0].0, all[0].1.as_str()), ("url", value));
    }
}

/// A customer has their own, and knows of nobody else's; staff see it, and set none on them.
#[test]
fn customers_and_staff() {
    let mut stage = Stage::new();
    let bob = signed_in(&mut stage, "bob", CAPS);
    stage.says(&bob, "METADATA * SET url :staff\r\nMETADATA * SUB page url");
    let (anna, nick, channel) = stage.customer("anna", CAPS);
    stage.says(&anna, "METADATA * SUB url page\r\nMETADATA * SET page :/pricing");
    stage.says(&anna, &format!("PRIVMSG {channel} :hello"));
    bob.heard();
    stage.says(&bob, &format!("JOIN {channel}"));
    let told = stage.says(&anna, "PING x");
    assert!(only(&told, "METADATA").is_empty(), "{told:#?}");
    stage.says(&bob, "METADATA * SET url :other");
    assert!(only(&anna.heard(), "METADATA").is_empty());
    for target in ["bob", "desk", &channel, "#support", "nobody", "#c-x-7k2f"] {
        for command in ["LIST", "GET url", "SET url :x", "SYNC", "CLEAR"] {
            let line = format!("METADATA {target} {command}");
            assert_eq!(failed(&mut stage, &anna, &line), ["INVALID_TARGET", target], "{line}");
        }
    }
    let (_, rows) = batch(&mut stage, &bob, &format!("METADATA {nick} GET page"));
    assert_eq!(params(&rows[0])[4], "/pricing");
    stage.says(&anna, "METADATA * SET page :/checkout");
    assert_eq!(params(only(&bob.heard(), "METADATA")[0])[..2], [nick.clone(), "page".into()]);
    let refused = failed(&mut stage, &bob, &format!("METADATA {nick} SET page :x"));
    assert_eq!(refused[0], "KEY_NO_PERMISSION");
    let refused = failed(&mut stage, &bob, &format!("METADATA {channel} SET page :x"));
    assert_eq!(refused[0], "KEY_NO_PERMISSION");
}

/// In an auditorium (`+u`) members without rank are not shown to each other, nor is what they set.
#[test]
fn an_auditorium_hides_metadata_with_its_members() {
    let mut stage = Stage::members();
    let anna = member(&mut stage, "anna", CAPS);
    let paul = member(&mut stage, "paul", CAPS);
    let mary = member(&mut stage, "mary", CAPS);
    stage.says(&anna, "JOIN #x\r\nMODE #x +u");
    for peer in [&anna, &paul] {
        stage.says(peer, "METADATA * SUB url");
    }
    stage.says(&paul, "JOIN #x");
    stage.says(&mary, "METADATA * SET url :mine");
    let told = |peer: &Peer| only(&peer.heard(), "METADATA").len();
    told(&anna);
    stage.says(&mary, "JOIN #x");
    assert_eq!((told(&anna), told(&paul)), (1, 0), "the operator sees who comes");
    stage.says(&mary, "METADATA * SET url :other");
    assert_eq!((told(&anna), told(&paul)), (1, 0));
    let (_, rows) = batch(&mut stage, &paul, "METADATA #x SYNC");
    assert!(rows.is_empty(), "{rows:#?}");
}
