"""sipvpn-ua of a test: started, and what it reports read back."""

import os
import re

from . import proc

TOP = os.path.dirname(os.path.dirname(os.path.dirname(
    os.path.abspath(__file__))))
BUILD = os.environ.get("BUILD", os.path.join(TOP, "build"))
PROGRAM = os.path.join(BUILD, "ua", "sipvpn-ua")

# GLib's warnings end the program, and its blocks are malloc's own.
STRICT = {"G_DEBUG": "fatal-criticals", "G_SLICE": "always-malloc"}

# What it writes; the reader of the tests and of the demo alike.
REGISTERED = r"^registered (?P<aor>sip:\S+), expires in (?P<expires>\d+) s"
WAITING = r"^waiting for calls"
CONNECTED = (r"^CONNECTED (?P<peer>sip:\S+) in (?P<ms>\d+) ms: "
             r"(?P<local>[0-9a-fA-F.:]+) -> (?P<remote>[0-9a-fA-F.:]+) "
             r"on (?P<tun>\S+), peer (?P<endpoint>\S+)")
ENDED = r"^call ended: (?P<reason>.*)"
UNREGISTERED = r"^unregistered"
REFUSED = (r"^sipvpn-ua: call to (?P<peer>sip:\S+) refused: "
           r"(?P<code>\d+) (?P<phrase>.*)")

# Its exit codes.
OK, USAGE, UNREACHABLE, AUTH, REFUSED_CALL, TUNNEL = 0, 2, 3, 4, 5, 6


class UA(proc.Proc):
    """`sipvpn-ua -s server -u user`, with a call to the user `to` if given.

    more are further arguments; the password goes through the environment.
    """

    def __init__(self, host, server, user, password, to=None, more=()):
        argv = [PROGRAM, "-s", server, "-u", user]
        if to is not None:
            argv += ["-t", to]
        super().__init__([*argv, *more], netns=host, name=f"ua-{user}",
                         env={**STRICT, "SIPVPN_PASSWORD": password})
        self.user = user

    def registered(self, timeout=5.0):
        return self.wait_for(REGISTERED, timeout)

    def waiting(self, timeout=5.0):
        return self.wait_for(WAITING, timeout)

    def connected(self, timeout=10.0, since=0):
        return self.wait_for(CONNECTED, timeout, since)

    def ended(self, timeout=5.0, since=0):
        """Why the call ended."""
        return self.wait_for(ENDED, timeout, since)["reason"]

    def openvpn(self):
        """OpenVPN processes of this UA."""
        return [pid for pid, command in self.children().items()
                if re.search(r"(^|/)openvpn( |$)", command.split("--")[0])]
