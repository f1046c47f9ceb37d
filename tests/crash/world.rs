//! Twenty customers and four agents, all talking at once, and what must hold after the server was killed.

use super::client::{Client, Heard};
use super::journal::{Record, Stand};
use super::server::Server;
use std::collections::{BTreeMap, BTreeSet};
use std::time::{Duration, Instant};

/// What the desk of this world is set to: more customers than the agents can have.
pub(crate) const DESK: &str = "capacity = 4\ncapacity_max = 9\nwrapup = \"0\"\nowner_lost = \"1h\"\n\
     seat = \"1h\"\nresumable = \"2h\"\noffer = \"1h\"\nsilent_alarm = \"1h\"\nsilent_return = \"2h\"";
const AGENTS: [&str; 4] = ["bob", "carol", "dave", "erin"];
const CUSTOMERS: usize = 20;

/// Numbers that a seed decides (SplitMix64).
pub(crate) struct Dice(pub(crate) u64);

impl Dice {
    /// A number below `n`.
    pub(crate) fn below(&mut self, n: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^= z >> 31;
        usize::try_from(z % n as u64).unwrap()
    }

    fn pick<'a, T>(&mut self, of: &'a BTreeSet<T>) -> Option<&'a T> {
        if of.is_empty() { None } else { of.iter().nth(self.below(of.len())) }
    }
}

/// The words of a test's line, a whisper's mark taken off; none for anything else.
fn words(heard: &Heard) -> Option<(&str, &str)> {
    let spoken = matches!(heard.verb.as_str(), "PRIVMSG" | "NOTICE");
    let channel = heard.params.first()?.trim_start_matches('@');
    let text = heard.text();
    let text = text.strip_prefix("[whisper] ").or(text.strip_prefix("[note] ")).unwrap_or(text);
    (spoken && channel.starts_with("#c-") && text.starts_with('~')).then_some((channel, text))
}

struct Person {
    nick: String,
    client: Option<Client>,
    /// How far `heard` was acted upon.
    acted: usize,
    said: usize,
    next: Instant,
}

impl Person {
    fn new(nick: &str) -> Self {
        Self { nick: nick.to_owned(), client: None, acted: 0, said: 0, next: Instant::now() }
    }

    fn client(&mut self) -> &mut Client {
        self.client.as_mut().unwrap()
    }

    /// A line that nobody said before.
    fn line(&mut self) -> String {
        self.said += 1;
        format!("~{}.{} words of a line", self.nick, self.said)
    }

    fn due(&mut self, dice: &mut Dice) -> bool {
        let now = Instant::now();
        let due = now >= self.next;
        if due {
            self.next = now + Duration::from_micros(200 + dice.below(9_000) as u64);
        }
        due
    }
}

struct Customer {
    person: Person,
    channel: String,
    token: String,
    /// What was said before the connection that is now.
    begun: usize,
    /// The texts of their channel that they ever received.
    held: BTreeSet<String>,
    last_id: Option<String>,
}

#[derive(Default)]
struct Desk {
    joined: BTreeSet<String>,
    owned: BTreeSet<String>,
    offered: BTreeSet<String>,
    waiting: BTreeSet<String>,
    /// The limit last confirmed, and those asked for since.
    limit: Option<String>,
    asked: Vec<String>,
}

struct Agent {
    person: Person,
    desk: Desk,
}

/// Everybody, and everything that was ever sent.
pub(crate) struct World {
    server: Server,
    dice: Dice,
    customers: Vec<Customer>,
    agents: Vec<Agent>,
    sent: BTreeSet<String>,
    /// How many stands of a channel were known when the round began.
    known: BTreeMap<String, usize>,
    /// Receipts held against the record so far.
    pub(crate) lines: usize,
}

impl World {
    /// Starts a server, signs everybody in, and has every customer say a first line.
    pub(crate) fn begin(seed: u64) -> Self {
        let mut server = Server::home(DESK);
        for name in AGENTS {
            server.account(name);
        }
        server.start();
        let mut world = Self {
            server,
            dice: Dice(seed),
            customers: Vec::new(),
            agents: Vec::new(),
            sent: BTreeSet::new(),
            known: BTreeMap::new(),
            lines: 0,
        };
        for name in AGENTS {
            let mut person = Person::new(name);
            let mut client = Client::connect(world.server.address);
            client.register(name, Some(&format!("{name}:open-sesame")));
            person.client = Some(client);
            world.agents.push(Agent { person, desk: Desk::default() });
        }
        for n in 0..CUSTOMERS {
            let customer = world.newcomer(n);
            world.customers.push(customer);
        }
        world
    }

    fn newcomer(&mut self, n: usize) -> Customer {
        let mut person = Person::new(&format!("anna{n}"));
        let mut client = Client::connect(self.server.address);
        client.register(&person.nick, None);
        let channel = client.heard.iter().find(|h| h.verb == "JOIN").map(|h| h.params[0].clone());
        let channel =
            channel.unwrap_or_else(|| client.wait("JOIN", |h| h.verb == "JOIN").params[0].clone());
        let told = |h: &Heard| h.from == "desk" && h.text().contains("resume:");
        let told = client.heard.iter().find(|h| told(h)).cloned();
        let told = told.unwrap_or_else(|| client.wait("token", |h| h.text().contains("resume:")));
        let token = told.text().split("resume:").nth(1).unwrap();
        let token = token.split([' ', ')']).next().unwrap().to_owned();
        let text = person.line();
        self.sent.insert(text.clone());
        client.send(&format!("PRIVMSG {channel} :{text}"));
        client.wait("the echo", |h| h.text() == text);
        person.client = Some(client);
        Customer { person, channel, token, begun: 0, held: BTreeSet::new(), last_id: None }
    }

    /// Everybody talks and works until the moment of the kill.
    pub(crate) fn work(&mut self, span: Duration) {
        let end = Instant::now() + span;
        while Instant::now() < end {
            let mut some = false;
            for at in 0..self.customers.len() {
                let customer = &mut self.customers[at];
                some |= customer.person.client().pump();
                if customer.person.due(&mut self.dice) {
                    // Several in one write now and then, so that a batch holds one person's too.
                    let burst = 1 + self.dice.below(4) / 3 * 3;
                    let mut lines = Vec::new();
                    for _ in 0..burst {
                        let text = customer.person.line();
                        lines.push(format!("PRIVMSG {} :{text}", customer.channel));
                        self.sent.insert(text);
                    }
                    customer.person.client().send(&lines.join("\r\n"));
                }
            }
            for at in 0..self.agents.len() {
                some |= self.agents[at].person.client().pump();
                self.agents[at].look();
                if self.agents[at].person.due(&mut self.dice) {
                    self.act(at);
                }
            }
            if !some {
                std::thread::sleep(Duration::from_micros(300));
            }
        }
    }

    fn act(&mut self, at: usize) {
        let other = AGENTS[self.dice.below(AGENTS.len())];
        let Agent { person, desk } = &mut self.agents[at];
        let dice = &mut self.dice;
        let owned = dice.pick(&desk.owned).cloned();
        let line = match (dice.below(100), owned) {
            (0..8, _) => dice.pick(&desk.waiting).map(|c| format!("JOIN {c}")),
            (8..16, _) => desk.offered.pop_first().map(|c| format!("JOIN {c}")),
            (16..22, Some(c)) if other != person.nick => {
                Some(format!("TRANSFER {c} {other} cold :knows more"))
            }
            (22..24, Some(c)) => Some(format!("CANCEL {c}")),
            (24..26, Some(c)) => Some(format!("RELEASE {c}")),
            (26, Some(c)) => Some(format!("CLOSE {c} :done")),
            (27..30, _) => {
                let limit = (3 + dice.below(4)).to_string();
                desk.asked.push(limit.clone());
                Some(format!("CAPACITY {limit}"))
            }
            (30..36, Some(c)) => {
                let text = person.line();
                self.sent.insert(text.clone());
                Some(format!("NOTE {c} :{text}"))
            }
            (chance, _) => dice.pick(&desk.joined).map(|c| {
                let text = person.line();
                self.sent.insert(text.clone());
                let whisper = if chance < 46 { "@" } else { "" };
                format!("PRIVMSG {whisper}{c} :{text}")
            }),
        };
        if let Some(line) = line {
            person.client().send(&line);
        }
    }

    /// Kills the server, reads what is still on the way, and starts it again.
    pub(crate) fn crash(&mut self) {
        self.server.kill();
        for person in self.persons() {
            let client = person.client();
            while !client.over {
                client.pump();
            }
        }
        self.server.start();
    }

    fn persons(&mut self) -> impl Iterator<Item = &mut Person> {
        let customers = self.customers.iter_mut().map(|c| &mut c.person);
        customers.chain(self.agents.iter_mut().map(|a| &mut a.person))
    }

    /// Stops the server with SIGTERM: everybody is told, and all it showed is stored.
    pub(crate) fn drain(&mut self) {
        self.server.terminate();
        let exit = self.server.exit_within(Duration::from_secs(5));
        let Some(exit) = exit else { panic!("it did not stop in 5 s:\n{}", self.server.log()) };
        assert_eq!(exit.code(), Some(0), "{}", self.server.log());
        for person in self.persons() {
            let client = person.client();
            while !client.over {
                client.pump();
            }
            let last = client.heard.last().map(|h| h.verb.as_str());
            assert_eq!(last, Some("ERROR"), "what was heard last: {:?}", client.heard.last());
        }
        let records = self.records();
        self.check_receipts(&records);
        self.check_sent(&records);
        self.check_announced(&records);
    }

    fn records(&self) -> BTreeMap<String, Record> {
        let channels = self.customers.iter().map(|c| &c.channel);
        channels.map(|c| (c.clone(), Record::read(&self.server, c))).collect()
    }

    /// Holds everything against the record, brings everybody back, and holds again.
    pub(crate) fn check(&mut self) {
        let records = self.records();
        self.check_receipts(&records);
        self.check_sent(&records);
        self.check_announced(&records);
        self.sign_agents_in(&records);
        self.resume_customers(&records);
        self.known = records.iter().map(|(c, r)| (c.clone(), r.stands.len())).collect();
    }

    /// What anybody saw is stored, in the order in which they saw it.
    fn check_receipts(&mut self, records: &BTreeMap<String, Record>) {
        let mut count = 0;
        for person in self.persons() {
            let nick = person.nick.clone();
            let mut last: BTreeMap<String, usize> = BTreeMap::new();
            for heard in &person.client().heard {
                if heard.verb == "JOIN" && heard.from == nick {
                    // What was said before is shown again.
                    last.remove(&heard.params[0]);
                }
                let Some((channel, text)) = words(heard) else { continue };
                count += 1;
                let place = records[channel].places.get(text);
                let Some(&place) = place else { panic!("{nick} saw and the disk lost: {text}") };
                let before = last.insert(channel.to_owned(), place);
                assert!(before < Some(place), "{nick} saw out of order or twice: {text}");
            }
        }
        for customer in &mut self.customers {
            let client = customer.person.client.as_ref().unwrap();
            let own = client.heard.iter().filter_map(|h| Some((h, words(h)?)));
            for (heard, (channel, text)) in own {
                assert_eq!(channel, customer.channel, "another's line");
                let (kind, _) = &records[channel].words[records[channel].places[text]];
                assert_eq!(kind, "said", "staff's own words reached a customer: {text}");
                customer.held.insert(text.to_owned());
                customer.last_id = heard.msgid.clone().or(customer.last_id.take());
            }
        }
        self.lines += count;
    }

    /// Nothing is stored that nobody said, and of a customer's lines none is missing between others.
    fn check_sent(&mut self, records: &BTreeMap<String, Record>) {
        for record in records.values() {
            for (_, text) in &record.words {
                assert!(self.sent.contains(text), "stored and never said: {text}");
            }
        }
        for customer in &self.customers {
            let own = format!("~{}.", customer.person.nick);
            let record = &records[&customer.channel];
            let mut numbers = record.words.iter().filter_map(|(_, text)| {
                let number = text.strip_prefix(&own)?.split(' ').next()?;
                number.parse::<usize>().ok().filter(|n| *n > customer.begun)
            });
            let gap = (customer.begun + 1..).zip(&mut numbers).find(|(wanted, got)| wanted != got);
            assert_eq!(gap, None, "{}'s lines: wanted and stored", customer.person.nick);
        }
    }

    /// What the agents were told of each conversation's course is in its record, in that order.
    fn check_announced(&self, records: &BTreeMap<String, Record>) {
        for agent in &self.agents {
            let client = agent.person.client.as_ref().unwrap();
            let mut next = self.known.clone();
            for heard in
                client.heard.iter().filter(|h| h.params.first().is_some_and(|p| p == "#support"))
            {
                let told: Vec<&str> = heard.text().split(' ').collect();
                let (channel, stand) = match told[..] {
                    ["NEW", channel, ..] => (channel, Stand::Queued { returned: false }),
                    ["WAITING", channel, ..] => (channel, Stand::Queued { returned: true }),
                    ["TAKEN", channel, who, ..] => (channel, Stand::Owned(who.to_owned())),
                    ["TRANSFERRED", channel, _, to, ..] => (channel, Stand::Owned(to.to_owned())),
                    ["CLOSED", channel, ..] => (channel, Stand::Idle),
                    _ => continue,
                };
                let stands = &records[channel].stands;
                let from = next.get(channel).copied().unwrap_or_default();
                let found = stands[from..].iter().position(|s| *s == stand);
                let Some(found) = found else {
                    panic!("told and not stored: {}; stored: {:?}", heard.text(), &stands[from..]);
                };
                next.insert(channel.to_owned(), from + found + 1);
            }
        }
    }

    /// Agents come back: the desk is as it was, and their first JOIN gives them what they had.
    fn sign_agents_in(&mut self, records: &BTreeMap<String, Record>) {
        let address = self.server.address;
        for agent in &mut self.agents {
            let nick = agent.person.nick.clone();
            let mut client = Client::connect(address);
            client.register(&nick, Some(&format!("{nick}:open-sesame")));
            agent.person.client = Some(client);
            agent.person.acted = 0;
        }
        self.check_desk(records, "before anybody joined");
        for agent in &mut self.agents {
            let joined = std::mem::take(&mut agent.desk.joined);
            agent.desk = Desk::default();
            for channel in joined {
                if records[&channel].offered.as_ref() == Some(&agent.person.nick) {
                    // This JOIN would accept: that is for `check_offers`.
                    continue;
                }
                if records[&channel].is_new_to(&agent.person.nick) {
                    continue;
                }
                let mine = records[&channel].stand() == Stand::Owned(agent.person.nick.clone());
                let heard = agent.person.client().ask(&format!("JOIN {channel}"));
                let again = heard.iter().any(|h| h.desk_says(&format!("{channel} is yours again")));
                assert_eq!(mine, again, "{} in {channel}", agent.person.nick);
                let took = heard.iter().any(|h| h.desk_says(&format!("{channel} is yours.")));
                assert!(!took, "{} only came back, and took {channel}", agent.person.nick);
            }
        }
        self.check_desk(records, "after the agents joined");
        self.check_offers(records);
    }

    /// QUEUE, CARD and CAPACITY say what the record says.
    fn check_desk(&mut self, records: &BTreeMap<String, Record>, when: &str) {
        let asker = self.agents[0].person.client();
        let rows = asker.ask("QUEUE");
        let rows = rows.iter().filter(|h| h.text().contains("#c-"));
        let rows: Vec<Vec<&str>> = rows.map(|h| h.text().split(' ').collect()).collect();
        let queued = |record: &Record| matches!(record.stand(), Stand::Queued { .. });
        let wanted: BTreeSet<&str> =
            records.iter().filter(|(_, r)| queued(r)).map(|(c, _)| c.as_str()).collect();
        let listed: BTreeSet<&str> = rows.iter().map(|row| row[1]).collect();
        assert_eq!(listed, wanted, "QUEUE {when}");
        let returned: Vec<bool> = rows
            .iter()
            .map(|row| records[row[1]].stand() == Stand::Queued { returned: true })
            .collect();
        assert!(returned.is_sorted_by(|a, b| a >= b), "returned ones are first, {when}: {rows:?}");
        for (channel, record) in records {
            let card = asker.ask(&format!("CARD {channel}"));
            let card = card.iter().find(|h| h.from == "desk").map_or("", Heard::text);
            let wanted = match record.stand() {
                Stand::Owned(who) => format!(", owner {who},"),
                Stand::Queued { .. } | Stand::Idle => ", owner nobody,".to_owned(),
            };
            let fits = card.starts_with(channel.as_str()) && card.contains(&wanted);
            let idle = record.stand() == Stand::Idle;
            assert!(fits || idle, "{when}: {card} where the record says {:?}", record.stand());
        }
        self.check_capacity(records, when);
    }

    fn check_capacity(&mut self, records: &BTreeMap<String, Record>, when: &str) {
        for agent in &mut self.agents {
            let nick = agent.person.nick.clone();
            let heard = agent.person.client().ask("CAPACITY");
            let holds = format!("{nick} holds ");
            let said = heard.iter().find(|h| h.desk_says(&holds));
            let Some(said) = said else { panic!("{when}: {heard:#?}") };
            let figures: Vec<&str> = said.text().split(' ').collect();
            let owned = Stand::Owned(nick.clone());
            let has = |r: &&Record| r.stand() == owned || r.offered.as_deref() == Some(&nick);
            let load = records.values().filter(has).count().to_string();
            assert_eq!(figures[2], load, "{when}: {}", said.text());
            let limits = &agent.desk;
            let known = limits.limit.iter().chain(&limits.asked).any(|l| l == figures[6]);
            let first = limits.limit.is_none() && figures[6] == "4";
            let fresh = limits.asked.is_empty() && limits.limit.is_none();
            assert!(known || first || fresh, "{when}: {} but {:?}", said.text(), limits.limit);
        }
    }

    /// An offer that stood still stands: its taker accepts it, or its giver withdraws it.
    fn check_offers(&mut self, records: &BTreeMap<String, Record>) {
        for (channel, record) in records {
            let (Stand::Owned(owner), offered) = (record.stand(), record.offered.clone()) else {
                continue;
            };
            let take = self.dice.below(2) == 0;
            let (who, line, answer) = match offered {
                Some(taker) if take => (taker, "ACCEPT", format!("{channel} is yours")),
                Some(_) => (owner, "CANCEL", format!("The transfer of {channel} is withdrawn")),
                None => continue,
            };
            let Some(agent) = self.agents.iter_mut().find(|a| a.person.nick == who) else {
                panic!("{who} is not one of us");
            };
            let heard = agent.person.client().ask(&format!("{line} {channel}"));
            let done = heard.iter().any(|h| h.desk_says(&answer));
            assert!(done, "{who}: {line} {channel}: {heard:#?}");
        }
    }

    /// Customers come back by their token, and get every line they missed.
    fn resume_customers(&mut self, records: &BTreeMap<String, Record>) {
        let address = self.server.address;
        for customer in &mut self.customers {
            let record = &records[&customer.channel];
            let known = customer.last_id.take().filter(|_| self.dice.below(2) == 0);
            let pass = match &known {
                Some(id) => format!("resume:{}:{id}", customer.token),
                None => format!("resume:{}", customer.token),
            };
            let mut client = Client::connect(address);
            client.register(&customer.person.nick, Some(&pass));
            client.ask("PING once");
            let back = client.heard.iter().find(|h| h.verb == "JOIN").map(|h| h.params[0].clone());
            assert_eq!(back.as_deref(), Some(&*customer.channel), "another seat");
            let shown: Vec<&str> = client.heard.iter().filter_map(|h| Some(words(h)?.1)).collect();
            for text in &shown {
                assert!(record.places.contains_key(*text), "invented: {text}");
                let again = known.is_some() && customer.held.contains(*text);
                assert!(!again, "shown again to one who said what they had: {text}");
            }
            let missed = record.words.iter().filter(|(kind, _)| kind == "said");
            for (_, text) in missed.filter(|(_, text)| !customer.held.contains(text)) {
                let got = shown.contains(&text.as_str());
                let nick = &customer.person.nick;
                assert!(
                    got,
                    "{nick} ({known:?}) missed and was not shown: {text}; shown: {shown:?}"
                );
            }
            customer.begun = customer.person.said;
            customer.person.client = Some(client);
        }
    }
}

impl Agent {
    /// Follows what the server tells of who has what.
    fn look(&mut self) {
        let Some(client) = &self.person.client else { return };
        let desk = &mut self.desk;
        for heard in &client.heard[self.person.acted..] {
            let own = heard.from == self.person.nick;
            let Some(target) = heard.params.first() else { continue };
            match heard.verb.as_str() {
                "JOIN" if own && target.starts_with("#c-") => {
                    desk.joined.insert(target.clone());
                }
                "PART" if own => drop(desk.joined.remove(target)),
                "KICK" if heard.params.get(1) == Some(&self.person.nick) => {
                    desk.joined.remove(target);
                }
                _ if heard.from == "desk" => desk.told(heard.text(), &self.person.nick),
                _ => {}
            }
        }
        self.person.acted = client.heard.len();
    }
}

impl Desk {
    fn told(&mut self, text: &str, nick: &str) {
        let told: Vec<&str> = text.split(' ').collect();
        match told[..] {
            ["NEW" | "WAITING", channel, ..] => drop(self.waiting.insert(channel.to_owned())),
            ["TAKEN" | "CLOSED", channel, ..] => {
                self.waiting.remove(channel);
                self.owned.retain(|c| c != channel || told[0] == "TAKEN" && told[2] == nick);
            }
            ["TRANSFERRED", channel, from, ..] if from == nick => drop(self.owned.remove(channel)),
            [channel, "is", "yours.", ..] | [channel, "is", "yours", "again.", ..] => {
                self.owned.insert(channel.to_owned());
            }
            [channel, "is", "back", ..] | [channel, "is", "no", "longer", ..] => {
                self.owned.remove(channel);
            }
            [_, "offers", "you", channel, ..] => drop(self.offered.insert(channel.to_owned())),
            // A refusal begins alike and goes on after a semicolon.
            [who, "holds", _, "of", "at", "most", limit, "conversations."] if who == nick => {
                self.limit = Some(limit.to_owned());
                let asked = self.asked.iter().position(|l| l == limit);
                self.asked.drain(..asked.map_or(0, |at| at + 1));
            }
            _ => {}
        }
    }
}
