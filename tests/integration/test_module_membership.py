"""Groups and members in a database, changed while the server runs.

Every test runs on SQLite, on a real PostgreSQL and a real MariaDB, each in groups of its own.
"""

import json
import os
import socket
import urllib.request
from concurrent.futures import ThreadPoolExecutor

import pytest

from testlib import membership
from testlib.kamailio import RpcError
from testlib.mariadb import Mariadb
from testlib.membership import faults
from testlib.postgres import Postgres

RELOADS = int(os.environ.get("RELOADS", "50"))
SERVERS = {"postgres": Postgres, "mysql": Mariadb}


@pytest.fixture(scope="module", params=["sqlite", *SERVERS])
def node(request, tmp_path_factory):
    folder = tmp_path_factory.mktemp(request.param)
    if request.param == "sqlite":
        with membership.node(folder, "db_sqlite.so", None, None) as one:
            yield one
        return
    with SERVERS[request.param]() as database, membership.node(
            folder, f"db_{request.param}.so", database.url,
            database.sql) as one:
        yield one


def add(node, group, *members, terms=()):
    node.rpc("sipvpn.add_group", group, *terms)
    for member in members:
        node.rpc("sipvpn.add_member", group, member)
    node.settle()


def fault(node, code, method, *words):
    with pytest.raises(RpcError) as raised:
        node.rpc(method, *words)
    assert raised.value.code == code, raised.value
    return raised.value.message


def one_group(node, name):
    """A group of the list, whatever page it is on."""
    start = 0
    while start is not None:
        page = node.rpc("sipvpn.groups", start)
        for group in page["groups"]:
            if group["name"] == name:
                return group
        start = page.get("next")
    return None


def test_members_come_and_go(node):
    add(node, "come", "a", "b@example.org", "c@ELSEWHERE.example")
    assert node.check("a", "b", "come") == 1
    assert node.check("b", "c@elsewhere.example", "come") == 1
    assert node.rpc("sipvpn.rm_member", "come", "c@elsewhere.EXAMPLE") \
        == "removed"
    node.settle()
    assert node.check("b", "c@elsewhere.example", "come") == -5
    assert one_group(node, "come") == {
        "name": "come", "policy": "open", "members": 2}
    assert node.rpc("sipvpn.rm_group", "come") == "removed"
    node.settle()
    assert node.check("a", "b", "come") == -7
    assert one_group(node, "come") is None
    assert not node.sql("select id from sipvpn_member where username in "
                        "('a', 'b', 'c')")


def test_addresses_are_the_lowest_free(node):
    add(node, "net", terms=("open", "10.8.0.0/24", "fd00:8::/64"))

    def join(user):
        got = node.rpc("sipvpn.add_member", "net", user)
        return got["addr4"], got["addr6"]

    assert join("n1") == ("10.8.0.1", "fd00:8::1")
    assert join("n2") == ("10.8.0.2", "fd00:8::2")
    assert join("n3") == ("10.8.0.3", "fd00:8::3")
    node.rpc("sipvpn.rm_member", "net", "n2")
    node.rpc("sipvpn.rm_member", "net", "n1")
    assert join("n4") == ("10.8.0.1", "fd00:8::1")
    assert join("n5") == ("10.8.0.2", "fd00:8::2")
    assert join("n6") == ("10.8.0.4", "fd00:8::4")
    node.settle()
    assert node.rpc("sipvpn.members", "net") == {"members": [
        {"member": f"n{n}@example.org", "role": "member",
         "addr4": f"10.8.0.{host}", "addr6": f"fd00:8::{host}"}
        for n, host in ((3, 3), (4, 1), (5, 2), (6, 4))]}
    assert one_group(node, "net") == {
        "name": "net", "policy": "open", "members": 4,
        "subnet4": "10.8.0.0/24", "subnet6": "fd00:8::/64"}


def test_a_subnet_can_be_full(node):
    add(node, "tiny", "t1", "t2", terms=["10.9.0.4/30"])
    fault(node, 409, "sipvpn.add_member", "tiny", "t3")
    node.rpc("sipvpn.rm_member", "tiny", "t1")
    got = node.rpc("sipvpn.add_member", "tiny", "t3", "hub")
    assert got == {"member": "t3@example.org", "role": "hub",
                   "addr4": "10.9.0.5"}


def test_an_empty_argument_stands_for_none(node):
    """JSON-RPC has no other way to leave one out of the middle."""
    add(node, "gaps", terms=["", "10.17.0.0/24", "", "fd00:17::/64"])
    assert one_group(node, "gaps") == {
        "name": "gaps", "policy": "open", "members": 0,
        "subnet4": "10.17.0.0/24", "subnet6": "fd00:17::/64"}


def test_the_database_gives_no_address_twice(node):
    add(node, "twice", "w1", terms=["10.10.0.0/24", "fd00:10::/64"])
    for column, value in (("addr4", "10.10.0.1"), ("addr6", "FD00:10::1")):
        with pytest.raises(Exception, match="(?i)unique|duplicate"):
            node.sql("insert into sipvpn_member (group_id, username, domain, "
                     f"{column}) select id, 'w2', 'example.org', '{value}' "
                     "from sipvpn_group where name = 'twice'")


def test_the_database_takes_no_nonsense(node):
    add(node, "sense", "Case", "case")
    assert node.check("Case", "case", "sense") == 1
    assert node.check("CASE", "case", "sense") == -4
    fault(node, 409, "sipvpn.add_member", "sense", "case@Example.ORG")
    for statement in (
            "insert into sipvpn_group (name, policy) values ('x', 'maybe')",
            "insert into sipvpn_group (name) values ('')",
            "update sipvpn_member set role = 'boss' where username = 'Case'",
            "insert into sipvpn_member (group_id, username, domain) "
            "values (999999, 'x', 'example.org')",
            "insert into sipvpn_meta (id, generation) values (2, 1)"):
        if node.module == "db_sqlite.so" and "999999" in statement:
            continue  # it asks for "pragma foreign_keys", by connection
        with pytest.raises(Exception, match="(?i)constraint"):
            node.sql(statement)


def test_more_members_than_a_page_of_the_database(node):
    add(node, "pages")
    node.sql("insert into sipvpn_member (group_id, username, domain) "
             "with recursive n(i) as (select 0 union all select i + 1 "
             "from n where i < 899), m(j) as (select 0 union all select j + 1 "
             "from m where j < 11) select g.id, n.i * 100 + m.j, "
             "'example.org' from sipvpn_group g, n, m where g.name = 'pages'")
    node.changed()
    node.settle()
    assert one_group(node, "pages")["members"] == 10800
    assert node.check("0", "89911", "pages") == 1
    node.rpc("sipvpn.rm_group", "pages")
    node.settle()


def test_a_member_is_in_4096_groups_at_most(node):
    """With one more the tables could not be loaded any more."""
    add(node, "most", "other")
    number = "'most' || n.i || m.j" if node.module == "db_sqlite.so" else \
        "concat('most', n.i, m.j)"
    node.sql("insert into sipvpn_group (name) with recursive n(i) as (select "
             "100 union all select i + 1 from n where i < 163), m(j) as ("
             "select 100 union all select j + 1 from m where j < 163) "
             f"select {number} from n, m")
    node.sql("insert into sipvpn_member (group_id, username, domain) select "
             "id, 'most', 'example.org' from sipvpn_group where name like "
             "'most1%'")
    fault(node, 409, "sipvpn.add_member", "most", "most@EXAMPLE.org")
    node.sql("delete from sipvpn_group where name = 'most100100'")
    node.sql("delete from sipvpn_member where username = 'most' and group_id "
             "not in (select id from sipvpn_group)")
    node.rpc("sipvpn.add_member", "most", "most@EXAMPLE.org")
    node.settle()
    assert node.check("most", "other") == 1
    node.sql("delete from sipvpn_member where username = 'most'")
    node.sql("delete from sipvpn_group where name like 'most1%'")
    node.rpc("sipvpn.rm_group", "most")
    node.settle()


def test_digits_in_kamcmd(node):
    """kamcmd makes integers of them all."""
    node.kamcmd("sipvpn.add_group", "77", "10.11.0.0/24")
    assert "addr4: 10.11.0.1" in node.kamcmd(
        "sipvpn.add_member", "77", "2500")
    node.kamcmd("sipvpn.add_member", "77", "2501", "hub")
    node.settle()
    assert "allowed: 1" in node.kamcmd("sipvpn.check", "2500", "2501", "77")
    listed = node.kamcmd("sipvpn.members", "77")
    assert "2500@example.org" in listed and "2501@example.org" in listed
    assert "2500" not in node.kamcmd("sipvpn.members", "77", "1000000")
    for long in ("00491711234567@", "s:00491711234567"):
        assert "member: 00491711234567@example.org" in node.kamcmd(
            "sipvpn.add_member", "77", long)
        node.kamcmd("sipvpn.rm_member", "77", long)
    assert "generation: " in node.kamcmd("sipvpn.stats")
    node.kamcmd("sipvpn.rm_member", "77", "2500")
    node.kamcmd("sipvpn.rm_group", "77")
    node.settle()
    assert node.check("2500", "2501", "77") == -7


def test_what_cannot_be_done_is_a_fault(node):
    add(node, "faults", "f1")
    before = node.generation()
    fault(node, 409, "sipvpn.add_group", "faults")
    fault(node, 409, "sipvpn.add_member", "faults", "f1@EXAMPLE.org")
    fault(node, 404, "sipvpn.add_member", "nosuch", "f1")
    fault(node, 404, "sipvpn.rm_member", "faults", "f2")
    fault(node, 404, "sipvpn.rm_member", "nosuch", "f1")
    fault(node, 404, "sipvpn.rm_group", "nosuch")
    fault(node, 404, "sipvpn.members", "nosuch")
    for words in ([], [""], ["has blank"], ['has"quote'], ["n" * 65],
                  ["new", "closed"], ["new", "10.0.0.1/24"],
                  ["new", "fd00::/127"], ["new", "open", "hub"],
                  ["new", "10.0.0.0/24", "10.1.0.0/24"],
                  ["new", "fd00::/64", "open", "fd01::/64"]):
        fault(node, 400, "sipvpn.add_group", *words)
    for words in (["faults"], ["faults", "@x"], ["faults", "u" * 256],
                  ["faults", "u", "boss"]):
        fault(node, 400, "sipvpn.add_member", *words)
    fault(node, 400, "sipvpn.groups", "first")
    assert node.generation() == before


@pytest.mark.parametrize("words, why", [
    (["add_group", "has blank"], "bad group name"),
    (["add_group", "new", "closed"], "bad policy"),
    (["add_group", "new", "10.0.0.1/24"], "bad subnet"),
    (["add_group", "new", "fd00::/127"], "bad subnet"),
    (["add_member", "whys", "u" * 256], "bad user name"),
    (["add_member", "whys", "u@" + "d" * 256], "bad domain"),
    (["add_member", "whys", "<sip:u@example.org>"], "bad user name"),
    (["add_member", "whys", "SIP:u@example.org"], "bad user name"),
    (["add_member", "whys", "a b"], "bad user name"),
    (["add_member", "whys", "a\n"], "bad user name"),
    (["add_member", "whys", "\u00fc"], "bad user name"),
    (["add_member", "whys", "u@example.org:5060"], "bad domain"),
    (["add_member", "whys", "u@example.org;transport=tcp"], "bad domain"),
    (["add_member", "whys", "u@\u00fc.example"], "bad domain"),
    (["add_member", "whys", "u@[fd00::1"], "bad domain"),
])
def test_a_refusal_says_why(node, words, why):
    assert fault(node, 400, f"sipvpn.{words[0]}", *words[1:]) \
        == f"Refused: {why}"


def test_quotes_in_names_stay_in_the_database(node):
    """They are values to it, whoever wrote them."""
    add(node, "q'or'1", "o'neill", "x')--")
    assert node.check("o'neill", "x')--", "q'or'1") == 1
    node.rpc("sipvpn.rm_member", "q'or'1", "x')--")
    node.settle()
    assert node.check("o'neill", "x')--", "q'or'1") == -5


def test_names_are_as_they_are_written(node):
    """Whatever the database takes for the same."""
    before = faults(node.server)
    add(node, "exact", "e1", "e2@[FD00::1]", "e_3;x=%s")
    for group in ("exact ", "EXACT", "exac_", "exact%"):
        fault(node, 404, "sipvpn.add_member", group, "e4")
        fault(node, 404, "sipvpn.rm_member", group, "e1")
        fault(node, 404, "sipvpn.rm_group", group)
    for member in ("e1 ", "E1", "e_", "e%", "\u00fc"):
        fault(node, 404, "sipvpn.rm_member", "exact", member)
    assert one_group(node, "exact")["members"] == 3
    assert node.check("e_3;x=%s", "e2@[fd00::1]", "exact") == 1
    assert faults(node.server) == before


def test_policies(node):
    add(node, "spokes", "p1", "p2", terms=["hub"])
    node.rpc("sipvpn.add_member", "spokes", "p9", "hub")
    add(node, "closed", "p1", "p2", terms=["off"])
    assert node.check("p1", "p2", "spokes") == -12
    assert node.check("p1", "p9", "spokes") == 1
    assert node.check("p9", "p2", "spokes") == 1
    assert node.check("p1", "p2", "closed") == -11
    assert node.check("nobody", "p2", "closed") == -4
    # named is none: the reason is the first group's they share
    assert node.check("p1", "p2") == -12
    add(node, "free", "p1", "p2")
    answer = node.rpc("sipvpn.check", "p1", "p2")
    assert (answer["code"], answer["group"]) == (1, "free")


def test_long_lists_have_pages(node):
    add(node, "long")
    node.sql("insert into sipvpn_member (group_id, username, domain) "
             "with recursive n(i) as (select 1000 union all select i + 1 "
             "from n where i < 1119) select g.id, n.i, 'example.org' from "
             "sipvpn_group g, n where g.name = 'long'")
    node.changed()
    node.settle()
    sizes, users, start = [], [], 0
    while start is not None:
        page = node.rpc("sipvpn.members", "long", start)
        sizes.append(len(page["members"]))
        users += [one["member"] for one in page["members"]]
        start = page.get("next")
    assert sizes == [50, 50, 20]
    assert users == [f"{n}@example.org" for n in range(1000, 1120)]


def test_rows_changed_by_hand_are_loaded_by_themselves(node):
    add(node, "hand", "h1", "h2")
    node.sql("delete from sipvpn_member where username = 'h2'")
    assert node.check("h1", "h2", "hand") == 1
    node.changed()
    node.loaded()
    assert node.check("h1", "h2", "hand") == -5


def test_a_bad_row_keeps_the_old_membership(node):
    add(node, "half", "x1", "x2", terms=["10.12.0.0/24"])
    fails = node.rpc("sipvpn.stats")["reload_fail"]
    lines = node.server.log.count("bad rows")
    node.sql("update sipvpn_member set addr4 = '10.13.0.1' "
             "where username = 'x1'")
    node.sql("delete from sipvpn_member where username = 'x2'")
    node.changed()
    node.logged("1 bad rows, the old membership stays (sipvpn_member ", 15)
    assert "address not of the group's subnet" in node.server.log
    assert node.check("x1", "x2", "half") == 1
    node.sql("update sipvpn_member set addr4 = '10.12.0.1' "
             "where username = 'x1'")
    node.settle()
    assert node.check("x1", "x2", "half") == -5
    assert node.rpc("sipvpn.stats")["reload_fail"] == fails + 1
    # said once, however often the poll came by meanwhile
    assert node.server.log.count("bad rows") == lines + 1


def test_without_a_generation_nothing_is_changed(node):
    """No server would take note of it."""
    add(node, "number", "g1")
    before = node.generation()
    node.sql("delete from sipvpn_meta")
    fault(node, 500, "sipvpn.add_member", "number", "g2")
    node.logged("there is not one row with a number in the table sipvpn_meta")
    node.sql(f"insert into sipvpn_meta (id, generation) values (1, {before})")
    assert node.sql("select username from sipvpn_member where username in "
                    "('g1', 'g2')") == [("g1",)]
    node.logged("the database can be read again, after", 30)
    node.rpc("sipvpn.add_member", "number", "g2")
    assert node.generation() == before + 1


def test_statistics_are_scraped(node):
    add(node, "prom", "s1", "s2")
    address = f"http://{node.server.ip}:{node.server.port}"
    with urllib.request.urlopen(f"{address}/metrics", timeout=10) as reply:
        lines = reply.read().decode().splitlines()
    values = {line.split()[0]: int(line.split()[1]) for line in lines
              if line and not line.startswith("#")}
    stats = node.rpc("sipvpn.stats")
    for name in ("members", "groups", "snapshot_bytes", "last_reload",
                 "generation", "reloads", "reload_fail", "offers", "allowed",
                 "rejected"):
        assert values[f"kamailio_sipvpn_{name}"] == stats[name], name
    assert stats["groups"] == int(node.sql(
        "select count(*) from sipvpn_group")[0][0])
    assert stats["members"] == int(node.sql(
        "select count(*) from sipvpn_member")[0][0])
    assert stats["generation"] == node.generation()
    assert stats["snapshot_bytes"] > 0


def test_json_rpc_over_http(node):
    add(node, "http", "2600", "2601")
    call = {"jsonrpc": "2.0", "id": 1, "method": "sipvpn.check",
            "params": ["2600", "2601", "http"]}
    request = urllib.request.Request(
        f"http://{node.server.ip}:{node.server.port}/RPC",
        json.dumps(call).encode(), {"Content-Type": "application/json"})
    with urllib.request.urlopen(request, timeout=10) as reply:
        assert json.load(reply)["result"]["allowed"] == 1


def test_every_node_sees_a_change(node, tmp_path):
    """A second server on the same database, told nothing but by that."""
    with membership.node(tmp_path, node.module, node.url, node.sql) as other:
        add(node, "nodes", "m1", "m2", terms=["10.14.0.0/24"])
        other.loaded()
        assert other.check("m1", "m2", "nodes") == 1
        got = other.rpc("sipvpn.add_member", "nodes", "m3")
        assert got["addr4"] == "10.14.0.3"
        node.loaded()
        assert node.check("m1", "m3", "nodes") == 1


def test_two_who_change_it_at_once_wait_for_each_other(node):
    """Two processes of the server; each change gets an address of its own."""
    add(node, "both", terms=["10.16.0.0/24"])

    def by_kamcmd(number):
        return node.kamcmd("sipvpn.add_member", "both", f"k{number}")

    with ThreadPoolExecutor(1) as pool:
        others = [pool.submit(by_kamcmd, number) for number in range(10)]
        got = {node.rpc("sipvpn.add_member", "both", f"j{number}")["addr4"]
               for number in range(10)}
        for other in others:
            got.add(other.result().split("addr4: ")[1].split()[0])
    assert got == {f"10.16.0.{number}" for number in range(1, 21)}


# A database that takes every row but this.
REFUSE = {
    "db_sqlite.so": ("create trigger refuse before insert on sipvpn_member "
                     "when new.username = 'refused' begin select raise(abort, "
                     "'no'); end", "drop trigger refuse"),
    "db_postgres.so": ("alter table sipvpn_member add constraint refuse "
                       "check (username <> 'refused')",
                       "alter table sipvpn_member drop constraint refuse"),
    "db_mysql.so": ("alter table sipvpn_member add constraint refuse check "
                    "(username <> 'refused')",
                    "alter table sipvpn_member drop constraint refuse"),
}


def test_a_change_that_is_refused_changes_nothing(node):
    """And after a while the server has found out that others would do."""
    add(node, "not", "r1")
    before = node.generation()
    refuse, allow = REFUSE[node.module]
    node.sql(refuse)
    try:
        fault(node, 500, "sipvpn.add_member", "not", "refused")
        assert node.generation() == before
        node.logged("cannot insert into the table sipvpn_member: changes are "
                    "refused, and none is half done")
        node.logged("the database can be changed again, after", 30)
        node.rpc("sipvpn.add_member", "not", "r2")
        assert node.generation() == before + 1
    finally:
        node.sql(allow)


def test_reloads_leak_nothing(node):
    add(node, "leak", "l1", "l2", terms=["10.15.0.0/24", "fd00:15::/64"])
    for unused in range(10):
        node.rpc("sipvpn.reload")
    used = node.rpc("core.shmmem")["used"]
    for unused in range(RELOADS):
        node.rpc("sipvpn.reload")
    assert node.rpc("core.shmmem")["used"] <= used + 65536


@pytest.mark.parametrize("kind", SERVERS)
def test_nothing_of_a_database_is_left(kind):
    with SERVERS[kind]() as database:
        folder, port = database.dir, database.port
        assert database.sql("select 1") == [("1",)]
    assert not os.path.exists(folder)
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection(("127.0.0.1", port), timeout=5).close()
