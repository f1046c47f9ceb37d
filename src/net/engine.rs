//! The engine: one task that runs behind all connections that are ready, takes in results, does
//! what is due, and flushes once for everybody.

use super::Hub;
use crate::base::time::Timestamp;
use crate::node::{Node, Settled};
use std::rc::Rc;
use std::time::Duration;
use tokio::sync::mpsc;
use tokio::time::{Instant, sleep_until};

/// Something from another thread to be done with the runner: a verdict, an answer, new settings.
pub type Errand = Box<dyn FnOnce(&mut Node, Timestamp) + Send>;

/// The longest sleep, so that a clock that was set is noticed.
const SLEEP_MAX: Duration = Duration::from_secs(60);
/// The sleep when something is due that could not be done yet.
const SLEEP_MIN: Duration = Duration::from_millis(20);
/// How long peers may take to hang up at the end.
const HANG_UP: Duration = Duration::from_millis(500);

/// Runs until its `LocalSet` ends. The channels' other ends are the journal's and the errands'.
pub async fn run_engine(
    hub: Rc<Hub>,
    mut results: mpsc::Receiver<Settled>,
    mut errands: mpsc::Receiver<Errand>,
) {
    let sleep = sleep_until(Instant::now());
    tokio::pin!(sleep);
    let mut armed: Option<Timestamp> = None;
    loop {
        tokio::select! {
            // A result releases what people wait for, so it is not put behind their next lines.
            biased;
            Some(settled) = results.recv() => {
                let now = hub.now();
                let mut node = hub.node.borrow_mut();
                node.settled(now, settled);
                while let Ok(settled) = results.try_recv() {
                    node.settled(now, settled);
                }
            }
            Some(errand) = errands.recv() => errand(&mut hub.node.borrow_mut(), hub.now()),
            () = hub.work.notified() => {
                // Behind every connection that is ready now: they make one batch.
                tokio::task::yield_now().await;
            }
            () = &mut sleep => armed = None,
        }
        let now = hub.now();
        let next = {
            let mut node = hub.node.borrow_mut();
            node.tick(now);
            node.flush(now);
            node.next_deadline()
        };
        if armed.is_none() || next != armed {
            armed = next;
            let wait = next.map_or(SLEEP_MAX, |at| at.since(now).clamp(SLEEP_MIN, SLEEP_MAX));
            sleep.as_mut().reset(Instant::now() + wait);
        }
    }
}

/// Ends the service: no new connections, everybody told, all stored, queues emptied as far as
/// `limit` allows. True when nothing was left.
pub async fn drain(hub: &Hub, words: &str, limit: Duration) -> bool {
    hub.stop_accepting();
    hub.with(|node, now| node.shut(now, words));
    let emptied = async {
        while !hub.node.borrow().is_idle() {
            hub.work.notify_one();
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    };
    let all_left = tokio::time::timeout(limit, emptied).await.is_ok();
    // The sockets have the last words now; leaving before the peers have read them could lose some.
    let hung_up = async {
        while hub.gate.borrow().open() > 0 {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    };
    let _ = tokio::time::timeout(limit.min(HANG_UP), hung_up).await;
    all_left
}
