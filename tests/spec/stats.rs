//! Modern IRC "STATS message".

use crate::stage::{PASSWORD, Stage};
use crate::support::{member, only, operator, params, verb};

/// "u - returns a string showing how long the server has been up", for everybody, and 219 at the end.
#[test]
fn the_time_since_the_start_is_for_everybody() {
    let mut stage = Stage::members();
    let anna = member(&mut stage, "anna", "");
    let heard = stage.says(&anna, "STATS u");
    assert_eq!(heard.iter().map(|l| verb(l)).collect::<Vec<_>>(), ["242", "219"]);
    assert_eq!(params(&heard[1])[1], "u");
    assert_eq!(verb(&stage.says(&anna, "STATS")[0]), "461");
    let heard = stage.says(&anna, "STATS u nowhere.example");
    assert_eq!((verb(&heard[0]).as_str(), heard.len()), ("402", 1));
    assert_eq!(stage.says(&anna, "STATS u irc.*").len(), 2);
    assert_eq!(stage.says(&anna, "STATS y").len(), 1, "a letter that means nothing ends at once");
}

/// "k", "o", "m": ERR_NOPRIVILEGES to others than operators, the rows to them, 219 to all.
#[test]
fn the_rest_is_for_operators() {
    let mut stage = Stage::members();
    let anna = member(&mut stage, "anna", "");
    for letter in ["k", "o", "p", "m", "K", "O"] {
        let heard = stage.says(&anna, &format!("STATS {letter}"));
        assert_eq!(heard.iter().map(|l| verb(l)).collect::<Vec<_>>(), ["481", "219"], "{letter}");
    }
    let op = operator(&mut stage, "op", "");
    let heard = stage.says(&op, "STATS o");
    assert_eq!(params(only(&heard, "243")[0])[1..], ["O", "*", "*", "op"]);
    let heard = stage.says(&op, "STATS p");
    assert!(params(only(&heard, "249")[0])[2].starts_with("op!~op@"), "{heard:?}");
    let heard = stage.says(&op, "STATS m");
    let used: Vec<Vec<String>> = only(&heard, "212").iter().map(|line| params(line)).collect();
    assert!(used.iter().any(|row| row[1] == "OPER" && row[2] == "1"), "{used:?}");
    assert!(!used.iter().any(|row| row[1] == "SQUIT"), "only what was used: {used:?}");
    assert_eq!(only(&heard, "219").len(), 1);
}

/// Promise 2: a customer's answers depend on nothing.
#[test]
fn a_customer_is_told_the_same_at_any_time() {
    let mut stage = Stage::new();
    let (anna, ..) = stage.customer("anna", "");
    let ask = "STATS k\r\nSTATS m\r\nSTATS o\r\nSTATS p";
    let before = stage.says(&anna, ask);
    let root = stage.staff("root", "");
    stage.says(&root, &format!("KLINE 60 203.0.113.7 :x\r\nOPER root {PASSWORD}"));
    assert_eq!(stage.says(&anna, ask), before);
    assert!(before.iter().all(|line| ["481", "219"].contains(&verb(line).as_str())));
}
