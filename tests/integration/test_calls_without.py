"""Without the module dialog, and with another one's script: all but calls."""

import pytest

from testlib import bed
from testlib.calls import ANSWER, OFFER, fault, up
from testlib.kamailio import CFG
from testlib.talk import within

MISSING = (501, "Calls are not followed: the module dialog is not loaded")


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    folder = tmp_path_factory.mktemp("without")
    cfg = folder / "without.cfg"
    with open(CFG, encoding="utf-8") as shipped:
        cfg.write_text("".join(line for line in shipped
                               if '"dialog' not in line))
    with bed.kamailio(folder, cfg=str(cfg)) as running:
        yield running
        running.stop()


def test_the_commands_say_what_is_missing(server):
    assert fault(server, "sipvpn.calls") == MISSING
    assert fault(server, "sipvpn.revoke", "2500@example.org") == MISSING
    assert server.counters()["calls"] == 0


def test_calls_pass_all_the_same(server, callee, member, stranger):
    here, unused = up(member, callee, OFFER, ANSWER)
    assert within(here, callee, "UPDATE", OFFER, ANSWER)[1].code == 200
    server.rpc("sipvpn.rm_member", "lab", "2501@example.org")
    server.logged("2 members", 10)
    assert within(here, callee, "BYE")[1].code == 200
    # closed in its 200; to end it is left to the two
    late, unused = up(stranger, callee, b"", OFFER)
    assert within(late, callee, "BYE")[1].code == 200
