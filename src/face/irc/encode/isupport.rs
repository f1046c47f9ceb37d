//! ISUPPORT: what 005 says, from the same limits that are kept. Source: Modern IRC "RPL_ISUPPORT".

use crate::base::limits::{
    AWAYLEN, CHANLIMIT, CHANNELLEN, CHANNELS_PER_COMMAND, HOSTLEN, KEYLEN, KICKLEN, MAXLIST, MODES,
    MONITOR, NICKLEN, REALLEN, TARGETS, TOPICLEN, USERLEN,
};
use crate::desk::settings::Prefixes;
use crate::face::irc::cap::{BATCH, EXTENDED_ISUPPORT};
use crate::face::irc::session::IrcFace;
use crate::wire::build::line;
use crate::wire::numeric::RPL_ISUPPORT;
use std::collections::BTreeSet;

/// User modes, as 004 lists them (`desk::presence` has them).
pub(in crate::face::irc) const USER_MODES: &str = "BRZiosw";
/// Channel modes without a parameter (`desk::rooms::modes` has them).
const FLAGS: &str = "CMRimnpstu";

/// Channel modes as 004 lists them: all, and those that take a parameter.
pub(in crate::face::irc) fn channel_modes(prefixes: Prefixes) -> (String, String) {
    let sorted = |letters: String| {
        let sorted: BTreeSet<char> = letters.chars().collect();
        sorted.into_iter().collect::<String>()
    };
    let with_parameter = format!("kl{}{}", prefixes.lists(), prefixes.letters());
    (sorted(format!("{FLAGS}{with_parameter}")), sorted(with_parameter))
}

/// Tokens of one line: the nick, the text and these are at most 15 parameters.
const TOKENS_PER_LINE: usize = 12;

/// Every token.
pub(in crate::face::irc) fn tokens(face: &IrcFace) -> Vec<String> {
    let several = CHANNELS_PER_COMMAND;
    let prefixes = face.info.prefixes;
    let lists = prefixes.lists().chars().map(|letter| format!("{letter}:{MAXLIST}"));
    let icon = face.info.icon.iter().map(|url| format!("draft/ICON={url}"));
    let mut tokens = vec![
        format!("NETWORK={}", face.info.network.replace(' ', "\\x20")),
        "CASEMAPPING=ascii".to_owned(),
        "CHANTYPES=#".to_owned(),
        format!("PREFIX=({}){}", prefixes.letters(), prefixes.signs()),
        format!("STATUSMSG={}", prefixes.signs()),
        format!("CHANMODES={},k,l,{FLAGS}", prefixes.lists()),
        "EXCEPTS=e".to_owned(),
        "INVEX=I".to_owned(),
        "EXTBAN=~,amq".to_owned(),
        "ACCOUNTEXTBAN=a,account".to_owned(),
        // Each list has its own room.
        format!("MAXLIST={}", lists.collect::<Vec<_>>().join(",")),
        format!("MODES={MODES}"),
        format!("CHANLIMIT=#:{CHANLIMIT}"),
        format!("CHANNELLEN={CHANNELLEN}"),
        format!("NICKLEN={NICKLEN}"),
        format!("USERLEN={USERLEN}"),
        format!("HOSTLEN={HOSTLEN}"),
        format!("NAMELEN={REALLEN}"),
        format!("TOPICLEN={TOPICLEN}"),
        format!("KICKLEN={KICKLEN}"),
        format!("AWAYLEN={AWAYLEN}"),
        format!("KEYLEN={KEYLEN}"),
        format!(
            "TARGMAX=JOIN:{several},PART:{several},NAMES:{several},KICK:{several},PRIVMSG:{TARGETS},NOTICE:{TARGETS},TAGMSG:{TARGETS},WHOIS:{TARGETS},WHOWAS:{TARGETS}"
        ),
        format!("MONITOR={MONITOR}"),
        "ELIST=CMNTU".to_owned(),
        "BOT=B".to_owned(),
        format!("CHATHISTORY={}", face.info.history_lines),
        "MSGREFTYPES=msgid,timestamp".to_owned(),
        "SAFELIST".to_owned(),
        "UTF8ONLY".to_owned(),
        "WHOX".to_owned(),
    ];
    tokens.extend(icon);
    if !face.info.client_tag_deny.is_empty() {
        tokens.push(format!("CLIENTTAGDENY={}", face.info.client_tag_deny));
    }
    if face.info.accounts_only {
        tokens.push("draft/ACCOUNTREQUIRED".to_owned());
    }
    tokens
}

/// Writes 005, in as many lines as it takes; in one batch to who has asked for that.
/// Source: IRCv3 extended-isupport.
pub(in crate::face::irc) fn write(face: &mut IrcFace, out: &mut Vec<u8>) {
    let tokens = tokens(face);
    let batched = face.caps.has(BATCH | EXTENDED_ISUPPORT);
    let reference = batched.then(|| face.batch_reference());
    if let Some(reference) = &reference {
        face.server_line(out, "BATCH", &[&format!("+{reference}"), "draft/isupport"]);
    }
    let tags = reference.as_deref().map(|reference| ("batch", reference));
    for some in tokens.chunks(TOKENS_PER_LINE) {
        let mut params = vec![face.me()];
        params.extend(some.iter().map(String::as_str));
        params.push("are supported by this server");
        line(out, tags.as_slice(), Some(&face.info.server), RPL_ISUPPORT, &params);
    }
    if let Some(reference) = &reference {
        face.server_line(out, "BATCH", &[&format!("-{reference}")]);
    }
}
