//! What customers read: short, friendly, and never anything that only staff may know.

use super::{Typing, because, misplaced, words};
use crate::base::text::Line;
use crate::desk::language::text::Text;

/// A sentence for a customer.
pub(super) fn sentence(text: &Text, typing: Typing) -> String {
    match text {
        Text::Greeting(network) => greeting(network, typing),
        Text::ResumeToken(token) => resume_token(token, typing),
        Text::WelcomeBack(true) => "Welcome back. Your place was kept; just go on.".to_owned(),
        Text::WelcomeBack(false) => "Welcome back. Write whenever you like.".to_owned(),
        Text::SeatGone => {
            "That token is no longer good, so this is a new start. Write your question here."
                .to_owned()
        }
        Text::Waiting(department) => {
            format!("Thank you. The {department} team has your message; somebody will be with you.")
        }
        Text::Position { place, minutes, overtaken } => position(*place, *minutes, *overtaken),
        Text::Joined(nick) => format!("{nick} joined"),
        Text::AlsoJoined(nick) => format!("{nick} joined to help as well"),
        Text::HandedOver(nick) => format!("{nick} helps you from here on"),
        Text::AgentLost => {
            "The connection of the person helping you was lost. You are next in line.".to_owned()
        }
        Text::OnHold(within, why) => {
            let why = because(why.as_ref());
            format!("One moment please, at most {}{why}", words(*within))
        }
        Text::OffHold => "Thank you for waiting; we go on now.".to_owned(),
        Text::ConversationClosed => closed(typing),
        Text::RatingThanks => "Thank you for your rating.".to_owned(),
        Text::MailNoted(address) => {
            format!("Noted: you would like the transcript sent to {address}.")
        }
        Text::NobodyHere => {
            "Nobody is here just now. Your message is kept in line and will be read.".to_owned()
        }
        Text::Proposal(nick, what) => proposal(nick.as_str(), what.as_ref()),
        Text::AskingFor(department) => {
            format!("You are now asking for {department}. Write your question here.")
        }
        Text::BotFirst(nick) => {
            format!("{nick} is a program and answers first. Write `human` to reach a person.")
        }
        Text::NotStored => {
            "Your last line could not be kept, so nobody saw it. Please send it again in a minute."
                .to_owned()
        }
        other => misplaced(other),
    }
}

fn greeting(network: &str, typing: Typing) -> String {
    let start = format!("Welcome to {network}. Write your question and somebody will answer.");
    match typing {
        Typing::Irc => start,
        Typing::Plain => format!("{start} Type /help for what else you can do."),
    }
}

fn resume_token(token: &str, typing: Typing) -> String {
    let keep = "Keep it to yourself.";
    match typing {
        Typing::Irc => format!(
            "To come back here after a lost connection, connect with the server password \
             resume:{token} (PASS resume:{token}). {keep}"
        ),
        Typing::Plain => format!(
            "To come back here after a lost connection, connect again and type \
             /resume resume:{token} - {keep}"
        ),
    }
}

fn position(place: usize, minutes: Option<(u32, Option<u32>)>, overtaken: bool) -> String {
    let place = match place {
        0 | 1 => "You are next in line".to_owned(),
        place => format!("You are number {place} in line"),
    };
    let wait = match minutes {
        None => String::new(),
        Some((_, Some(0 | 1))) => ", about a minute".to_owned(),
        Some((least, Some(most))) if least >= most => format!(", about {most} minutes"),
        Some((least, Some(most))) => format!(", about {least} to {most} minutes"),
        Some((0 | 1, None)) => ", more than a minute".to_owned(),
        Some((least, None)) => format!(", more than {least} minutes"),
    };
    let overtaken = if overtaken { " An urgent case came first; sorry." } else { "" };
    format!("{place}{wait}.{overtaken}")
}

fn closed(typing: Typing) -> String {
    let (rate, email) = match typing {
        Typing::Irc => ("/msg desk RATE 5 thanks", "/msg desk EMAIL you@example.com"),
        Typing::Plain => ("/rate 5 thanks", "/email you@example.com"),
    };
    format!(
        "This conversation is closed. To rate it from 1 to 5: {rate} - for the transcript by \
         mail: {email} - a new line begins a new conversation."
    )
}

fn proposal(nick: &str, what: Option<&Line>) -> String {
    match what {
        Some(what) if !what.as_str().is_empty() => format!("{nick} asks: {what}"),
        Some(_) | None => format!("{nick} is here if you have a question. Just write."),
    }
}
