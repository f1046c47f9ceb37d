//! ISUPPORT: what 005 says, from the same limits that are kept. Source: Modern IRC "RPL_ISUPPORT".

use crate::base::limits::{
    AWAYLEN, CHANLIMIT, CHANNELLEN, CHANNELS_PER_COMMAND, HOSTLEN, KEYLEN, KICKLEN, MAXLIST, MODES,
    MONITOR, NICKLEN, REALLEN, TARGETS, TOPICLEN, USERLEN,
};
use crate::face::irc::session::IrcFace;
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
    let mut all = vec![
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
    if face.info.accounts_only {
        all.push("draft/ACCOUNTREQUIRED".to_owned());
    }
    all
}

/// Writes 005, in as many lines as it takes.
pub(in crate::face::irc) fn write(face: &IrcFace, out: &mut Vec<u8>) {
    let tokens = tokens(face);
    for some in tokens.chunks(TOKENS_PER_LINE) {
        let mut params: Vec<&str> = some.iter().map(String::as_str).collect();
        params.push("are supported by this server");
        face.numeric(out, RPL_ISUPPORT, &params);
    }
}
