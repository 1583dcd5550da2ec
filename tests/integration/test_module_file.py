"""Groups and members from a file: no database, no database module."""

import pytest

from testlib import membership
from testlib.kamailio import RpcError

GOOD = """# who may call whom
group lab
group site hub 10.8.0.0/24 fd00:8::/64

member lab 2500
member lab sip:2501@example.org   # with a reason
member site 2500 hub 10.8.0.1 fd00:8::1
member site 2501@EXAMPLE.org 10.8.0.2
member site 2502
"""


@pytest.fixture
def node(tmp_path):
    path = tmp_path / "members"
    path.write_text(GOOD)
    # tm is as good as any other module that is no database
    with membership.node(tmp_path, "tm.so", path, None,
                         source="members_file") as one:
        one.path = path
        yield one


def test_a_file_is_as_good(node):
    assert node.check("2500", "2501", "lab") == 1
    assert node.check("2501", "2502", "site") == -12
    assert node.check("2501", "2500", "site") == 1
    assert node.check("2500", "2502", "lab") == -5
    assert node.rpc("sipvpn.members", "site")["members"] == [
        {"member": "2500@example.org", "role": "hub", "addr4": "10.8.0.1",
         "addr6": "fd00:8::1"},
        {"member": "2501@example.org", "role": "member",
         "addr4": "10.8.0.2"},
        {"member": "2502@example.org", "role": "member"}]
    with pytest.raises(RpcError) as fault:
        node.rpc("sipvpn.add_member", "lab", "2502")
    assert fault.value.code == 405


def test_a_file_that_changes_is_reloaded(node):
    node.path.write_text(GOOD.replace("member lab 2500\n", ""))
    assert node.rpc("sipvpn.reload") == {"groups": 2, "members": 4}
    assert node.check("2500", "2501", "lab") == -4


@pytest.mark.parametrize("line, why", [
    ("member nosuch 2503", "line 10: no such group"),
    ("membr lab 2503", "line 10: not understood"),
    ("member lab 2501", "line 10: stands twice"),
    ("member site 2503 10.8.0.2", "line 10: address given twice"),
    ("member site 2503 10.9.0.3", "line 10: address not of the group's"),
    ("group lab", "line 10: stands twice"),
    ("group other 10.8.0.1/24", "line 10: bad subnet"),
    ("member lab " + "u" * 2000, "line 10: not understood"),
    ("member lab 2503" + " " * (1023 - 15), "line 10: not understood"),
    ("member lab 2503\0", "line 10: not understood"),
    ("\0" * 8, "line 10: not understood"),
    ("#\0", "line 10: not understood"),
])
def test_a_bad_line_keeps_the_old_membership(node, line, why):
    node.path.write_text(GOOD.replace("member lab 2500\n", "\n") + line
                         + "\nmember lab 2504\n")
    with pytest.raises(RpcError) as fault:
        node.rpc("sipvpn.reload")
    assert fault.value.code == 500
    node.logged(f"1 bad rows, the old membership stays ({why}")
    assert node.check("2500", "2501", "lab") == 1
    assert node.check("2500", "2504", "lab") == -5


@pytest.mark.parametrize("text", [
    GOOD.replace("\n", "\r\n"), GOOD.rstrip("\n"),
    GOOD.rstrip("\n") + " " * (1022 - len("member site 2502")),
], ids=["of DOS", "without an end", "with a long line"])
def test_other_ends_of_lines(node, text):
    node.path.write_text(text)
    assert node.rpc("sipvpn.reload") == {"groups": 2, "members": 5}
    assert node.check("2501", "2500", "site") == 1


def test_a_file_that_becomes_a_folder_changes_nothing(node):
    node.path.unlink()
    node.path.mkdir()
    with pytest.raises(RpcError):
        node.rpc("sipvpn.reload")
    node.logged(f"cannot read {node.path}: Is a directory")
    assert node.check("2500", "2501", "lab") == 1


def test_a_file_that_is_gone_changes_nothing(node):
    node.path.unlink()
    with pytest.raises(RpcError):
        node.rpc("sipvpn.reload")
    node.logged("cannot open")
    assert node.check("2500", "2501", "lab") == 1
    assert node.rpc("sipvpn.stats")["reload_fail"] == 1
