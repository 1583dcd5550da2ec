"""With a dialog module that keeps its dialogs in a database, calls are known,
and can be ended, after Kamailio has been killed and started again.
"""

import sqlite3
from contextlib import closing

import pytest

from testlib import bed
from testlib.calls import OFFER, SOON, Byes, listed, up, wait_until
from testlib.talk import talker, within

AUDIO = bed.sdp(bed.AUDIO)
IN_DATABASE = {"DIALOG_DB_MODE": 1, "RELOAD_DELTA": 0}
# What shows whose dialog a request is in must outlive the restart, too.
SECRET = 'modparam("sipvpn", "secret", "of the test")\n'


@pytest.fixture
def server(tmp_path):
    with bed.kamailio(tmp_path, start=False, defines=IN_DATABASE,
                      extra=SECRET) as running:
        # A write fails while somebody reads, otherwise; and while somebody
        # closes the file and believes to be the last, so this one stays.
        assert running.sql("pragma journal_mode = wal") == [("wal",)]
        with closing(sqlite3.connect(running.db)) as stays:
            stays.execute("select count(*) from dialog").fetchall()
            running.start()
            yield running
            running.stop()


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
        assert server.sql("select * from dialog_vars") == []
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
