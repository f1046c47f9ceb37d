//! What each passing change does to the state.

use super::State;
use super::conversation::Conversation;
use super::people::{Invitation, Person, Reader, Standing};
use super::rooms::Room;
use crate::base::ids::{CustomerId, SessionId};
use crate::base::limits::{CHANLIMIT, MAXLIST, WHOWAS};
use crate::base::text::{AccountName, ChannelName, Folded, Line, Nick};
use crate::base::time::Timestamp;
use crate::desk::change::{Live, RoomChange};
use crate::desk::language::metadata::Owner;
use crate::desk::language::people::{Rank, Role, Source};
use std::collections::BTreeMap;
use std::sync::Arc;

impl State {
    /// Applies one passing change.
    pub(in crate::desk) fn apply_live(&mut self, now: Timestamp, change: &Live) {
        match change {
            Live::Arrived(session, person) => self.arrive(now, *session, person),
            Live::Gone(session, _) => {
                self.set_attended(*session, true);
                self.markers.remove(&Reader::Visit(*session));
                self.leave(now, *session);
            }
            Live::MarkedRead(session, target, until) => self.mark_read(*session, target, *until),
            Live::Attached { client, person, secure, unattended, .. } => {
                self.attach(*client, *person);
                self.set_attended(*client, !unattended);
                self.edit_person(*person, |p| p.secure &= secure);
            }
            Live::Detached(client) => self.detach(*client),
            Live::Attended(client, attended) => self.set_attended(*client, *attended),
            Live::NewCustomer(customer) => self.admit_customer((**customer).clone()),
            Live::Seated(customer, session) => {
                let (id, s) = (*customer, *session);
                let (seq, address) =
                    (self.counters().seq, self.person(s).map(|p| p.address.clone()));
                self.edit_customer(id, |c| {
                    (c.session, c.seated) = (Some(s), seq);
                    c.address = address.unwrap_or_else(|| c.address.clone());
                });
                self.edit_person(s, |p| p.customer = Some(id));
            }
            Live::Unseated(customer) => self.edit_customer(*customer, |c| c.session = None),
            Live::Vanished(customer) => self.forget_customer(*customer),
            Live::AsksFor(customer, department) => {
                self.edit_customer(*customer, |c| c.department = department.clone());
            }
            Live::Renamed(session, nick) => self.rename(now, *session, nick),
            Live::Away(session, text) => self.edit_person(*session, |p| p.away = text.clone()),
            Live::Realname(session, text) => self.name(*session, text),
            Live::UserModes(session, changes) => self.set_user_modes(*session, changes),
            Live::Operator(session, name) => self.set_operator(*session, name.clone()),
            Live::SignedIn(session, account) => self.sign_in(*session, account.as_ref()),
            Live::Rehosted(session, user, host) => self.edit_source(*session, |s| {
                (s.user, s.host) = (user.clone(), host.clone());
            }),
            Live::StaffIn(customer, session, standing) => {
                self.staff_in(*customer, *session, *standing);
            }
            Live::StaffOut { customer, session, .. } => self.staff_out(*customer, *session),
            Live::Returned(customer, account) => {
                self.touch_of(*customer, |c| c.returning.retain(|r| r != account));
            }
            Live::PlaceTold(customer, place) => {
                self.touch_of(*customer, |c| c.told_place = *place);
            }
            Live::NobodyTold(customer) => self.touch_of(*customer, |c| c.told_nobody = true),
            Live::Room(key, change) => self.apply_room(now, key, change),
            Live::Invited(session, channel, admits) => self.invite(*session, channel, *admits),
            Live::Metadata(owner, key, value) => self.set_metadatum(owner, key, value.as_ref()),
            Live::Subscribed(session, keys, add) => self.subscribe(*session, keys, *add),
            Live::Monitors(session, nicks, add) => self.monitor(*session, nicks, *add),
            Live::Passing(..) | Live::TakenBack(..) | Live::Wallops(..) | Live::Killed(..) => {}
            Live::Accounts(accounts) => self.set_accounts(accounts),
            Live::AccountMade(account, role) => self.account_made(account, *role),
        }
    }

    fn name(&mut self, session: SessionId, text: &Line) {
        self.edit_source(session, |s| s.realname = text.clone());
        if let Some(id) = self.persons.get(&session).and_then(|p| p.customer) {
            self.edit_customer(id, |c| c.realname = text.clone());
        }
    }

    /// Changes the conversation that a customer has, if there is one.
    fn touch_of(&mut self, customer: CustomerId, edit: impl FnOnce(&mut Conversation)) {
        if let Some(id) = self.customers.get(&customer).and_then(|c| c.conversation) {
            self.touch(id, edit);
        }
    }

    fn staff_out(&mut self, id: CustomerId, session: SessionId) {
        self.edit_customer(id, |c| c.staff.retain(|(other, _)| *other != session));
        self.edit_person(session, |p| {
            p.lounges.remove(&id);
        });
    }

    fn attach(&mut self, client: SessionId, person: SessionId) {
        let mut clients = self.clients_of(&person).to_vec();
        clients.push(client);
        self.clients.insert(person, clients);
        self.companions.insert(client, person);
    }

    fn set_attended(&mut self, client: SessionId, attended: bool) {
        if attended {
            self.unattended.remove(&client);
        } else {
            self.unattended.insert(client, ());
        }
    }

    fn detach(&mut self, client: SessionId) {
        self.set_attended(client, true);
        let person = self.person_of(client);
        if let Some(clients) = self.clients.get_mut(&person) {
            clients.retain(|c| *c != client);
        }
        self.companions.remove(&client);
        if self.clients_of(&person) == [person] {
            self.clients.remove(&person);
        }
    }

    pub(super) fn edit_person(&mut self, session: SessionId, edit: impl FnOnce(&mut Person)) {
        if let Some(person) = self.persons.get_mut(&session) {
            edit(person);
        }
    }

    fn edit_source(&mut self, session: SessionId, edit: impl FnOnce(&mut Source)) {
        self.edit_person(session, |person| {
            let mut source = (*person.source).clone();
            edit(&mut source);
            person.source = Arc::new(source);
        });
    }

    fn arrive(&mut self, now: Timestamp, session: SessionId, person: &Person) {
        self.set_attended(session, !person.is_unattended());
        self.nicks.insert(person.source.nick.folded(), session);
        if let Some(account) = person.source.account.clone() {
            let agent = self.agent_mut(&account);
            agent.sessions.push(session);
            // The account may be newer than the directory last told: who signs in as it, has it.
            let unknown = agent.role.is_none();
            agent.role = agent.role.or(Some(person.role));
            if unknown {
                self.note_looks();
            }
            self.stir_for(&account);
        }
        self.persons.insert(session, person.clone());
        self.note_operator(session);
        self.active.insert(session, now);
        self.users_max = self.users_max.max(self.persons.len());
    }

    fn leave(&mut self, now: Timestamp, session: SessionId) {
        let Some(person) = self.persons.remove(&session) else { return };
        self.active.remove(&session);
        self.operators.remove(&session);
        self.forget_metadata(&Owner::Session(session));
        let watched: Vec<Line> = person.monitors.values().cloned().collect();
        self.monitor(session, &watched, false);
        let nick = person.source.nick.folded();
        if self.nicks.get(&nick) == Some(&session) {
            self.nicks.remove(&nick);
        }
        if let Some(account) = person.source.account.clone() {
            self.agent_mut(&account).sessions.retain(|s| *s != session);
            self.stir_for(&account);
        }
        for room in &person.rooms {
            self.leave_room(room, session, person.account());
        }
        for id in &person.lounges {
            self.edit_customer(*id, |c| c.staff.retain(|(s, _)| *s != session));
        }
        if person.customer.is_none() {
            self.remember_former(now, &person.source);
        }
    }

    /// Forgets the clients of somebody who is gone, once these have been told.
    pub(in crate::desk) fn disband(&mut self, person: SessionId) {
        if self.persons.contains(&person) {
            return;
        }
        for client in self.clients.remove(&person).unwrap_or_default() {
            self.companions.remove(&client);
            self.unattended.remove(&client);
        }
    }

    fn remember_former(&mut self, now: Timestamp, source: &Arc<Source>) {
        let next = self.former.iter().next_back().map_or(0, |(last, _)| last + 1);
        self.former.insert(next, (source.clone(), now));
        if let Some(old) = next.checked_sub(WHOWAS as u64) {
            self.former.remove(&old);
        }
    }

    fn rename(&mut self, now: Timestamp, session: SessionId, nick: &Nick) {
        let Some(person) = self.persons.get(&session) else { return };
        let (before, customer) = (person.source.clone(), person.customer);
        if customer.is_none() && before.nick.folded() != nick.folded() {
            self.remember_former(now, &before);
        }
        self.nicks.remove(&before.nick.folded());
        self.nicks.insert(nick.folded(), session);
        self.edit_source(session, |s| s.nick = nick.clone());
        if let Some(id) = customer {
            self.edit_customer(id, |c| c.nick = nick.clone());
        }
    }

    fn monitor(&mut self, session: SessionId, nicks: &[Line], add: bool) {
        for typed in nicks {
            let nick = &typed.folded();
            self.edit_person(session, |p| {
                if add {
                    p.monitors.insert(nick.clone(), typed.clone());
                } else {
                    p.monitors.remove(nick);
                }
            });
            let mut watching = self.monitored.get(nick).cloned().unwrap_or_default();
            watching.retain(|s| *s != session);
            if add {
                watching.push(session);
                watching.sort_unstable();
            }
            if watching.is_empty() {
                self.monitored.remove(nick);
            } else {
                self.monitored.insert(nick.clone(), watching);
            }
        }
    }

    fn set_user_modes(&mut self, session: SessionId, changes: &[(bool, char)]) {
        for (add, letter) in changes {
            self.edit_person(session, |p| {
                if *add {
                    p.modes.insert(*letter);
                } else {
                    p.modes.remove(letter);
                }
            });
            if *letter == 'B' {
                self.edit_source(session, |s| s.bot = *add);
            }
            if *letter == 'o' && !add {
                self.edit_person(session, |p| p.operator = None);
                self.note_operator(session);
            }
        }
    }

    fn set_operator(&mut self, session: SessionId, name: Option<Arc<str>>) {
        self.set_user_modes(session, &[(name.is_some(), 'o')]);
        self.edit_person(session, |p| p.operator = name);
        self.note_operator(session);
    }

    /// Brings the index of operators up to this session as it is.
    fn note_operator(&mut self, session: SessionId) {
        if self.persons.get(&session).is_some_and(Person::is_operator) {
            self.operators.insert(session, ());
        } else {
            self.operators.remove(&session);
        }
    }

    fn sign_in(&mut self, session: SessionId, account: Option<&(AccountName, Role)>) {
        let Some(before) = self.persons.get(&session).map(|p| p.source.account.clone()) else {
            return;
        };
        if let Some(before) = before {
            self.agent_mut(&before).sessions.retain(|s| *s != session);
            self.stir_for(&before);
        }
        self.edit_source(session, |s| s.account = account.map(|(name, _)| name.clone()));
        let role = account.map_or(Role::Customer, |(_, role)| *role);
        self.edit_person(session, |p| p.role = role);
        if let Some((name, _)) = account {
            self.agent_mut(name).sessions.push(session);
            self.stir_for(name);
        }
    }

    fn staff_in(&mut self, id: CustomerId, session: SessionId, standing: Standing) {
        self.edit_customer(id, |c| match c.staff.iter_mut().find(|(s, _)| *s == session) {
            Some(seat) => seat.1 = standing,
            None => c.staff.push((session, standing)),
        });
        self.edit_person(session, |p| {
            p.lounges.insert(id);
        });
    }

    /// A room with neither members nor a department ends.
    fn leave_room(&mut self, key: &Folded, session: SessionId, account: Option<&AccountName>) {
        if let Some(account) = account {
            self.note_seen(account, key);
        }
        let Some(room) = self.rooms.get_mut(key) else { return };
        room.members.remove(&session);
        if room.members.is_empty() && room.department.is_none() {
            self.rooms.remove(key);
            self.forget_metadata(&Owner::Room(key.clone()));
        }
        self.edit_person(session, |p| {
            p.rooms.remove(key);
        });
    }

    fn apply_room(&mut self, now: Timestamp, key: &Folded, change: &RoomChange) {
        match change {
            RoomChange::Created(name, department) => {
                self.rooms.insert(key.clone(), Room::new(name.clone(), department.clone(), now));
            }
            RoomChange::Joined(session, rank) => {
                let (s, rank) = (*session, *rank);
                self.edit_room(key, |room| {
                    room.members.insert(s, rank);
                });
                self.edit_person(s, |p| {
                    p.rooms.insert(key.clone());
                    p.invited.remove(key);
                });
            }
            RoomChange::Parted(session, _) | RoomChange::Kicked { session, .. } => {
                let account = self.person(*session).and_then(Person::account).cloned();
                self.leave_room(key, *session, account.as_ref());
            }
            RoomChange::Topic(by, text) => {
                let by: Arc<str> = Arc::from(format!("{}!{}@{}", by.nick, by.user, by.host));
                let topic = text.as_ref().map(|t| (t.clone(), by, now));
                self.edit_room(key, |room| room.topic = topic);
            }
            RoomChange::Flag(add, letter) => self.edit_room(key, |room| {
                if *add {
                    room.flags.insert(*letter);
                } else {
                    room.flags.remove(letter);
                }
            }),
            RoomChange::Key(text) => self.edit_room(key, |room| room.key = text.clone()),
            RoomChange::Limit(limit) => self.edit_room(key, |room| room.limit = *limit),
            RoomChange::Rank(session, add, letter) => self.edit_room(key, |room| {
                if let Some(rank) = room.members.get_mut(session) {
                    let given = Rank::of_mode(*letter).unwrap_or_default();
                    *rank = rank.with(given, *add);
                }
            }),
            RoomChange::Mask(letter, add, mask, by) => {
                let entry = (mask.clone(), by.clone(), now);
                self.edit_room(key, |room| {
                    let list = room.lists.entry(*letter).or_default();
                    list.retain(|(m, _, _)| {
                        !crate::base::casemap::same(m.as_str(), entry.0.as_str())
                    });
                    if *add && list.len() < MAXLIST {
                        list.push(entry);
                    }
                });
            }
            RoomChange::Renamed { to, .. } => self.rename_room(now, key, to),
            RoomChange::ModesTold(..) | RoomChange::Shown(_) | RoomChange::Hidden(_) => {}
        }
    }

    fn invite(&mut self, session: SessionId, channel: &Folded, admits: bool) {
        let Some(to) = self.since(channel) else { return };
        self.edit_person(session, |person| {
            // Anybody may invite: what one person is invited to must not grow without end.
            if person.invited.len() >= CHANLIMIT && !person.invited.contains_key(channel) {
                person.invited.pop_first();
            }
            let before = person.invited.get(channel).filter(|earlier| earlier.to == to);
            let admits = admits || before.is_some_and(|earlier| earlier.admits);
            person.invited.insert(channel.clone(), Invitation { to, admits });
        });
    }

    fn rename_room(&mut self, now: Timestamp, key: &Folded, to: &ChannelName) {
        let Some(mut room) = self.rooms.remove(key) else { return };
        room.name = to.clone();
        if *key != to.folded() {
            room.created = now;
        }
        self.rooms.insert(to.folded(), room);
        self.move_metadata(key, &to.folded());
        let about = |p: &Person| p.rooms.contains(key) || p.invited.contains_key(key);
        let theirs = self.persons.iter().filter(|(_, p)| about(p)).map(|(s, _)| *s);
        for session in theirs.collect::<Vec<_>>() {
            self.edit_person(session, |p| {
                if p.rooms.remove(key) {
                    p.rooms.insert(to.folded());
                }
                if let Some(invitation) = p.invited.remove(key) {
                    p.invited.insert(to.folded(), invitation);
                }
            });
        }
    }

    fn edit_room(&mut self, key: &Folded, edit: impl FnOnce(&mut Room)) {
        if let Some(room) = self.rooms.get_mut(key) {
            edit(room);
        }
    }

    fn account_made(&mut self, account: &AccountName, role: Role) {
        self.agent_mut(account).role = Some(role);
        if role.is_staff() {
            self.note_looks();
        }
    }

    fn set_accounts(&mut self, accounts: &[(AccountName, Role)]) {
        let known: Vec<AccountName> = self.agents().map(|a| a.name.clone()).collect();
        let roles: BTreeMap<Folded, Role> =
            accounts.iter().map(|(name, role)| (name.folded(), *role)).collect();
        for name in known {
            let role = roles.get(&name.folded()).copied();
            if self.agent_mut(&name).role != role {
                self.agent_mut(&name).role = role;
                for session in self.sessions_of(&name).to_vec() {
                    self.edit_person(session, |p| p.role = role.unwrap_or(p.role));
                }
            }
        }
        for (name, role) in accounts {
            self.agent_mut(name).role = Some(*role);
        }
        self.note_looks();
        self.stirred = self.settings.departments.iter().map(|d| d.name.clone()).collect();
    }
}
