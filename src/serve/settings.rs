//! From the config to the settings of each part.

use crate::accounts::hash::Cost;
use crate::accounts::operators::{OperatorPassword, Operators};
use crate::accounts::pool::PoolSettings;
use crate::base::time::Timestamp;
use crate::base::veil::Veil;
use crate::config::{self, Config, Policy};
use crate::desk::settings::Guests;
use crate::face::irc::Tally;
use crate::face::registering::Registration;
use crate::face::{Gateway, ServerInfo, Sts};
use crate::net::{GateLimits, Web};
use crate::node::{Clock, Durability, Limits, Pace};
use sha2::{Digest, Sha256};
use std::sync::Arc;
use std::time::Duration;

/// With `durability = "relaxed"`: how long commits are gathered, well within the 50 ms promised.
const RELAXED_GATHERING: Duration = Duration::from_millis(20);

pub(super) fn durability(config: &Config) -> Durability {
    match config.server.durability {
        config::Durability::Strict => Durability::Strict,
        config::Durability::Relaxed => Durability::Relaxed,
    }
}

pub(super) fn pace(config: &Config) -> Pace {
    match config.server.durability {
        config::Durability::Strict => Pace::UpTo(config.server.commit_interval),
        config::Durability::Relaxed => Pace::For(RELAXED_GATHERING),
    }
}

pub(super) fn limits(config: &Config) -> Limits {
    let limits = &config.limits;
    Limits {
        queue_soft: limits.sendq_soft,
        queue_hard: limits.sendq_hard,
        lines_per_second: limits.messages_per_second,
        burst: limits.message_burst,
        registration: limits.registration_timeout,
        ping_interval: limits.ping_interval,
        ping_timeout: limits.ping_timeout,
    }
}

pub(super) fn gate_limits(config: &Config) -> GateLimits {
    let limits = &config.limits;
    GateLimits {
        connections: limits.connections,
        per_address: limits.connections_per_address,
        per_account: limits.connections_per_account,
        per_minute: limits.connects_per_minute,
        exempt: limits.exempt.clone(),
        gateways: config.gateways.iter().flat_map(|it| it.addresses.clone()).collect(),
    }
}

/// The passwords of the config's `[[operator]]` blocks.
pub(super) fn operator_passwords(config: &Config) -> Vec<OperatorPassword> {
    let one = |block: &config::Operator| OperatorPassword {
        name: block.rule.name.clone(),
        password: block.password.clone(),
    };
    config.operators.iter().map(one).collect()
}

pub(super) fn pool_settings(config: &Config, operators: Operators) -> PoolSettings {
    let access = &config.access;
    PoolSettings {
        workers: access.hash_workers as usize,
        cost: Cost {
            memory_kib: access.password_memory_kib(),
            passes: access.password_passes,
            lanes: access.password_lanes,
        },
        logins_per_minute: config.limits.logins_per_minute,
        operators,
        ..PoolSettings::new(|| Clock::default().now())
    }
}

fn registration(config: &Config) -> Option<Registration> {
    let rules = &config.registering;
    (rules.policy != Policy::Closed).then(|| Registration {
        invitation: rules.policy == Policy::Invitation,
        email_required: rules.email_required,
        before_connect: rules.before_connect,
        password_characters: rules.password_characters as usize,
    })
}

pub(super) fn server_info(
    config: &Config,
    created: Timestamp,
    veil: Veil,
    used: Tally,
) -> Arc<ServerInfo> {
    Arc::new(ServerInfo {
        server: config.desk.server.clone(),
        network: config.desk.network.clone(),
        created,
        motd: config.server.motd.clone(),
        plaintext_passwords: config.access.plaintext_passwords,
        password: config.server.password.clone(),
        desk: config.desk.guests == Guests::Customer,
        prefixes: config.desk.prefixes,
        accounts_only: config.desk.guests == Guests::Refuse,
        registration: registration(config),
        icon: config.server.icon.clone(),
        sts: config.sts.enabled.then(|| Sts {
            port: u16::try_from(config.sts.port).unwrap_or(u16::MAX),
            duration: config.sts.duration,
            preload: config.sts.preload,
        }),
        metadata: config.desk.metadata.clone(),
        gateways: config.gateways.iter().map(gateway).collect(),
        client_tag_deny: config.server.client_tag_deny.join(",").into(),
        admin: config.server.admin.clone(),
        history_lines: config.desk.history.lines_max,
        veil,
        cloaks: config.server.hosts == config::GuestHosts::Cloak,
        used,
        sasl: true,
    })
}

pub(super) fn web(config: &Config, listen: &config::Listen) -> Web {
    Web {
        server: config.desk.server.clone(),
        origins: listen.origins.clone(),
        forwarded_from: listen.forwarded_from.clone(),
        forwarded: listen.forwarded_header == config::ForwardedHeader::Forwarded,
        binary: listen.websocket_default == config::Messages::Binary,
    }
}

fn gateway(block: &config::Gateway) -> Gateway {
    Gateway {
        addresses: block.addresses.clone(),
        password: block.digest().unwrap_or_else(|| Sha256::digest(&*block.password).into()),
        certificate: block.certificate.clone(),
    }
}
