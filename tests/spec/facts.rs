//! The protocol facts that new implementers get wrong, each with the cases that judge it here.

use crate::stage::cited::is_test;
use std::collections::BTreeSet;

/// Number, the fact in few words, and its cases: the file below tests/ and the function in it.
const FACTS: &[(u8, &str, &[&str])] = &[
    (
        1,
        "a bare LF ends a line and is never sent; empty lines; runs of spaces",
        &["spec/framing::lines_are_read_leniently"],
    ),
    (
        2,
        "the trailing parameter is like any other, and may be empty",
        &[
            "spec/framing::lines_are_read_leniently",
            "spec/channels::topics_are_asked_for_set_and_cleared",
            "spec/away::a_text_sets_and_none_ends_it",
        ],
    ),
    (
        3,
        "verbs have no case; a client's source is ignored",
        &["spec/framing::lines_are_read_leniently"],
    ),
    (
        4,
        "at most fifteen parameters go out, so thirteen tokens in a 005",
        &[
            "spec/isupport::every_token_is_true",
            "spec/every_line::every_line_that_goes_out_is_legal",
        ],
    ),
    (
        5,
        "the order of the welcome, and modes that are on from the start",
        &[
            "spec/registration::the_welcome_has_its_order",
            "spec/registration::modes_that_are_on_from_the_start_are_told",
        ],
    ),
    (
        6,
        "numerics go to * before there is a nick, then to the nick of 001",
        &["spec/registration::the_target_is_a_star_before_there_is_a_nick"],
    ),
    (
        7,
        "433 names the nick refused; case may change; no change is silent",
        &[
            "spec/registration::a_nick_in_use_is_refused_and_named",
            "spec/nick::what_cannot_be_leaves_the_old_one",
        ],
    ),
    (
        8,
        "USER with nothing in it is 461; the tilde is of the user name",
        &[
            "spec/registration::user_names_are_fitted_and_empty_ones_refused",
            "spec/chghost::clients_that_know_it_are_told_once",
        ],
    ),
    (
        9,
        "a wrong PASS is 464 and ERROR; QUIT has its ERROR at any time",
        &[
            "spec/registration::whoever_is_sent_away_or_goes_reads_error",
            "spec/quit::before_registration_too_and_nothing_is_read_behind_it",
        ],
    ),
    (
        10,
        "451 before registration, 421 after it, nothing for NOTICE",
        &[
            "spec/registration::other_commands_wait_for_registration",
            "spec/framing::privmsg_says_what_is_wrong_and_notice_nothing",
        ],
    ),
    (
        11,
        "411, 412, 401, 403 and 404 for words that cannot be said",
        &["spec/framing::privmsg_says_what_is_wrong_and_notice_nothing"],
    ),
    (
        12,
        "JOIN, the topic if there is one, the names with the channel's sign",
        &[
            "spec/channels::join_is_answered_by_join_topic_and_names_in_this_order",
            "spec/channels::names_tell_whether_a_channel_is_public_private_or_secret",
        ],
    ),
    (
        13,
        "keys without spaces and commas; JOIN 0; KICK of several within TARGMAX",
        &[
            "spec/channels::each_key_is_for_its_own_channel",
            "spec/channels::join_0_leaves_everything_also_after_a_kick",
            "spec/channels::kick_removes_several_and_tells_of_each",
            "spec/isupport::every_token_is_true",
        ],
    ),
    (
        14,
        "the casemapping is told, and only letters of ASCII fold",
        &["spec/isupport::every_token_is_true", "spec/nick::only_letters_have_case"],
    ),
    (
        15,
        "the kinds of channel modes are true, and all tokens clients look for are there",
        &["spec/isupport::every_token_is_true", "spec/isupport::every_proof_has_its_token"],
    ),
    (16, "C<n is younger than n minutes", &["spec/list::every_condition_selects_what_it_says"]),
    (
        17,
        "ranks from high to low; words to a rank keep its sign and stay with it, in history too",
        &[
            "spec/isupport::every_token_is_true",
            "spec/statusmsg::words_to_a_rank_reach_it_and_those_above",
            "spec/statusmsg::words_to_a_rank_are_not_replayed",
            "spec/statusmsg::history_shows_words_to_a_rank_to_nobody_below",
        ],
    ),
    (
        18,
        "LS and REQ hold registration, LIST does not",
        &["spec/capability_negotiation::ls_and_req_hold_registration_until_end"],
    ),
    (
        19,
        "the version is a number, and the highest stays",
        &["spec/capability_negotiation::the_version_is_a_number_and_the_highest_sticks"],
    ),
    (
        20,
        "values in LS and NEW only; several lines for 302 only",
        &["spec/capability_negotiation::long_lists_come_in_several_lines_to_those_who_read_them"],
    ),
    (
        21,
        "a request is taken whole or not at all",
        &["spec/capability_negotiation::a_request_is_taken_whole_or_not_at_all"],
    ),
    (
        22,
        "302 brings cap-notify for good; NEW and DEL work at once",
        &[
            "spec/cap_notify::version_302_brings_it_and_keeps_it",
            "spec/cap_notify::sasl_goes_and_comes_back_for_those_who_want_to_know",
        ],
    ),
    (
        23,
        "410 for a bad subcommand; CAP at any time",
        &["spec/capability_negotiation::cap_is_taken_at_any_time_and_its_mistakes_are_named"],
    ),
    (
        24,
        "a long ACK is split, and nothing changes before its last line",
        &[
            "spec/capability_negotiation::a_long_request_is_answered_in_several_lines",
            "spec/capability_negotiation::what_was_asked_for_begins_behind_the_last_ack",
        ],
    ),
    (
        25,
        "tags have a budget of their own; too many are 417 and not relayed",
        &[
            "spec/message_tags::the_tag_budget_stands_apart_from_the_line",
            "spec/every_line::every_line_that_goes_out_is_legal",
        ],
    ),
    (
        26,
        "escapes, empty values, keys that stand twice",
        &["spec/message_tags::values_are_escaped_and_keys_stand_once"],
    ),
    (
        27,
        "only client-only tags are relayed, behind the server's; TAGMSG is like words",
        &[
            "spec/message_tags::client_only_tags_are_relayed_to_those_who_read_tags",
            "spec/message_tags::tagmsg_goes_where_words_would",
        ],
    ),
    (
        28,
        "server-time alone opens no other tag",
        &["spec/message_tags::client_only_tags_are_relayed_to_those_who_read_tags"],
    ),
    (29, "what CLIENTTAGDENY says", &["spec/message_tags::denied_tags_are_told_and_not_passed_on"]),
    (
        30,
        "the form of a time, and none before the ACK",
        &[
            "spec/server_time::what_people_do_carries_its_moment",
            "spec/server_time::there_is_no_time_before_it_was_agreed_on",
        ],
    ),
    (
        31,
        "an id is used once, also over a restart, and again when a line is read again",
        &[
            "spec/message_ids::a_message_has_one_id_for_everybody",
            "spec/message_ids::a_message_read_again_has_its_id",
            "spec/message_ids::no_id_comes_again_after_a_restart",
        ],
    ),
    (
        32,
        "the account's tag on all a person does; bot without a value",
        &[
            "spec/account_tag::every_command_of_a_person_names_their_account",
            "spec/bot_mode::a_bot_is_marked_for_those_who_read_tags",
        ],
    ),
    (
        33,
        "one label for one answer, ACK for none, 64 bytes",
        &[
            "spec/labeled_response::every_answer_carries_its_label_once",
            "spec/labeled_response::a_label_has_its_size",
        ],
    ),
    (
        34,
        "labels stay with their sender, also with oneself and with several targets",
        &[
            "spec/labeled_response::labels_stay_with_their_sender",
            "spec/labeled_response::words_to_oneself_are_echoed_with_the_label_and_delivered_without",
        ],
    ),
    (
        35,
        "the echo is what was delivered",
        &[
            "spec/echo_message::the_echo_is_what_others_were_sent",
            "spec/echo_message::ones_own_words_come_back_to_who_asked",
        ],
    ),
    (
        36,
        "what a batch is called, that it ends, and what it may be in",
        &[
            "spec/batch::batches_are_whole_and_only_for_who_reads_them",
            "spec/client_batch::a_connection_that_ends_takes_its_batch_along",
        ],
    ),
    (
        37,
        "batches of clients: not nested, nothing between, three errors",
        &[
            "spec/client_batch::nothing_else_is_said_while_a_batch_is_open",
            "spec/client_batch::references_and_types_are_checked",
            "spec/client_batch::a_batch_left_open_ends",
        ],
    ),
    (
        38,
        "the limits of multiline, what counts, and its errors",
        &[
            "spec/multiline::the_capability_tells_its_limits",
            "spec/multiline::the_limits_hold_to_the_byte_and_line",
            "spec/multiline::what_is_no_multiline_message_is_refused_once_and_not_sent",
        ],
    ),
    (
        39,
        "tags on the opening only, no blank lines in the fallback, and a queue has room for it",
        &[
            "spec/multiline::a_message_goes_out_whole_or_as_its_lines",
            "spec/multiline::tags_within_the_batch_are_nobodys",
            "spec/multiline::the_longest_message_fits_a_queue",
        ],
    ),
    (
        40,
        "all forms of CHATHISTORY",
        &[
            "spec/chathistory::every_subcommand_selects_what_it_says",
            "spec/chathistory::targets_are_those_where_something_was_said_in_that_time",
        ],
    ),
    (
        41,
        "its tokens, empty and ascending answers, no playback unasked, events for who asked",
        &[
            "spec/chathistory::the_limit_is_announced_and_kept",
            "spec/chathistory::every_subcommand_selects_what_it_says",
            "spec/chathistory::who_can_ask_is_told_nothing_unasked_and_others_are",
            "spec/event_playback::who_asked_for_it_is_shown_what_happened_besides_words_and_nobody_else",
        ],
    ),
    (
        42,
        "its errors; a target of others is like none",
        &[
            "spec/chathistory::what_cannot_be_read_fails_with_its_code",
            "spec/chathistory::a_channel_of_others_answers_like_one_that_is_not_there",
        ],
    ),
    (
        43,
        "the last page says that it is the last",
        &["spec/chathistory::pages_follow_each_other_without_a_gap_and_the_last_one_says_so"],
    ),
    (
        44,
        "MARKREAD before 366; it grows; one's own clients only; its errors",
        &[
            "spec/read_marker::a_join_tells_the_marker_before_the_names_end",
            "spec/read_marker::a_marker_only_grows_and_is_told_to_who_asks",
            "spec/read_marker::all_clients_of_the_account_learn_of_it_and_nobody_else",
            "spec/read_marker::what_cannot_be_read_fails_with_its_code",
        ],
    ),
    (
        45,
        "REDACT for who reads it, its errors, and nothing revealed",
        &[
            "spec/message_redaction::only_those_who_read_it_are_told_and_the_line_is_gone_for_all",
            "spec/message_redaction::the_line_must_be_ones_own_or_the_channel",
            "spec/message_redaction::ones_own_words_can_be_taken_back_for_a_while",
        ],
    ),
    (
        46,
        "chunks of 400, what is too long, given up, unknown or no base64",
        &[
            "spec/sasl::long_answers_come_in_chunks_of_400",
            "spec/sasl::what_is_too_long_or_no_base64_ends_the_exchange",
            "spec/sasl::giving_up_and_unknown_mechanisms_have_their_numerics",
        ],
    ),
    (
        47,
        "900 and 903; SCRAM is closed by the client",
        &["spec/sasl::plain_signs_in", "spec/sasl::scram_signs_in_and_proves_the_server"],
    ),
    (
        48,
        "no sasl without accounts; 906 at registration; signing in again",
        &[
            "spec/cap_notify::sasl_goes_and_comes_back_for_those_who_want_to_know",
            "spec/sasl::completing_registration_ends_an_open_exchange",
            "spec/sasl::signing_in_again_is_allowed_at_any_time",
        ],
    ),
    (
        49,
        "REGISTER and VERIFY as the value says, and no way round a password",
        &[
            "spec/account_registration::the_capability_tells_the_rules_and_is_not_there_where_nobody_may",
            "spec/account_registration::an_invitation_is_what_verify_brings",
            "spec/account_registration::registering_goes_round_no_password",
            "spec/account_required::the_capability_is_told_and_cannot_be_had",
        ],
    ),
    (
        50,
        "ACCOUNT also to oneself; the shape of an extended JOIN, also a simulated one",
        &[
            "spec/account_notify::signing_in_is_told_to_channel_peers_and_oneself",
            "spec/extended_join::join_carries_account_and_real_name_for_those_who_asked",
            "spec/chghost::to_others_they_quit_and_come_back",
        ],
    ),
    (
        51,
        "AWAY on change and behind a JOIN; not to oneself; AWAY * before registration",
        &[
            "spec/away_notify::a_change_is_told_to_channel_peers_once",
            "spec/away_notify::who_joins_away_is_told_of_behind_the_join",
            "spec/pre_away::who_comes_away_is_online_all_the_same",
        ],
    ),
    (
        52,
        "CHGHOST, and what others are shown instead",
        &[
            "spec/chghost::clients_that_know_it_are_told_once",
            "spec/chghost::to_others_they_quit_and_come_back",
        ],
    ),
    (
        53,
        "SETNAME: its token, its silence, its errors",
        &[
            "spec/setname::a_new_name_is_told_to_those_who_can_read_it",
            "spec/setname::a_name_that_cannot_be_is_refused",
        ],
    ),
    (
        54,
        "MONITOR and its numerics",
        &[
            "spec/monitor::adding_tells_who_is_here",
            "spec/monitor::each_subcommand_does_its_own",
            "spec/monitor::coming_and_going_is_told",
            "spec/monitor::the_list_has_an_end_and_long_ones_take_several_lines",
        ],
    ),
    (
        55,
        "extended-monitor needs the other capability too, and tells once",
        &[
            "spec/extended_monitor::a_notice_needs_its_own_capability_and_this_one",
            "spec/extended_monitor::who_shares_a_channel_is_told_once",
        ],
    ),
    (
        56,
        "the order of WHOX, its token and placeholders, 315 at its end",
        &[
            "spec/whox::fields_stand_in_the_order_of_the_specification",
            "spec/whox::what_is_not_told_has_its_placeholder",
            "spec/whox::tokens_and_fields_that_are_none_are_ignored",
        ],
    ),
    (
        57,
        "all ranks or the highest; no space at the end of 353",
        &[
            "spec/multi_prefix::every_rank_is_shown_to_who_asked_for_it_and_the_highest_to_others",
            "spec/channels::names_are_of_what_one_may_see",
        ],
    ),
    (
        58,
        "no-implicit-names is about JOIN only",
        &[
            "spec/no_implicit_names::joining_brings_no_names_unless_asked_for",
            "spec/read_marker::a_join_tells_the_marker_before_the_names_end",
        ],
    ),
    (
        59,
        "the port in plaintext, the duration over TLS, never asked for nor deleted",
        &[
            "spec/sts::the_port_is_told_in_plaintext_and_the_duration_over_tls",
            "spec/sts::it_is_never_asked_for_listed_or_deleted",
            "spec/sts::a_duration_of_nothing_is_told_and_takes_the_policy_back",
        ],
    ),
    (
        60,
        "WebSocket: kinds, one line a message, the limit, the origin, the fallback",
        &[
            "server/websocket::a_line_is_a_message_of_the_kind_agreed_on",
            "server/websocket::without_a_subprotocol_the_fallback_holds",
            "server/websocket::a_long_line_is_refused_and_a_longer_message_ends_it",
            "server/websocket::only_pages_that_may_connect",
        ],
    ),
    (
        61,
        "WEBIRC is the first line; secure needs both ways; options; a wrong password ends",
        &[
            "spec/webirc::the_address_of_the_person_is_theirs_not_the_gateways",
            "spec/webirc::secure_needs_both_ways_to_be",
            "spec/webirc::who_may_not_is_told_by_error_and_closed",
        ],
    ),
    (
        62,
        "UTF-8 in every verb, and no cut within a character",
        &[
            "spec/utf8_only::what_is_not_utf8_is_refused_by_every_verb",
            "spec/utf8_only::a_real_name_is_utf8",
            "spec/utf8_only::nothing_is_cut_within_a_character",
        ],
    ),
    (
        63,
        "the form of a standard reply; numerics stay",
        &[
            "spec/standard_replies::failures_without_a_numeric_are_standard_replies",
            "spec/standard_replies::numerics_are_not_replaced",
        ],
    ),
    (
        64,
        "the letter of a bot: its mode, 335, WHO",
        &["spec/isupport::every_token_is_true", "spec/user_modes::a_bot_is_marked_everywhere"],
    ),
    (
        65,
        "drafts are called drafts; extended-isupport is batched and early",
        &[
            "spec/capability_negotiation::drafts_are_called_drafts",
            "spec/extended_isupport::isupport_answers_with_the_list_in_a_batch_to_who_has_both_capabilities",
            "spec/extended_isupport::before_registration_it_is_for_those_who_asked",
            "spec/network_icon::the_icon_of_the_config_is_told_and_none_without_one",
        ],
    ),
    (
        66,
        "what fits on the way in may not on the way out, and nothing is lost",
        &[
            "spec/framing::long_words_are_never_lost",
            "spec/utf8_only::nothing_is_cut_within_a_character",
            "spec/every_line::every_line_that_goes_out_is_legal",
        ],
    ),
    (
        67,
        "SUB goes in order and stops at the limit; an empty value is one",
        &[
            "spec/metadata::subscriptions_are_taken_in_order_up_to_the_limit",
            "spec/metadata::what_is_set_is_answered_read_and_removed",
        ],
    ),
];

/// Every fact is there once, in order, and each of its cases is a test of the file it names.
#[test]
fn every_fact_has_its_cases() {
    let numbers: Vec<u8> = FACTS.iter().map(|fact| fact.0).collect();
    assert_eq!(numbers, (1..=67).collect::<Vec<u8>>());
    for (number, fact, cases) in FACTS {
        assert!(fact.len() > 10 && !cases.is_empty(), "{number}");
        assert_eq!(cases.iter().collect::<BTreeSet<_>>().len(), cases.len(), "{number}: twice");
        cases.iter().for_each(|case| is_test(case));
    }
}
