//! What operators are told: WALLOPS, KILL, and the server's own notices (user mode `s`).
//!
//! Customers' coming and going is in none of them: it is their agents' business alone.

use super::Scene;
use crate::base::ids::SessionId;
use crate::base::text::Line;
use crate::desk::change::{Live, Step};
use crate::desk::language::fact::{Event, Fact};
use crate::desk::language::notice::Notice;
use crate::desk::language::people::Actor;
use crate::desk::language::text::Text;
use crate::desk::settings::Guests;
use std::sync::Arc;

/// What needs the state as it was: who is leaving.
pub(super) fn before(scene: &mut Scene, step: &Step) {
    let Step::Live(Live::Gone(session, why)) = step else { return };
    let Some(person) = scene.state.person(*session).filter(|p| p.customer.is_none()) else {
        return;
    };
    let text = Text::Disconnected(person.source.clone(), why.clone());
    tell(scene, text);
}

/// What shows the state as it is.
pub(super) fn after(scene: &mut Scene, step: &Step, event: Option<&Event>) {
    match (step, event) {
        (Step::Live(Live::Arrived(session, _)), _) => arrived(scene, *session),
        (Step::Live(Live::Wallops(by, text)), _) => wallops(scene, *by, text),
        (Step::Live(Live::Killed(by, victim, reason)), _) => killed(scene, *by, *victim, reason),
        (Step::Live(Live::Operator(session, name)), _) => {
            let Some(person) = scene.state.person(*session) else { return };
            let changes = Line::scrubbed(if name.is_some() { "+o" } else { "-o" });
            let notice = Notice::UserModes { who: person.source.clone(), changes };
            scene.out.notice([*session], notice);
        }
        (Step::Fact(..), Some(event)) => told(scene, event),
        _ => {}
    }
}

fn arrived(scene: &mut Scene, session: SessionId) {
    let Some(person) = scene.state.person(session) else { return };
    // What makes a customer of a person comes a step later; here the settings tell.
    if person.account().is_some() || scene.state.settings.guests == Guests::Member {
        let text = Text::Connected(person.source.clone(), person.address.clone());
        tell(scene, text);
    }
}

fn wallops(scene: &mut Scene, by: SessionId, text: &Line) {
    let Some(who) = scene.state.person(by).map(|p| p.source.clone()) else { return };
    let wants = scene
        .state
        .persons()
        .filter(|(_, p)| p.customer.is_none() && p.modes.contains(&'w'))
        .map(|(session, _)| session);
    let to: Vec<SessionId> = wants.collect();
    scene.out.notice(to, Notice::Wallops { by: who, text: text.clone() });
}

fn killed(scene: &mut Scene, by: SessionId, victim: SessionId, reason: &Line) {
    let source = |session| scene.state.person(session).map(|p| p.source.clone());
    let (Some(by), Some(who)) = (source(by), source(victim)) else { return };
    let quit = Line::scrubbed(&format!("Killed ({} ({reason}))", by.nick));
    let nick = who.nick.clone();
    scene.out.notice([victim], Notice::Killed { by, nick, reason: reason.clone() });
    scene.out.notice([victim], Notice::Quit { who, reason: quit });
}

fn told(scene: &mut Scene, event: &Event) {
    // Who has no account stands in the words behind all others.
    let author = |named: usize| -> Arc<str> {
        match &event.actor {
            _ if event.words.len() > named => event.word(named).shared(),
            Actor::Staff(account) => account.shared(),
            _ => Arc::from("the server"),
        }
    };
    let text = match &event.fact {
        Fact::Operated { deed, by } => Text::Operated(by.clone(), *deed, event.words.clone()),
        Fact::Blocked { block, .. } => {
            Text::BlockTold(author(2), *block, event.word(0), event.word(1))
        }
        Fact::Unblocked { block } => Text::UnblockTold(author(0), *block),
        _ => return,
    };
    tell(scene, text);
}

fn tell(scene: &mut Scene, text: Text) {
    let wants = scene.state.operators().filter(|(_, p)| p.modes.contains(&'s'));
    let to: Vec<SessionId> = wants.map(|(session, _)| session).collect();
    scene.out.notice(to, Notice::Server(text));
}
