"""Two machines for the tests of one sipvpn-ua: `pc`, where it runs, and
`far`, where the test is the server and the peer.

    pc 198.51.100.20 ----- far 198.51.100.10 (server and peer)
                               198.51.100.66 (a stranger)
"""

from . import netns, proc, ua
from .peer import Peer
from .vpnend import Cert, attribute, body, connect, listen, sdp_lines

USER = "2500"
PASSWORD = "secret-2500"


class LabUA(ua.UA):
    """sipvpn-ua with a command before it, or an environment of its own."""

    def __init__(self, host, server, user=USER, to=None, more=(),
                 before=(), env=None):
        argv = [*before, ua.PROGRAM, "-s", server, "-u", user]
        if to is not None:
            argv += ["-t", to]
        if env is None:
            env = {"SIPVPN_PASSWORD": PASSWORD}
        proc.Proc.__init__(self, [*argv, *more], netns=host,
                           name=f"ua-{user}", env={**ua.STRICT, **env})
        self.user = user

    def waits_again(self, timeout=5.0):
        """The (first) call is over, and the next one may come."""
        first = self.lines.index("waiting for calls")
        self.wait_for("^waiting for calls", timeout, since=first + 1)


class Lab:
    PC, SERVER, STRANGER = "198.51.100.20", "198.51.100.10", "198.51.100.66"

    def __init__(self, workdir):
        self.net = netns.Net()
        self._programs = []
        try:
            self.pc = self.net.host("pc")
            self.far = self.net.host("far")
            self.net.link(self.pc, "eth0", self.PC + "/24",
                          self.far, "eth0", self.SERVER + "/24")
            self.net.address(self.far, "eth0", self.STRANGER + "/24")
            self.peer = Peer(self.far, self.SERVER)
            self.cert = Cert(workdir, "peer")
        except BaseException:
            self.net.close()
            raise

    def __enter__(self):
        return self

    def __exit__(self, *unused):
        self.clear()
        self.peer.close()
        self.net.close()

    def keep(self, program):
        """End it with the lab."""
        self._programs.append(program)
        return program

    def clear(self):
        """End what one test has started."""
        while self._programs:
            self._programs.pop().close()
        self.peer.forget()

    def clear_peers(self):
        """End the peer's OpenVPN only."""
        for program in [p for p in self._programs
                        if not isinstance(p, LabUA)]:
            program.close()
            self._programs.remove(program)

    # --- sipvpn-ua ---------------------------------------------------------

    def waiting(self, *more, **options):
        """A sipvpn-ua that waits for calls."""
        program = self.keep(LabUA(self.pc, self.SERVER, more=more, **options))
        program.waiting()
        return program

    def calling(self, *more, **options):
        """A sipvpn-ua that calls "peer", and its INVITE."""
        program = self.keep(LabUA(self.pc, self.SERVER, to="peer", more=more,
                                  **options))
        return program, self.peer.take("INVITE")

    # --- the peer ----------------------------------------------------------

    def lines(self, **fields):
        """The lines of a good description of the peer's."""
        return sdp_lines(self.SERVER, self.cert.fingerprint, **fields)

    def good(self, **fields):
        return body(self.lines(**fields))

    def dial(self):
        """A call to the UA that is about to be made."""
        return self.peer.dialog(self.PC, USER)

    def listen(self, offer, cert=None, **fields):
        """The peer's OpenVPN, for who offered to come."""
        return self.keep(listen(self.far, self.SERVER, cert or self.cert,
                                attribute(offer.body, "fingerprint"),
                                **fields))

    def connect(self, answer, cert=None, ip=SERVER, **fields):
        """The peer's OpenVPN, towards what the UA answered."""
        return self.keep(connect(self.far, ip, cert or self.cert,
                                 answer.body, **fields))

    # --- what every test ends with -----------------------------------------

    def assert_clean(self):
        """The UA has neither OpenVPN nor device."""
        assert self.pc.links() == ["eth0"]
        assert not [pid for pid in self.pc.pids()
                    if is_openvpn(pid)], "an OpenVPN is left"

    def assert_clean_ua(self):
        """No tun device is left; the peer's own may be."""
        assert self.pc.links() == ["eth0"]

    def assert_usable(self, program):
        """The UA still takes a proper call, and gets over it."""
        seen = program.mark()
        call = self.dial()
        answer = call.invite(self.good())
        assert answer.code == 200, answer.first
        call.ack()
        end = self.connect(answer)
        program.connected(since=seen)
        end.wait_for("Initialization Sequence Completed")
        assert self.far.ping("192.168.234.1").ok
        openvpn = program.openvpn()
        assert call.bye().code == 200
        program.ended(since=seen)
        proc.wait_gone(openvpn)
        end.close()
        self.assert_clean()
        assert program.running()


def is_openvpn(pid):
    try:
        with open(f"/proc/{pid}/cmdline", "rb") as cmdline:
            return b"openvpn" in cmdline.read().split(b"\0")[0]
    except OSError:
        return False
