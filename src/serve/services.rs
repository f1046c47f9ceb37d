//! Slow and outward things, each on threads of its own, and their way back to the runner.

use crate::accounts::pool::Pool;
use crate::accounts::store::AccountStore;
use crate::base::time::Timestamp;
use crate::config::Config;
use crate::desk::StaffAccount;
use crate::desk::language::archive::ArchiveQuery;
use crate::face::{Credentials, Verdict};
use crate::net::Errand;
use crate::node::{ArchiveThread, Asker, Outside, Ticket};
use crate::store::sqlite::SqliteArchive;
use std::cell::RefCell;
use std::io;
use std::net::IpAddr;
use std::rc::Rc;
use std::sync::Arc;
use std::sync::mpsc::{RecvTimeoutError, SyncSender, sync_channel};
use std::time::{Duration, Instant};
use tokio::sync::{Notify, mpsc};

/// How often the accounts are looked at for changes by the command line.
const ACCOUNTS_EVERY: Duration = Duration::from_secs(1);
/// Verdicts on their way to the desk; more than the pool can owe.
const VERDICTS: usize = 1024;

/// A verdict on its way to the desk.
pub(super) type Judged = (Ticket, Verdict);

/// Tells the desk of changes that the command line makes beside the running server. Verdicts pass through
/// here, so that who just got an account, or has it back, is known before they sign in.
pub(super) fn watch_accounts(
    accounts: AccountStore,
    told: Vec<StaffAccount>,
    errands: mpsc::Sender<Errand>,
) -> io::Result<SyncSender<Judged>> {
    let (verdicts, judged) = sync_channel(VERDICTS);
    let mut watch = Watch { generation: None, told, accounts, errands, faulty: false };
    let run = move || {
        let mut due = Instant::now();
        while !watch.errands.is_closed() {
            match judged.recv_timeout(due.saturating_duration_since(Instant::now())) {
                Ok((ticket, verdict)) => {
                    if watch.is_news(&verdict) {
                        watch.look();
                    }
                    watch.tell(Box::new(move |node, now| node.verdict(now, ticket, verdict)));
                }
                Err(RecvTimeoutError::Timeout) => {}
                Err(RecvTimeoutError::Disconnected) => return,
            }
            if due <= Instant::now() {
                watch.look();
                due = Instant::now() + ACCOUNTS_EVERY;
            }
        }
    };
    std::thread::Builder::new().name("accounts-watch".into()).spawn(run)?;
    Ok(verdicts)
}

/// The accounts as the desk was last told of them.
struct Watch {
    accounts: AccountStore,
    generation: Option<u64>,
    told: Vec<StaffAccount>,
    errands: mpsc::Sender<Errand>,
    faulty: bool,
}

impl Watch {
    /// True when somebody is let in by an account that the desk may not know.
    fn is_news(&self, verdict: &Verdict) -> bool {
        let (name, role) = match verdict {
            Verdict::Yes(name, role) => (name, role),
            Verdict::Scram(keys) => match &keys.account {
                Some((name, role)) => (name, role),
                None => return false,
            },
            _ => return false,
        };
        !self.told.iter().any(|it| it.name == *name && it.role == *role)
    }

    /// Reads the accounts if they have changed, and tells the desk.
    fn look(&mut self) {
        let read = self.accounts.generation().and_then(|generation| {
            let changed = self.generation != Some(generation);
            Ok((generation, changed.then(|| self.accounts.staff()).transpose()?))
        });
        match read {
            Ok((generation, staff)) => {
                self.generation = Some(generation);
                if std::mem::take(&mut self.faulty) {
                    self.tell(Box::new(|node, now| node.set_accounts_work(now, true)));
                }
                if let Some(staff) = staff {
                    self.told.clone_from(&staff);
                    self.tell(Box::new(move |node, now| node.set_accounts(now, staff)));
                }
            }
            Err(fault) if !self.faulty => {
                self.faulty = true;
                tracing::error!(%fault, "the accounts cannot be read; changes wait");
                self.tell(Box::new(|node, now| node.set_accounts_work(now, false)));
            }
            Err(_) => {}
        }
    }

    /// Nobody takes it only when the server ends, and the watch with it.
    fn tell(&self, errand: Errand) {
        let _ = self.errands.blocking_send(errand);
    }
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
    pub(super) verdicts: SyncSender<Judged>,
    pub(super) config: Rc<RefCell<Config>>,
    pub(super) reload: Rc<Notify>,
    /// Who waits for the config to be read again.
    pub(super) rehashes: Rc<RefCell<Vec<Ticket>>>,
}

impl Outside for Services {
    fn verify(
        &mut self,
        ticket: Ticket,
        address: &Arc<str>,
        credentials: Credentials,
    ) -> Result<(), Verdict> {
        let exempt = address.parse::<IpAddr>().is_ok_and(|ip| self.config.borrow().exempt(ip));
        let verdicts = self.verdicts.clone();
        let reply = move |_, verdict| {
            // There is room for more answers than the pool can owe.
            if verdicts.try_send((ticket, verdict)).is_err() {
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::accounts::hash::Cost;
    use crate::desk::language::people::Role;

    /// Well within the second until the accounts are looked at again.
    #[test]
    fn the_desk_knows_who_just_got_an_account_or_has_it_back() {
        let directory = tempfile::tempdir().unwrap();
        let mut beside = AccountStore::open(&directory.path().join("accounts.db")).unwrap();
        let accounts = AccountStore::open(&directory.path().join("accounts.db")).unwrap();
        let (errands, mut told) = mpsc::channel(16);
        let (generation, faulty) = (None, false);
        let mut watch = Watch { accounts, generation, told: Vec::new(), errands, faulty };
        watch.look();
        assert!(told.try_recv().is_ok() && told.try_recv().is_err());
        let cost = Cost { memory_kib: 8, passes: 1, lanes: 1 };
        beside.add(Timestamp(0), "bob", Role::Agent, "open sesame", cost).unwrap();
        let record = beside.find("bob").unwrap().unwrap();
        let yes = Verdict::Yes(record.name.clone(), record.role);
        assert!(watch.is_news(&yes));
        watch.look();
        assert!(told.try_recv().is_ok() && !watch.is_news(&yes), "once is enough");
        beside.suspend("bob", true).unwrap();
        watch.look();
        beside.suspend("bob", false).unwrap();
        assert!(watch.is_news(&yes) && !watch.is_news(&Verdict::No));
        watch.look();
        assert_eq!(watch.told.len(), 1);
    }
}
