"""The database fails while the server runs: what was loaded stays in force,
no change is half done, and all is well again without anybody's help.

One line of ours in the log says that it has failed, and one that it is over.
"""

import sqlite3
import time
from contextlib import contextmanager

import pytest

from testlib import membership, proc
from testlib.cutter import Cutter
from testlib.kamailio import CREATE, RpcError
from testlib.mariadb import Mariadb
from testlib.membership import PATIENCE, faults
from testlib.postgres import Postgres
from testlib.smalldisk import SmallDisk

# How it goes away, and comes back.
WAYS = {"stop": "start", "crash": "start", "pause": "go_on",
        "panic": "start"}


def refused(node, *words):
    with pytest.raises(RpcError) as fault:
        node.rpc(*words)
    assert fault.value.code == 500, fault.value
    return fault.value.message


def complains_again(node):
    """Until one more look has failed."""
    seen = node.server.proc.mark()
    node.server.proc.wait_for(r"(ERROR|WARNING): (<core> \[.*)?db_", PATIENCE,
                              seen)


@contextmanager
def on(database, module, folder, extra=""):
    with membership.node(folder, module, database.url, database.sql,
                         extra=extra) as node:
        node.rpc("sipvpn.add_group", "lab", "10.8.0.0/24")
        for member in "ab":
            node.rpc("sipvpn.add_member", "lab", member)
        node.loaded()
        yield node


def goes_away(database, node, how):
    getattr(database, how)()
    node.logged("cannot open the database of db_url: the membership loaded "
                "last stays in force", PATIENCE)
    assert "nothing has changed" in refused(
        node, "sipvpn.add_member", "lab", "lost")
    assert "old membership stays" in refused(node, "sipvpn.reload")
    complains_again(node)
    assert node.check("a", "b", "lab") == 1
    assert node.check("a", "lost", "lab") == -5
    getattr(database, WAYS[how])()
    database.sql("insert into sipvpn_member (group_id, username, domain, "
                 "addr4) select id, 'meanwhile', 'example.org', '10.8.0.9' "
                 "from sipvpn_group")
    node.changed()
    node.logged("the database can be read again, after", PATIENCE)
    node.loaded()
    assert node.check("a", "meanwhile", "lab") == 1
    assert node.check("a", "lost", "lab") == -5
    assert node.rpc("sipvpn.add_member", "lab", "lost")["addr4"] == "10.8.0.3"
    node.loaded()
    assert node.check("a", "lost", "lab") == 1


@pytest.mark.parametrize("how", ["stop", "crash", "pause"])
@pytest.mark.parametrize("kind", [Postgres, Mariadb])
def test_it_goes_away_and_comes_back(tmp_path, kind, how):
    with kind() as database, on(database, f"db_{kind.KIND}.so", tmp_path,
                                kind.NOT_FOR_EVER) as node:
        goes_away(database, node, how)
        assert len(faults(node.server)) == 2, faults(node.server)


def test_it_panics(tmp_path):
    with SmallDisk("16m", "postgres") as disk, Postgres(log_disk=disk) \
            as database, on(database, "db_postgres.so", tmp_path) as node:
        goes_away(database, node, "panic")
        assert len(faults(node.server)) == 2, faults(node.server)


NO_POLL = 'modparam("sipvpn", "poll_interval", 0)\n'


@pytest.mark.parametrize("kind", [Postgres, Mariadb])
def test_a_change_whose_connection_is_cut_is_none(tmp_path, kind):
    """The database is there all the time: whoever says the same again, on a
    new connection, is heard.
    """
    with kind() as database, Cutter(database.port) as cutter, membership.node(
            tmp_path, f"db_{kind.KIND}.so", database.url_at(cutter.port),
            database.sql, extra=NO_POLL) as node:
        node.rpc("sipvpn.add_group", "lab", "10.8.0.0/24")
        node.rpc("sipvpn.add_member", "lab", "a")
        before = node.generation()
        for text, *words in (
                (b"update sipvpn_meta", "sipvpn.add_member", "lab", "b"),
                (b"insert into", "sipvpn.add_member", "lab", "b"),
                (b"COMMIT", "sipvpn.add_member", "lab", "b"),
                (b"delete from", "sipvpn.rm_member", "lab", "a"),
                (b"delete from", "sipvpn.rm_group", "lab"),
                (b"COMMIT", "sipvpn.rm_group", "lab")):
            cutter.cut = text
            assert "nothing has changed" in refused(node, *words)
            assert cutter.cut is None
            assert node.generation() == before
            assert node.sql("select username from sipvpn_member") == [("a",)]
        assert node.rpc("sipvpn.add_member", "lab", "b")["addr4"] == "10.8.0.2"
        assert node.rpc("sipvpn.reload") == {"groups": 1, "members": 2}


def test_looks_become_rarer_while_it_is_away(tmp_path):
    """PostgreSQL's module writes three lines each time."""
    with Postgres() as database, on(database, "db_postgres.so",
                                    tmp_path) as node:
        seen = node.server.proc.mark()
        database.stop()
        times = []
        for unused in range(4):
            node.server.proc.wait_for("could not add connection to the pool",
                                      PATIENCE, seen)
            seen = node.server.proc.mark()
            times.append(time.monotonic())
        gaps = [after - before for before, after in zip(times, times[1:])]
        assert gaps[1] > 1.5 * gaps[0] and gaps[2] > 1.5 * gaps[1], gaps
        database.start()
        node.logged("the database can be read again, after", PATIENCE)


@contextmanager
def sqlite_on(disk, folder):
    path = f"{disk.dir}/sipvpn.db"
    proc.run([CREATE, path])

    def sql(statement):
        with sqlite3.connect(path, timeout=10) as con:
            rows = con.execute(statement).fetchall()
        con.close()
        return rows

    class Database:
        url = f"sqlite:///{path}"
    Database.sql = staticmethod(sql)
    with on(Database, "db_sqlite.so", folder) as node:
        yield node


def test_its_disk_is_full(tmp_path):
    """Somebody has it open, as those have that look for passwords in it:
    so it can be read.
    """
    with SmallDisk() as disk, sqlite_on(disk, tmp_path) as node:
        held = sqlite3.connect(f"{disk.dir}/sipvpn.db")
        held.execute("select * from sipvpn_meta").fetchall()
        before = node.generation()
        disk.fill()
        for unused in range(3):
            assert "nothing has changed" in refused(
                node, "sipvpn.add_member", "lab", "lost")
        refused(node, "sipvpn.rm_group", "lab")
        complains_again(node)
        assert node.generation() == before
        assert node.rpc("sipvpn.reload") == {"groups": 1, "members": 2}
        assert node.check("a", "b", "lab") == 1
        said, = faults(node.server)
        assert said.endswith("changes are refused, and none is half done; "
                             "calls go on"), said
        disk.give_room()
        node.logged("the database can be changed again, after", PATIENCE)
        assert node.rpc("sipvpn.add_member", "lab", "lost")["addr4"] == \
            "10.8.0.3"
        node.loaded()
        assert node.check("a", "lost", "lab") == 1
        assert len(faults(node.server)) == 2, faults(node.server)
        held.close()


def test_its_disk_is_full_and_nobody_has_it_open(tmp_path):
    """SQLite makes a file to read with, too."""
    with SmallDisk() as disk, sqlite_on(disk, tmp_path) as node:
        disk.fill()
        node.logged("cannot read the table sipvpn_meta: the membership "
                    "loaded last stays in force", PATIENCE)
        complains_again(node)
        assert node.check("a", "b", "lab") == 1
        assert len(faults(node.server)) == 1, faults(node.server)
        disk.give_room()
        node.logged("the database can be read again, after", PATIENCE)
        assert len(faults(node.server)) == 2, faults(node.server)


def test_others_do_not_hear_of_half_a_change(tmp_path):
    """The row fits, the number that tells of it does not."""
    with SmallDisk() as disk, sqlite_on(disk, tmp_path) as node:
        node.sql("create trigger no before update on sipvpn_meta when "
                 "new.generation > old.generation begin select "
                 "raise(abort, 'no'); end")
        refused(node, "sipvpn.add_member", "lab", "half")
        assert not node.sql(
            "select * from sipvpn_member where username = 'half'")
        node.sql("drop trigger no")
        node.sql("create trigger no before delete on sipvpn_group begin "
                 "select raise(abort, 'no'); end")
        refused(node, "sipvpn.rm_group", "lab")
        assert len(node.sql("select * from sipvpn_member")) == 2
        node.sql("drop trigger no")
        assert node.rpc("sipvpn.rm_group", "lab") == "removed"
