//! One file for each specification: its cases quote the section they judge, what must happen and what
//! must not. Faces, runner, desk, accounts and archive in memory; the clock is the test's.

#[allow(dead_code, reason = "used as more specifications get their file")]
#[path = "spec/support.rs"]
mod support;

#[path = "spec/account_extban.rs"]
mod account_extban;
#[path = "spec/account_notify.rs"]
mod account_notify;
#[path = "spec/account_registration.rs"]
mod account_registration;
#[path = "spec/account_required.rs"]
mod account_required;
#[path = "spec/account_tag.rs"]
mod account_tag;
#[path = "spec/auditorium.rs"]
mod auditorium;
#[path = "spec/away.rs"]
mod away;
#[path = "spec/away_notify.rs"]
mod away_notify;
#[path = "spec/batch.rs"]
mod batch;
#[path = "spec/bot_mode.rs"]
mod bot_mode;
#[path = "spec/cap_notify.rs"]
mod cap_notify;
#[path = "spec/capability_negotiation.rs"]
mod capability_negotiation;
#[path = "spec/channel_modes.rs"]
mod channel_modes;
#[path = "spec/channel_modes_model.rs"]
mod channel_modes_model;
#[path = "spec/channel_rename.rs"]
mod channel_rename;
#[path = "spec/channels.rs"]
mod channels;
#[path = "spec/chathistory.rs"]
mod chathistory;
#[path = "spec/chghost.rs"]
mod chghost;
#[path = "spec/client_batch.rs"]
mod client_batch;
#[path = "spec/client_tags.rs"]
mod client_tags;
#[path = "spec/desk_answers.rs"]
mod desk_answers;
#[path = "spec/echo_message.rs"]
mod echo_message;
#[path = "spec/event_playback.rs"]
mod event_playback;
#[path = "spec/every_line.rs"]
mod every_line;
#[path = "spec/extended_isupport.rs"]
mod extended_isupport;
#[path = "spec/extended_join.rs"]
mod extended_join;
#[path = "spec/extended_monitor.rs"]
mod extended_monitor;
#[path = "spec/facts.rs"]
mod facts;
#[path = "spec/framing.rs"]
mod framing;
#[path = "spec/help.rs"]
mod help;
#[path = "spec/hosts.rs"]
mod hosts;
#[path = "spec/invite_notify.rs"]
mod invite_notify;
#[path = "spec/ison_userhost.rs"]
mod ison_userhost;
#[path = "spec/isupport.rs"]
mod isupport;
#[path = "spec/kill.rs"]
mod kill;
#[path = "spec/kline.rs"]
mod kline;
#[path = "spec/labeled_response.rs"]
mod labeled_response;
#[path = "spec/list.rs"]
mod list;
#[path = "spec/lusers.rs"]
mod lusers;
#[path = "spec/message_ids.rs"]
mod message_ids;
#[path = "spec/message_redaction.rs"]
mod message_redaction;
#[path = "spec/message_tags.rs"]
mod message_tags;
#[path = "spec/metadata.rs"]
mod metadata;
#[path = "spec/modern_irc.rs"]
mod modern_irc;
#[path = "spec/monitor.rs"]
mod monitor;
#[path = "spec/multi_prefix.rs"]
mod multi_prefix;
#[path = "spec/multiline.rs"]
mod multiline;
#[path = "spec/network_icon.rs"]
mod network_icon;
#[path = "spec/nick.rs"]
mod nick;
#[path = "spec/no_implicit_names.rs"]
mod no_implicit_names;
#[path = "spec/oper.rs"]
mod oper;
#[path = "spec/ping.rs"]
mod ping;
#[path = "spec/pre_away.rs"]
mod pre_away;
#[path = "spec/quit.rs"]
mod quit;
#[path = "spec/read_marker.rs"]
mod read_marker;
#[path = "spec/recent_lines.rs"]
mod recent_lines;
#[path = "spec/registration.rs"]
mod registration;
#[path = "spec/registration_states.rs"]
mod registration_states;
#[path = "spec/rehash.rs"]
mod rehash;
#[path = "spec/retention.rs"]
mod retention;
#[path = "spec/sasl.rs"]
mod sasl;
#[path = "spec/server_queries.rs"]
mod server_queries;
#[path = "spec/server_time.rs"]
mod server_time;
#[path = "spec/setname.rs"]
mod setname;
#[path = "spec/several_clients.rs"]
mod several_clients;
#[path = "spec/standard_replies.rs"]
mod standard_replies;
#[path = "spec/stats.rs"]
mod stats;
#[path = "spec/statusmsg.rs"]
mod statusmsg;
#[path = "spec/sts.rs"]
mod sts;
#[path = "spec/user_modes.rs"]
mod user_modes;
#[path = "spec/userhost_in_names.rs"]
mod userhost_in_names;
#[path = "spec/utf8_only.rs"]
mod utf8_only;
#[path = "spec/wallops.rs"]
mod wallops;
#[path = "spec/webirc.rs"]
mod webirc;
#[path = "spec/who.rs"]
mod who;
#[path = "spec/whois.rs"]
mod whois;
#[path = "spec/whowas.rs"]
mod whowas;
#[path = "spec/whox.rs"]
mod whox;

#[allow(dead_code, reason = "shared with other suites, each of which uses some of it")]
mod stage;
