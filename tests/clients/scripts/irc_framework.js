// The npm library irc-framework: signs in by SASL, talks, asks, and comes back after a restart.
// Arguments: port, 1 for TLS or 0, account, password. Prints one line for each thing it is shown.
'use strict';
const { Client } = require('irc-framework');

const [port, tls, account, password] = process.argv.slice(2);
const show = (...words) => console.log(words.join(' '));
const client = new Client();

client.on('sasl failed', (event) => show('STRANGE', 'sasl', event.reason));
client.on('loggedin', (event) => show('SIGNED-IN', event.account));
client.on('registered', (event) => {
    show('WELCOME', event.nick);
    // It comes back by itself only to where it has been for some seconds.
    setTimeout(() => show('SETTLED'), 6000);
    client.join('#lobby');
});
client.on('topic', (event) => show('TOPIC', event.channel, event.topic));
client.on('userlist', (event) => {
    if (event.channel !== '#lobby') return;
    show('NAMES', event.users.map((user) => user.nick).sort().join(' '));
    client.say('#lobby', 'hello from a library');
    client.whois('bob');
    client.who('#lobby');
});
client.on('whois', (event) => show('WHOIS', event.nick, event.ident, event.hostname));
client.on('wholist', (event) => show('WHO', event.users.map((user) => user.nick).sort().join(' ')));
client.on('message', (event) => {
    if (event.type !== 'privmsg') return;
    const own = event.target === client.user.nick;
    show(own ? 'PRIVATE' : 'SAID', event.nick, event.message);
    if (own) client.say(event.nick, 'yes?');
});
client.on('irc error', (event) => show('STRANGE', event.error, event.reason));
// The library passes on what it does not act upon; these are the greetings it leaves to its user.
const GREETINGS = ['002', '003', '004', '250', '251', '252', '253', '254', '255', '265', '266'];
client.on('unknown command', (event) => GREETINGS.includes(event.command) || show('STRANGE', event.command, event.params.join(' ')));
client.on('reconnecting', () => show('LOST'));
client.connect({
    host: '127.0.0.1',
    port: Number(port),
    tls: tls === '1',
    rejectUnauthorized: false,
    nick: account,
    account: { account, password },
    auto_reconnect: true,
    auto_reconnect_max_wait: 1000,
    auto_reconnect_max_retries: 20,
});
