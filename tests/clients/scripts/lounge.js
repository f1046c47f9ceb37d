// A browser's part in The Lounge: opens its page's socket, adds the network, talks and asks.
// Arguments: The Lounge's port, the server's port, 1 for TLS or 0, account, password.
'use strict';
const { io } = require('socket.io-client');

const [web, port, tls, account, password] = process.argv.slice(2);
const show = (...words) => console.log(words.join(' '));
const socket = io(`http://127.0.0.1:${web}`, { transports: ['websocket'] });
const channels = new Map();
const note = (channel) => channels.set(channel.id, channel.name);
// What The Lounge shows as it came, because it has no use for it; these are only greetings.
const GREETINGS = ['002', '003', '004', '250', '251', '252', '253', '254', '255', '265', '266'];

function welcome() {
    show('WELCOME', account);
    // It comes back by itself only to where it has been for some seconds.
    setTimeout(() => show('SETTLED'), 6000);
}

function entered(channel) {
    note(channel);
    if (channel.name !== '#lobby') return;
    const say = (text) => socket.emit('input', { target: channel.id, text });
    say('hello from a library');
    say('/whois bob');
    socket.emit('names', { target: channel.id });
}

socket.on('init', () =>
    socket.emit('network:new', {
        name: 'desk',
        host: '127.0.0.1',
        port,
        tls: tls === '1',
        rejectUnauthorized: false,
        password: '',
        nick: account,
        username: account,
        realname: 'The Lounge',
        join: '#lobby',
        leaveMessage: '',
        sasl: 'plain',
        saslAccount: account,
        saslPassword: password,
        commands: [],
    })
);
socket.on('network', (event) => event.network.channels.forEach(note));
socket.on('join', (event) => entered(event.chan));
// A channel that was asked for beforehand is there from the start, and then joined.
socket.on('channel:state', (event) =>
    event.state === 1 && entered({ id: event.chan, name: channels.get(event.chan) })
);
socket.on('names', (event) =>
    show('NAMES', event.users.map((user) => user.nick).sort().join(' '))
);
socket.on('topic', (event) => show('TOPIC', channels.get(event.chan), event.topic));
socket.on('msg', ({ chan, msg }) => {
    const from = msg.from ? msg.from.nick : '';
    const own = msg.self || channels.get(chan) === 'desk';
    if (msg.type === 'login') show('SIGNED-IN', account);
    else if (msg.type === 'whois') show('WHOIS', msg.whois.nick, msg.whois.hostname);
    else if (msg.type === 'message' && channels.get(chan) === '#lobby') show('SAID', from, msg.text);
    else if (msg.type === 'message' && !own) show('PRIVATE', from, msg.text);
    else if (msg.type === 'error') show('STRANGE', msg.error || '', msg.reason || msg.text || '');
    else if (msg.type === 'unhandled' && !GREETINGS.includes(msg.command))
        show('STRANGE', msg.command, JSON.stringify(msg.params));
    if (/^You're now known as/.test(msg.text || '')) welcome();
});
