"""sipvpn-ua daemon: many calls at once, and what becomes of the others when
one of them ends, the configuration changes or the server goes.
"""

import json
import os
import socket
import time

import pytest

from testlib import proc, ua
from testlib.star import Daemon, Star


@pytest.fixture
def star(tmp_path):
    with Star(tmp_path, 4) as standing:
        yield standing


def peer(number, more=""):
    return f"[peer pc{number}]\nuri = {2500 + number}\n{more}\n"


def ping(host, line):
    assert host.reach(line["remote"])
    assert host.ping(line["remote"], 3, 0.05).ok


def test_three_calls_at_once(star):
    """One that the daemon makes, one from another daemon, one of a command
    line; the one in the middle ends."""
    waits = star.ua(1)
    waits.waiting()
    hub = star.daemon(0, star.account(0) + peer(1, "call = start"))
    hub.wait_for(ua.REGISTERED)
    second = star.daemon(2, star.account(2)
                         + "[peer hub]\nuri = 2500\ncall = start\n")
    third = star.ua(3, to="2500")
    lines = [hub.connected(user) for user in (2501, 2502, 2503)]
    ends = [waits.connected(), second.connected(2500), third.connected()]
    assert len({line["id"] for line in lines}) == 3
    assert [line["tun"] for line in lines] == ["vpn-pc1", "vpn-2502",
                                               "vpn-2503"]
    addresses = {line[end] for line in lines for end in ("local", "remote")}
    assert len(addresses) == 6, "every tunnel has its own"
    assert len(hub.openvpn()) == 3
    for host, line in [(star.pcs[0], line) for line in lines] \
            + list(zip(star.pcs[1:], ends)):
        ping(host, line)
    before = hub.openvpn()
    assert second.stop() == ua.OK
    hub.wait_for(rf"^call {lines[1]['id']}: call ended: the peer hung up")
    proc.wait_gone(set(before) - set(hub.openvpn()))
    ping(star.pcs[0], lines[0])
    ping(star.pcs[0], lines[2])
    assert hub.stop(5.0) == ua.OK
    waits.ended()
    assert third.wait() == ua.OK
    assert star.pcs[0].links() == ["eth0"]


def called(star, more=""):
    """A daemon, with one call of a command line's: daemon, caller, line."""
    hub = star.daemon(0, star.account(0) + more)
    hub.wait_for(ua.REGISTERED)
    caller = star.ua(1, to="2500")
    line = hub.connected(2501)
    caller.connected()
    return hub, caller, line


def test_reload(star):
    """Calls live on, whatever the file says; what has changed is registered
    anew; a bad file changes nothing."""
    hub, caller, line = called(star)
    hub.reload("[daemon]\nwhat = 1\n" + star.account(0))
    hub.wait_for(rf"{hub.config}:2: what: no such key")
    hub.wait_for("not taken")
    assert hub.output().count("registered sip:") == 1
    # nothing that is registered
    seen = hub.mark()
    hub.reload(star.account(0, "vpn_port = 8100\naccept = peers\n"))
    assert star.ua(2, to="2500").wait() == ua.REFUSED_CALL
    hub.wait_for("2502@.* refused: no peer of ours", since=seen)
    assert "registered" not in "\n".join(hub.lines[seen:])
    # another port: the old binding goes with the last call by it
    seen = hub.mark()
    hub.reload(star.account(0, "port = 5070\n"))
    hub.wait_for(ua.REGISTERED, since=seen)
    ping(star.pcs[0], line)
    again = star.ua(2, to="2500")
    other = hub.connected(2502, since=seen)
    ping(star.pcs[0], other)
    ping(star.pcs[0], line)
    assert caller.stop() == ua.OK
    hub.wait_for("^call 1: call ended", since=seen)
    hub.wait_for(ua.UNREGISTERED, since=seen)
    ping(star.pcs[0], other)
    # the account is gone altogether
    hub.reload(star.account(3))
    hub.wait_for("registered sip:2503", since=seen)
    ping(star.pcs[0], other)
    assert again.stop() == ua.OK
    hub.wait_for("^call 2: call ended", since=seen)
    assert hub.stop() == ua.OK
    assert star.registrations() == []


def test_kept_up(star):
    """Called again when the peer hangs up, and no more when it is no longer
    to be."""
    waits = star.ua(1)
    waits.waiting()
    hub = star.daemon(0, star.account(0) + peer(1, "call = keep"))
    hub.connected(2501)
    seen = hub.mark()
    assert waits.stop() == ua.OK
    hub.wait_for("^call 1: call ended", since=seen)
    waits = star.ua(1)
    ping(star.pcs[0], hub.connected(2501, since=seen))
    assert hub.stop() == ua.OK


def test_server_gone(star):
    """The tunnel stays; whoever ends the call ends it here, and once."""
    hub, caller, line = called(star)
    star.kamailio.stop()
    ping(star.pcs[0], line)
    openvpn = hub.openvpn()
    caller.stop(15.0)
    hub.wait_for("^(sipvpn-ua: )?call 1: call .*(ended|failed)", 15.0)
    proc.wait_gone(openvpn)
    assert hub.running()
    assert len([text for text in hub.lines
                if text.startswith(("call 1: call", "sipvpn-ua: call 1: c"))
                ]) == 1
    hub.stop(15.0)


def states(daemon):
    """Of its accounts and its calls, as `status` tells them."""
    table = json.loads(daemon.ask("status", "--json").stdout)
    return ([account["state"] for account in table["accounts"]],
            [call["state"] for call in table["calls"]])


def test_server_comes_back(star):
    """An outage is no end: the tunnel lives on, status tells of it, both
    register again by themselves, and the call still ends properly."""
    ends = [star.daemon(i, star.account(i)) for i in (0, 1)]
    for end in ends:
        end.wait_for(ua.REGISTERED)
    assert ends[1].ask("call", "--background", "2500").returncode == 0
    lines = [ends[0].connected(2501), ends[1].connected(2500)]
    star.kamailio.stop()
    seen = [end.mark() for end in ends]
    for end in ends:
        done = end.ask("register")
        assert done.returncode == ua.UNREACHABLE
        assert "refused" in done.stdout
        assert states(end) == (["waiting"], ["up"])
        assert "refused" in end.ask("status").stdout
    waits = [int(end.wait_for(r"not registered; next try in (\d+) s",
                              since=mark)[1])
             for end, mark in zip(ends, seen)]
    assert all(10 <= wait <= 20 for wait in waits)
    ping(star.pcs[0], lines[0])
    ping(star.pcs[1], lines[1])
    star.programs.append(star.kamailio.start().proc)
    for end, mark, wait in zip(ends, seen, waits):
        end.wait_for(ua.REGISTERED, wait + 2.0, mark)
        assert states(end) == (["registered"], ["up"])
    assert star.registrations() == ["2500", "2501"]
    ping(star.pcs[0], lines[0])
    assert ends[1].ask("hangup", "1").returncode == 0
    ends[0].wait_for("^call 1: call ended: the peer hung up")
    assert [states(end)[1] for end in ends] == [[], []]
    for host in star.pcs[:2]:
        assert host.links() == ["eth0"]


def test_service_manager_is_told(star, tmp_path):
    path = str(tmp_path / "notify")
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as manager:
        manager.bind(path)
        manager.settimeout(5.0)
        with Daemon(star.pcs[0], tmp_path, star.account(0), "told",
                    {"NOTIFY_SOCKET": path}) as program:
            assert manager.recv(100) == b"READY=1"
            program.stop()
            assert manager.recv(100) == b"STOPPING=1"
    # nobody there: no reason to stop working
    os.unlink(path)
    with Daemon(star.pcs[0], tmp_path, star.account(0), "untold",
                {"NOTIFY_SOCKET": path}) as program:
        program.wait_for(ua.REGISTERED)
        assert program.stop() == ua.OK


def test_password_put_right(star, tmp_path):
    """Refused for good is not the end of a daemon, nor of its other
    accounts."""
    text = star.account(0)
    good = star.account(1).replace("[account home]", "[account other]")
    secret = tmp_path / "password-2500"
    secret.write_text("wrong\n")
    program = star.daemon(0, text + good)
    program.wait_for(r"^sipvpn-ua: registration of sip:2500@\S+ refused: 401")
    program.wait_for("^registered sip:2501")
    secret.write_text("secret-2500\n")
    program.reload(text + good)
    program.wait_for("^registered sip:2500")
    assert program.output().count("registered sip:2501") == 1
    assert program.stop() == ua.OK
    program.wait_for("^unregistered sip:2500")
    program.wait_for("^unregistered sip:2501")


@pytest.mark.parametrize("mover", [0, 1], ids=["callee", "caller"])
def test_another_address(star, mover):
    """The tunnel comes back from there, the same call and addresses."""
    hub, caller, line = called(star)
    began = time.monotonic()
    stays = [caller, hub][mover]
    seen = stays.mark()
    host = star.pcs[mover]
    host.run("ip", "addr", "flush", "dev", "eth0")
    star.net.address(host, "eth0", f"198.51.100.{30 + mover}/24")
    stays.wait_for(f"CONNECTED .* peer 198.51.100.{30 + mover}:", 15.0, seen)
    deadline = began + 15.0
    while not star.pcs[0].ping(line["remote"], 1).ok:
        assert time.monotonic() < deadline, hub.tail() + caller.tail()
    assert "call ended" not in hub.output()
    assert len(hub.openvpn()) == 1
    assert caller.stop() == ua.OK
    hub.wait_for("^call 1: call ended")
