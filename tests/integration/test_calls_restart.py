"""With a dialog module that keeps its dialogs in a database, calls are known,
and can be ended, after Kamailio has been killed and started again.
"""

import sqlite3
from contextlib import closing, contextmanager

import pytest

from testlib import bed
from testlib.calls import (ANSWER, OFFER, SOON, Byes, listed, until_listed,
                           up, wait_until)
from testlib.talk import talker, within

AUDIO = bed.sdp(bed.AUDIO)
AT_ONCE, DELAYED = 1, 2  # how the dialog module writes: its db_mode
# What shows whose dialog a request is in must outlive the restart, too.
SECRET = 'modparam("sipvpn", "secret", "of the test")\n'
EVERY_SECOND = 'modparam("dialog", "db_update_period", 1)\n'


@contextmanager
def one_server(folder, mode):
    defines = {"DIALOG_DB_MODE": mode, "RELOAD_DELTA": 0}
    with bed.kamailio(folder, start=False, defines=defines,
                      extra=SECRET + EVERY_SECOND) as running:
        # A write fails while somebody reads, otherwise; and while somebody
        # closes the file and believes to be the last, so this one stays.
        assert running.sql("pragma journal_mode = wal") == [("wal",)]
        with closing(sqlite3.connect(running.db)) as stays:
            stays.execute("select count(*) from dialog").fetchall()
            running.start()
            yield running
            running.stop()


@pytest.fixture
def server(tmp_path):
    with one_server(tmp_path, AT_ONCE) as running:
        yield running


def killed_and_started(server):
    server.close()
    server.start()


def test_calls_outlive_a_restart(server, callee, member):
    with talker(server, "2500") as other:
        here, unused = up(other, callee)
        late, unused = up(member, callee, b"", OFFER)
        phones, unused = up(member, callee, AUDIO, AUDIO)
        before = [{**one, "id": None} for one in listed(server)]
        killed_and_started(server)
        after = listed(server)
        assert sorted(({**one, "id": None} for one in after), key=str) == \
            sorted(before, key=str)
        assert [one["call_id"] for one in after].count(late.call_id) == 1
        byes = Byes(member, callee)
        assert server.rpc("sipvpn.revoke", late.call_id) == {"calls": 1}
        assert set(byes.reasons()) == {"2500", "2501"}
        assert max(byes.took.values()) < SOON, byes.took
        # Only one writes to SQLite at a time, and Kamailio does not wait.
        wait_until(lambda: len(server.sql("select * from dialog")) == 1)
        # and the other one by a change of the membership
        byes = Byes(other)
        server.remove_member("lab", "2500")
        server.rpc("sipvpn.reload")
        assert callee.take_and_answer("BYE").get("call-id") == here.call_id
        assert set(byes.all()) == {"2500"}
        wait_until(lambda: server.sql("select * from dialog") == [])
        # the dialog module takes its rows out one after the other
        wait_until(lambda: server.sql("select * from dialog_vars") == [])
        killed_and_started(server)
        assert listed(server) == []
        assert within(phones, callee, "BYE")[1].code == 200


def test_a_call_goes_on_and_ends_by_itself(server, callee, member):
    here, unused = up(member, callee)
    killed_and_started(server)
    assert within(here, callee, "UPDATE", OFFER, OFFER)[1].code == 200
    assert len(listed(server)) == 1
    assert within(here, callee, "BYE")[1].code == 200
    server.logged("is over: hung up")
    assert listed(server) == []


def in_database(server, call_id):
    """What the dialog module has written of a call; a later row is newer."""
    return dict(server.sql(
        "select v.dialog_key, v.dialog_value from dialog d join dialog_vars v "
        "on v.hash_entry = d.hash_entry and v.hash_id = d.hash_id where "
        "d.callid = ? order by v.id", call_id))


def is_written(server, call_id, has_vpn):
    values = in_database(server, call_id).values()
    return len(values) == 5 and all(
        (value != "no VPN") == has_vpn for value in values)


@pytest.mark.parametrize("mode", [AT_ONCE, DELAYED], ids=["1", "2"])
def test_an_orderly_restart(tmp_path, mode):
    """With a delay, what has been written until then is known."""
    both = bed.sdp(bed.AUDIO, bed.vpn("lab"))
    off = bed.sdp(bed.AUDIO, "m=application/vpn 0 OpenVPN 0")
    with one_server(tmp_path, mode) as server, \
            talker(server, "2500") as callee, \
            talker(server, "2501") as member:
        callee.register()
        here, unused = up(member, callee, OFFER, ANSWER)
        late, unused = up(member, callee, b"", OFFER)
        # these two are phone calls by now, one since its answer
        phones = [up(member, callee, both, both)[0],
                  up(member, callee, both, off)[0]]
        assert within(phones[0], callee, "UPDATE", off, off)[1].code == 200
        before = [{**one, "id": None} for one in until_listed(server, 2)]
        for leg in (here, late, *phones):
            wait_until(lambda: is_written(server, leg.call_id,
                                          leg not in phones))
        server.stop()
        server.start()
        after = [{**one, "id": None} for one in until_listed(server, 2)]
        assert sorted(after, key=str) == sorted(before, key=str)
        byes = Byes(member, callee)
        assert server.rpc("sipvpn.revoke", here.call_id) == {"calls": 1}
        assert set(byes.reasons()) == {"2500", "2501"}
        assert max(byes.took.values()) < SOON, byes.took
        assert within(late, callee, "BYE")[1].code == 200
        # Only one writes to SQLite at a time, and Kamailio does not wait.
        for leg in (here, late):
            wait_until(lambda: not in_database(server, leg.call_id))
        # and a VPN comes back into one of the others
        assert within(phones[1], callee, "UPDATE", both, both)[1].code == 200
        one, = until_listed(server, 1)
        wait_until(lambda: is_written(server, phones[1].call_id, True))
        server.stop()
        server.start()
        again, = until_listed(server, 1)
        assert {**one, "id": None} == {**again, "id": None}
        assert one["call_id"] == phones[1].call_id
        for leg in phones:
            assert within(leg, callee, "BYE")[1].code == 200
        until_listed(server, 0)
