"""The Python library irc: signs in by SASL, talks, asks, and comes back after a restart.

Arguments: port, 1 for TLS or 0, account, password. Prints one line for each thing it is shown.
"""

import functools
import ssl
import sys

import irc.bot
import irc.connection

PORT, TLS, ACCOUNT, PASSWORD = int(sys.argv[1]), sys.argv[2] == "1", sys.argv[3], sys.argv[4]


def show(*words):
    print(*words, flush=True)


class Talker(irc.bot.SingleServerIRCBot):
    def __init__(self):
        factory = irc.connection.Factory()
        if TLS:
            context = ssl.create_default_context()
            context.check_hostname = False
            context.verify_mode = ssl.CERT_NONE
            wrapper = functools.partial(context.wrap_socket, server_hostname="localhost")
            factory = irc.connection.Factory(wrapper=wrapper)
        spec = irc.bot.ServerSpec("127.0.0.1", PORT, PASSWORD)
        again = irc.bot.ExponentialBackoff(min_interval=1, max_interval=2)
        super().__init__(
            [spec], ACCOUNT, "A library", recon=again, connect_factory=factory, sasl_login=ACCOUNT
        )

    def on_loggedin(self, connection, event):
        show("SIGNED-IN", event.arguments[1])

    def on_welcome(self, connection, event):
        show("WELCOME", event.target)
        connection.join("#lobby")

    def on_endofnames(self, connection, event):
        if event.arguments[0] == "#lobby":
            show("NAMES", " ".join(sorted(self.channels["#lobby"].users())))
            connection.privmsg("#lobby", "hello from a library")
            connection.whois("bob")

    def on_currenttopic(self, connection, event):
        show("TOPIC", *event.arguments)

    def on_whoisuser(self, connection, event):
        show("WHOIS", *event.arguments)

    def on_pubmsg(self, connection, event):
        show("SAID", event.source.nick, event.arguments[0])

    def on_privmsg(self, connection, event):
        show("PRIVATE", event.source.nick, event.arguments[0])
        connection.privmsg(event.source.nick, "yes?")

    def on_disconnect(self, connection, event):
        show("LOST")

    def on_all_events(self, connection, event):
        # A numeric that the library has no name for (but for two of today's WHOIS), or an error.
        if (event.type.isdigit() and event.type not in ("307", "338")) or event.type in ("unknowncommand", "error") or event.type.startswith("err"):
            show("STRANGE", event.type, *event.arguments)


talker = Talker()
talker.connection.add_global_handler("all_events", talker.on_all_events)
talker.start()
