//! Which names a reader would take for another: customers must not look like staff.
//!
//! Source: Unicode Technical Standard 39 section 4 (confusable skeletons), and the habits of chat:
//! digits for letters, tails of `_` and numbers. Pure text in, answer out; it knows no accounts.

use crate::base::casemap::same;

/// Names that only the server itself, or staff by their account, may carry or resemble.
pub const RESERVED: [&str; 16] = [
    "desk",
    "server",
    "admin",
    "administrator",
    "support",
    "staff",
    "agent",
    "supervisor",
    "operator",
    "moderator",
    "helpdesk",
    "service",
    "services",
    "system",
    "root",
    "switchboard",
];

/// What remains of a name once everything that the eye passes over is gone: case, marks, letters of
/// other alphabets that look alike, digits in place of letters, and whatever surrounds the letters.
///
/// Two names with the same skeleton resemble each other; the skeleton itself is not for showing.
pub fn skeleton(name: &str) -> String {
    let core = drawn(name.trim_matches(|c: char| !c.is_alphabetic()));
    if core.is_empty() { drawn(name) } else { core }
}

/// True when a reader may take `name` for `staff`. Give the part of a nick that its owner chose,
/// without the code that the server adds.
pub fn resembles(name: &str, staff: &str) -> bool {
    if same(name, staff) {
        return true;
    }
    let wanted = readings(staff);
    readings(name).iter().any(|reading| !reading.is_empty() && wanted.contains(reading))
}

/// Both ways to read a name: a digit at the end is a tail (`bob1`) or a letter (`le0`). Names
/// resemble each other when they share a reading that is not empty.
pub fn readings(name: &str) -> [String; 2] {
    [skeleton(name), drawn(name)]
}

/// True when `name` is, or resembles, one that is kept for the server and its staff.
pub fn is_reserved(name: &str) -> bool {
    RESERVED.iter().any(|reserved| resembles(name, reserved))
}

/// The name as the eye sees it, tails included.
fn drawn(name: &str) -> String {
    // Prototypes may be capitals (`0` is drawn as `O`), whose small letters have prototypes of
    // their own (`M` → `m` → `rn`): hence once before and once after the folding of case.
    let capitals: String = unicode_security::skeleton(name).collect();
    let small: String = unicode_security::skeleton(&capitals.to_lowercase()).collect();
    let letters: String = small.chars().filter(|c| c.is_alphanumeric()).map(letter_for).collect();
    letters.replace("vv", "w")
}

/// The letter that a character stands for in names such as `b0b` and `a1ice`.
fn letter_for(c: char) -> char {
    match c {
        '0' => 'o',
        '1' | 'i' => 'l',
        '3' => 'e',
        '4' => 'a',
        '5' => 's',
        '7' => 't',
        '8' => 'b',
        other => other,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn look_alikes_are_seen() {
        let table = [
            ("bob", "bob"),
            ("BOB_", "bob"),
            ("b0b", "bob"),
            ("bob1", "bob"),
            ("bob-1987", "bob"),
            ("__bob__", "bob"),
            ("bob|away", "bobiaway"),
            ("b_o_b", "bob"),
            ("[bob]", "bob"),
            ("^bob`", "bob"),
            ("bob||", "bob"),
            ("bo8", "bob"),
            ("bоb", "bob"),
            ("ＢＯＢ", "bob"),
            ("bób", "bob"),
            ("b\u{200b}ob", "bob"),
            ("bob\u{200d}1", "bob"),
            ("le0", "leo"),
            ("3rik", "erik"),
            ("a1ice", "alice"),
            ("aIice", "Alice"),
            ("b|ll", "bill"),
            ("carrne1", "carmel"),
            ("MAX", "rnax"),
            ("vvendy", "Wendy"),
            ("5u5an", "susan"),
            ("bob", "bob2"),
            ("___", "___"),
        ];
        for (name, staff) in table {
            assert!(resembles(name, staff), "{name} for {staff}");
            assert!(resembles(staff, name), "{staff} for {name}");
        }
    }

    #[test]
    fn other_names_are_free() {
        let table = [
            ("bobby", "bob"),
            ("rob", "bob"),
            ("bo", "bob"),
            ("boob", "bob"),
            ("anna", "ana"),
            ("___", "bob"),
            ("___", "_-_"),
            ("", "bob"),
            ("bob", ""),
            ("deskwork", "desk"),
            ("bob-smith", "bob"),
        ];
        for (name, staff) in table {
            assert!(!resembles(name, staff), "{name} for {staff}");
        }
    }

    #[test]
    fn service_names_are_kept() {
        for name in ["desk", "DESK", "de5k", "desk_", "supp0rt", "Adrnin", "admin1", "_server_"] {
            assert!(is_reserved(name), "{name}");
        }
        for name in ["anna", "desmond", "addison", "rooted"] {
            assert!(!is_reserved(name), "{name}");
        }
    }

    proptest! {
        #[test]
        fn tails_and_case_never_hide_a_name(name in "[a-z]{1,12}", tail in "[-_0-9|^`]{0,6}") {
            let dressed = name.to_uppercase() + &tail;
            prop_assert!(resembles(&dressed, &name), "{} for {}", dressed, name);
        }

        #[test]
        fn resembling_goes_both_ways(a in "\\PC{0,12}", b in "\\PC{0,12}") {
            prop_assert_eq!(resembles(&a, &b), resembles(&b, &a));
            prop_assert!(resembles(&a, &a));
        }
    }
}
