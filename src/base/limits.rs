//! Every fixed limit of the server, in one place, with the relations they must keep.
//!
//! What an operator may choose is in the config; what a protocol or the design fixes is here.

/// Bytes of a message without tags, CR LF included. Source: RFC 1459 section 2.3.
pub const LINE_BYTES: usize = 512;
/// Bytes of tag data a client may send, `@` and the space not counted. Source: IRCv3 message-tags.
pub const CLIENT_TAG_BYTES: usize = 4094;
/// Bytes of tag data the server may add. Source: IRCv3 message-tags.
pub const SERVER_TAG_BYTES: usize = 4094;
/// Bytes of one incoming line at most: `@`, client tags, space, message.
pub const INPUT_LINE_BYTES: usize = 1 + CLIENT_TAG_BYTES + 1 + LINE_BYTES;
/// Bytes of one incoming line at most on a plain listener; a person types or pastes it.
pub const PLAIN_LINE_BYTES: usize = 4096;
/// Bytes of one incoming WebSocket message at most; what is longer than a line, 417 answers.
pub const MESSAGE_BYTES: usize = 16_384;
/// Bytes of the HTTP request that begins a WebSocket.
pub const REQUEST_BYTES: usize = 8192;
/// Parameters of one message. Source: RFC 2812 section 2.3.
pub const PARAMS: usize = 15;

/// Bytes of a nick, a customer's code included.
pub const NICKLEN: usize = 32;
/// Bytes of the part of a customer's nick that they choose; the rest is `-` and the code.
pub const CUSTOMER_NICKLEN: usize = 23;
/// Letters of a customer's code. Drawn again, one longer, when taken.
pub const CODELEN: usize = 4;
/// Letters of a customer's code at most.
pub const CODELEN_MAX: usize = 8;
/// Bytes of an account's name.
pub const ACCOUNTLEN: usize = 24;
/// Bytes of a user name, its `~` not counted.
pub const USERLEN: usize = 16;
/// Bytes of a host as shown in a source.
pub const HOSTLEN: usize = 63;
/// Bytes of a channel's name.
pub const CHANNELLEN: usize = 64;
/// Bytes of a topic.
pub const TOPICLEN: usize = 300;
/// Bytes of a kick's reason.
pub const KICKLEN: usize = 300;
/// Bytes of an away text.
pub const AWAYLEN: usize = 200;
/// Bytes of a real name.
pub const REALLEN: usize = 128;
/// Bytes of a channel's key.
pub const KEYLEN: usize = 32;
/// Bytes of the URL of the network's picture: with the rest of its 005 it fits a line.
pub const ICON_BYTES: usize = 200;
/// Bytes of a metadata key.
pub const METADATA_KEY_BYTES: usize = 32;
/// Bytes of a metadata value at most: with the longest source, target and key it fits a line.
pub const METADATA_VALUE_BYTES: usize = 280;
/// Bytes of a label. Source: IRCv3 labeled-response.
pub const LABEL_BYTES: usize = 64;

/// Bytes of words of one multiline message, one for each line end between them. Source: IRCv3 multiline.
pub const MULTILINE_BYTES: usize = 4096;
/// Lines of one multiline message. Source: IRCv3 multiline.
pub const MULTILINE_LINES: usize = 100;
/// Bytes of the reference of a client's batch.
pub const BATCH_REFERENCE_BYTES: usize = 64;
/// Seconds for which a client's batch may be open. Source: IRCv3 client-batch.
pub const BATCH_SECONDS: usize = 30;

/// Targets of one PRIVMSG, NOTICE or TAGMSG.
pub const TARGETS: usize = 4;
/// Channels of one JOIN, PART, NAMES, and users of one KICK.
pub const CHANNELS_PER_COMMAND: usize = 20;
/// Channels one session may be in.
pub const CHANLIMIT: usize = 100;
/// Mode changes with a parameter in one MODE command.
pub const MODES: usize = 6;
/// Entries of one channel's ban, exception or invitation list.
pub const MAXLIST: usize = 100;
/// Clients by which one person may be here at once.
pub const CLIENTS: usize = 10;
/// Names one session may MONITOR.
pub const MONITOR: usize = 100;
/// Nicks of one ISON; a line cannot hold many more.
pub const ISON: usize = 100;
/// Nicks of one USERHOST. Source: RFC 2812 section 4.8.
pub const USERHOST: usize = 5;
/// Former bearers of nicks that WHOWAS remembers.
pub const WHOWAS: usize = 2000;
/// Staff channels the server holds at once.
pub const ROOMS: usize = 10_000;

/// Lines of a channel kept in memory for those who join it, and for a customer who returns.
pub const RECENT_LINES: usize = 200;
/// Lines replayed to a client that joins and has not asked for history itself.
pub const REPLAY_LINES: usize = 50;
/// Lines of one CHATHISTORY at most; the config may set fewer.
pub const HISTORY_LINES: usize = 1000;
/// Channels and people of which one person's read markers are kept.
pub const READ_MARKERS: usize = 500;
/// Bytes of the first line quoted in a `NEW` announcement.
pub const QUOTE_BYTES: usize = 80;
/// Tags of one conversation.
pub const TAGS: usize = 16;
/// Bytes of one tag.
pub const TAG_BYTES: usize = 24;
/// Blocks in force at once.
pub const BLOCKS: usize = 10_000;
/// Rows of one LIST, WHO, QUEUE, SEARCH or HISTORY answer.
pub const ROWS: usize = 500;

/// Bytes of one SASL exchange, decoded.
pub const SASL_BYTES: usize = 4096;
/// Base64 bytes of one AUTHENTICATE line. Source: IRCv3 sasl-3.1.
pub const SASL_CHUNK: usize = 400;
/// Accounts there are before people can make no more for themselves.
pub const ACCOUNTS: usize = 100_000;
/// Accounts that wait to be verified.
pub const ACCOUNTS_WAITING: usize = 1000;
/// Changes of accounts, and reloads by signal, that the audit keeps.
pub const AUDIT_ROWS: usize = 100_000;
/// Bytes of an e-mail address. Source: RFC 5321 section 4.5.3.1.
pub const EMAIL_BYTES: usize = 254;
/// Bytes of a password.
pub const PASSWORD_BYTES: usize = 300;
/// Lines taken from a session before it has registered.
pub const LINES_BEFORE_REGISTRATION: usize = 256;

/// Events in one commit at most; a burst beyond it is the next commit.
pub const EVENTS_PER_COMMIT: usize = 4096;
/// Commits under way or waiting for the journal thread.
pub const COMMITS_IN_FLIGHT: usize = 1024;

// A customer's nick with the longest code is still a nick, and its channel a channel.
const _: () = assert!(CUSTOMER_NICKLEN + 1 + CODELEN_MAX <= NICKLEN);
const _: () = assert!("#c-".len() + NICKLEN <= CHANNELLEN);
const _: () = assert!(ACCOUNTLEN <= NICKLEN);
const _: () = assert!(INPUT_LINE_BYTES <= MESSAGE_BYTES);
// The longest source, verb and target leave room for words in a relayed line.
const SOURCE_BYTES: usize = 1 + NICKLEN + 1 + 1 + USERLEN + 1 + HOSTLEN + 1;
const _: () = assert!(SOURCE_BYTES + "PRIVMSG ".len() + 1 + CHANNELLEN + 2 + 200 <= LINE_BYTES - 2);
const _: () = assert!(SOURCE_BYTES + "TOPIC ".len() + CHANNELLEN + 2 + TOPICLEN <= LINE_BYTES - 2);
const METADATA_BYTES: usize =
    "METADATA ".len() + CHANNELLEN + 1 + METADATA_KEY_BYTES + " * :".len();
const _: () = assert!(SOURCE_BYTES + METADATA_BYTES + METADATA_VALUE_BYTES <= LINE_BYTES - 2);
const _: () = assert!(REPLAY_LINES <= RECENT_LINES);
