"""`sipvpn-ua hold` and `resume`, and `call --group`, between two daemons."""

import json

import pytest

from testlib import proc, ua
from testlib.star import GROUP, Star


@pytest.fixture(scope="module")
def standing(tmp_path_factory):
    with Star(tmp_path_factory.mktemp("hold"), 2) as star:
        star.ends = [star.daemon(i, star.account(i)) for i in (0, 1)]
        for end in star.ends:
            end.wait_for(ua.REGISTERED)
        yield star


@pytest.fixture
def star(standing):
    yield standing
    if call_of(standing.ends[1]):
        standing.ends[1].ask("hangup", "all")
    for end in standing.ends:
        proc.wait_gone(end.openvpn())


def call_of(end):
    """The daemon's only call as `status` tells it; None: there is none."""
    calls = json.loads(end.ask("status", "--json").stdout)["calls"]
    return calls[0] if calls else None


def up(star, *options):
    """A call between the two, made by the second; its lines on both."""
    seen = [end.mark() for end in star.ends]
    done = star.ends[1].ask("call", "--background", *options, "2500")
    assert done.returncode == ua.OK, done.stdout
    return [end.connected(user, since=mark) for end, user, mark
            in zip(star.ends, (2501, 2500), seen)]


def both(star, pattern, seen):
    for end, mark in zip(star.ends, seen):
        end.wait_for(pattern, since=mark)


def ping(star, lines):
    for host, line in zip(star.pcs, lines):
        assert host.reach(line["remote"])
        assert host.ping(line["remote"], 3, 0.05).ok


@pytest.mark.parametrize("who", [0, 1], ids=["callee", "caller"])
def test_hold_and_resume(star, who):
    lines = up(star)
    ping(star, lines)
    openvpn = [pid for end in star.ends for pid in end.openvpn()]
    assert len(openvpn) == 2
    holder, peer = star.ends[who], star.ends[1 - who]
    seen = [end.mark() for end in star.ends]
    assert holder.ask("hold", lines[who]["id"]).returncode == ua.OK
    both(star, "^call .*: on hold", seen)
    # there is nothing more to be done
    assert holder.ask("hold", lines[who]["id"]).returncode == ua.OK
    proc.wait_gone(openvpn)
    for end, host in zip(star.ends, star.pcs):
        assert call_of(end)["state"] == "held"
        assert " held " in end.ask("status").stdout
        assert host.links() == ["eth0"]
    # the one that did not ask for it cannot end it
    seen = [end.mark() for end in star.ends]
    assert peer.ask("resume", "all").returncode == ua.OK
    assert [call_of(end)["state"] for end in star.ends] == ["held", "held"]
    assert holder.ask("resume", "all").returncode == ua.OK
    both(star, "CONNECTED", seen)
    assert [call_of(end)["state"] for end in star.ends] == ["up", "up"]
    ping(star, lines)


def test_held_call_ends(star):
    lines = up(star)
    seen = [end.mark() for end in star.ends]
    assert star.ends[0].ask("hold", "2501").returncode == ua.OK
    both(star, "^call .*: on hold", seen)
    assert star.ends[1].ask("hangup", lines[1]["id"]).returncode == ua.OK
    both(star, "^call .*: call ended", seen)
    assert [call_of(end) for end in star.ends] == [None, None]


@pytest.mark.parametrize("command", ["hold", "resume"])
def test_no_such_call(star, command):
    done = star.ends[0].ask(command, "gateway")
    assert done.returncode == ua.REFUSED_CALL
    assert "there is no call 'gateway'" in done.stdout


def test_group(star):
    """What the command names goes before what the file says."""
    up(star, "--group", GROUP)
    assert call_of(star.ends[1])["group"] == GROUP
    seen = star.ends[1].mark()
    star.ends[1].ask("hangup", "all")
    star.ends[1].wait_for("call ended: hung up", since=seen)
    # the server knows no such group
    other = star.ends[1].ask("call", "--group", "elsewhere", "2500")
    assert other.returncode == ua.REFUSED_CALL
    assert "refused: 403" in other.stdout
    wrong = star.ends[1].ask("call", "--group", "a b", "2500")
    assert wrong.returncode == ua.USAGE
    assert "group: 'a b' is not the id of a group" in wrong.stdout
