//! `switchboard audit`: what staff, operators and the command line did, read beside a running server.

use super::account::{now, unreadable as no_accounts};
use super::report::{days, moments};
use super::transcript::{open, unreadable};
use super::{Failure, answer};
use crate::accounts::store::AccountStore;
use crate::base::time::utc;
use crate::config::Config;
use crate::store::Archive;
use crate::store::audit::Act;
use jiff::civil::Date;

#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// The first day, as 2026-11-01, in UTC; a week before the last one if left out
    #[arg(long, value_name = "DATE")]
    from: Option<Date>,
    /// The last day, all of it; today if left out
    #[arg(long, value_name = "DATE")]
    to: Option<Date>,
    /// text, or json (one object a line)
    #[arg(long, default_value = "text", value_enum)]
    format: Form,
}

#[derive(Clone, Copy, Debug, clap::ValueEnum)]
enum Form {
    Text,
    Json,
}

pub(super) fn run(config: &Config, args: &Args) -> Result<(), Failure> {
    let (first, last) = days(args.from, args.to, now())?;
    let (begin, end) = moments(first, last)?;
    let mut acts = open(config)?.acts(begin, end).map_err(unreadable)?;
    if config.accounts().exists() {
        let accounts = AccountStore::open(&config.accounts()).map_err(no_accounts)?;
        acts.extend(accounts.acts(begin, end).map_err(no_accounts)?);
    }
    acts.sort_by_key(|act| act.at);
    answer(&match args.format {
        Form::Text if acts.is_empty() => format!("Nothing from {first} to {last}.\n"),
        Form::Text => acts.iter().map(text).collect(),
        Form::Json => acts.iter().map(json).collect(),
    });
    Ok(())
}

fn text(act: &Act) -> String {
    let Act { at, who, act, about, words } = act;
    let line = format!("{}  {who}: {act} {about}", utc(*at));
    match words.is_empty() {
        true => format!("{}\n", line.trim_end()),
        false => format!("{}: {words}\n", line.trim_end()),
    }
}

fn json(act: &Act) -> String {
    let Act { at, who, act, about, words } = act;
    let row = serde_json::json!({
        "at": utc(*at), "who": who, "act": act, "about": about, "words": words,
    });
    format!("{row}\n")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::time::Timestamp;

    #[test]
    fn an_act_is_a_line_in_both_forms() {
        let act = |about: &str, words: &str| Act {
            at: Timestamp(951_782_400_123),
            who: "sue".into(),
            act: "watch".into(),
            about: about.into(),
            words: words.into(),
        };
        assert_eq!(
            text(&act("conversation 7", "")),
            "2000-02-29T00:00:00.123Z  sue: watch conversation 7\n"
        );
        assert_eq!(text(&act("", "why")), "2000-02-29T00:00:00.123Z  sue: watch: why\n");
        let value: serde_json::Value = serde_json::from_str(&json(&act("x", "a\"b"))).unwrap();
        assert_eq!((&value["who"], &value["words"]), (&"sue".into(), &"a\"b".into()));
    }
}
