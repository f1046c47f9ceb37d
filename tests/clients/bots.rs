//! Bots and a bouncer as people run them: Limnoria, Sopel, ZNC in front of irssi.

use crate::libraries::{free_port, installed, partner, script};
use crate::stage::{PASSWORD, Stage};
use std::fs;

/// A bot joins, answers in the channel and in private, and does so again after a restart.
fn answers(config: &str, file: &str, command: &str, (asked, answer): (&str, &str)) {
    for tls in [false, true] {
        let mut stage = Stage::new("", &["nc"]);
        stage.account("bob", "agent");
        stage.account("robo", "bot");
        let home = stage.fresh_home();
        let port = if tls { stage.tls } else { stage.irc };
        let text = config
            .replace("PORT", &port.to_string())
            .replace("TLS", if tls { "True" } else { "False" })
            .replace("PASSWORD", PASSWORD)
            .replace("HOME", &home.display().to_string());
        fs::write(home.join(file), text).unwrap();
        let bob = partner(&stage);
        let _bot = stage.open_in(&home, &command.replace("HOME", &home.display().to_string()));
        bob.shows(":robo!robo@staff.switchboard.localhost JOIN #lobby");
        bob.type_line(&format!("PRIVMSG #lobby :{asked}"));
        bob.shows(answer);
        bob.type_line("WHOIS robo");
        bob.shows(" 335 bob robo");

        stage.kill();
        stage.start();
        let bob = partner(&stage);
        bob.shows(":robo!robo@staff.switchboard.localhost JOIN #lobby");
        bob.type_line(&format!("PRIVMSG #lobby :{asked}"));
        bob.shows(answer);
    }
}

#[test]
#[ignore = "drives real clients"]
fn sopel() {
    let config = "[core]\nnick = robo\nuser = robo\nhost = 127.0.0.1\nport = PORT\nuse_ssl = TLS\n\
        verify_ssl = false\nowner = bob\nauth_method = sasl\nauth_username = robo\n\
        auth_password = PASSWORD\nchannels =\n    \"#lobby\"\nenable =\n    ping\n    coretasks\n\
        homedir = HOME\npid_dir = HOME\n";
    let python = installed("python/bin/python");
    let command =
        format!("{} {} HOME/default.cfg", python.display(), script("sopel_bot.py").display());
    answers(config, "default.cfg", &command, (".ping", "PRIVMSG #lobby :bob: Pong!"));
}

#[test]
#[ignore = "drives real clients"]
fn limnoria() {
    let plugins = ["Admin", "Channel", "Config", "Misc", "Owner", "User", "Utilities"];
    let loaded: String =
        plugins.iter().map(|plugin| format!("supybot.plugins.{plugin}: True\n")).collect();
    let config = format!(
        "supybot.nick: robo\nsupybot.ident: robo\nsupybot.user: Limnoria\nsupybot.networks: desk\n\
         supybot.networks.desk.servers: 127.0.0.1:PORT\nsupybot.networks.desk.ssl: TLS\n\
         supybot.protocols.ssl.verifyCertificates: False\n\
         supybot.networks.desk.sasl.username: robo\n\
         supybot.networks.desk.sasl.password: PASSWORD\n\
         supybot.networks.desk.channels: #lobby\nsupybot.reply.whenAddressedBy.chars: .\n\
         supybot.drivers.maxReconnectWait: 2.0\n\
         supybot.plugins: {}\n{loaded}",
        plugins.join(" ")
    );
    let limnoria = installed("python/bin/limnoria");
    let command = format!("sh -c 'cd HOME && {} --allow-root robo.conf'", limnoria.display());
    let talk = (
        ".echo limnoria hears you",
        ":robo!robo@staff.switchboard.localhost PRIVMSG #lobby :limnoria hears you",
    );
    answers(&config, "robo.conf", &command, talk);
}

#[test]
#[ignore = "drives real clients"]
fn znc_in_front_of_irssi() {
    for tls in [false, true] {
        let mut stage = Stage::new("", &["nc", "irssi"]);
        stage.account("bob", "agent");
        stage.account("carol", "agent");
        let bob = partner(&stage);
        let (home, own) = (stage.fresh_home(), free_port());
        let server = if tls { format!("+{}", stage.tls) } else { stage.irc.to_string() };
        let config = format!(
            "Version = 1.8.2\nConnectDelay = 1\nServerThrottle = 1\n<Listener l>\n Host = 127.0.0.1\n Port = {own}\n IPv4 = true\n \
             IPv6 = false\n SSL = false\n</Listener>\n<User carol>\n Admin = true\n Nick = carol\n \
             Ident = carol\n RealName = Carol\n <Pass password>\n  Method = plain\n  Hash = znc\n </Pass>\n \
             <Network desk>\n  FloodBurst = 50\n  FloodRate = 20\n  JoinDelay = 0\n  LoadModule = sasl\n  Server = 127.0.0.1 {server}\n  \
             TrustAllCerts = true\n  <Chan #lobby>\n  </Chan>\n </Network>\n</User>\n"
        );
        fs::create_dir_all(home.join("configs")).unwrap();
        fs::write(home.join("configs/znc.conf"), config).unwrap();
        let module = home.join("users/carol/networks/desk/moddata/sasl");
        fs::create_dir_all(&module).unwrap();
        let keys =
            format!("username carol\npassword {PASSWORD}\nmechanisms PLAIN\nrequire_auth yes\n");
        fs::write(module.join(".registry"), keys).unwrap();
        // As root it waits half a minute; then it runs as nobody, who must reach and write its home.
        let drop = "if [ \"$(id -u)\" = 0 ]; then exec setpriv --reuid=65534 --regid=65534 --clear-groups \"$@\"; else exec \"$@\"; fi";
        stage.open_to_all(&home);
        let znc = stage.open_in(
            &home,
            &format!(
                "bash -c '{}' - timeout 300 znc --foreground --datadir {}",
                drop.replace('\'', ""),
                home.display()
            ),
        );
        bob.shows("carol!carol@staff.switchboard.localhost JOIN #lobby");
        let irssi = stage.open(&format!("irssi -c 127.0.0.1 -p {own} -n carol -w carol/desk:znc"));
        irssi.irssi_window("#lobby");
        irssi.shows("tea at four");
        irssi.type_line("through the bouncer");
        bob.shows("PRIVMSG #lobby :through the bouncer");
        bob.type_line("PRIVMSG #lobby :heard");
        irssi.shows("bob> heard");

        stage.kill();
        stage.start();
        let bob = partner(&stage);
        bob.shows(":carol!carol@staff.switchboard.localhost JOIN #lobby");
        irssi.irssi_window("#lobby");
        irssi.type_line("still here");
        bob.shows("PRIVMSG #lobby :still here");
        znc.key("C-c");
    }
}
