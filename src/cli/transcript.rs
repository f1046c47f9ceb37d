//! `switchboard transcript`: what was said, read beside a running server.

use super::{Failure, answer};
use crate::base::ids::ConversationId;
use crate::config::Config;
use crate::store::sqlite::SqliteArchive;
use crate::store::{Archive, Episode, Fault, Which};
use crate::transcript::{Audience, Format, render};

#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// A conversation's number, or a channel; its `#` may be left out, since shells take it for a comment
    #[arg(value_name = "CHANNEL|ID")]
    which: String,
    /// text, json (one object a line for each conversation) or html (one conversation)
    #[arg(long, default_value = "text", value_parser = format)]
    format: Format,
    /// customer: what the customer may read; audit: everything, with who did it and why
    #[arg(long, default_value = "customer", value_parser = audience)]
    audience: Audience,
}

fn format(name: &str) -> Result<Format, String> {
    Format::parse(name).ok_or_else(|| "a format is text, json or html".into())
}

fn audience(name: &str) -> Result<Audience, String> {
    Audience::parse(name).ok_or_else(|| "an audience is customer or audit".into())
}

/// Opens the conversations of this config for reading.
pub(super) fn open(config: &Config) -> Result<SqliteArchive, Failure> {
    SqliteArchive::open(config.database()).map_err(unreadable)
}

pub(super) fn unreadable(fault: Fault) -> Failure {
    Failure::new(
        format!("the conversations cannot be read: {fault}"),
        "see whether data_dir in [server] is that of the running server, and may be read by you",
    )
}

pub(super) fn run(config: &Config, args: &Args) -> Result<(), Failure> {
    let episodes = open(config)?.episodes(&which(&args.which)).map_err(unreadable)?;
    answer(&sheets(&episodes, args)?);
    Ok(())
}

/// What the word on the command line means: a number is a conversation, all else a channel.
fn which(word: &str) -> Which {
    match word.parse() {
        Ok(number) => Which::Conversation(ConversationId(number)),
        Err(_) if word.starts_with('#') => Which::Channel(word.into()),
        Err(_) => Which::Channel(format!("#{word}")),
    }
}

fn sheets(episodes: &[Episode], args: &Args) -> Result<String, Failure> {
    if episodes.is_empty() {
        return Err(Failure::new(
            format!("there is no conversation {:?}", args.which),
            "give a conversation's number, or the channel's name as agents see it",
        ));
    }
    if args.format == Format::Html && episodes.len() > 1 {
        let numbers: Vec<_> =
            episodes.iter().map(|episode| episode.conversation.to_string()).collect();
        return Err(Failure::new(
            format!("{} holds {} conversations and an HTML page one", args.which, episodes.len()),
            format!("give one by its number: {}", numbers.join(" ")),
        ));
    }
    let mut out = String::new();
    for episode in episodes {
        if !out.is_empty() && args.format == Format::Text {
            out.push_str("\n----\n\n");
        }
        out.push_str(&render(episode, args.audience, args.format));
        if !out.ends_with('\n') {
            out.push('\n');
        }
    }
    Ok(out)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::time::Timestamp;

    fn episode(number: u64) -> Episode {
        Episode {
            conversation: ConversationId(number),
            channel: "#c-anna-7k2f".into(),
            opened: Timestamp(0),
            closed: None,
            events: Vec::new(),
        }
    }

    fn args(format: Format) -> Args {
        Args { which: "c-anna-7k2f".into(), format, audience: Audience::Audit }
    }

    #[test]
    fn a_number_is_a_conversation_and_a_name_a_channel() {
        assert_eq!(which("7"), Which::Conversation(ConversationId(7)));
        assert_eq!(which("#c-anna-7k2f"), Which::Channel("#c-anna-7k2f".into()));
        assert_eq!(which("c-anna-7k2f"), Which::Channel("#c-anna-7k2f".into()));
    }

    #[test]
    fn no_conversation_is_a_failure() {
        let failure = sheets(&[], &args(Format::Text)).unwrap_err();
        assert!(failure.to_string().contains("no conversation \"c-anna-7k2f\""), "{failure}");
    }

    #[test]
    fn several_conversations_follow_each_other_except_in_html() {
        let two = [episode(7), episode(9)];
        assert_eq!(sheets(&two, &args(Format::Json)).unwrap().lines().count(), 2);
        assert!(sheets(&two, &args(Format::Text)).unwrap().contains("\n----\n"));
        let failure = sheets(&two, &args(Format::Html)).unwrap_err();
        assert!(failure.to_string().ends_with("by its number: 7 9"), "{failure}");
        assert!(sheets(&two[..1], &args(Format::Html)).is_ok());
    }
}
