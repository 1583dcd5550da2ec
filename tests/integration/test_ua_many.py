"""Many calls of one helper at once, begun in the same instant, and all given
back: the endpoints' device would have one name for all of them.
"""

import pytest

from bench.ground import CALLEE, CALLER, Ground
from bench.helper_many import Gateway, descriptors

CALLS = 10


@pytest.fixture
def gateway(tmp_path):
    with Ground(tmp_path / "ground") as place:
        running = Gateway(place, CALLS)
        yield running
        running.close()


def test_ten_at_once_and_nothing_left(gateway):
    place = gateway.place
    both = gateway.daemon, gateway.ends
    gateway.call(gateway.users[:1])  # what is loaded with the first call
    gateway.hang_up()
    before = [descriptors(program.pid) for program in both]
    for unused in range(2):
        gateway.call(gateway.users)
        assert gateway.failed == []
        calls = gateway.up.values()
        for field in ("device", "local", "remote", "endpoint"):
            assert len({call[field] for call in calls}) == CALLS, field
        assert gateway.answering() == CALLS
        for number, program in zip((CALLER, CALLEE), both):
            assert len(program.openvpn()) == CALLS
            assert len(place.pcs[number].links()) == CALLS + 1
        gateway.hang_up()
        for program in both:
            assert program.children() == {}
        assert [descriptors(program.pid) for program in both] == before
    for program in both:
        assert "failed" not in program.output()
