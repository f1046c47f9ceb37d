//! The story of the product, told by the clients of its people: each types what the server printed.

use crate::screen::Screen;
use crate::stage::{PASSWORD, Stage};

/// The line that the server printed for an agent's client, with this agent's name in it.
fn line_for(stage: &Stage, client: &str, name: &str) -> String {
    stage.told(client).replace("PASSWORD", PASSWORD).replace("bob", name)
}

/// The first customer's channel that is named on this screen.
pub(crate) fn announced(screen: &Screen) -> String {
    let line = screen.shows("NEW #c-");
    let rest = &line[line.find("#c-").unwrap()..];
    rest.split(' ').next().unwrap().to_owned()
}

#[test]
#[ignore = "drives real clients"]
fn a_customer_is_helped_handed_over_and_asked_for_a_rating() {
    let stage = Stage::new("", &["irssi", "weechat", "nc"]);

    // The operator types the printed line; the program asks for the password twice.
    let operator = stage.open("bash --norc");
    operator.type_line(&stage.told(&format!("{} account add bob", Stage::program())));
    for words in ["Password for bob:", "once more:"] {
        operator.shows(words);
        operator.type_line(PASSWORD);
    }
    operator.shows("bob is now an account with the role agent");
    operator.lacks(PASSWORD);
    stage.account("carol", "agent");
    stage.account("sue", "supervisor");

    let bob = stage.open(&line_for(&stage, "irssi -c", "bob"));
    bob.shows("There is no message of the day");
    let customer = stage.open(&stage.told("nc 127"));
    customer.shows("Welcome to Switchboard");
    customer.type_line("My invoice is wrong");
    bob.irssi_window("#support");
    let channel = announced(&bob);
    bob.shows("\"My invoice is wrong\"");
    customer.shows("The support team has your message");

    talk(&bob, &customer, &channel);
    let carol = stage.open(&line_for(&stage, "weechat -r", "carol"));
    hand_over(&bob, &carol, &customer, &channel);
    let sue = stage.open(&line_for(&stage, "irssi -c", "sue"));
    watch(&sue, &carol, &customer, &channel);
    close(&carol, &customer, &channel);
    written(&stage, &channel);
}

/// They talk both ways; what is for staff stays with staff, and is shown in the channel's window.
fn talk(bob: &Screen, customer: &Screen, channel: &str) {
    bob.type_line(&format!("/join {channel}"));
    bob.shows("is yours");
    bob.shows("My invoice is wrong");
    customer.shows("bob joined");
    bob.type_line("Which invoice is it?");
    customer.shows("bob> Which invoice is it?");
    customer.type_line("Number 42");
    bob.shows("> Number 42");
    bob.type_line(&format!("/msg @{channel} she is a regular"));
    bob.type_line("!note pays late");
    bob.shows("is kept; only staff see it");
    bob.type_line("!tranfser carol");
    // The answer stands where the mistake was typed.
    bob.shows("There is no desk command \"tranfser\"");
    bob.type_line("One moment please");
    customer.shows("bob> One moment please");
    for secret in ["regular", "pays late", "tranfser"] {
        customer.lacks(secret);
    }
    assert_eq!(bob.lines("pays late").len(), 1, "{}", bob.text());
}

/// bob offers, carol in WeeChat accepts by joining, and the customer reads one line about it.
fn hand_over(bob: &Screen, carol: &Screen, customer: &Screen, channel: &str) {
    carol.shows("Topic for #support");
    carol.weechat_server();
    bob.type_line("/invite carol");
    carol.shows(&format!("You have been invited to {channel} by bob"));
    bob.type_line("!transfer carol knows invoices");
    bob.shows(&format!("{channel} is offered to carol"));
    carol.shows(&format!("bob offers you {channel}"));
    carol.shows("knows invoices");
    customer.lacks("carol");
    carol.type_line(&format!("/join {channel}"));
    carol.shows("is yours");
    carol.shows("[whisper] she is a regular");
    carol.shows("pays late");
    bob.shows("carol accepted");
    customer.shows("carol helps you from here on");
    carol.type_line("Hello, carol here");
    customer.shows("carol> Hello, carol here");
    customer.type_line("It says 9 euros too much");
    carol.shows("| It says 9 euros too much");
    bob.shows("> It says 9 euros too much");
    bob.type_line("/part");
    carol.shows("bob (bob@staff.switchboard.localhost) has left");
    assert_eq!(customer.lines("carol helps").len(), 1, "{}", customer.text());
}

/// sue sees the channel; in no answer to carol's client is there a trace of her.
fn watch(sue: &Screen, carol: &Screen, customer: &Screen, channel: &str) {
    sue.shows("There is no message of the day");
    sue.type_line(&format!("/quote WATCH {channel}"));
    sue.irssi_window(channel);
    sue.shows("You watch");
    sue.shows("It says 9 euros too much");
    customer.type_line("Are you still there?");
    sue.shows("> Are you still there?");
    carol.shows("| Are you still there?");
    carol.type_line(&format!("/names {channel}"));
    let nick = channel.trim_start_matches("#c-");
    carol.shows(&format!("Nicks {channel}: [@carol +desk {nick}]"));
    carol.lacks("sue");
    carol.type_line(&format!("/who {channel}"));
    carol.type_line("/whois sue");
    carol.weechat_server();
    carol.shows(&format!("[{channel}] carol"));
    carol.shows(&format!("[{channel}] desk"));
    carol.shows("[sue]");
    for line in carol.lines("sue") {
        assert!(!line.contains(channel), "{line}");
    }
    carol.weechat_buffer(channel);
    customer.lacks("sue");
}

/// The KICK of IRC closes; the customer rates, in the same terminal.
fn close(carol: &Screen, customer: &Screen, channel: &str) {
    let nick = channel.trim_start_matches("#c-");
    carol.type_line(&format!("/kick {nick} refunded"));
    carol.shows("is closed (conversation 1)");
    customer.shows("This conversation is closed");
    customer.lacks("refunded");
    customer.type_line("/rate 5 kind and quick");
    customer.shows("Thank you for your rating");
}

/// What the operator can read afterwards.
fn written(stage: &Stage, channel: &str) {
    let audit = stage.says(&["transcript", channel, "--audience", "audit"]);
    let nick = channel.trim_start_matches("#c-");
    for said in [
        &format!(" {nick}> My invoice is wrong"),
        " bob> Which invoice is it?",
        "she is a regular",
        "pays late",
        "carol> Hello, carol here",
        "sue",
        "refunded",
    ] {
        let line = audit.lines().find(|line| line.contains(said));
        let line = line.unwrap_or_else(|| panic!("{said} is not in\n{audit}"));
        let time: Vec<&str> = line.split(' ').next().unwrap().split(':').collect();
        assert!(time.len() == 3 || line.starts_with("Closed"), "no time: {line}");
    }
    let theirs = stage.says(&["transcript", channel, "--audience", "customer"]);
    assert!(theirs.contains("carol> Hello, carol here"), "{theirs}");
    for secret in ["regular", "pays late", "sue", "tranfser", "refunded"] {
        assert!(!theirs.contains(secret), "{secret} is in\n{theirs}");
    }
    let report = stage.says(&["report"]);
    let fives = report.lines().find(|line| line.starts_with("Rated 5 of 5")).unwrap();
    assert!(fives.trim_end().ends_with(" 1"), "{report}");
}
