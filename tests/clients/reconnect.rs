//! The server is killed and started again: clients come back by themselves, and everything is as it was.

use crate::stage::Stage;
use crate::verbs::{claimed, irssi_by_sasl, weechat_by_sasl};

#[test]
#[ignore = "drives real clients"]
fn clients_come_back_to_what_they_had() {
    let mut stage = Stage::new("", &["irssi", "weechat", "nc"]);
    stage.account("bob", "agent");
    stage.account("carol", "agent");
    let bob = irssi_by_sasl(&stage, "bob");
    let carol = weechat_by_sasl(&stage, "carol");
    let (first, bobs) = claimed(&stage, "The page is blank", &bob, true);
    let (_second, carols) = claimed(&stage, "No mail arrives", &carol, false);
    let token = first.shows("/resume resume:");
    let token = token[token.find("/resume").unwrap()..].split(" - ").next().unwrap().to_owned();
    bob.type_line("Which page?");
    first.shows("bob> Which page?");

    // A start prints where to connect on the first run only; the customers' line stays the same.
    let line = stage.told("nc 127");
    stage.kill();
    stage.start();

    bob.shows(&format!("{bobs} is yours again"));
    carol.weechat_buffer(&carols);
    carol.shows(&format!("{carols} is yours again"));
    let first = stage.open(&line);
    first.shows("Welcome to Switchboard");
    first.type_line(&token);
    first.shows("bob> Which page?");
    first.type_line("The start page");
    bob.shows("> The start page");
    bob.type_line("It works again");
    first.shows("bob> It works again");
    for (who, channel) in [(&bob, &bobs), (&carol, &carols)] {
        assert_eq!(who.lines(&format!("{channel} is yours again")).len(), 1, "{}", who.text());
    }
}
