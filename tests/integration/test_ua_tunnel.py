"""The tunnel of a call: what its device is called, what it carried, and each
way it ends by itself (see also test_ua_killed, test_ua_wrong_certificate and
test_ua_no_openvpn).
"""

import signal

from testlib import ua

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
        assert lab.far.ping("192.168.234.1").ok
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
        f"peer at {lab.SERVER}$", SOON).groups())
    # 20 pings of 84 bytes and what TLS and OpenVPN put around them
    assert 20 * 84 < rx < 20000 and 20 * 84 < tx < 20000


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
