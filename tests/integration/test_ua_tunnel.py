"""The tunnel of a call: what its device is called, what it carried, and each
way it ends by itself (see also test_ua_killed, test_ua_wrong_certificate and
test_ua_no_openvpn).
"""

import select
import signal
import socket
import threading

from testlib import ua
from testlib.peer import socket_in

SOON = 5.0  # seconds
# ping-exit of OpenVPN, and its timer's second or two
SILENT = 36.0
WHY = r"^sipvpn-ua: call .* failed: (.*)"

# Takes the port that its input names, then is OpenVPN without it.
THIEF = """#!/usr/bin/python3
import os, socket, sys, tempfile
conf = sys.stdin.buffer.read()
words = dict(line.split(b" ", 1) for line in conf.splitlines()
             if b" " in line)
sock = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
sock.bind((words[b"local"].decode(), int(words[b"port"])))
os.set_inheritable(sock.fileno(), True)
with tempfile.TemporaryFile() as again:
    again.write(conf)
    again.seek(0)
    os.dup2(again.fileno(), 0)
os.execv("/usr/sbin/openvpn", sys.argv)
"""


def called(lab, program, **fields):
    """A call that is up: (the peer's dialog, its OpenVPN)."""
    call = lab.dial()
    answer = call.invite(lab.good(**fields))
    assert answer.code == 200, answer.first
    call.ack()
    end = lab.connect(answer, **fields)
    program.connected()
    end.wait_for("Initialization Sequence Completed")
    return call, end


def test_device_is_called_after_the_peer(lab):
    program = lab.waiting()
    call, unused = called(lab, program)
    assert lab.pc.links() == ["eth0", "vpn-peer"]
    assert program.connected()["tun"] == "vpn-peer"
    call.bye()
    program.ended()


def test_device_name_that_is_taken(lab):
    lab.pc.run("ip", "link", "add", "vpn-peer", "type", "bridge")
    try:
        program = lab.waiting()
        call, unused = called(lab, program)
        assert program.connected()["tun"] == "vpn-peer-0"
        assert lab.far.reach("192.168.234.1")
        call.bye()
        program.ended()
    finally:
        lab.pc.run("ip", "link", "del", "vpn-peer")


def test_what_was_carried_and_where_the_peer_was(lab):
    program = lab.waiting("-d")
    call, unused = called(lab, program)
    assert lab.far.ping("192.168.234.1", 20, 0.01).ok
    call.bye()
    rx, tx = map(int, program.wait_for(
        r"tunnel with sip:peer@\S+ (\d+) bytes received, (\d+) sent, "
        rf"peer at {lab.SERVER}:\d+$", SOON).groups())
    # 20 pings of 84 bytes and what TLS and OpenVPN put around them
    assert 20 * 84 < rx < 20000 and 20 * 84 < tx < 20000


class Mover:
    """The peer's datagrams, passed on from another port when told to."""

    def __init__(self, lab):
        self.front = socket_in(lab.far, lab.STRANGER)
        self.backs = [socket_in(lab.far, lab.STRANGER) for unused in "ab"]
        self.port = self.front.getsockname()[1]
        self.now = self.backs[0]
        self._to = None
        self._far = (lab.PC, 8000)
        self._end, self._closing = socket.socketpair()
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()

    def move(self):
        """The new port."""
        self.now = self.backs[1]
        return self.now.getsockname()[1]

    def close(self):
        self._closing.close()
        self._thread.join(1.0)
        for sock in (self.front, *self.backs, self._end):
            sock.close()

    def _run(self):
        while True:
            ready = select.select([self.front, *self.backs, self._end],
                                  [], [])[0]
            if self._end in ready:
                return
            for sock in ready:
                data, source = sock.recvfrom(65535)
                if sock is self.front:
                    self._to = source
                    self.now.sendto(data, self._far)
                else:
                    self.front.sendto(data, self._to)


def test_peer_that_moves_is_followed(lab):
    """A NAT has given it another port: nothing is lost, and it shows."""
    program = lab.waiting("-d")
    path = lab.keep(Mover(lab))
    call = lab.dial()
    answer = call.invite(lab.good())
    call.ack()
    answer.body = answer.body.replace(
        b"IP4:" + lab.PC.encode(), b"IP4:" + lab.STRANGER.encode()).replace(
            b"PORT:8000", b"PORT:%d" % path.port)
    end = lab.connect(answer)
    program.connected()
    end.wait_for("Initialization Sequence Completed")
    assert lab.far.reach("192.168.234.1")
    port = path.move()
    assert lab.far.ping("192.168.234.1", 5, 0.05).ok
    call.bye()
    program.wait_for(f"peer at {lab.STRANGER}:{port}$", SOON)


def test_port_is_taken_meanwhile(lab, tmp_path):
    path = tmp_path / "openvpn"
    path.write_text(THIEF)
    path.chmod(0o755)
    program = lab.waiting("--openvpn", path)
    reply = lab.dial().invite(lab.good())
    assert reply.code == 500
    assert "the UDP port is in use" in reply.get("warning")
    program.wait_for("^sipvpn-ua: .*choose a port of our own with -v")
    assert "the UDP port is in use" in program.wait_for(WHY).group(1)


def test_peer_falls_silent(lab):
    """One that is called and one that calls, at the same time."""
    callee = lab.waiting("-v", "8000")
    unused, one = called(lab, callee)
    caller, invite = lab.calling("-l", "10.9.8.1", "-r", "10.9.8.2",
                                 user="2501")
    fields = {"port": 9002, "pair": ("10.9.8.2", "10.9.8.1")}
    two = lab.listen(invite, cert=None, **fields)
    lab.peer.reply(invite, 200, "OK",
                   body=lab.good(setup="passive", **fields))
    lab.peer.take("ACK")
    caller.connected()
    for end in (one, two):
        end.send_signal(signal.SIGKILL)
    for program in (callee, caller):
        assert program.wait_for(WHY, SILENT).group(1) == \
            "nothing more is heard from the peer"
    assert lab.peer.take("BYE").get("reason").startswith("SIP;cause=500;")
    assert caller.wait(SOON) == ua.TUNNEL
    assert callee.running()
