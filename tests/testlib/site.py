"""The network of the demo and of the call tests, with its server running.

    network A 198.51.100.0/24        network B 203.0.113.0/24
    server .10 --+
                 +-- .1 router .1 --- PC2 .20
    PC1 .20 -----+

2500 waits on PC1, 2501 calls from PC2, both in the group; 2502 is in none.
"""

import os
import sys

from . import netns, ua
from .kamailio import Kamailio

PYTHON = sys.executable
FIRSTPING = os.path.join(os.path.dirname(os.path.abspath(__file__)),
                         "firstping.py")


class Site:
    NET_A, NET_B = "198.51.100.0/24", "203.0.113.0/24"
    GATE_A, GATE_B = "198.51.100.1", "203.0.113.1"
    SERVER, PC1, PC2 = "198.51.100.10", "198.51.100.20", "203.0.113.20"
    GROUP = "lab"
    USERS = {"2500": "secret-2500", "2501": "secret-2501",
             "2502": "secret-2502"}
    OPTIONS = {}  # of the server, beside these
    TUNNEL = {"2500": "192.168.234.1", "2501": "192.168.234.2"}

    def __init__(self, workdir):
        self.workdir = str(workdir)
        self.programs = []  # in the order in which they were started
        self.net = netns.Net()

    def __enter__(self):
        try:
            self._cable()
            self._serve()
        except BaseException:
            self.close()
            raise
        return self

    def __exit__(self, *unused):
        self.close()

    def _cable(self):
        net = self.net
        self.router = net.host("router", forward=True)
        self.server = net.host("server")
        self.pc1 = net.host("pc1")
        self.pc2 = net.host("pc2")
        net.switch(self.router, "net-a", self.GATE_A + "/24")
        net.switch(self.router, "net-b", self.GATE_B + "/24")
        for host, address, switch, gate in (
                (self.server, self.SERVER, "net-a", self.GATE_A),
                (self.pc1, self.PC1, "net-a", self.GATE_A),
                (self.pc2, self.PC2, "net-b", self.GATE_B)):
            net.join(host, address + "/24", self.router, switch, gate)

    def _serve(self):
        self.kamailio = Kamailio(self.workdir, self.SERVER,
                                 netns=self.server, domain=self.SERVER,
                                 **self.OPTIONS)
        for user, password in self.USERS.items():
            self.kamailio.add_user(user, password)
        self.kamailio.add_group(self.GROUP, list(self.TUNNEL))
        self.programs.append(self.kamailio.start().proc)

    def registrations(self):
        """Users that the server holds a contact of."""
        table = self.kamailio.rpc("ul.dump", "brief")["Domains"]
        return sorted(entry["AoR"].split("@")[0]
                      for domain in table for entry in domain["Domain"]["AoRs"])

    def contacts(self):
        """The addresses they are registered at."""
        table = self.kamailio.rpc("ul.dump")["Domains"]
        return sorted(contact["Contact"]["Address"] for domain in table
                      for entry in domain["Domain"]["AoRs"]
                      for contact in entry["Info"]["Contacts"])

    def ua(self, host, user, to=None, more=()):
        """sipvpn-ua of a user on a host; it calls `to` or waits."""
        program = ua.UA(host, self.SERVER, user, self.USERS[user], to, more)
        self.programs.append(program)
        return program

    def first_ping(self, host, address, seconds=10):
        """A pinger that says when address begins to answer; see there."""
        return host.start(PYTHON, FIRSTPING, address, seconds)

    def close(self):
        """End what runs, newest first; take the network away."""
        for program in reversed(self.programs):
            program.close()
        self.net.close()
