//! What must hold between the values of a config, each of which is fine by itself.

use super::schema::COMMIT_INTERVAL_MAX;
use super::value::show_span;
use super::{Config, Listen, ListenKind, Policy, is_sha256};
use crate::base::casemap::fold;
use crate::base::limits::{HOSTLEN, ICON_BYTES, INPUT_LINE_BYTES};
use crate::base::veil::NAME_CHARACTERS;
use crate::desk::settings::Guests;
use crate::wire::tags::is_key;
use std::collections::BTreeSet;
use std::time::Duration;

/// A relation that does not hold.
pub(super) struct Fault {
    /// The keys it is about, by path, as `desk.offer` or `listen[0].address`.
    pub(super) keys: Vec<String>,
    /// What is wrong and what would be right.
    pub(super) message: String,
}

fn fault(keys: &[&str], message: impl Into<String>) -> Fault {
    Fault { keys: keys.iter().map(ToString::to_string).collect(), message: message.into() }
}

/// Every relation that does not hold.
pub(super) fn faults(config: &Config) -> Vec<Fault> {
    let mut faults = Vec::new();
    server(config, &mut faults);
    transport(config, &mut faults);
    listeners(config, &mut faults);
    departments(config, &mut faults);
    desk(config, &mut faults);
    limits(config, &mut faults);
    gateways(config, &mut faults);
    registering(config, &mut faults);
    operators(config, &mut faults);
    faults
}

fn registering(config: &Config, faults: &mut Vec<Fault>) {
    let (rules, guests) = (&config.registering, config.desk.guests);
    if rules.policy == Policy::Open && guests == Guests::Customer {
        let message = "\"registration\" in [accounts] cannot be \"open\" while guests in [server] is \"customer\": \
             a customer needs no account; choose \"closed\" or \"invitation\"";
        faults.push(fault(&["accounts.registration", "server.guests"], message));
    }
    if rules.policy != Policy::Closed && !rules.before_connect && guests != Guests::Member {
        let message = "\"before_connect\" in [accounts] can be off only where guests in [server] is \"member\": \
             elsewhere nobody could ever say REGISTER";
        faults.push(fault(&["accounts.before_connect", "server.guests"], message));
    }
}

fn server(config: &Config, faults: &mut Vec<Fault>) {
    let odd = |c: char| c.is_whitespace() || c.is_control() || "!@:,*?#".contains(c);
    let name = &config.desk.server;
    // People are shown as on hosts of it.
    let longest = HOSTLEN - NAME_CHARACTERS - ".guest.".len();
    if name.contains(odd) || !name.contains('.') || name.len() > longest {
        let message = format!(
            "\"name\" in [server] must be a host name with a dot, of at most {longest} bytes, as \"chat.example.org\""
        );
        faults.push(fault(&["server.name"], message));
    }
    if config.desk.network.contains(|c: char| c.is_whitespace() || c.is_control()) {
        let message =
            "\"network\" in [server] must be one word: clients read it up to the first space";
        faults.push(fault(&["server.network"], message));
    }
    if config.server.commit_interval > COMMIT_INTERVAL_MAX {
        let most = show_span(COMMIT_INTERVAL_MAX);
        let message = format!("\"commit_interval\" in [server] must be at most \"{most}\"");
        faults.push(fault(&["server.commit_interval"], message));
    }
    if config.tls.certificate.is_some() != config.tls.key.is_some() {
        let message = "[tls] needs both \"certificate\" and \"key\", or neither for a self-signed certificate";
        faults.push(fault(&["tls.certificate", "tls.key"], message));
    }
    let lanes = config.access.password_lanes;
    if config.access.password_memory_kib() < 8 * lanes {
        let message = format!(
            "\"password_memory\" in [access] must be at least \"{}KB\": 8 KB for each of {lanes} lane(s)",
            8 * lanes
        );
        faults.push(fault(&["access.password_memory", "access.password_lanes"], message));
    }
}

/// What is told to clients of how to reach this server.
fn transport(config: &Config, faults: &mut Vec<Fault>) {
    if let Some(icon) = &config.server.icon {
        let url = icon.starts_with("https://") || icon.starts_with("http://");
        if !url
            || icon.contains(|c: char| c.is_whitespace() || c.is_control())
            || icon.len() > ICON_BYTES
        {
            let message = format!(
                "\"icon\" in [server] must be a URL of at most {ICON_BYTES} bytes, as \"https://example.org/icon.svg\""
            );
            faults.push(fault(&["server.icon"], message));
        }
    }
    for (place, tag) in config.server.client_tag_deny.iter().enumerate() {
        let name = tag.strip_prefix('-').unwrap_or(tag);
        if !(tag == "*" && place == 0 || is_key(name) && !name.starts_with('+')) {
            let message = format!(
                "\"client_tag_deny\" in [server] holds {tag:?}, which is no tag: write \"typing\" or \"draft/react\", \
                 a - before it to let it pass, or \"*\" in the first place"
            );
            faults.push(fault(&["server.client_tag_deny"], message));
        }
    }
    if config.sts.enabled && config.tls.certificate.is_none() {
        let message = "\"enabled\" in [sts] needs a \"certificate\" in [tls]: clients refuse a self-signed one, \
             and with sts they would not connect at all";
        faults.push(fault(&["sts.enabled"], message));
    }
    let by_tls = |listen: &Listen| listen.tls && listen.kind == ListenKind::Irc;
    if config.sts.enabled && !config.listen.iter().any(by_tls) {
        let message = "\"enabled\" in [sts] needs a [[listen]] of kind \"irc\" with tls = true";
        faults.push(fault(&["sts.enabled"], message));
    }
}

fn listeners(config: &Config, faults: &mut Vec<Fault>) {
    if config.listen.is_empty() {
        faults.push(fault(&[], "there is no [[listen]]: nobody could connect; add one"));
    }
    let mut taken = BTreeSet::new();
    for (index, listen) in config.listen.iter().enumerate() {
        let key = |key: &str| format!("listen[{index}].{key}");
        if listen.address.port() != 0 && !taken.insert(listen.address) {
            let message = format!(
                "two [[listen]] have the address {}; give each its own port",
                listen.address
            );
            faults.push(fault(&[&key("address")], message));
        }
        if let Some(name) = &listen.department
            && !config.desk.departments.iter().any(|department| department.name == *name)
        {
            let message = format!(
                "this [[listen]] names the department \"{name}\", but no [[department]] is called so"
            );
            faults.push(fault(&[&key("department")], message));
        }
        if listen.kind != ListenKind::Http {
            let blank = Listen::at(listen.address);
            for (name, set) in [
                ("origins", listen.origins != blank.origins),
                ("websocket_default", listen.websocket_default != blank.websocket_default),
                ("forwarded_from", listen.forwarded_from != blank.forwarded_from),
                ("forwarded_header", listen.forwarded_header != blank.forwarded_header),
            ] {
                if set {
                    let message = format!("\"{name}\" is for a [[listen]] of kind \"http\" only");
                    faults.push(fault(&[&key(name), &key("kind")], message));
                }
            }
        }
        for origin in listen.origins.iter().filter(|origin| !is_origin(origin)) {
            let message = format!(
                "\"origins\" in [[listen]] cannot hold {origin:?}: an origin is as \"https://www.example.org\", without a path"
            );
            faults.push(fault(&[&key("origins")], message));
        }
        if listen.kind == ListenKind::Plain && config.desk.guests != Guests::Customer {
            let message = "a plain [[listen]] is for customers, but guests in [server] is not \"customer\"; \
                 remove it, or set guests = \"customer\"";
            faults.push(fault(&["server.guests", &key("kind")], message));
        }
    }
}

/// True for what a browser says of where a page is from, and for `*`.
fn is_origin(text: &str) -> bool {
    let host = text.strip_prefix("https://").or_else(|| text.strip_prefix("http://"));
    let odd = |c: char| c.is_whitespace() || c.is_control() || "/?#@*".contains(c);
    text == "*" || host.is_some_and(|host| !host.is_empty() && !host.contains(odd))
}

fn departments(config: &Config, faults: &mut Vec<Fault>) {
    if config.desk.departments.is_empty() {
        faults.push(fault(
            &[],
            "there is no [[department]]: customers would have nowhere to go; add one",
        ));
    }
    let mut taken = BTreeSet::new();
    for (index, department) in config.desk.departments.iter().enumerate() {
        let key = |key: &str| format!("department[{index}].{key}");
        if !taken.insert(&department.name) {
            let message =
                format!("two [[department]] are called \"{}\"; names are unique", department.name);
            faults.push(fault(&[&key("name")], message));
        }
        if department.name.as_str().starts_with("c-") {
            let message = "a department's name cannot begin with \"c-\": customers' channels do";
            faults.push(fault(&[&key("name")], message));
        }
        if let Some(bot) = &department.first_responder
            && department.agents.iter().any(|agent| agent.folded() == bot.folded())
        {
            let message = format!(
                "\"{bot}\" cannot be both an agent and the first responder of a department"
            );
            faults.push(fault(&[&key("agents"), &key("first_responder")], message));
        }
    }
}

fn desk(config: &Config, faults: &mut Vec<Fault>) {
    let desk = &config.desk;
    if desk.capacity > desk.capacity_max {
        let message = format!(
            "\"capacity\" in [desk] ({}) must not be more than \"capacity_max\" ({})",
            desk.capacity, desk.capacity_max
        );
        faults.push(fault(&["desk.capacity", "desk.capacity_max"], message));
    }
    let order = [
        ("seat", desk.seat, "resumable", desk.resumable),
        ("hold", desk.hold, "hold_max", desk.hold_max),
    ];
    let on = |span: Duration| !span.is_zero();
    for (first, earlier, second, later) in order {
        if on(later) && earlier > later {
            let message = format!(
                "\"{first}\" in [desk] must not be longer than \"{second}\" ({})",
                show_span(later)
            );
            faults.push(fault(&[&format!("desk.{first}"), &format!("desk.{second}")], message));
        }
    }
    if on(desk.silent_alarm) && on(desk.silent_return) && desk.silent_alarm >= desk.silent_return {
        let message = format!(
            "\"silent_alarm\" in [desk] must be shorter than \"silent_return\" ({})",
            show_span(desk.silent_return)
        );
        faults.push(fault(&["desk.silent_alarm", "desk.silent_return"], message));
    }
}

fn limits(config: &Config, faults: &mut Vec<Fault>) {
    let limits = &config.limits;
    if limits.sendq_hard == 0 {
        let message =
            "\"sendq_hard\" in [limits] cannot be off: one slow peer could then take all memory";
        faults.push(fault(&["limits.sendq_hard"], message));
    } else if limits.sendq_soft > limits.sendq_hard {
        let message = "\"sendq_soft\" in [limits] must not be more than \"sendq_hard\"";
        faults.push(fault(&["limits.sendq_soft", "limits.sendq_hard"], message));
    } else if limits.sendq_hard < 2 * INPUT_LINE_BYTES {
        let message = format!(
            "\"sendq_hard\" in [limits] must be at least \"{}B\", or one long line would cut its reader",
            2 * INPUT_LINE_BYTES
        );
        faults.push(fault(&["limits.sendq_hard"], message));
    }
    if !limits.ping_interval.is_zero() && limits.ping_timeout.is_zero() {
        let message = "\"ping_timeout\" in [limits] cannot be off while \"ping_interval\" is on";
        faults.push(fault(&["limits.ping_timeout", "limits.ping_interval"], message));
    }
    if config.health.timeout.is_zero() {
        let message = "\"timeout\" in [health] cannot be off: the check would wait for ever";
        faults.push(fault(&["health.timeout"], message));
    }
}

fn gateways(config: &Config, faults: &mut Vec<Fault>) {
    for (index, gateway) in config.gateways.iter().enumerate() {
        let key = |key: &str| format!("webirc[{index}].{key}");
        if gateway.password.is_empty() {
            let message = "this [[webirc]] has no \"password\": anybody at its addresses could claim to be \
                 anywhere; give it one";
            faults.push(fault(&[&key("addresses"), &key("password")], message));
        }
        if gateway.password.starts_with("sha256:") && gateway.digest().is_none() {
            let message = "\"password\" in [[webirc]] is no \"sha256:\" with 64 hexadecimal digits";
            faults.push(fault(&[&key("password")], message));
        }
        if gateway.addresses.is_empty() {
            let message = "\"addresses\" in [[webirc]] must name where the gateway connects from";
            faults.push(fault(&[&key("addresses")], message));
        }
        if gateway.certificate.as_deref().is_some_and(|print| !is_sha256(print)) {
            let message =
                "\"certificate\" in [[webirc]] must be 64 hexadecimal digits, without colons";
            faults.push(fault(&[&key("certificate")], message));
        }
    }
}

fn operators(config: &Config, faults: &mut Vec<Fault>) {
    let mut taken = BTreeSet::new();
    for (index, operator) in config.operators.iter().enumerate() {
        let key = |key: &str| format!("operator[{index}].{key}");
        let name = &operator.rule.name;
        if !taken.insert(fold(name)) {
            let message = format!("two [[operator]] are called \"{name}\"; names are unique");
            faults.push(fault(&[&key("name")], message));
        }
        if name.contains(char::is_whitespace) {
            let message = "\"name\" in [[operator]] must be one word, since /OPER takes it as one";
            faults.push(fault(&[&key("name")], message));
        }
        if operator.password.is_empty() {
            let message = format!("the [[operator]] \"{name}\" has no \"password\"; give it one");
            faults.push(fault(&[&key("name")], message));
        }
        if operator.rule.certificate.as_deref().is_some_and(|print| !is_sha256(print)) {
            let message =
                "\"certificate\" in [[operator]] must be 64 hexadecimal digits, without colons";
            faults.push(fault(&[&key("certificate")], message));
        }
    }
}
