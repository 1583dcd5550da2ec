"""`make load` calls, counts, and says so when a call ends wrong."""

import os
import signal
import sqlite3
import sys

import pytest

from load import tally
from load.load import KINDS, plan
from load.server import MAKE_CSV, Ours
from testlib import proc, ua
from testlib.kamailio import free_port

LOAD = os.path.join(ua.TOP, "tests", "load", "load.py")
SHORT = """2026-01-01\t10:00:00.0\t100.000\tS\ta\tCSeq:1 INVITE\tINVITE sip:x
2026-01-01\t10:00:00.0\t100.010\tR\ta\tCSeq:1 INVITE\tSIP/2.0 407 Password
2026-01-01\t10:00:00.0\t100.020\tS\ta\tCSeq:2 INVITE\tINVITE sip:x
2026-01-01\t10:00:00.0\t100.500\tS\tb\tCSeq:2 INVITE\tINVITE sip:y
2026-01-01\t10:00:00.0\t100.520\tS\ta\tCSeq:2 INVITE\tINVITE sip:x
2026-01-01\t10:00:00.0\t100.600\tR\ta\tCSeq:2 INVITE\tSIP/2.0 100 Trying
2026-01-01\t10:00:00.0\t100.620\tR\ta\tCSeq:2 INVITE\tSIP/2.0 200 OK
2026-01-01\t10:00:00.0\t100.700\tR\ta\tCSeq:2 INVITE\tSIP/2.0 200 OK
2026-01-01\t10:00:00.0\t101.500\tR\tb\tCSeq:2 INVITE\tSIP/2.0 403 No
2026-01-01\t10:00:00.0\t101.500\tR
"""


def test_the_time_is_that_from_the_password_to_the_answer():
    found = tally.set_up(SHORT.splitlines())
    assert [(when, round(took, 3)) for when, took in found] == [
        (100.02, 0.6), (100.5, 1.0)]
    (second, calls, middle, most), = tally.per_second(found, 100.0)
    assert (second, calls, round(middle, 3), round(most, 3)) == \
        (0, 2, 0.6, 1.0)


@pytest.mark.parametrize("part, value", [
    (0.5, 50), (0.95, 95), (0.99, 99), (1, 100), (0.001, 1)])
def test_percentiles(part, value):
    assert tally.percentile(range(100, 0, -1), part) == value
    assert tally.percentile([], part) is None


def test_the_last_whole_line_counts():
    head = "TotalCallCreated;SuccessfulCall(C);FailedCall(C);" \
        "Retransmissions(C);\n"
    assert tally.totals("") == tally.totals(head) == tally.NOTHING
    assert tally.totals(head + "1;1;0;0;\n7;5;2;9;\n8;") == (7, 5, 2, 9)
    assert tally.add([(1, 2, 3, 4), (1, 1, 1, 1)]) == (2, 3, 4, 5)


def stamped(*errors):
    """As sipp writes them: not always with a line end between."""
    return "The following events occurred:\n" + "".join(
        f"2026-01-01\t10:00:00.123456\t100.123456: {error}"
        for error in errors)


def test_errors_are_counted_and_in_words():
    unexpected = "Aborting call on unexpected message for Call-Id '%d-1@::': " \
        "while expecting '403' (index 6), received 'SIP/2.0 200 OK\r\n" \
        "Via: x\r\n\r\n'"
    found = tally.errors(stamped(
        *(unexpected % number for number in range(1200)),
        "Dead call 1 (successful), received 'x'\n",
        "Call-Id: 1-1@::, receive timeout on message vpn-call:7 without label "
        "to jump to (ontimeout attribute): aborting call",
        "Failed regexp match: looking in 'v=0\r\nm=x', with regexp 'm=y'\n",
        "Aborting call on UDP retransmission timeout for Call-ID '2-1@::'\n",
        "Aborting call on UDP retransmission timeout for Call-ID '3-1@::'\n"))
    assert found == [
        "1,200 times: SIP/2.0 200 OK came in place of 403",
        "2 times: nothing came, however often it was sent",
        "nothing came in time at its step 7 (the first is 0)"]
    assert tally.errors(stamped("Failed regexp match: looking in 'v=0\r\nm=x'"
                                ", with regexp 'm=y'\n", "other\nthing")) == [
        "no /m=y/ in what came", "other thing"]
    assert tally.errors("") == []


@pytest.mark.parametrize("calls", [1, 2, 9, 10, 101])
def test_calls_are_shared_out_to_the_last(calls):
    shares = tally.mix("members=6, strangers=2,phones=2", KINDS)
    found = tally.split(calls, shares)
    assert sum(found.values()) == calls
    assert all(abs(found[kind] - calls * part) <= 1
               for kind, part in shares.items())


def test_what_is_not_said_is_a_minute():
    wanted = plan({})
    assert (wanted.rate, wanted.seconds, wanted.calls) == (100, 60, 6000)
    assert plan({"CALLS": "50"}).calls == 50
    assert plan({"MIX": "phones=1,members=0"}).shares == {"phones": 1}


@pytest.mark.parametrize("name, value", [
    ("RATE", "0"), ("RATE", "-1"), ("RATE", "fast"), ("RATE", "5001"),
    ("TIME", "1.5"), ("CALLS", "1000001"), ("MIX", "members"),
    ("MIX", "members=1,members=2"), ("MIX", "robots=1"), ("MIX", "members=0"),
    ("SERVER", "127.0.0.1"), ("SERVER", "[::1]:5060"),
])
def test_what_makes_no_sense_is_said(name, value):
    done = load(check=False, **{name: value})
    assert done.returncode == 2
    assert done.stdout.splitlines()[-1].startswith(f"load: {name}={value}: ")


def unset(env):
    """What is not among env is not in the environment."""
    return {**dict.fromkeys(("SERVER", "CSV", "RATE", "TIME", "CALLS", "MIX"),
                            ""), **env}


def load(check=True, **env):
    return proc.run([sys.executable, LOAD], check=check, timeout=60,
                    env=unset(env))


def columns(text):
    """{first word: the other words} of the table."""
    lines = [line.split() for line in text.splitlines()]
    return {words[0]: words[1:] for words in lines
            if words and words[0] in (*KINDS, "all") and len(words) == 9}


def test_a_short_load(tmp_path):
    os.symlink(os.path.join(ua.BUILD, "module"), tmp_path / "module")
    said = load(RATE="50", TIME="2", BUILD=str(tmp_path)).stdout
    found = columns(said)
    assert found["members"][:4] == ["60", "60", "0", "0"]
    assert found["strangers"][:4] == ["20", "0", "20", "0"]
    assert found["phones"][:4] == ["20", "20", "0", "0"]
    assert found["all"][:4] == ["100", "80", "20", "0"]
    assert all(float(value) > 0 for value in found["all"][5:])
    assert "us a call" in said and "MB after" in said
    assert "all 100 calls ended as they should" in said
    made = {name: os.path.getsize(tmp_path / "load" / name)
            for name in os.listdir(tmp_path / "load")}
    assert set(made) == {"load.dat", "load.svg", "load.png", "load.txt"}
    assert all(made.values())


def test_a_server_that_lets_strangers_in_fails(tmp_path):
    """It is the user's own here, and knows its strangers as members."""
    build = tmp_path / "build"
    build.mkdir()
    with Ours(str(tmp_path)) as server:
        with sqlite3.connect(server.kamailio.db) as con:
            con.execute("insert into sipvpn_member (group_id, username, domain)"
                        " select g.id, s.username, s.domain from subscriber s,"
                        " sipvpn_group g where s.username like 'loadx%'")
        con.close()
        server.kamailio.rpc("sipvpn.reload")
        done = load(check=False, RATE="20", CALLS="10", BUILD=str(build),
                    MIX="strangers=1", CSV=server.csv,
                    SERVER="%s:%d" % server.address)
    found = columns(done.stdout)
    assert done.returncode == 1
    assert found["strangers"][:4] == found["all"][:4] == ["10", "0", "0", "10"]
    assert "10 of 10 calls ended wrong" in done.stdout
    assert "many-strangers: 10 times: SIP/2.0 480 " in done.stdout


def test_a_server_that_is_not_there(tmp_path):
    csv = tmp_path / "csv"
    proc.run([sys.executable, MAKE_CSV, csv, "--users", 2, "--groups", 1,
              "--strangers", 0, "--pairs", 1])
    nobody = f"127.0.0.1:{free_port()}"
    done = load(check=False, SERVER=nobody, CSV=str(csv), CALLS="1",
                BUILD=str(tmp_path))
    assert done.returncode == 2
    assert f"load: 0 of the 2 users in {csv}/users.csv could register at " \
        f"{nobody}: " in done.stdout
    assert "nothing came" in done.stdout


@pytest.mark.parametrize("said", ["calls, 20 a second, to", "calls, .* wrong"])
def test_ctrl_c(tmp_path, said):
    """Before the calls, and among them: a sentence, and nothing is left."""
    os.symlink(os.path.join(ua.BUILD, "module"), tmp_path / "module")
    with proc.Proc([sys.executable, LOAD], env=unset(
            {"RATE": "20", "TIME": "30", "BUILD": str(tmp_path)})) as running:
        running.wait_for(said, 20)
        children = running.children()
        running.send_signal(signal.SIGINT)
        assert running.wait(15) == 130, running.output()
        assert running.lines[-1].startswith("load: interrupted; ")
        assert "Traceback" not in running.output()
        proc.wait_gone(children)
    assert sorted(os.listdir(tmp_path)) == ["load", "module"]


def test_a_rate_that_nobody_can_do_is_named():
    assert tally.late(1000, 100, 12.9) == tally.late(1, 100, 1) == []
    assert "took 13 s, not 10: " in tally.late(1000, 100, 13.1)[0]
    assert "RATE=100 is more than" in tally.late(1000, 100, 13.1)[0]


def test_what_the_server_complains_of():
    assert tally.complaints(
        " 3(71) INFO: sipvpn [x.c:1]: f(): ERROR is no word of its\n"
        " 3(71) ERROR: {1 2 INVITE a@b} tm [y.c:2]: g(): no memory\n"
        " 4(72) ERROR: {1 1 INVITE c@d} tm [y.c:2]: g(): no memory\n"
    ) == ["2 times: tm [y.c:2]: g(): no memory"]
