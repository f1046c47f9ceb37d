//! Slow and outward things, each on threads of its own, and their way back to the runner.

use crate::accounts::pool::Pool;
use crate::accounts::store::AccountStore;
use crate::base::time::Timestamp;
use crate::config::Config;
use crate::desk::language::archive::ArchiveQuery;
use crate::face::registering::Registered;
use crate::face::{Credentials, Verdict};
use crate::net::Errand;
use crate::node::{ArchiveThread, Asker, Outside, Ticket};
use crate::store::sqlite::SqliteArchive;
use std::cell::RefCell;
use std::io;
use std::net::IpAddr;
use std::rc::Rc;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;
use tokio::sync::{Notify, mpsc};

/// How often the accounts are looked at for changes by the command line.
const ACCOUNTS_EVERY: Duration = Duration::from_secs(1);

/// Tells the desk of changes that the command line makes beside the running server.
pub(super) fn watch_accounts(
    accounts: AccountStore,
    errands: mpsc::Sender<Errand>,
    stale: Arc<AtomicBool>,
) -> io::Result<()> {
    let watch = move || {
        let mut seen = accounts.generation().ok();
        let mut faulty = false;
        let again = Arc::new(AtomicBool::new(false));
        // Nobody takes it only when the server ends, and the loop with it.
        let tell = |errand: Errand| drop(errands.blocking_send(errand));
        while !errands.is_closed() {
            std::thread::sleep(ACCOUNTS_EVERY);
            if again.swap(false, Ordering::Relaxed) {
                seen = None;
            }
            let read = accounts.generation().and_then(|generation| {
                let changed = seen != Some(generation);
                Ok((generation, changed.then(|| accounts.staff()).transpose()?))
            });
            match read {
                Ok((generation, staff)) => {
                    seen = Some(generation);
                    if std::mem::take(&mut faulty) {
                        tell(Box::new(|node, now| node.set_accounts_work(now, true)));
                    }
                    if let Some(staff) = staff {
                        let (stale, again) = (stale.clone(), again.clone());
                        let errand: Errand = Box::new(move |node, now| {
                            // This list may have been read before an account was made that is
                            // signed in to already: it is read again.
                            if stale.swap(false, Ordering::Relaxed) {
                                again.store(true, Ordering::Relaxed);
                            } else {
                                node.set_accounts(now, staff);
                            }
                        });
                        tell(errand);
                    }
                }
                Err(fault) if !faulty => {
                    faulty = true;
                    tracing::error!(%fault, "the accounts cannot be read; changes wait");
                    tell(Box::new(|node, now| node.set_accounts_work(now, false)));
                }
                Err(_) => {}
            }
        }
    };
    std::thread::Builder::new().name("accounts-watch".into()).spawn(watch).map(drop)
}

/// A reader of the archive on a thread of its own.
pub(super) fn archive(
    config: &Config,
    errands: &mpsc::Sender<Errand>,
) -> Result<ArchiveThread, super::Error> {
    let archive = SqliteArchive::open(config.database())?;
    let errands = errands.clone();
    ArchiveThread::start(Box::new(archive), move |answer| {
        let errand: Errand = Box::new(move |node, now| {
            node.answered(now, &answer.asker, &answer.reply);
        });
        errands.blocking_send(errand).is_ok()
    })
    .map_err(|e| super::failed("no thread", &e, "see what the system lacks"))
}

/// What the runner asks of the outside.
pub(super) struct Services {
    pub(super) pool: Pool,
    pub(super) archive: ArchiveThread,
    pub(super) lines: ArchiveThread,
    pub(super) errands: mpsc::Sender<Errand>,
    pub(super) config: Rc<RefCell<Config>>,
    pub(super) reload: Rc<Notify>,
    /// Who waits for the config to be read again.
    pub(super) rehashes: Rc<RefCell<Vec<Ticket>>>,
    /// An account was made since the list of them was last told to the desk.
    pub(super) stale: Arc<AtomicBool>,
}

impl Outside for Services {
    fn verify(
        &mut self,
        ticket: Ticket,
        address: &Arc<str>,
        credentials: Credentials,
    ) -> Result<(), Verdict> {
        let exempt = address.parse::<IpAddr>().is_ok_and(|ip| self.config.borrow().exempt(ip));
        let errands = self.errands.clone();
        let stale = self.stale.clone();
        let reply = move |_, verdict| {
            let errand: Errand = Box::new(move |node, now| {
                if matches!(verdict, Verdict::Registered(Registered::Done(..))) {
                    stale.store(true, Ordering::Relaxed);
                }
                node.verdict(now, ticket, verdict);
            });
            // There is room for more answers than the pool can owe.
            if errands.try_send(errand).is_err() {
                tracing::warn!("a verdict found nobody waiting");
            }
        };
        let serial = u64::from(ticket.serial);
        let asked = self.pool.try_verify(serial, address, exempt, credentials, Box::new(reply));
        asked.map_err(|busy| busy.verdict)
    }

    fn attempted(&mut self, address: &Arc<str>, account: &str, success: bool) {
        self.pool.attempted(account, address, success);
    }

    fn consult(&mut self, now: Timestamp, asker: Asker, query: ArchiveQuery) -> bool {
        let archive = match query {
            ArchiveQuery::Search { .. } | ArchiveQuery::Report { .. } => &self.archive,
            ArchiveQuery::Lines(_) | ArchiveQuery::Targets(_) | ArchiveQuery::Line(_) => {
                &self.lines
            }
        };
        archive.ask(now, asker, query)
    }

    fn rehash(&mut self, ticket: Ticket) {
        self.rehashes.borrow_mut().push(ticket);
        self.reload.notify_one();
    }
}
