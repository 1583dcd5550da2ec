"""Two servers that tell each other of their dialogs (enable_dmq of the module
dialog) and share a database: a VPN call is the affair of the one that has it.
"""

import pytest

from testlib import bed
from testlib.calls import (SOON, Byes, fault, listed, until_listed, up,
                           wait_until)
from testlib.kamailio import CFG
from testlib.talk import talker

NOT_HERE = (404, "There is no such call, and no call of such a member, on "
            "this server")
REVOKED = 'SIP;cause=403;text="VPN call revoked"'
DMQ = """loadmodule "dmq.so"
loadmodule "dialog.so"
modparam("dmq", "server_address", "sip:{ip}:{port}")
modparam("dmq", "notification_address", "sip:{ip}:{other}")
modparam("dialog", "enable_dmq", 1)
server_id={number}
"""
HEAD = "request_route {\n"
TAKEN = HEAD + "\tif (is_method(\"KDMQ\")) {\n\t\tdmq_handle_message();\n\t}\n"


def one_of_two(folder, number, other=None):
    cfg = folder / f"{number}.cfg"
    (folder / str(number)).mkdir()
    with open(CFG, encoding="utf-8") as shipped:
        text = shipped.read()
    server = bed.kamailio(folder / str(number), start=False, cfg=str(cfg))
    if other:
        server.db = other.db
        server.defines["DB_URL"] = other.defines["DB_URL"]
    server.peer_port = other and other.port
    head, found, tail = text.partition(HEAD)
    assert found
    server.write = lambda port: cfg.write_text(
        head.replace('loadmodule "dialog.so"', DMQ.format(
            ip=server.ip, port=server.port, other=port, number=number))
        + TAKEN + tail)
    return server


@pytest.fixture(scope="module")
def nodes(tmp_path_factory):
    folder = tmp_path_factory.mktemp("nodes")
    with one_of_two(folder, 1) as first, \
            one_of_two(folder, 2, first) as second:
        first.write(second.port)
        second.write(first.port)
        first.start()
        second.start()
        yield first, second
        second.stop()
        first.stop()


@pytest.fixture
def phones(nodes):
    with talker(nodes[0], "2500") as callee, \
            talker(nodes[0], "2501") as member:
        yield callee.register(), member
        callee.register(0)


def dialogs(server):
    return server.rpc("dlg.list")


def test_only_its_own_server_lists_and_ends_a_call(nodes, phones):
    first, second = nodes
    callee, member = phones
    wait_until(lambda: len(second.rpc("dmq.list_nodes")) == 2)
    here, unused = up(member, callee)
    wait_until(lambda: len(dialogs(second)) == 1)
    copy, = dialogs(second)
    assert copy["call-id"] == here.call_id
    assert {"sipvpn_group": "lab"} in copy["variables"]
    one, = listed(first)
    assert one["node"] == 1
    assert listed(second) == []
    for word in (here.call_id, one["id"], "2500@example.org"):
        assert fault(second, "sipvpn.revoke", word) == NOT_HERE
    # neither has the other's reload an effect
    second.rpc("sipvpn.reload")
    byes = Byes(member, callee)
    assert first.rpc("sipvpn.revoke", here.call_id) == {"calls": 1}
    assert byes.reasons() == {"2500": REVOKED, "2501": REVOKED}
    assert max(byes.took.values()) < SOON, byes.took
    until_listed(first, 0)
    assert listed(second) == []


def test_a_change_of_the_membership_reaches_it_from_the_other(nodes, phones):
    first, second = nodes
    callee, member = phones
    here, unused = up(member, callee)
    until_listed(first, 1)
    byes = Byes(member, callee)
    second.rpc("sipvpn.rm_member", "lab", "2501@example.org")
    assert set(byes.reasons().values()) == {
        'SIP;cause=403;text="VPN refused: the caller is not a member"'}
    until_listed(first, 0)
    second.rpc("sipvpn.add_member", "lab", "2501@example.org")
