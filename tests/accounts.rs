//! Accounts from the outside: the file, the checks and their limits. No sockets and no clock.

use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc::{channel, sync_channel};
use std::sync::{Arc, Mutex};
use std::time::Duration;
use switchboard::accounts::checker::Checker;
use switchboard::accounts::hash::{Cost, Hasher};
use switchboard::accounts::pool::{Pool, PoolSettings};
use switchboard::accounts::registering::{INVITATION_SPAN, Letter, Post, WAITING_SPAN};
use switchboard::accounts::store::{AccountError, AccountStore, FILE_NAME};
use switchboard::base::text::AccountName;
use switchboard::base::time::Timestamp;
use switchboard::desk::language::people::Role;
use switchboard::face::registering::{NewAccount, Proof, Registered};
use switchboard::face::scram::{ScramError, ServerExchange};
use switchboard::face::{Credentials, ScramKeys, Verdict};
use switchboard::store::Fault;

const TINY: Cost = Cost { memory_kib: 8, passes: 1, lanes: 1 };
const NOW: Timestamp = Timestamp(1_795_305_599_999);
const PASSWORD: &str = "correct horse";
const PRINT: &str = "00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff";

/// A directory with an accounts file in it.
struct Place {
    _directory: tempfile::TempDir,
    file: PathBuf,
}

impl Place {
    fn new() -> Self {
        let directory = tempfile::tempdir().unwrap();
        let file = directory.path().join(FILE_NAME);
        Self { _directory: directory, file }
    }

    /// With the agent `Bob`, whose password is `PASSWORD`.
    fn with_bob() -> (Self, AccountStore) {
        let place = Self::new();
        let mut store = place.store();
        store.add(NOW, "Bob", Role::Agent, PASSWORD, TINY).unwrap();
        (place, store)
    }

    fn store(&self) -> AccountStore {
        AccountStore::open(&self.file).unwrap()
    }

    fn checker(&self) -> Checker {
        Checker::open(&self.file, Arc::new(Hasher::new(TINY).unwrap())).unwrap()
    }

    fn pool(&self) -> Pool {
        pool(&self.file, |_| {})
    }
}

fn pool(file: &Path, change: impl FnOnce(&mut PoolSettings)) -> Pool {
    let mut settings = PoolSettings::new(|| NOW);
    settings.cost = TINY;
    settings.logins_per_minute = 0;
    change(&mut settings);
    Pool::start(file, settings).unwrap()
}

fn password(account: &str, password: &str) -> Credentials {
    Credentials::Password { account: account.to_owned(), password: password.to_owned() }
}

fn certificate(account: Option<&str>, fingerprint: Option<&str>) -> Credentials {
    Credentials::Certificate {
        account: account.map(str::to_owned),
        fingerprint: fingerprint.map(Arc::from),
    }
}

/// The verdict, waited for; at once when the pool is busy.
fn ask_from(pool: &Pool, address: &str, exempt: bool, credentials: Credentials) -> Verdict {
    let (tell, told) = channel();
    let reply = Box::new(move |ticket, verdict| tell.send((ticket, verdict)).unwrap());
    match pool.try_verify(7, address, exempt, credentials, reply) {
        Ok(()) => {
            let (ticket, verdict) = told.recv().unwrap();
            assert_eq!(ticket, 7);
            verdict
        }
        Err(busy) => busy.verdict,
    }
}

fn ask(pool: &Pool, credentials: Credentials) -> Verdict {
    ask_from(pool, "10.0.0.1", false, credentials)
}

/// The verdict in few words, so that it can be compared.
fn said(verdict: Verdict) -> String {
    match verdict {
        Verdict::Yes(name, role) => format!("yes {name} {role}"),
        Verdict::No => "no".to_owned(),
        Verdict::TooMany(seconds) => format!("wait {seconds}"),
        Verdict::Unavailable => "unavailable".to_owned(),
        Verdict::Scram(_) => "keys".to_owned(),
        Verdict::Registered(what) => format!("{what:?}"),
        Verdict::Rehashed(_) => "rehashed".to_owned(),
        Verdict::Operator(name) => format!("operator {name}"),
    }
}

fn keys(pool: &Pool, account: &str) -> ScramKeys {
    match ask(pool, Credentials::ScramKeys { account: account.to_owned() }) {
        Verdict::Scram(keys) => *keys,
        other => panic!("no keys: {}", said(other)),
    }
}

#[test]
fn an_account_from_making_to_removal() {
    let (place, mut store) = Place::with_bob();
    let pool = place.pool();
    assert_eq!(said(ask(&pool, password("bob", PASSWORD))), "yes Bob agent");
    assert_eq!(said(ask(&pool, password("BOB", PASSWORD))), "yes Bob agent");
    assert_eq!(said(ask(&pool, password("bob", "wrong horse"))), "no");
    assert_eq!(said(ask(&pool, password("nobody", PASSWORD))), "no");
    assert_eq!(said(ask(&pool, password("", ""))), "no");

    store.set_password("bob", "battery staple", TINY).unwrap();
    assert_eq!(said(ask(&pool, password("bob", PASSWORD))), "no");
    assert_eq!(said(ask(&pool, password("bob", "battery staple"))), "yes Bob agent");

    store.set_role("bob", Role::Supervisor).unwrap();
    assert_eq!(said(ask(&pool, password("bob", "battery staple"))), "yes Bob supervisor");

    store.suspend("bob", true).unwrap();
    assert_eq!(said(ask(&pool, password("bob", "battery staple"))), "no");
    assert_eq!(store.staff().unwrap(), []);
    store.suspend("bob", false).unwrap();
    assert_eq!(said(ask(&pool, password("bob", "battery staple"))), "yes Bob supervisor");
    assert_eq!(store.staff().unwrap().len(), 1);

    store.remove("bob").unwrap();
    assert_eq!(said(ask(&pool, password("bob", "battery staple"))), "no");
    assert_eq!(store.list().unwrap(), []);
}

#[test]
fn what_cannot_be_is_refused_and_changes_nothing() {
    let (_place, mut store) = Place::with_bob();
    store.add(NOW, "carol", Role::Admin, PASSWORD, TINY).unwrap();
    store.add_certificate("carol", PRINT).unwrap();
    let before = (store.list().unwrap(), store.generation().unwrap());
    let long = "x".repeat(301);
    let adds = [
        ("BOB", Role::Agent, PASSWORD),
        ("d", Role::Agent, "1234567"),
        ("d", Role::Agent, &long),
        ("d", Role::Agent, "with\nline end"),
        ("d", Role::Customer, PASSWORD),
        ("desk", Role::Agent, PASSWORD),
        ("Server", Role::Admin, PASSWORD),
        ("not a name", Role::Agent, PASSWORD),
        ("", Role::Agent, PASSWORD),
    ];
    let mut refused: Vec<AccountError> = adds
        .into_iter()
        .map(|(name, role, password)| store.add(NOW, name, role, password, TINY).unwrap_err())
        .collect();
    assert!(matches!(&refused[0], AccountError::AlreadyExists(name) if name.as_str() == "Bob"));
    assert_eq!(refused[1], AccountError::PasswordTooShort(8));
    assert_eq!(refused[2], AccountError::PasswordTooLong);
    assert_eq!(refused[3], AccountError::PasswordCharacter);
    assert_eq!(refused[4], AccountError::CustomerRole);
    assert_eq!(refused[5], AccountError::NameTaken("desk".to_owned()));

    let taken = store.add_certificate("bob", PRINT).unwrap_err();
    assert!(matches!(&taken, AccountError::CertificateTaken(name) if name.as_str() == "carol"));
    refused.push(taken);
    refused.push(store.set_password("bob", "short", TINY).unwrap_err());
    refused.push(store.set_role("bob", Role::Customer).unwrap_err());
    refused.push(store.add_certificate("bob", "1234").unwrap_err());
    refused.push(store.remove_certificate("bob", PRINT).unwrap_err());
    let nobody = [
        store.set_password("nobody", PASSWORD, TINY).unwrap_err(),
        store.set_role("nobody", Role::Agent).unwrap_err(),
        store.remove("nobody").unwrap_err(),
        store.suspend("nobody", true).unwrap_err(),
        store.add_certificate("nobody", PRINT).unwrap_err(),
        store.remove_certificate("nobody", PRINT).unwrap_err(),
    ];
    for error in nobody {
        assert_eq!(error, AccountError::NoSuchAccount("nobody".to_owned()));
        refused.push(error);
    }
    assert_eq!((store.list().unwrap(), store.generation().unwrap()), before);
    for error in &refused {
        assert!(!matches!(error, AccountError::Fault(_)), "{error}");
        let text = error.to_string();
        assert!(text.ends_with('.') && text.contains([';', ':']), "{text}");
    }
}

#[test]
fn nobody_learns_from_the_work_whether_an_account_exists() {
    let (place, mut store) = Place::with_bob();
    store.add(NOW, "gone", Role::Agent, PASSWORD, TINY).unwrap();
    store.suspend("gone", true).unwrap();
    let pool = place.pool();
    let guesses = [
        password("bob", "wrong horse"),
        password("nobody", "wrong horse"),
        password("not a name", "wrong horse"),
        password("gone", PASSWORD),
        password("gone", "wrong horse"),
    ];
    for guess in guesses {
        let before = pool.work();
        assert_eq!(said(ask(&pool, guess)), "no");
        assert_eq!(pool.work() - before, 8, "one hash of 8 KiB in one pass");
    }
}

#[test]
fn what_happens_to_the_account_during_the_check_counts() {
    type Happening = fn(&mut AccountStore);
    let cases: [(&str, Happening, &str); 6] = [
        ("nothing", |_| {}, "yes Bob agent"),
        ("removed", |s| s.remove("bob").unwrap(), "no"),
        ("suspended", |s| s.suspend("bob", true).unwrap(), "no"),
        ("password", |s| s.set_password("bob", "battery staple", TINY).unwrap(), "no"),
        ("same password", |s| s.set_password("bob", PASSWORD, TINY).unwrap(), "yes Bob agent"),
        ("role", |s| s.set_role("bob", Role::Bot).unwrap(), "yes Bob bot"),
    ];
    for (what, happens, wanted) in cases {
        let (place, mut store) = Place::with_bob();
        let checker = place.checker();
        let pending = checker.look_up("bob").unwrap();
        assert!(checker.compare(&pending, PASSWORD));
        happens(&mut store);
        assert_eq!(said(checker.confirm(pending, true, PASSWORD).unwrap()), wanted, "{what}");
    }
    // An account made during the check was not the one that was compared.
    let place = Place::new();
    let checker = place.checker();
    let pending = checker.look_up("bob").unwrap();
    place.store().add(NOW, "bob", Role::Admin, PASSWORD, TINY).unwrap();
    assert!(!checker.compare(&pending, PASSWORD));
    assert_eq!(said(checker.confirm(pending, false, PASSWORD).unwrap()), "no");
}

#[test]
fn a_new_cost_renews_the_hash_at_the_next_sign_in_and_only_then() {
    let (place, store) = Place::with_bob();
    let before = store.find("bob").unwrap().unwrap();
    let generation = store.generation().unwrap();
    let pool = pool(&place.file, |s| s.cost = Cost { memory_kib: 16, ..TINY });
    assert_eq!(said(ask(&pool, password("bob", "wrong horse"))), "no");
    assert_eq!(store.find("bob").unwrap().unwrap(), before);
    assert_eq!(said(ask(&pool, password("bob", PASSWORD))), "yes Bob agent");
    let after = store.find("bob").unwrap().unwrap();
    assert!(after.password_hash.contains("m=16,"), "renewed");
    assert_eq!(said(ask(&pool, password("bob", PASSWORD))), "yes Bob agent");
    assert_eq!(store.find("bob").unwrap().unwrap(), after, "and not again");
    assert_eq!(store.generation().unwrap(), generation, "which is nobody else's concern");
}

#[test]
fn a_certificate_signs_in_by_what_the_transport_saw_alone() {
    let (place, mut store) = Place::with_bob();
    store.add(NOW, "carol", Role::Admin, PASSWORD, TINY).unwrap();
    let (head, tail) = PRINT.split_at(2);
    store.add_certificate("bob", &format!("{head}:{}", tail.to_uppercase())).unwrap();
    assert_eq!(store.list().unwrap()[0].certificates, [PRINT]);
    let other = PRINT.replace('0', "f");
    let pool = place.pool();
    let table = [
        (certificate(None, Some(PRINT)), "yes Bob agent"),
        (certificate(Some("BOB"), Some(PRINT)), "yes Bob agent"),
        (certificate(Some("carol"), Some(PRINT)), "no"),
        (certificate(Some("nobody"), Some(PRINT)), "no"),
        (certificate(Some("bob"), Some(&other)), "no"),
        (certificate(Some("bob"), None), "no"),
        (certificate(Some(PRINT), None), "no"),
        (certificate(None, None), "no"),
        (certificate(None, Some("")), "no"),
        (password("bob", PRINT), "no"),
    ];
    for (row, (credentials, wanted)) in table.into_iter().enumerate() {
        assert_eq!(said(ask(&pool, credentials)), wanted, "row {row}");
    }
    store.suspend("bob", true).unwrap();
    assert_eq!(said(ask(&pool, certificate(None, Some(PRINT)))), "no");
    store.suspend("bob", false).unwrap();
    store.remove_certificate("bob", PRINT).unwrap();
    assert_eq!(said(ask(&pool, certificate(None, Some(PRINT)))), "no");
    // A removed account takes its certificates with it, also from whoever bears the name next.
    store.add_certificate("bob", PRINT).unwrap();
    store.remove("bob").unwrap();
    store.add(NOW, "bob", Role::Admin, PASSWORD, TINY).unwrap();
    assert_eq!(said(ask(&pool, certificate(None, Some(PRINT)))), "no");
}

/// What a SCRAM client sends last. Source: RFC 5802 section 3.
fn client_final(password: &str, keys: &ScramKeys, bare: &str, server_first: &[u8]) -> Vec<u8> {
    use base64::{Engine, engine::general_purpose::STANDARD};
    use hmac::{Hmac, KeyInit, Mac};
    use sha2::{Digest, Sha256};
    let sign = |key: &[u8], text: &[u8]| -> [u8; 32] {
        let mut mac = Hmac::<Sha256>::new_from_slice(key).unwrap();
        mac.update(text);
        mac.finalize().into_bytes().into()
    };
    let mut salted = [0; 32];
    pbkdf2::pbkdf2_hmac::<Sha256>(password.as_bytes(), &keys.salt, keys.iterations, &mut salted);
    let client_key = sign(&salted, b"Client Key");
    let server_first = std::str::from_utf8(server_first).unwrap();
    let nonce = server_first.split(',').next().unwrap();
    let without_proof = format!("c=biws,{nonce}");
    let message = format!("{bare},{server_first},{without_proof}");
    let signature = sign(&Sha256::digest(client_key), message.as_bytes());
    let proof: Vec<u8> = client_key.iter().zip(signature).map(|(a, b)| a ^ b).collect();
    format!("{without_proof},p={}", STANDARD.encode(proof)).into_bytes()
}

/// A whole exchange, as a face plays it.
fn scram(pool: &Pool, account: &str, password: &str) -> Result<String, ScramError> {
    let keys = keys(pool, account);
    let bare = format!("n={account},r=clientnonce");
    let first = format!("n,,{bare}");
    let (exchange, server_first) = ServerExchange::begin(keys.clone(), first.as_bytes())?;
    let last = client_final(password, &keys, &bare, &server_first);
    exchange.finish(&last).map(|(name, role, _)| format!("yes {name} {role}"))
}

#[test]
fn scram_signs_in_and_does_not_tell_who_exists() {
    let (place, mut store) = Place::with_bob();
    let pool = place.pool();
    assert_eq!(scram(&pool, "bob", PASSWORD), Ok("yes Bob agent".to_owned()));
    assert_eq!(scram(&pool, "bob", "wrong horse"), Err(ScramError::Refused));
    assert_eq!(scram(&pool, "nobody", PASSWORD), Err(ScramError::Refused));
    store.suspend("bob", true).unwrap();
    assert_eq!(scram(&pool, "bob", PASSWORD), Err(ScramError::Refused));
    store.suspend("bob", false).unwrap();
    store.set_password("bob", "battery staple", TINY).unwrap();
    assert_eq!(scram(&pool, "bob", PASSWORD), Err(ScramError::Refused));
    assert_eq!(scram(&pool, "bob", "battery staple"), Ok("yes Bob agent".to_owned()));

    let (real, made_up) = (keys(&pool, "bob"), keys(&pool, "nobody"));
    assert!(real.account.is_some() && made_up.account.is_none());
    assert_eq!(real.salt.len(), made_up.salt.len());
    assert_eq!(real.iterations, made_up.iterations);
    assert_eq!(real.nonce.len(), made_up.nonce.len());
    assert!(made_up.nonce.bytes().all(|b| b.is_ascii_graphic() && b != b','));
    // Asked again, under another spelling, by the next run of the server: the same salt.
    assert_eq!(keys(&place.pool(), "NoBody").salt, made_up.salt);
    assert_ne!(keys(&pool, "nobody").nonce, made_up.nonce);
    assert_ne!(keys(&pool, "nobody2").salt, made_up.salt);
    assert_ne!(keys(&Place::new().pool(), "nobody").salt, made_up.salt, "each install its own");
}

#[test]
fn attempts_are_limited_and_the_owner_is_not_locked_out() {
    static CLOCK: AtomicU64 = AtomicU64::new(1_000_000);
    let (place, _store) = Place::with_bob();
    let pool = pool(&place.file, |settings| {
        settings.logins_per_minute = 3;
        settings.clock = || Timestamp(CLOCK.load(Ordering::SeqCst));
    });
    let from = |address, text| said(ask_from(&pool, address, false, password("bob", text)));
    for _ in 0..3 {
        assert_eq!(from("10.0.0.1", "wrong horse"), "no");
    }
    let work = pool.work();
    assert_eq!(from("10.0.0.1", "wrong horse"), "wait 20");
    assert_eq!(from("10.0.0.1", PASSWORD), "wait 20");
    assert_eq!(pool.work(), work, "a refused attempt costs no hash");
    for _ in 0..20 {
        assert_eq!(from("10.0.0.2", PASSWORD), "yes Bob agent", "as often as they like");
    }
    CLOCK.fetch_add(20_000, Ordering::SeqCst);
    assert_eq!(from("10.0.0.1", PASSWORD), "yes Bob agent");
    for _ in 0..20 {
        let verdict = ask_from(&pool, "127.0.0.1", true, password("bob", "wrong horse"));
        assert_eq!(said(verdict), "no", "an exempt address is never limited");
    }
}

#[test]
fn a_scram_exchange_counts_until_it_is_said_to_have_succeeded() {
    let (place, _store) = Place::with_bob();
    let pool = pool(&place.file, |settings| settings.logins_per_minute = 2);
    let ask_keys = || said(ask(&pool, Credentials::ScramKeys { account: "bob".to_owned() }));
    for _ in 0..10 {
        assert_eq!(ask_keys(), "keys");
        pool.attempted("bob", "10.0.0.1", true);
    }
    assert_eq!(ask_keys(), "keys");
    pool.attempted("bob", "10.0.0.1", false);
    assert_eq!(ask_keys(), "keys", "abandoned, never told of");
    assert_eq!(ask_keys(), "wait 30");
    assert_eq!(said(ask(&pool, password("bob", PASSWORD))), "wait 30", "one budget for both");
}

#[test]
fn a_full_pool_says_so_at_once_and_an_answer_nobody_awaits_is_harmless() {
    let (place, _store) = Place::with_bob();
    let pool = pool(&place.file, |settings| {
        (settings.workers, settings.queue, settings.logins_per_minute) = (1, 1, 3);
    });
    let bob = || password("bob", PASSWORD);
    let (started, has_started) = channel();
    let (release, released) = sync_channel::<()>(0);
    let hold = Box::new(move |_, _| {
        started.send(()).unwrap();
        released.recv().unwrap();
    });
    pool.try_verify(1, "10.0.0.1", false, bob(), hold).unwrap();
    has_started.recv().unwrap();
    // The one thread is held; one more may wait, whose asker goes away meanwhile.
    let (tell, told) = channel();
    let (done, is_done) = channel();
    let late = Box::new(move |ticket, _| {
        assert!(tell.send(ticket).is_err(), "nobody is there");
        done.send(()).unwrap();
    });
    pool.try_verify(2, "10.0.0.1", false, bob(), late).unwrap();
    drop(told);
    for _ in 0..20 {
        let never = Box::new(|_, _| panic!("a check that was refused is never answered"));
        let refused = pool.try_verify(3, "10.0.0.1", false, bob(), never).unwrap_err();
        assert_eq!(said(refused.verdict), "unavailable", "and not counted as an attempt");
    }
    release.send(()).unwrap();
    is_done.recv().unwrap();
    assert_eq!(said(ask(&pool, bob())), "yes Bob agent");
}

#[test]
fn accounts_that_cannot_be_read_are_nobodys_failed_attempt() {
    let (place, _store) = Place::with_bob();
    let pool = pool(&place.file, |settings| settings.logins_per_minute = 2);
    rusqlite::Connection::open(&place.file).unwrap().execute("DROP TABLE account", []).unwrap();
    for _ in 0..10 {
        assert_eq!(said(ask(&pool, password("bob", PASSWORD))), "unavailable");
        let keys = Credentials::ScramKeys { account: "bob".to_owned() };
        assert_eq!(said(ask(&pool, keys)), "unavailable");
    }
}

#[test]
fn two_openers_of_one_file_see_each_other() {
    let place = Place::new();
    let (mut command_line, server) = (place.store(), place.store());
    let mut seen = server.generation().unwrap();
    let mut raised = |what: &str| {
        let now = server.generation().unwrap();
        assert!(now > seen, "{what}");
        seen = now;
    };
    command_line.add(NOW, "bob", Role::Agent, PASSWORD, TINY).unwrap();
    raised("add");
    assert_eq!(server.find("BOB").unwrap().unwrap().created, NOW);
    command_line.set_role("bob", Role::Admin).unwrap();
    raised("role");
    assert_eq!(server.staff().unwrap()[0].role, Role::Admin);
    command_line.set_password("bob", "battery staple", TINY).unwrap();
    raised("password");
    command_line.suspend("bob", true).unwrap();
    raised("suspend");
    assert!(server.list().unwrap()[0].suspended);
    command_line.add_certificate("bob", PRINT).unwrap();
    raised("certificate");
    assert!(server.find_by_certificate(PRINT).unwrap().is_some());
    command_line.remove_certificate("bob", PRINT).unwrap();
    raised("no certificate");
    command_line.remove("bob").unwrap();
    raised("remove");
    assert!(server.find("bob").unwrap().is_none());
}

#[test]
fn many_writers_lose_nothing() {
    let place = Place::new();
    let writers: Vec<_> = (0..4)
        .map(|writer| {
            let file = place.file.clone();
            std::thread::spawn(move || {
                let mut store = AccountStore::open(&file).unwrap();
                for n in 0..4 {
                    let name = format!("a{writer}-{n}");
                    store.add(NOW, &name, Role::Agent, PASSWORD, TINY).unwrap();
                }
                store.add(NOW, "contested", Role::Agent, PASSWORD, TINY).is_ok()
            })
        })
        .collect();
    let won = writers.into_iter().filter_map(|w| w.join().unwrap().then_some(())).count();
    assert_eq!(won, 1, "one made it, the others were told that it exists");
    let store = place.store();
    assert_eq!(store.list().unwrap().len(), 17);
    assert_eq!(store.generation().unwrap(), 17);
}

#[test]
fn nothing_secret_is_kept_or_printed() {
    let (place, store) = Place::with_bob();
    let record = store.find("bob").unwrap().unwrap();
    let pool = place.pool();
    let printed = format!("{record:?} {store:?} {pool:?} {:?}", place.checker());
    for secret in ["argon2id", "salt", "key"] {
        assert!(!printed.contains(secret), "{printed}");
    }
    for entry in std::fs::read_dir(place.file.parent().unwrap()).unwrap() {
        let bytes = std::fs::read(entry.unwrap().path()).unwrap();
        assert!(!bytes.windows(PASSWORD.len()).any(|w| w == PASSWORD.as_bytes()));
    }
}

fn new_account(name: &str, proof: Proof) -> NewAccount {
    let name = AccountName::parse(name).unwrap();
    let email = Some("a@example.com".to_owned());
    NewAccount { name, email, password: PASSWORD.to_owned(), proof }
}

#[test]
fn codes_are_good_once_and_for_a_while() {
    let place = Place::new();
    let store = place.store();
    let asks = |name, at, proof| store.register(at, &new_account(name, proof), TINY, None).unwrap();
    let code = store.invite(NOW, Role::Supervisor).unwrap();
    let late = NOW + INVITATION_SPAN + Duration::from_millis(1);
    assert_eq!(asks("bob", late, Proof::Invitation(code.clone())), Registered::WrongCode);
    let upper = Proof::Invitation(code.to_ascii_uppercase());
    let done = Registered::Done(AccountName::parse("bob").unwrap(), Role::Supervisor);
    assert_eq!(asks("bob", NOW, upper.clone()), done);
    assert_eq!(asks("eve", NOW, upper), Registered::WrongCode);
    // One that waits keeps its name for a day, and only its own code makes it an account.
    let letters: Arc<Mutex<Vec<String>>> = Arc::default();
    let sent = letters.clone();
    let post: Post = Arc::new(move |letter: &Letter| {
        assert_eq!((letter.account.as_str(), &*letter.email), ("ann", "a@example.com"));
        sent.lock().unwrap().push(letter.code.clone());
        Ok(())
    });
    let ann = new_account("ann", Proof::Email);
    let waits = store.register(NOW, &ann, TINY, Some(&post)).unwrap();
    assert_eq!(waits, Registered::Waits(ann.name.clone(), true));
    assert_eq!(store.waiting(NOW).unwrap(), [("ann".to_owned(), "a@example.com".to_owned())]);
    assert_eq!(asks("ANN", NOW, Proof::Email), Registered::Exists);
    let code = letters.lock().unwrap()[0].clone();
    let late = NOW + WAITING_SPAN + Duration::from_millis(1);
    assert_eq!(store.verify(late, "ann", &code).unwrap(), Registered::WrongCode);
    assert_eq!(store.verify(NOW, "bob", &code).unwrap(), Registered::WrongCode);
    let done = Registered::Done(ann.name.clone(), Role::Member);
    assert_eq!(store.verify(NOW, "ann", &code).unwrap(), done);
    assert_eq!(store.verify(NOW, "ann", &code).unwrap(), Registered::WrongCode);
    assert_eq!(said(ask(&place.pool(), password("ann", PASSWORD))), "yes ann member");
    // A letter that cannot be sent keeps no name.
    let fails: Post = Arc::new(|_: &Letter| Err(Fault { doing: "send", cause: "no".to_owned() }));
    let zoe = new_account("zoe", Proof::Email);
    assert!(store.register(NOW, &zoe, TINY, Some(&fails)).is_err());
    assert_eq!(store.waiting(NOW).unwrap(), []);
}

#[test]
fn making_accounts_counts_as_failing_often() {
    let (place, _store) = Place::with_bob();
    let pool = pool(&place.file, |settings| settings.logins_per_minute = 1);
    let make = |name: &str, exempt| {
        let new = Credentials::New(Box::new(new_account(name, Proof::Nothing)));
        said(ask_from(&pool, "10.0.0.1", exempt, new))
    };
    for name in ["a", "b", "c", "d", "e"] {
        assert!(make(name, false).starts_with("Done("), "{name}");
    }
    assert!(make("f", false).starts_with("wait "));
    assert!(make("f", true).starts_with("Done("), "an address without limits");
}
