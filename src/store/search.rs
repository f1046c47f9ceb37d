//! What a search asks for, and whether a line answers it. Pure; both back ends use it.

use crate::desk::language::fact::Fact;

/// The words looked for, in lower case.
#[derive(Clone, Debug)]
pub struct Query {
    words: Vec<String>,
}

impl Query {
    /// The query that `words` make: every one of them, in any order, anywhere in the line, in any
    /// case. None if there is nothing to look for.
    pub fn parse(words: &str) -> Option<Self> {
        let words: Vec<String> = words.split_whitespace().map(str::to_lowercase).collect();
        if words.is_empty() { None } else { Some(Self { words }) }
    }

    /// True when the line holds all the words. Every character stands for itself: there are no wildcards.
    pub fn matches(&self, line: &str) -> bool {
        let line = line.to_lowercase();
        self.words.iter().all(|word| line.contains(word.as_str()))
    }
}

/// True for facts whose words are searched: what was said in a conversation, whoever might see it.
pub fn searched(fact: &Fact) -> bool {
    matches!(fact, Fact::Said { .. })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_word_must_be_there_in_any_order_and_case() {
        let query = Query::parse(" Rechnung  ÄRGER ").unwrap();
        assert!(query.matches("ärger mit der rechnung"));
        assert!(!query.matches("Ärger mit dem Paket"));
    }

    #[test]
    fn wildcards_are_plain_characters() {
        let query = Query::parse("100%").unwrap();
        assert!(query.matches("I am 100% sure"));
        assert!(!query.matches("I am 1000 years old"));
        assert!(!Query::parse("a_b").unwrap().matches("axb"));
    }

    #[test]
    fn nothing_is_no_query() {
        assert!(Query::parse(" \t").is_none());
    }
}
