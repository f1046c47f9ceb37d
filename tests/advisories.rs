//! A test for each class of published advisory (facts/irc.md 4b) whose class applies to what is here, in
//! memory and by the smallest direct way; the id stands beside each, and in the table below.

#[path = "advisories/accounts.rs"]
mod accounts;
#[path = "advisories/memory.rs"]
mod memory;
#[path = "advisories/ranks.rs"]
mod ranks;
#[path = "advisories/rights.rs"]
mod rights;
#[path = "advisories/signing_in.rs"]
mod signing_in;
#[allow(dead_code, reason = "shared with other suites, each of which uses some of it")]
mod stage;
#[path = "advisories/text.rs"]
mod text;

/// The advisory, and its cases: the file below tests/ and the function in it.
const ADVISORIES: &[(&str, &[&str])] = &[
    (
        "CVE-2009-4016",
        &["advisories/memory::numbers_at_their_ends_are_refused_or_taken_and_never_counted_with"],
    ),
    (
        "CVE-2012-6084",
        &[
            "advisories/memory::no_verb_minds_how_many_parameters_it_gets",
            "hostile/verbs::half_registered",
        ],
    ),
    (
        "CVE-2013-0238",
        &[
            "advisories/memory::a_prefix_out_of_its_range_blocks_nobody",
            "advisories/memory::any_mask_is_refused_or_names_somebody",
        ],
    ),
    ("CVE-2013-6413", &["advisories/memory::ends_in_the_middle_of_what_ends_them"]),
    ("CVE-2013-7384", &["advisories/memory::ends_in_the_middle_of_what_ends_them"]),
    (
        "CVE-2015-5290",
        &[
            "advisories/memory::every_list_of_a_person_has_its_end",
            "advisories/memory::what_a_person_keeps_is_bounded_in_bytes",
        ],
    ),
    ("CVE-2015-8702", &["advisories/text::no_text_of_anybody_begins_a_line"]),
    (
        "CVE-2016-7144",
        &["advisories/signing_in::external_uses_only_the_fingerprint_that_the_transport_saw"],
    ),
    (
        "CVE-2019-20918",
        &[
            "advisories/signing_in::an_answer_that_comes_after_the_end_is_nobodys",
            "advisories/accounts::answers_that_come_after_the_end_are_nobodys",
        ],
    ),
    ("CVE-2020-13775", &["advisories/text::every_two_capabilities_work_together"]),
    ("CVE-2020-25269", &["advisories/signing_in::an_answer_that_comes_after_the_end_is_nobodys"]),
    ("CVE-2021-22911", &["advisories/memory::a_search_is_words_and_never_a_query"]),
    ("CVE-2021-32918", &["advisories/memory::the_defaults_bound_what_peers_can_take"]),
    ("CVE-2021-33586", &["advisories/memory::no_verb_minds_how_many_parameters_it_gets"]),
    ("CVE-2022-0527", &["advisories/text::a_transcript_page_shows_markup_as_text"]),
    (
        "CVE-2022-24976",
        &[
            "advisories/signing_in::nothing_said_in_the_middle_of_a_sign_in_completes_it",
            "advisories/signing_in::what_is_said_during_a_check_waits_for_its_answer",
        ],
    ),
    ("CVE-2022-29166", &["advisories/text::no_text_of_anybody_begins_a_line"]),
    ("CVE-2023-32315", &["server/websocket::whoever_else_knocks_is_told_what_this_is"]),
    ("CVE-2023-38690", &["advisories/text::no_text_of_anybody_begins_a_line"]),
    (
        "CVE-2023-50784",
        &[
            "hostile/websocket::frames_that_lie_about_their_size_or_kind_end_their_sender",
            "hostile/websocket::a_flood_of_pings_is_a_flood_of_lines",
            "server/websocket::a_long_line_is_refused_and_a_longer_message_ends_it",
        ],
    ),
    ("CVE-2024-39844", &["advisories/text::words_are_never_read_again_as_a_template_or_command"]),
    (
        "GHSA-8cmp-fc56-7g44",
        &[
            "advisories/rights::every_desk_command_asks_for_its_own_right_and_a_refusal_changes_nothing",
            "advisories/ranks::every_rank_may_do_its_own_and_a_refusal_changes_nothing",
            "spec/message_redaction::the_line_must_be_ones_own_or_the_channel",
        ],
    ),
    (
        "GHSA-x6wg-9hcg-fc9v",
        &[
            "advisories/signing_in::account_state_is_checked_on_every_way_in",
            "advisories/signing_in::who_is_suspended_goes_at_once_and_a_check_under_way_is_of_no_use",
            "advisories/accounts::an_account_that_waits_or_is_suspended_opens_nothing",
            "advisories/accounts::who_is_suspended_while_the_account_is_made_is_not_in_it",
        ],
    ),
    (
        "Ergo 2.16",
        &[
            "advisories/text::a_browser_or_a_line_without_end_gets_nowhere",
            "hostile/garbage::a_browser_is_shown_the_door_and_nothing_it_posts_is_done",
        ],
    ),
    (
        "ergo#610",
        &[
            "advisories/text::no_text_of_anybody_begins_a_line",
            "advisories/text::nor_does_what_is_kept_or_asked_for_later",
            "hostile/garbage::nul_and_bare_cr_end_no_line_and_reach_nobody",
        ],
    ),
    (
        "ergo#959",
        &[
            "advisories/text::a_whisper_is_in_no_history_of_the_customer",
            "spec/statusmsg::history_shows_words_to_a_rank_to_nobody_below",
        ],
    ),
    (
        "ergo#1634",
        &[
            "advisories/signing_in::nothing_goes_round_the_servers_password",
            "spec/account_registration::registering_goes_round_no_password",
        ],
    ),
    (
        "ergo#2382",
        &[
            "advisories/rights::what_is_not_ones_own_looks_like_what_is_not_there",
            "spec/metadata::a_channel_is_its_operators_and_private_ones_their_members",
        ],
    ),
    (
        "ngIRCd 28",
        &[
            "hostile/garbage::tls_at_a_plain_door_is_told_so_and_costs_no_processor",
            "hostile/garbage::a_line_without_end_is_not_kept",
        ],
    ),
];

/// Those that have no case, and why nothing here could have their class.
const LEFT_OUT: &[(&str, &str)] = &[
    ("CVE-2010-2075", "a trojaned release: there are no releases"),
    ("CVE-2012-1836", "an own DNS parser: no name of a peer is ever resolved"),
    ("CVE-2020-14148", "a peer server's input: there is one server"),
    ("GHSA-7pw8-m2w2-f545", "SSRF by web push: nothing connects to what a peer names"),
    ("ergo#2149", "a deadlock: one thread owns the desk, and there is no lock to take twice"),
];

#[test]
fn every_advisory_has_its_cases_or_its_reason() {
    for (id, cases) in ADVISORIES {
        assert!(!cases.is_empty() && LEFT_OUT.iter().all(|(left, _)| left != id), "{id}");
        cases.iter().for_each(|case| stage::cited::is_test(case));
    }
    assert!(ADVISORIES.windows(2).all(|two| two[0].0.to_lowercase() != two[1].0.to_lowercase()));
    assert_eq!(ADVISORIES.len() + LEFT_OUT.len(), 34);
    assert!(LEFT_OUT.iter().all(|(_, why)| why.contains(": ")));
}
