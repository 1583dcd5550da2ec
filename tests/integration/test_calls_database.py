"""The database of the dialogs goes away while calls are up, that of the
membership with it: the calls go on, new ones come, and all can be ended.
"""

from contextlib import contextmanager

import pytest

from testlib import bed
from testlib.calls import (ANSWER, OFFER, SOON, Byes, listed, until_listed,
                           up, wait_until)
from testlib.membership import PATIENCE, faults
from testlib.postgres import Postgres
from testlib.talk import talker, within

DIALOG = "/usr/share/kamailio/postgres/dialog-create.sql"
AT_ONCE, DELAYED = 1, 2  # how the dialog module writes: its db_mode
# What shows whose dialog a request is in must outlive a restart, too.
EXTRA = """loadmodule "db_postgres.so"
modparam("sipvpn|dialog", "db_url", "URL")
modparam("sipvpn", "secret", "of the test")
modparam("dialog", "db_update_period", 1)
"""


@contextmanager
def on(database, folder, mode):
    """The server; its users are in a database of their own."""
    database.load(DIALOG)
    database.sql("insert into sipvpn_group (name) values ('lab')")
    database.sql("insert into sipvpn_member (group_id, username, domain) "
                 "select id, unnest(array['2500', '2501']), 'example.org' "
                 "from sipvpn_group")
    with bed.kamailio(folder, start=False, defines={
            "DIALOG_DB_MODE": mode, "POLL_INTERVAL": 1},
            extra=EXTRA.replace("URL", database.url)) as server:
        server.start()
        yield server
        server.stop()


def written(database):
    """The calls that are in it."""
    return {row[0] for row in database.sql("select callid from dialog")}


def revoke(server, leg, *phones):
    byes = Byes(*phones)
    assert server.rpc("sipvpn.revoke", leg.call_id) == {"calls": 1}
    assert set(byes.reasons()) == {phone.user for phone in phones}
    assert max(byes.took.values()) < SOON, byes.took


def meanwhile(server, kept, over, callee, member):
    """While the database is away; the call that begins then."""
    request, reply = within(kept, callee, "INVITE", OFFER, ANSWER)
    assert (request.body, reply.body) == (OFFER, ANSWER)
    kept.ack()
    callee.take("ACK")
    new, unused = up(member, callee)
    late, unused = up(member, callee, b"", OFFER)
    assert len(listed(server)) == len(over) + 3
    for leg in (late, *over[1:]):
        revoke(server, leg, callee, member)
    assert within(over[0], callee, "BYE")[1].code == 200
    assert {one["call_id"] for one in until_listed(server, 2)} == {
        kept.call_id, new.call_id}
    return new


def ended_again(server, ended, callee, member):
    """What could not be taken out of the database is known after a restart;
    it can be ended, since neither end knows of it.
    """
    server.stop()
    server.start()
    found = {one["call_id"] for one in listed(server)}
    assert found and found <= {leg.call_id for leg in ended}
    for call_id in found:
        assert server.rpc("sipvpn.revoke", call_id) == {"calls": 1}
        for phone in (callee, member):
            phone.answer(phone.take("BYE", call_id=call_id), 481)
    until_listed(server, 0)


@pytest.mark.parametrize("how, mode", [("stop", AT_ONCE), ("crash", DELAYED)])
def test_calls_outlive_their_database(tmp_path, how, mode):
    with Postgres() as database, on(database, tmp_path, mode) as server, \
            talker(server, "2500") as callee, \
            talker(server, "2501") as member:
        callee.register()
        kept, *over = [up(member, callee)[0] for unused in range(3)]
        wait_until(lambda: len(written(database)) == 3)
        getattr(database, how)()
        server.logged("the membership loaded last stays in force", PATIENCE)
        new = meanwhile(server, kept, over, callee, member)
        database.start()
        server.logged("the database can be read again, after", PATIENCE)
        assert len(faults(server)) == 2, faults(server)
        # It is written to again; and one that had not been in it ends.
        added, unused = up(member, callee)
        wait_until(lambda: added.call_id in written(database))
        revoke(server, new, callee, member)
        for leg in (kept, added):
            assert within(leg, callee, "BYE")[1].code == 200
        until_listed(server, 0)
        assert server.rpc("dlg.stats_active")["all"] == 0
        wait_until(lambda: written(database) <= {leg.call_id for leg in over})
        ended_again(server, over, callee, member)
        wait_until(lambda: not written(database))
