"""A server and some PCs on one network, for the tests of the daemon.

    server 198.51.100.10, PCs .20, .21, ...

Users 2500, 2501, ... of the server are all in one group. `daemon()` starts
`sipvpn-ua daemon` on a PC with a configuration given as text.
"""

import os
import signal

from . import netns, proc, ua, uad
from .kamailio import Kamailio

SERVER = "198.51.100.10"
GROUP = "lab"

# what a daemon writes; the number is the call's own
CONNECTED = (r"^call (?P<id>\d+): CONNECTED (?P<peer>sip:\S+) in \d+ ms: "
             r"(?P<local>\S+) -> (?P<remote>\S+) on (?P<tun>\S+), peer \S+$")


class Daemon(proc.Proc):
    """`sipvpn-ua daemon` with this configuration."""

    def __init__(self, host, workdir, text, name, more=None):
        self.config = os.path.join(str(workdir), f"{name}.conf")
        self.write(text)
        super().__init__([ua.PROGRAM, "daemon", "--config", self.config,
                          "--socket", self.config + ".sock"],
                         netns=host, name=name,
                         env={**ua.STRICT, **(more or {})})

    def write(self, text):
        """Another configuration; reload() takes it."""
        with open(self.config, "w", encoding="utf-8") as out:
            out.write(text)

    def reload(self, text):
        seen = self.mark()
        self.write(text)
        self.send_signal(signal.SIGHUP)
        return self.wait_for(r": (read again|not taken)", since=seen)

    def connected(self, peer, timeout=10.0, since=0):
        """The line of the call with this user; see CONNECTED."""
        return self.wait_for(CONNECTED.replace(r"sip:\S+",
                                               rf"sip:{peer}@\S+"),
                             timeout, since)

    def openvpn(self):
        return ua.UA.openvpn(self)

    def ask(self, command, *words):
        """A command for this daemon, run to its end."""
        return uad.cli(command, "--socket", self.config + ".sock", *words)


class Star:
    def __init__(self, workdir, pcs):
        self.workdir = str(workdir)
        self.programs = []
        self.net = netns.Net()
        try:
            router = self.net.host("switch")
            self.net.switch(router, "net")
            self.server = self.net.host("server")
            self.net.join(self.server, SERVER + "/24", router, "net")
            self.pcs = []
            for i in range(pcs):
                self.pcs.append(self.net.host(f"pc{i}"))
                self.net.join(self.pcs[i], f"198.51.100.{20 + i}/24", router,
                              "net")
            self.kamailio = Kamailio(workdir, SERVER, netns=self.server,
                                     domain=SERVER)
            users = [str(2500 + i) for i in range(pcs)]
            for user in users:
                self.kamailio.add_user(user, f"secret-{user}")
            self.kamailio.add_group(GROUP, users)
            self.programs.append(self.kamailio.start().proc)
        except BaseException:
            self.close()
            raise

    def __enter__(self):
        return self

    def __exit__(self, *unused):
        self.close()

    def account(self, number, more=""):
        """The section of PC number's user."""
        user = 2500 + number
        path = os.path.join(self.workdir, f"password-{user}")
        with open(path, "w", encoding="utf-8",
                  opener=lambda p, f: os.open(p, f, 0o600)) as out:
            out.write(f"secret-{user}\n")
        return (f"[account home]\nuser = {user}\ndomain = {SERVER}\n"
                f"password_file = {path}\n{more}\n")

    def daemon(self, number, text):
        """A daemon on PC number; its configuration is text."""
        program = Daemon(self.pcs[number], self.workdir, text, f"d{number}")
        self.programs.append(program)
        return program

    def ua(self, number, to=None, more=()):
        """The thesis's command line on PC number."""
        user = 2500 + number
        program = ua.UA(self.pcs[number], SERVER, str(user),
                        f"secret-{user}", to, more)
        self.programs.append(program)
        return program

    def registrations(self):
        """Users that the server holds a contact of."""
        table = self.kamailio.rpc("ul.dump", "brief")["Domains"]
        return sorted(entry["AoR"].split("@")[0] for domain in table
                      for entry in domain["Domain"]["AoRs"])

    def close(self):
        for program in reversed(self.programs):
            program.close()
        self.net.close()
