//! Rust source as the house rules see it: comments, strings and tests taken out, lines kept.
//!
//! A scanner, not a parser: it knows braces and words, and none of the rules.

/// One file, with views of it in which every line keeps its number.
pub(crate) struct File {
    pub(crate) path: String,
    pub(crate) text: String,
    /// Strings, characters and comments blanked.
    pub(crate) code: String,
    /// `code` without its tests.
    pub(crate) product: String,
}

impl File {
    pub(crate) fn new(path: &str, text: &str) -> Self {
        let code = blank(text);
        let is_test = path.split('/').any(|p| p == "tests" || p == "tests.rs");
        let product = if is_test { keep_lines(&code) } else { without_tests(&code) };
        Self { path: path.to_owned(), text: text.to_owned(), code, product }
    }

    /// The module of the crate's root that it belongs to; none for `lib.rs`.
    pub(crate) fn module(&self) -> Option<&str> {
        let first = self.path.split('/').next()?;
        let module = first.strip_suffix(".rs").unwrap_or(first);
        (module != "lib").then_some(module)
    }

    /// How many modules deep it is: `super` that often is the crate's root.
    pub(crate) fn depth(&self) -> usize {
        let parts = self.path.split('/').count();
        if self.path.ends_with("/mod.rs") { parts - 1 } else { parts }
    }

    pub(crate) fn complain(&self, at: usize, what: &str) -> String {
        format!("src/{}:{}: {what}", self.path, line_of(&self.text, at))
    }
}

pub(crate) fn line_of(text: &str, at: usize) -> usize {
    text.as_bytes()[..at].iter().filter(|&&b| b == b'\n').count() + 1
}

fn keep_lines(text: &str) -> String {
    text.bytes().map(|b| if b == b'\n' { '\n' } else { ' ' }).collect()
}

/// Blanks comments, strings and characters, byte for byte.
fn blank(text: &str) -> String {
    let bytes = text.as_bytes();
    let mut out = Vec::with_capacity(bytes.len());
    let mut at = 0;
    while at < bytes.len() {
        let end = skipped(bytes, at);
        if end > at {
            out.extend(bytes[at..end].iter().map(|&b| if b == b'\n' { b'\n' } else { b' ' }));
            at = end;
        } else {
            out.push(if bytes[at].is_ascii() { bytes[at] } else { b' ' });
            at += 1;
        }
    }
    String::from_utf8(out).unwrap()
}

/// Where what begins at `at` ends, if it is a comment, string or character; else `at`.
fn skipped(bytes: &[u8], at: usize) -> usize {
    let rest = &bytes[at..];
    if rest.starts_with(b"//") {
        return at + rest.iter().position(|&b| b == b'\n').unwrap_or(rest.len());
    }
    if rest.starts_with(b"/*") {
        return at + block_comment(rest);
    }
    if rest[0] == b'"' {
        return at + quoted(rest, b'"');
    }
    if rest[0] == b'r'
        && (at == 0 || !is_ident(bytes[at - 1]) || matches!(bytes[at - 1], b'b' | b'c'))
    {
        let hashes = rest[1..].iter().take_while(|&&b| b == b'#').count();
        if rest.get(1 + hashes) == Some(&b'"') {
            let close = [b"\"".to_vec(), vec![b'#'; hashes]].concat();
            let body = &rest[2 + hashes..];
            let end = body.windows(close.len()).position(|w| w == close).unwrap_or(body.len());
            return at + (2 + hashes + end + close.len()).min(rest.len());
        }
    }
    if rest[0] == b'\'' {
        let text = str::from_utf8(&rest[1..]).unwrap_or("");
        let mut chars = text.chars();
        match (chars.next(), chars.next()) {
            (Some('\\'), _) => return at + quoted(rest, b'\''),
            (Some(c), Some('\'')) => return at + 2 + c.len_utf8(),
            _ => {}
        }
    }
    at
}

fn block_comment(rest: &[u8]) -> usize {
    let (mut depth, mut at) = (0, 0);
    while at < rest.len() {
        match &rest[at..] {
            [b'/', b'*', ..] => (depth, at) = (depth + 1, at + 2),
            [b'*', b'/', ..] if depth == 1 => return at + 2,
            [b'*', b'/', ..] => (depth, at) = (depth - 1, at + 2),
            _ => at += 1,
        }
    }
    rest.len()
}

fn quoted(rest: &[u8], quote: u8) -> usize {
    let mut at = 1;
    while at < rest.len() {
        match rest[at] {
            b'\\' => at += 2,
            b if b == quote => return at + 1,
            _ => at += 1,
        }
    }
    rest.len()
}

/// Blanks every item under `#[cfg(test)]`.
fn without_tests(code: &str) -> String {
    let mut out = code.to_owned();
    while let Some(start) = out.find("#[cfg(test)]") {
        let after = &out[start..];
        let open = after.find('{').unwrap_or(after.len());
        let end = match after.find(';') {
            Some(semicolon) if semicolon < open => start + semicolon + 1,
            _ => block_end(&out, start + open).unwrap_or(out.len()),
        };
        let blanked = keep_lines(&out[start..end]);
        out.replace_range(start..end, &blanked);
    }
    out
}

/// Just behind the brace that closes the one at `open`.
pub(crate) fn block_end(code: &str, open: usize) -> Option<usize> {
    let mut depth = 0;
    for (i, b) in code.bytes().enumerate().skip(open) {
        match b {
            b'{' => depth += 1,
            b'}' if depth == 1 => return Some(i + 1),
            b'}' => depth -= 1,
            _ => {}
        }
    }
    None
}

pub(crate) fn is_ident(b: u8) -> bool {
    b.is_ascii_alphanumeric() || b == b'_'
}

pub(crate) fn ident_at(code: &str) -> &str {
    &code[..code.bytes().take_while(|&b| is_ident(b)).count()]
}

/// Where `name` stands as a whole word or path.
pub(crate) fn places<'a>(code: &'a str, name: &'a str) -> impl Iterator<Item = usize> + 'a {
    let bytes = code.as_bytes();
    code.match_indices(name).map(|(at, _)| at).filter(move |&at| {
        let end = at + name.len();
        let opens = !is_ident(bytes[at]) || at == 0 || !is_ident(bytes[at - 1]);
        // `std::net::Tcp` is meant as a beginning.
        let begins = name.ends_with("Tcp");
        let closes =
            begins || !is_ident(bytes[end - 1]) || !bytes.get(end).copied().is_some_and(is_ident);
        opens && closes
    })
}
