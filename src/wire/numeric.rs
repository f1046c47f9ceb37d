//! Numerics by name.
//!
//! Source: RFC 1459 section 6, RFC 2812 section 5, Modern IRC "Numerics", IRCv3. Names and numbers
//! only: their parameters and texts are the faces'.

/// Every numeric with its name, for tables and for logs.
macro_rules! numerics {
    ($($name:ident $code:literal $doc:literal;)*) => {
        $(#[doc = concat!($code, ": ", $doc)] pub const $name: &str = $code;)*

        /// Every numeric and its name, in order.
        pub const ALL: &[(&str, &str)] = &[$(($code, stringify!($name)),)*];
    };
}

numerics! {
    // Registration (RFC 2812 section 5.1, Modern IRC).
    RPL_WELCOME "001" "Registration is complete.";
    RPL_YOURHOST "002" "The server's name and version.";
    RPL_CREATED "003" "When this run began.";
    RPL_MYINFO "004" "Server, version, user modes, channel modes.";
    RPL_ISUPPORT "005" "What the server supports.";
    RPL_BOUNCE "010" "Another server to go to.";
    // Stats, trace and server queries (RFC 1459 section 6.2).
    RPL_TRACELINK "200" "TRACE: a link.";
    RPL_TRACECONNECTING "201" "TRACE: connecting.";
    RPL_TRACEHANDSHAKE "202" "TRACE: handshake.";
    RPL_TRACEUNKNOWN "203" "TRACE: an unknown connection.";
    RPL_TRACEOPERATOR "204" "TRACE: an operator.";
    RPL_TRACEUSER "205" "TRACE: a user.";
    RPL_TRACESERVER "206" "TRACE: a server.";
    RPL_TRACESERVICE "207" "TRACE: a service.";
    RPL_TRACENEWTYPE "208" "TRACE: something new.";
    RPL_TRACECLASS "209" "TRACE: a class.";
    RPL_STATSLINKINFO "211" "STATS: a link.";
    RPL_STATSCOMMANDS "212" "STATS: use of a command.";
    RPL_STATSCLINE "213" "STATS: a C line.";
    RPL_STATSNLINE "214" "STATS: an N line.";
    RPL_STATSILINE "215" "STATS: an I line.";
    RPL_STATSKLINE "216" "STATS: a K line.";
    RPL_STATSYLINE "218" "STATS: a Y line.";
    RPL_ENDOFSTATS "219" "End of STATS.";
    RPL_UMODEIS "221" "One's own user modes.";
    RPL_SERVLIST "234" "SERVLIST: a service.";
    RPL_SERVLISTEND "235" "End of SERVLIST.";
    RPL_STATSLLINE "241" "STATS: an L line.";
    RPL_STATSUPTIME "242" "STATS: uptime.";
    RPL_STATSOLINE "243" "STATS: an O line.";
    RPL_STATSHLINE "244" "STATS: an H line.";
    RPL_STATSDEBUG "249" "STATS: what has no numeric of its own.";
    RPL_LUSERCLIENT "251" "LUSERS: people, invisible people, servers.";
    RPL_LUSEROP "252" "LUSERS: operators.";
    RPL_LUSERUNKNOWN "253" "LUSERS: unknown connections.";
    RPL_LUSERCHANNELS "254" "LUSERS: channels.";
    RPL_LUSERME "255" "LUSERS: this server's clients and servers.";
    RPL_ADMINME "256" "ADMIN: heading.";
    RPL_ADMINLOC1 "257" "ADMIN: first line.";
    RPL_ADMINLOC2 "258" "ADMIN: second line.";
    RPL_ADMINEMAIL "259" "ADMIN: where to write.";
    RPL_TRACELOG "261" "TRACE: the log file.";
    RPL_TRACEEND "262" "End of TRACE.";
    RPL_TRYAGAIN "263" "The command was dropped; try again.";
    RPL_LOCALUSERS "265" "LUSERS: local people now and at most.";
    RPL_GLOBALUSERS "266" "LUSERS: all people now and at most.";
    RPL_WHOISCERTFP "276" "WHOIS: the certificate's fingerprint.";
    // Answers (RFC 1459 section 6.2, Modern IRC).
    RPL_NONE "300" "Nothing.";
    RPL_AWAY "301" "The person spoken to is away.";
    RPL_USERHOST "302" "USERHOST.";
    RPL_ISON "303" "ISON.";
    RPL_UNAWAY "305" "No longer marked as away.";
    RPL_NOWAWAY "306" "Marked as away.";
    RPL_WHOISREGNICK "307" "WHOIS: the nick is registered.";
    RPL_WHOISUSER "311" "WHOIS: user, host, real name.";
    RPL_WHOISSERVER "312" "WHOIS: server.";
    RPL_WHOISOPERATOR "313" "WHOIS: operator.";
    RPL_WHOWASUSER "314" "WHOWAS: user, host, real name.";
    RPL_ENDOFWHO "315" "End of WHO.";
    RPL_WHOISIDLE "317" "WHOIS: idle time and sign-on.";
    RPL_ENDOFWHOIS "318" "End of WHOIS.";
    RPL_WHOISCHANNELS "319" "WHOIS: channels.";
    RPL_WHOISSPECIAL "320" "WHOIS: a line of text.";
    RPL_LISTSTART "321" "LIST: heading.";
    RPL_LIST "322" "LIST: a channel.";
    RPL_LISTEND "323" "End of LIST.";
    RPL_CHANNELMODEIS "324" "A channel's modes.";
    RPL_UNIQOPIS "325" "A channel's creator.";
    RPL_CREATIONTIME "329" "When a channel was created.";
    RPL_WHOISACCOUNT "330" "WHOIS: account.";
    RPL_NOTOPIC "331" "No topic is set.";
    RPL_TOPIC "332" "A channel's topic.";
    RPL_TOPICWHOTIME "333" "Who set the topic, and when.";
    RPL_WHOISBOT "335" "WHOIS: a bot.";
    RPL_INVITELIST "336" "A channel one is invited to.";
    RPL_ENDOFINVITELIST "337" "End of the channels one is invited to.";
    RPL_WHOISACTUALLY "338" "WHOIS: real host or address.";
    RPL_INVITING "341" "The invitation is on its way.";
    RPL_SUMMONING "342" "SUMMON.";
    RPL_INVEXLIST "346" "An entry of the invitation list.";
    RPL_ENDOFINVEXLIST "347" "End of the invitation list.";
    RPL_EXCEPTLIST "348" "An entry of the exception list.";
    RPL_ENDOFEXCEPTLIST "349" "End of the exception list.";
    RPL_VERSION "351" "VERSION.";
    RPL_WHOREPLY "352" "WHO: a person.";
    RPL_NAMREPLY "353" "NAMES: members.";
    RPL_WHOSPCRPL "354" "WHOX: a person.";
    RPL_KILLDONE "361" "KILL was done.";
    RPL_CLOSING "362" "CLOSE: closing.";
    RPL_CLOSEEND "363" "End of CLOSE.";
    RPL_LINKS "364" "LINKS: a server.";
    RPL_ENDOFLINKS "365" "End of LINKS.";
    RPL_ENDOFNAMES "366" "End of NAMES.";
    RPL_BANLIST "367" "An entry of the ban list.";
    RPL_ENDOFBANLIST "368" "End of the ban list.";
    RPL_ENDOFWHOWAS "369" "End of WHOWAS.";
    RPL_INFO "371" "INFO: a line.";
    RPL_MOTD "372" "MOTD: a line.";
    RPL_INFOSTART "373" "INFO: heading.";
    RPL_ENDOFINFO "374" "End of INFO.";
    RPL_MOTDSTART "375" "MOTD: heading.";
    RPL_ENDOFMOTD "376" "End of MOTD.";
    RPL_WHOISHOST "378" "WHOIS: where they connect from.";
    RPL_WHOISMODES "379" "WHOIS: user modes.";
    RPL_YOUREOPER "381" "OPER succeeded.";
    RPL_REHASHING "382" "REHASH is under way.";
    RPL_YOURESERVICE "383" "Registered as a service.";
    RPL_TIME "391" "TIME.";
    RPL_USERSSTART "392" "USERS: heading.";
    RPL_USERS "393" "USERS: a person.";
    RPL_ENDOFUSERS "394" "End of USERS.";
    RPL_NOUSERS "395" "USERS: nobody.";
    RPL_VISIBLEHOST "396" "One's own visible host changed.";
    // Errors (RFC 1459 section 6.1, Modern IRC).
    ERR_UNKNOWNERROR "400" "A command failed for a reason without a numeric.";
    ERR_NOSUCHNICK "401" "No such nick.";
    ERR_NOSUCHSERVER "402" "No such server.";
    ERR_NOSUCHCHANNEL "403" "No such channel.";
    ERR_CANNOTSENDTOCHAN "404" "The channel does not take the words.";
    ERR_TOOMANYCHANNELS "405" "In too many channels.";
    ERR_WASNOSUCHNICK "406" "There was no such nick.";
    ERR_TOOMANYTARGETS "407" "Too many targets.";
    ERR_NOSUCHSERVICE "408" "No such service.";
    ERR_NOORIGIN "409" "PING or PONG without a parameter.";
    ERR_INVALIDCAPCMD "410" "No such CAP subcommand.";
    ERR_NORECIPIENT "411" "No target given.";
    ERR_NOTEXTTOSEND "412" "No text given.";
    ERR_NOTOPLEVEL "413" "A mask without a top-level domain.";
    ERR_WILDTOPLEVEL "414" "A wildcard in the top-level domain.";
    ERR_BADMASK "415" "A bad server or host mask.";
    ERR_INPUTTOOLONG "417" "The line was too long.";
    ERR_UNKNOWNCOMMAND "421" "No such command.";
    ERR_NOMOTD "422" "There is no MOTD.";
    ERR_NOADMININFO "423" "There is no ADMIN information.";
    ERR_FILEERROR "424" "A file operation failed.";
    ERR_NONICKNAMEGIVEN "431" "No nick given.";
    ERR_ERRONEUSNICKNAME "432" "Not a nick.";
    ERR_NICKNAMEINUSE "433" "The nick is in use.";
    ERR_NICKCOLLISION "436" "Nicks collided.";
    ERR_UNAVAILRESOURCE "437" "The nick or channel is not available just now.";
    ERR_USERNOTINCHANNEL "441" "They are not in the channel.";
    ERR_NOTONCHANNEL "442" "One is not in the channel.";
    ERR_USERONCHANNEL "443" "They are in the channel already.";
    ERR_NOLOGIN "444" "SUMMON: not logged in.";
    ERR_SUMMONDISABLED "445" "SUMMON is turned off.";
    ERR_USERSDISABLED "446" "USERS is turned off.";
    ERR_NOTREGISTERED "451" "Not registered yet.";
    ERR_NEEDMOREPARAMS "461" "Too few parameters.";
    ERR_ALREADYREGISTERED "462" "Registered already.";
    ERR_NOPERMFORHOST "463" "The host is not allowed.";
    ERR_PASSWDMISMATCH "464" "Wrong password.";
    ERR_YOUREBANNEDCREEP "465" "Blocked from the server.";
    ERR_YOUWILLBEBANNED "466" "About to be blocked.";
    ERR_KEYSET "467" "The channel's key is set already.";
    ERR_INVALIDUSERNAME "468" "Not a user name.";
    ERR_LINKCHANNEL "470" "Sent on to another channel.";
    ERR_CHANNELISFULL "471" "The channel is full (`+l`).";
    ERR_UNKNOWNMODE "472" "No such channel mode.";
    ERR_INVITEONLYCHAN "473" "The channel is by invitation (`+i`).";
    ERR_BANNEDFROMCHAN "474" "Banned from the channel (`+b`).";
    ERR_BADCHANNELKEY "475" "Wrong channel key (`+k`).";
    ERR_BADCHANMASK "476" "Not a channel's name.";
    ERR_NEEDREGGEDNICK "477" "The channel is for people with an account (`+R`).";
    ERR_BANLISTFULL "478" "A list of the channel is full.";
    ERR_NOPRIVILEGES "481" "Not an operator of the server.";
    ERR_CHANOPRIVSNEEDED "482" "Not an operator of the channel.";
    ERR_CANTKILLSERVER "483" "Servers cannot be killed.";
    ERR_RESTRICTED "484" "The connection is restricted.";
    ERR_UNIQOPPRIVSNEEDED "485" "Not the channel's creator.";
    ERR_NOOPERHOST "491" "No operator from this host.";
    ERR_UMODEUNKNOWNFLAG "501" "No such user mode.";
    ERR_USERSDONTMATCH "502" "Another person's user modes.";
    ERR_HELPNOTFOUND "524" "No such help.";
    ERR_INVALIDKEY "525" "Not a channel key.";
    ERR_CANNOTSENDTOUSER "531" "The person does not take the words.";
    // STARTTLS, modes and help (IRCv3 tls, Modern IRC).
    RPL_STARTTLS "670" "STARTTLS may begin.";
    RPL_WHOISSECURE "671" "WHOIS: encrypted.";
    ERR_STARTTLS "691" "STARTTLS failed.";
    ERR_INVALIDMODEPARAM "696" "Not a parameter of that mode.";
    RPL_HELPSTART "704" "HELP: heading.";
    RPL_HELPTXT "705" "HELP: a line.";
    RPL_ENDOFHELP "706" "End of HELP.";
    RPL_KNOCK "710" "KNOCK: somebody knocks.";
    RPL_KNOCKDLVR "711" "KNOCK was delivered.";
    ERR_TOOMANYKNOCK "712" "KNOCK: too many.";
    ERR_CHANOPEN "713" "KNOCK: the channel is open.";
    ERR_KNOCKONCHAN "714" "KNOCK: in the channel already.";
    ERR_NOPRIVS "723" "The operator lacks that privilege.";
    RPL_QUIETLIST "728" "A mask of the quiet list.";
    RPL_ENDOFQUIETLIST "729" "End of the quiet list.";
    RPL_MONONLINE "730" "MONITOR: online.";
    RPL_MONOFFLINE "731" "MONITOR: offline.";
    RPL_MONLIST "732" "MONITOR: the list.";
    RPL_ENDOFMONLIST "733" "End of the MONITOR list.";
    ERR_MONLISTFULL "734" "The MONITOR list is full.";
    // Metadata (IRCv3 metadata).
    RPL_KEYVALUE "761" "METADATA: a key and its value.";
    RPL_KEYNOTSET "766" "METADATA: a key without a value.";
    RPL_METADATASUBOK "770" "METADATA: keys one is told of now.";
    RPL_METADATAUNSUBOK "771" "METADATA: keys one is told of no longer.";
    RPL_METADATASUBS "772" "METADATA: the keys one is told of.";
    // Accounts (IRCv3 sasl-3.1).
    RPL_LOGGEDIN "900" "Signed in.";
    RPL_LOGGEDOUT "901" "Signed out.";
    ERR_NICKLOCKED "902" "The account may not sign in.";
    RPL_SASLSUCCESS "903" "SASL succeeded.";
    ERR_SASLFAIL "904" "SASL failed.";
    ERR_SASLTOOLONG "905" "A SASL line was too long.";
    ERR_SASLABORTED "906" "SASL was aborted.";
    ERR_SASLALREADY "907" "Signed in already.";
    RPL_SASLMECHS "908" "The SASL mechanisms there are.";
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numerics_are_three_digits_in_order_and_once() {
        for (code, name) in ALL {
            assert!(code.len() == 3 && code.bytes().all(|b| b.is_ascii_digit()), "{name}");
            assert!(name.starts_with("RPL_") || name.starts_with("ERR_"), "{name}");
        }
        assert!(ALL.windows(2).all(|pair| pair[0].0 < pair[1].0));
        assert_eq!(RPL_WELCOME, "001");
    }
}
