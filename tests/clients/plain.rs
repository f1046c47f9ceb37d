//! Customers without an IRC client, and a bot that is twenty lines of shell.

use crate::screen::Screen;
use crate::stage::{PASSWORD, Stage};
use crate::story::announced;
use crate::verbs::irssi_by_sasl;
use std::fs;

/// An agent who answers this customer once, and closes.
fn served(stage: &Stage, customer: &Screen, bob: &Screen) -> String {
    bob.irssi_window("#support");
    let channel = announced(bob);
    bob.type_line(&format!("/join {channel}"));
    bob.shows("is yours");
    customer.shows("bob joined");
    bob.type_line("Grüße: what is it?");
    customer.shows("Grüße: what is it?");
    customer.type_line("It is fine now");
    bob.shows("> It is fine now");
    bob.type_line("!close solved");
    bob.shows("is closed");
    stage.says(&["transcript", &channel])
}

#[test]
#[ignore = "drives real clients"]
fn telnet_is_a_client() {
    let stage = Stage::new("", &["irssi", "telnet"]);
    stage.account("bob", "agent");
    let bob = irssi_by_sasl(&stage, "bob");
    let customer = stage.open(&format!("telnet 127.0.0.1 {}", stage.plain));
    customer.shows("Welcome to Switchboard");
    // Telnet's own words to the server: options, and a question whether it is there.
    customer.key("C-]");
    customer.shows("telnet>");
    customer.type_line("send ayt");
    customer.key("C-]");
    customer.type_line("send do 1");
    customer.type_line("Is anybody there?");
    let transcript = served(&stage, &customer, &bob);
    customer.shows("This conversation is closed");
    assert!(transcript.contains("> Is anybody there?\n"), "{transcript}");
    assert!(transcript.contains("> It is fine now\n"), "{transcript}");
    assert_eq!(transcript.matches("guest-").count(), 4, "{transcript}");
    let odd = |c: char| c.is_control() && c != '\n';
    assert!(!transcript.contains(odd) && !transcript.contains('\u{fffd}'), "{transcript:?}");
    customer.type_line("/quit");
    customer.shows("Connection closed by foreign host");
}

#[test]
#[ignore = "drives real clients"]
fn openssl_is_a_client() {
    let stage = Stage::new("", &["irssi", "openssl"]);
    stage.account("bob", "agent");
    let bob = irssi_by_sasl(&stage, "bob");
    let line = format!("openssl s_client -quiet -connect 127.0.0.1:{} 2>/dev/null", stage.tls);
    let customer = stage.open(&line);
    customer.type_line("NICK anna");
    customer.type_line("USER anna 0 * :Anna");
    customer.shows(" 001 anna-");
    let joined = customer.shows(" JOIN ");
    let own = joined[joined.find("#c-anna-").unwrap()..].split(' ').next().unwrap().to_owned();
    customer.type_line(&format!("PRIVMSG {own} :Is anybody there?"));
    bob.irssi_window("#support");
    assert_eq!(announced(&bob), own);
    bob.type_line(&format!("/join {own}"));
    bob.shows("is yours");
    bob.type_line("Yes, I am");
    customer.shows(&format!("PRIVMSG {own} :Yes, I am"));
    customer.type_line("QUIT :bye");
    customer.shows("ERROR ");
}

/// A bot: signs in, answers `hello`, hands over at anything else, and tries to speak once more.
const BOT: &str = r#"
exec 3<>/dev/tcp/127.0.0.1/$PORT
printf 'PASS triage:%s\r\nNICK triage\r\nUSER triage 0 * :a bot\r\n' "$PASSWORD" >&3
while IFS= read -r line <&3; do
    line=${line%$'\r'}
    echo "$line"
    read -r from verb target words <<<"$line"
    [ "$from" = PING ] && printf 'PONG %s\r\n' "$verb" >&3
    [ "$verb" = PRIVMSG ] || continue
    case "${words#:}" in
        hello) printf 'PRIVMSG %s :Hello, I am a bot. What is it about?\r\n' "$target" >&3 ;;
        *)
            printf 'RELEASE %s\r\n' "$target" >&3
            printf 'PRIVMSG %s :one more thing\r\n' "$target" >&3
            ;;
    esac
done
"#;

#[test]
#[ignore = "drives real clients"]
fn a_script_is_a_first_responder() {
    let config = "[[department]]\nname = \"support\"\nagents = []\nfirst_responder = \"triage\"\n";
    let stage = Stage::new(config, &["irssi", "nc", "bash"]);
    stage.account("bob", "agent");
    stage.account("triage", "bot");
    fs::write(stage.path().join("bot"), BOT).unwrap();
    let bot = stage.open(&format!("env PORT={} PASSWORD={PASSWORD} bash bot", stage.irc));
    bot.shows(" 001 triage");
    let bob = irssi_by_sasl(&stage, "bob");
    let customer = stage.open(&stage.told("nc 127"));
    customer.shows("Welcome to Switchboard");
    customer.type_line("hello");
    customer.shows("triage> Hello, I am a bot. What is it about?");
    bob.irssi_window("#support");
    customer.type_line("My invoice is wrong");
    let channel = announced_by_bot(&bob);
    bot.shows(" 404 triage ");
    bob.type_line(&format!("/join {channel}"));
    bob.shows("is yours");
    bob.shows("Hello, I am a bot");
    bob.shows("> My invoice is wrong");
    customer.shows("bob");
    bob.type_line("Let me see");
    customer.shows("bob> Let me see");
    customer.lacks("one more thing");
    bob.lacks("one more thing");
}

/// The channel that a bot gave to people.
fn announced_by_bot(screen: &Screen) -> String {
    let line = screen.shows("bot-handed-over");
    line[line.find("#c-").unwrap()..].split(' ').next().unwrap().to_owned()
}
