"""Where the helper is measured: a server with `cfg/kamailio.cfg` and three
PCs on one network; daemons, command lines, and OpenVPN started by hand.
"""

import os

from testlib import proc, ua, vpnend
from testlib.site import FIRSTPING, PYTHON
from testlib.star import GROUP, SERVER, Star

CALLEE, CALLER, FRESH = 0, 1, 2  # the PCs, by number; also their users
PAIR = ("192.168.234.1", "192.168.234.2")  # the callee's end comes first
HAND = ("192.168.235.1", "192.168.235.2")  # of the OpenVPN by hand
HAND_PORT = 9000
LONG = 30.0  # seconds; nothing that is waited for takes as long


def address(number):
    """Of a PC."""
    return f"198.51.100.{20 + number}"


class Ground(Star):
    def __init__(self, workdir):
        os.makedirs(workdir)
        super().__init__(workdir, 3)
        self.certs = [vpnend.Cert(workdir, name) for name in ("one", "two")]

    def add_users(self, users):
        """More members of the group."""
        for user in users:
            self.kamailio.add_user(user, f"secret-{user}")
            self.kamailio.add_member(GROUP, user)
        self.kamailio.rpc("sipvpn.reload")

    def peer(self, name, number, pair):
        return (f"[peer {name}]\nuri = {2500 + number}\nlocal = {pair[0]}\n"
                f"remote = {pair[1]}\n")

    def callee(self):
        """Its daemon, which all that is timed calls."""
        program = self.daemon(CALLEE, self.account(
            CALLEE, f"local = {PAIR[0]}\nremote = {PAIR[1]}"))
        program.wait_for(ua.REGISTERED)
        return program

    def calling(self, number):
        """The configuration of who calls it by `sipvpn-ua call callee`."""
        return self.account(number) + self.peer("callee", CALLEE, PAIR[::-1])

    def ended(self):
        """No tunnel is left on any PC, so the next one finds what this one
        found."""
        for host in self.pcs:
            proc.wait_gone([pid for pid in host.pids() if is_openvpn(pid)])
            for name in host.links():
                if name != "eth0":
                    raise proc.ProcError(f"{host}: {name} is left")

    # --- the same OpenVPN, by hand -----------------------------------------

    def listen(self, wait=True):
        program = vpnend.listen(
            self.pcs[CALLEE], address(CALLEE), self.certs[0],
            self.certs[1].fingerprint, HAND_PORT, HAND, wait)
        self.programs.append(program)
        return program

    def connect(self):
        answer = vpnend.body(vpnend.sdp_lines(
            address(CALLEE), self.certs[0].fingerprint, HAND_PORT))
        program = vpnend.connect(
            self.pcs[CALLER], address(CALLER), self.certs[1], answer,
            pair=HAND[::-1])
        self.programs.append(program)
        return program

    def hub(self):
        """An OpenVPN server with both PCs as clients, who reach each other
        through it; the address of the callee's PC in there."""
        cert = vpnend.Cert(self.workdir, "hub")
        prints = [one.fingerprint for one in self.certs]
        programs = [vpnend.hub(self.server, SERVER, cert, prints)]
        for number, one in zip((CALLEE, CALLER), self.certs):
            programs.append(vpnend.join_hub(
                self.pcs[number], address(number), SERVER, one,
                cert.fingerprint))
            programs[-1].wait_for("Initialization Sequence Completed")
        self.programs += programs
        device, = [name for name in self.pcs[CALLEE].links()
                   if name != "eth0"]
        inner = self.pcs[CALLEE].run("ip", "-4", "-o", "addr", "show",
                                     device).stdout.split()[3]
        return programs, inner.partition("/")[0]

    # --- when does it answer? ----------------------------------------------

    def first_ping(self, number, target, start):
        """Milliseconds from the command that start() gives first to the
        reply; and what it started."""
        with self.pcs[number].start(PYTHON, FIRSTPING, target,
                                    LONG) as pinger:
            pinger.wait_for("^ready")
            programs = start()
            found = pinger.wait_for(r"^first (\S+)", LONG)
            return (float(found[1]) - programs[0].started) * 1000, programs


def is_openvpn(pid):
    try:
        with open(f"/proc/{pid}/cmdline", "rb") as file:
            return b"openvpn" in file.read().split(b"\0")[0]
    except OSError:
        return False
