//! ISUPPORT: what 005 says, from the same limits that are kept. Source: Modern IRC "RPL_ISUPPORT".

use crate::base::limits::{
    AWAYLEN, CHANLIMIT, CHANNELLEN, CHANNELS_PER_COMMAND, HOSTLEN, KEYLEN, KICKLEN, MAXLIST, MODES,
    MONITOR, NICKLEN, REALLEN, TARGETS, TOPICLEN, USERLEN,
};
use crate::face::irc::cap::{BATCH, EXTENDED_ISUPPORT};
use crate::face::irc::session::IrcFace;
use crate::wire::build::line;
use crate::wire::numeric::RPL_ISUPPORT;

/// User modes, as 004 lists them (`desk::presence` has them).
pub(in crate::face::irc) const USER_MODES: &str = "BRZiosw";
/// Channel modes, as 004 lists them.
pub(in crate::face::irc) const CHANNEL_MODES: &str = "CIMRbeiklmnopstv";
/// Those of them that take a parameter.
pub(in crate::face::irc) const CHANNEL_MODES_WITH_PARAMETER: &str = "Ibeklov";

/// Tokens of one line: the nick, the text and these are at most 15 parameters.
const TOKENS_PER_LINE: usize = 12;

/// Every token.
pub(in crate::face::irc) fn tokens(face: &IrcFace) -> Vec<String> {
    let several = CHANNELS_PER_COMMAND;
    let icon = face.info.icon.iter().map(|url| format!("draft/ICON={url}"));
    let mut tokens = vec![
        format!("NETWORK={}", face.info.network.replace(' ', "\\x20")),
        "CASEMAPPING=ascii".to_owned(),
        "CHANTYPES=#".to_owned(),
        "PREFIX=(ov)@+".to_owned(),
        "STATUSMSG=@+".to_owned(),
        "CHANMODES=beI,k,l,CMRimnpst".to_owned(),
        "EXCEPTS=e".to_owned(),
        "INVEX=I".to_owned(),
        format!("MAXLIST=beI:{MAXLIST}"),
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
        "SAFELIST".to_owned(),
        "UTF8ONLY".to_owned(),
        "WHOX".to_owned(),
    ];
    tokens.extend(icon);
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
