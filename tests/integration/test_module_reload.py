"""sipvpn.reload and sipvpn.check: what an operator sees of the membership."""

import os
from concurrent.futures import ThreadPoolExecutor

import pytest

from testlib import bed
from testlib.kamailio import RpcError

RELOADS = int(os.environ.get("RELOADS", "100"))
NO_DELTA = {"RELOAD_DELTA": 0}


@pytest.fixture
def server(tmp_path):
    with bed.kamailio(tmp_path, defines=NO_DELTA) as running:
        yield running
        running.stop()


def check(server, caller, callee, *group):
    return server.rpc("sipvpn.check", caller, callee, *group)


def test_check_says_why(server):
    assert check(server, "2500@example.org", "2501@example.org") == {
        "allowed": 1, "code": 1, "reason": "allowed", "group": "lab"}
    assert check(server, "2500@EXAMPLE.ORG", "sip:2501@example.org", "lab") \
        == {"allowed": 1, "code": 1, "reason": "allowed", "group": "lab"}
    for callee, group, code in (("2502", [], -5), ("2503", [], -6),
                                ("2501", ["nosuch"], -7),
                                ("2501", ["attic"], -4),
                                ("2503", ["lab"], -5)):
        answer = check(server, "2500", callee, *group)
        assert (answer["allowed"], answer["code"], answer["group"]) == (
            0, code, "")
    assert check(server, "2500", "2501@elsewhere.example")["code"] == -5


def test_check_with_digits_in_kamcmd(server):
    """kamcmd makes integers of 2500 and 2501, and of a group named 7."""
    assert "allowed: 1" in server.kamcmd("sipvpn.check", "2500", "2501")
    server.add_group("7", ["2500", "2501"])
    server.rpc("sipvpn.reload")
    said = server.kamcmd("sipvpn.check", "2500", "2501", "7")
    assert "allowed: 1" in said and "group: 7" in said


@pytest.mark.parametrize("words", [[], ["2500"], ["", "2501"],
                                   ["2500@", "@example.org"],
                                   ["2500@a@b", "2501"]])
def test_check_with_too_little_is_a_fault(server, words):
    with pytest.raises(RpcError) as fault:
        server.rpc("sipvpn.check", *words)
    assert fault.value.code == 400


def test_reload_picks_up_what_has_changed(server):
    assert check(server, "2500", "2502")["code"] == -5
    server.add_member("lab", "2502")
    server.remove_member("lab", "2501")
    assert check(server, "2500", "2502")["code"] == -5
    assert server.rpc("sipvpn.reload") == {"groups": 2, "members": 3}
    assert check(server, "2500", "2502")["allowed"] == 1
    assert check(server, "2500", "2501")["allowed"] == 0


def test_a_call_follows_the_reload(server):
    offer = bed.sdp(bed.vpn("lab"))
    with bed.phone(server, "2502") as one, bed.phone(server, "2500") as two:
        two.register()
        assert one.invite("2500", offer).code == 403
        server.add_member("lab", "2502")
        server.rpc("sipvpn.reload")
        reply, got = bed.ring(one, two, offer)
        assert reply.code == 486 and got.body == offer


def test_reload_too_early_is_refused(tmp_path):
    with bed.kamailio(tmp_path, defines={"RELOAD_DELTA": 3600}) as server:
        server.rpc("sipvpn.reload")
        server.add_member("lab", "2502")
        with pytest.raises(RpcError) as fault:
            server.rpc("sipvpn.reload")
        assert fault.value.code == 503
        assert "wait" in fault.value.message
        assert check(server, "2500", "2502")["allowed"] == 0
        server.stop()


def fails(server, complaint):
    """A reload that must leave the membership as it is."""
    with pytest.raises(RpcError) as fault:
        server.rpc("sipvpn.reload")
    assert fault.value.code == 500
    server.logged(complaint)
    assert check(server, "2500", "2501")["allowed"] == 1


def test_a_table_that_is_gone_changes_nothing(server):
    server.sql("alter table sipvpn_member rename to elsewhere")
    fails(server, "cannot read the table sipvpn_member")
    server.sql("alter table elsewhere rename to sipvpn_member")
    assert server.rpc("sipvpn.reload")["members"] == 3


def test_a_file_that_is_no_database_changes_nothing(server):
    with open(server.db, "r+b") as file:
        good = file.read(4096)
        file.seek(0)
        file.write(b"x" * 4096)
    fails(server, "sipvpn")
    with open(server.db, "r+b") as file:
        file.write(good)
    assert server.rpc("sipvpn.reload")["members"] == 3


@pytest.mark.parametrize("row, why", [
    (("9", "2509", "example.org"), "no such group"),
    (("1", "u" * 256, "example.org"), "bad user name"),
    (("1", "2509", "d" * 256), "bad domain"),
])
def test_a_row_that_is_bad_changes_nothing(server, row, why):
    server.add_member("lab", "2502")
    server.sql("insert into sipvpn_member (id, group_id, username, domain) "
               "values (77, ?, ?, ?)", *row)
    fails(server, f"1 bad rows, the old membership stays (sipvpn_member 77: "
          f"{why})")
    assert check(server, "2500", "2502")["allowed"] == 0
    server.sql("delete from sipvpn_member where id = 77")
    assert server.rpc("sipvpn.reload")["members"] == 4
    assert check(server, "2500", "2502")["allowed"] == 1


def test_bad_rows_are_left_out_of_the_first_load(tmp_path):
    with bed.kamailio(tmp_path, start=False) as server:
        for number in range(20):
            server.sql("insert into sipvpn_member (group_id, username, "
                       "domain) values (99, ?, 'example.org')", str(number))
        server.start()
        assert check(server, "2500", "2501")["allowed"] == 1
        server.logged("20 bad rows, left out")
        lines = [text for text in server.log.splitlines()
                 if "bad rows" in text]
        assert len(lines) == 1 and "..." in lines[0]
        server.stop()


@pytest.mark.parametrize("statement, complaint", [
    ("drop table sipvpn_member", "cannot read the table sipvpn_member"),
    ("update version set table_version = 9 where table_name = "
     "'sipvpn_group'", "invalid version 9 for table sipvpn_group"),
])
def test_a_start_without_tables_says_so(tmp_path, statement, complaint):
    with bed.kamailio(tmp_path, start=False) as server:
        server.sql(statement)
        with pytest.raises(Exception, match="output ended"):
            server.start()
        assert complaint in server.log


@pytest.mark.parametrize("name, value, complaint", [
    ("upgrade", 2, "parameter upgrade: 2 is not one from 0 to 1"),
    ("preserve", -1, "parameter preserve: -1 is not one from 0 to 2"),
    ("preserve", 3, "parameter preserve: 3 is not one from 0 to 2"),
    ("reload_delta", -1, "parameter reload_delta: -1 is not one from 0 to"),
    ("poll_interval", -5, "parameter poll_interval: -5 is not one from 0 to"),
    ("domain", '"sip:example.org"',
     "parameter domain: 'sip:example.org' is no domain"),
    ("domain", '"exa mple.org"',
     "parameter domain: 'exa mple.org' is no domain"),
    ("protect", '"audio RTP/AVP 0 8"',
     "parameter protect: 'audio RTP/AVP 0 8' is not"),
    ("group_table", '"a b"', "'a b' is no name of a table or a column"),
    ("trusted_caller", '"caller"',
     "trusted_caller is no pseudo-variable: caller"),
])
def test_a_start_with_a_wrong_value_names_it(tmp_path, name, value, complaint):
    with bed.kamailio(tmp_path, start=False,
                      extra=f'modparam("sipvpn", "{name}", {value})\n') \
            as server:
        with pytest.raises(Exception, match="output ended"):
            server.start()
        assert complaint in server.log


def test_many_members_and_many_reloads(server):
    """More than one page, more than one slab; old ones are given back."""
    with_pages = 30000
    server.sql(
        "insert into sipvpn_member (group_id, username, domain) "
        "with recursive n(i) as (select 10000 union all select i + 1 from n "
        f"where i < {10000 + with_pages - 1}) "
        "select 1, i, 'example.org' from n")
    for unused in range(30):
        assert server.rpc("sipvpn.reload")["members"] == with_pages + 3
    assert check(server, "2500", "39999")["allowed"] == 1
    assert check(server, "10000", "39999", "lab")["allowed"] == 1
    assert check(server, "2500", "40000")["allowed"] == 0
    used = server.rpc("core.shmmem")["used"]
    for unused in range(10):
        server.rpc("sipvpn.reload")
    assert server.rpc("core.shmmem")["used"] <= used + 65536


def test_reloads_while_calls_come(server):
    """Readers never wait, and never see anything but a whole table."""
    server.sql(
        "insert into sipvpn_member (group_id, username, domain) "
        "with recursive n(i) as (select 10000 union all select i + 1 from n "
        "where i < 14999) select 1, i, 'example.org' from n")
    done = []

    def calls(user):
        replies = set()
        with bed.phone(server, user) as caller:
            while not done:
                reply = caller.invite("2503", bed.sdp(bed.vpn()))
                replies.add((reply.code, reply.phrase))
        return replies

    with ThreadPoolExecutor(3) as pool:
        running = [pool.submit(calls, user)
                   for user in ("2500", "2501", "2500")]
        try:
            for unused in range(RELOADS):
                server.rpc("sipvpn.reload")
                assert check(server, "2500", "2501")["allowed"] == 1
        finally:
            done.append(True)
        for caller in running:
            assert caller.result() == {
                (403, "VPN refused: you share no VPN group with the callee")}
    counted = server.counters()
    assert counted["offers"] == counted["rejected"] > 100
