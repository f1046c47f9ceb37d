//! What a person reads who connects: a page for each popular client, and the reference of every command
//! and capability. Texts only; it knows no file and no server.

pub mod reference;

/// One page.
#[derive(Clone, Copy, Debug)]
pub struct Page {
    /// As it is asked for.
    pub name: &'static str,
    /// What it says, in Markdown.
    pub text: &'static str,
}

macro_rules! client {
    ($name:literal) => {
        Page { name: $name, text: include_str!(concat!("clients/", $name, ".md")) }
    };
}

/// How to enter this server in each client, by name.
pub const CLIENTS: [Page; 10] = [
    client!("goguma"),
    client!("halloy"),
    client!("hexchat"),
    client!("irssi"),
    client!("konversation"),
    client!("mirc"),
    client!("soju"),
    client!("thelounge"),
    client!("weechat"),
    client!("znc"),
];

/// Every command and capability with an example; `tests/reference.rs` holds that it is current.
pub const REFERENCE: Page = Page { name: "reference", text: include_str!("reference.md") };

/// The page of that name, in whatever case.
pub fn page(name: &str) -> Option<&'static Page> {
    let named = |page: &&Page| page.name.eq_ignore_ascii_case(name);
    CLIENTS.iter().chain([&REFERENCE]).find(named)
}

/// A client's page with this server's own address and port for TLS in place of the examples.
pub fn with_address(page: &Page, host: &str, port: Option<u16>) -> String {
    let text = page.text.replace("chat.example", host);
    match port {
        Some(port) => text.replace("6697", &port.to_string()),
        None => text,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_page_is_found_and_says_where_to_connect() {
        for client in &CLIENTS {
            assert_eq!(page(&client.name.to_uppercase()).unwrap().name, client.name);
            let own = with_address(client, "desk.shop.example", Some(7000));
            assert!(own.contains("desk.shop.example"), "{}", client.name);
            assert!(!own.contains("chat.example"), "{}", client.name);
            assert!(client.text.starts_with("# "), "{}", client.name);
        }
        assert!(page("lynx").is_none());
    }
}
