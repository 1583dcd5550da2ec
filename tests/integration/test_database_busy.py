"""Somebody writes to the SQLite database while users come: they get in. Nobody
can read it: nobody is told that his password is wrong.
"""

import sqlite3

from testlib import bed
from testlib.sip import credentials
from testlib.talk import call, talker, within


def test_users_get_in_while_the_database_is_written_to(tmp_path):
    with bed.kamailio(tmp_path, defines={"RELOAD_DELTA": 0}) as server, \
            bed.phone(server, "2500") as phone:
        with sqlite3.connect(server.db, isolation_level=None) as writer:
            writer.execute("begin exclusive")
            writer.execute("insert into sipvpn_group (name) values ('new')")
            phone.register()
            assert server.rpc("sipvpn.reload")["groups"] == 2
            writer.execute("commit")
        writer.close()
        assert server.rpc("sipvpn.reload")["groups"] == 3
        server.stop()


def test_users_are_asked_to_come_back_while_nobody_can_be_asked(tmp_path):
    """A call goes on meanwhile, and a new one is for later."""
    with bed.kamailio(tmp_path) as server, talker(server, "2500") as one, \
            talker(server, "2501") as two:
        one.register()
        two.register()
        body = bed.sdp(bed.vpn("lab"))
        leg, unused, unused, unused = call(one, two, body, body)
        leg.ack()
        server.sql("alter table subscriber rename to elsewhere")
        reply = two.invite("2500", body)
        assert (reply.code, reply.get("retry-after")) == (503, "10")
        request, reply = within(leg, two, "INVITE", body, body)
        leg.ack()
        assert (request.body, reply.body) == (body, body)
        server.sql("alter table elsewhere rename to subscriber")
        two.register()
        one.send(leg.build("BYE"))
        two.answer(two.take("BYE"))
        server.stop()


def test_a_nonce_of_another_life_is_challenged(tmp_path):
    """What the server says then is not that the database is out of order."""
    with bed.kamailio(tmp_path) as server, bed.phone(server, "2500") as phone:
        old = credentials('realm="example.org", nonce="of-another-life"',
                          "2500", phone.password, "REGISTER",
                          "sip:example.org")
        reply = phone.request(
            "REGISTER", "sip:example.org", authenticate=False,
            to="sip:2500@example.org", headers=[f"Authorization: {old}"])
        assert reply.code == 401
        server.stop()
