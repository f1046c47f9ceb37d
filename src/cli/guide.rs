//! `switchboard guide`: how to enter this server in a client, and the reference.

use super::{Failure, answer};
use crate::config::{Config, ListenKind};
use crate::guide::{self, CLIENTS};
use clap::Args as ClapArgs;

#[derive(Debug, ClapArgs)]
pub(super) struct Args {
    /// A client (irssi, weechat, …) or `reference`; without it the list of pages
    page: Option<String>,
}

pub(super) fn run(config: &Config, args: &Args) -> Result<(), Failure> {
    let names = || CLIENTS.map(|page| page.name).join(", ");
    let Some(name) = &args.page else {
        answer(&format!(
            "switchboard guide PAGE prints a page:\n  {}\n      what to enter in that client\n  \
             reference\n      every command and capability, with an example\n",
            names()
        ));
        return Ok(());
    };
    let page = guide::page(name).ok_or_else(|| {
        let what = format!("there is no page {name:?}");
        Failure::new(what, format!("there are: {}, reference", names()))
    })?;
    let tls = |l: &&crate::config::Listen| l.kind == ListenKind::Irc && l.tls;
    let port = config.listen.iter().find(tls).map(|l| l.address.port());
    answer(&guide::with_address(page, &config.desk.server, port));
    Ok(())
}
