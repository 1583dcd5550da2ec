"""Somebody writes to the SQLite database while users come: they get in."""

import sqlite3

from testlib import bed


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
