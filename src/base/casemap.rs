//! Case mapping `ascii`: the one folding under which names are equal here.
//!
//! Source: Modern IRC, `CASEMAPPING` (only `A`–`Z` fold to `a`–`z`).

/// The folded form of a name, the key under which every map holds it.
pub fn fold(name: &str) -> String {
    name.to_ascii_lowercase()
}

/// True when two names are the same name under the case mapping.
pub fn same(a: &str, b: &str) -> bool {
    a.eq_ignore_ascii_case(b)
}

/// True when `name` matches the glob `mask` (`*` any run, `?` any one character), case folded.
///
/// Runs in `O(mask × name)` at worst, never exponentially.
pub fn mask_matches(mask: &str, name: &str) -> bool {
    let mask: Vec<char> = fold(mask).chars().collect();
    let name: Vec<char> = fold(name).chars().collect();
    let (mut m, mut n) = (0, 0);
    let mut retry: Option<(usize, usize)> = None;
    while n < name.len() {
        match mask.get(m) {
            Some('*') => {
                retry = Some((m, n));
                m += 1;
            }
            Some(&c) if c == '?' || c == name[n] => {
                m += 1;
                n += 1;
            }
            Some(_) | None => match retry {
                Some((star, from)) => {
                    retry = Some((star, from + 1));
                    m = star + 1;
                    n = from + 1;
                }
                None => return false,
            },
        }
    }
    mask[m..].iter().all(|&c| c == '*')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_ascii_letters_fold() {
        assert_eq!(fold("Bob[É]"), "bob[É]");
        assert!(same("#Support", "#sUPPORT"));
        assert!(!same("a{", "a["));
    }

    #[test]
    fn masks_match_as_globs() {
        assert!(mask_matches("*!*@10.0.*", "anna!~a@10.0.0.7"));
        assert!(mask_matches("a?na*", "ANNA-7k2f"));
        assert!(!mask_matches("a?na", "anna-7k2f"));
        assert!(mask_matches("*", ""));
        assert!(!mask_matches("?", ""));
        assert!(!mask_matches(&"*a".repeat(60), &"b".repeat(400)));
    }
}
