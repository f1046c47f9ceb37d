// Loaded before The Lounge: it would look for news of itself on the network, and tests stay on this machine.
'use strict';
const dns = require('dns');

const lookup = dns.lookup;
dns.lookup = function (name, ...rest) {
    if (['localhost', '127.0.0.1', '::1'].includes(name)) return lookup.call(dns, name, ...rest);
    const answer = rest[rest.length - 1];
    process.nextTick(() => answer(Object.assign(new Error('only this machine'), { code: 'ENOTFOUND' })));
};
