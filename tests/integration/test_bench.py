"""The numbers of `make bench` come out right; nothing is timed here."""

import os
import random

import pytest

from bench import bench, helper_carry, helper_many, measure, sustained
from bench import talker, variants

# as callgrind writes it: names once, then their numbers
DUMP = """version: 1
desc: Trigger: Client Request: few
events: Ir
fn=(1) main
12 5
cfn=(2) fm_malloc
calls=3 40
12 90
fn=(2)
40 70
cfn=(3) fm_shm_malloc'2
calls=2 7
41 20
fn=(4) other
cfn=(2)
calls=4 40
9 100
totals: 285
"""


def test_a_dump_is_read():
    found = measure.Profile(DUMP)
    assert found.total == 285
    assert found.calls("fm_malloc") == 7
    assert found.calls("fm_shm_malloc") == 2
    assert found.calls("main") == 0
    assert found.calls("nothing") == 0


def test_what_is_spent_once_drops_out():
    assert measure.per_call(1000 + 100 * 7, 1000 + 300 * 7, 100, 300) == 7


def test_the_middle_and_the_quarters():
    assert measure.spread([3.0]) == (3.0, 3.0, 3.0)
    values = [1, 2, 3, 4, 100]
    random.Random(1).shuffle(values)
    assert measure.spread(values) == (3, 2, 4)


@pytest.mark.parametrize("value, text", [(1.05, "met"), (1.051, "MISSED")])
def test_a_target_is_met_or_missed(value, text):
    assert measure.verdict(value, 1.05) == text


def test_a_table_is_markdown():
    assert measure.table(["a", "b"], [["x", 1]]) == \
        "| a | b |\n| --- | ---: |\n| x | 1 |\n"


def test_callers_and_callees_share_a_group():
    who = talker.pairs(1000, 1)
    for one, two in (next(who) for unused in range(2000)):
        assert one != two and 0 <= two < 1000
        assert talker.group(one) == talker.group(two)


def test_every_body_is_of_one_length():
    lengths = {len(talker.body("vpn", number, number, setup))
               for number in (0, 7, 999999) for setup in ("actpass",
                                                          "passive")}
    assert len(lengths) == 1


@pytest.mark.parametrize("name", variants.VARIANTS)
def test_all_variants_relay_alike(name):
    """What is not the policy stands in each, word for word."""
    text, script = variants.text(variants.VARIANTS[name], 5060, 5070, "rpc",
                                 "db", "sipvpn.so", "lua")
    body = script or text
    assert "127.0.0.1:5070" in body and "{" + "callee" not in body
    for word in ("maxfwd", "totag", "loose_route", "example.org",
                 "record_route", "t_relay"):
        assert word in body


def test_a_process_is_measured():
    """This one: it has memory, has worked, and has descriptors."""
    pid = os.getpid()
    pss, rss = helper_many.memory(pid)
    assert 0 < pss <= rss
    assert helper_many.cpu(pid) > 0
    with open(os.devnull, "rb"):
        assert helper_many.descriptors(pid) > 3


def test_the_server_carries_a_hub_s_bytes_and_no_call_s():
    runs = [(800.0, 1000, 0), (400.0, 1000, 20)]
    assert helper_carry.row("a call", runs, [(400.0, 1, 0)] * 2) == \
        ["a call", "600", "500 to 700", "1.50", "10,000,000"]


@pytest.mark.parametrize("limit", [251, 1000, 3333, 7999])
def test_the_search_finds_the_highest_rate(limit):
    asked = []

    def reaches(rate):
        asked.append(rate)
        return rate <= limit

    low, high = sustained.rough(reaches)
    assert low <= limit < high
    found, half = sustained.search(
        [reaches, lambda rate: rate <= limit / 2], low / 2, high, 1.03)
    assert found <= limit < found * 1.03 + 1
    assert half <= limit / 2 < half * 1.03 + 1
    assert len(asked) < 16


def test_the_search_has_an_end_where_there_is_no_limit():
    assert sustained.rough(lambda rate: True)[0] <= 2 * sustained.HIGHEST
    assert sustained.search([lambda rate: True], 1, 2, 1.0) == [1]


@pytest.mark.parametrize("ours, verdict", [(960, "MISSED"), (970, "met"),
                                           (1100, "not shown")])
def test_the_rates_are_compared_pair_by_pair(ours, verdict):
    # a machine that is slow for one pair is slow for both of it
    found = [(1000, ours), (500, ours // 2), (2000, ours * 2)]
    text = sustained.text(found, (0.5, 0.6))
    assert f"| ours / plain | {ours / 1000:.3f} | 0.97 | {verdict}" in text
    assert "| 50% |" in text and "| 60% |" in text


def test_a_rate_that_was_never_reached_is_none():
    said = []

    class Lost:
        @staticmethod
        def reaches(*unused):
            return False

    context = bench.Context(None, None, True, said.append)
    assert sustained.measured(context, Lost, Lost) == []
    assert "thrown away" in said[-1]
    assert "Not measured" in sustained.text([], (0, 0))
