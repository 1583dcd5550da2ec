"""The numbers of `make bench` come out right; nothing is timed here."""

import os
import random

import pytest

from bench import helper_carry, helper_many, measure, rates
from bench import module, readme, report, sustained, talker, variants

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


STATS = """StartTime;CurrentTime;SuccessfulCall(C);FailedCall(C);\
Retransmissions(C);
s\t0:0\t100.0;d\t0:0\t100.000000;0;0;0;
s\t0:0\t100.0;d\t0:1\t101.000000;400;0;0;
s\t0:0\t100.0;d\t0:2\t102.000000;1000;0;1;
s\t0:0\t100.0;d\t0:3\t103.000000;16"""


def lines(*several):
    """What sipp wrote: (when, calls passed, wrong)."""
    return [rates.Line(*one) for one in several]


def test_what_sipp_writes_is_read_to_its_last_whole_line():
    assert rates.history(STATS) == lines((100, 0, 0), (101, 400, 0),
                                         (102, 1000, 1))
    assert rates.history("") == []


@pytest.mark.parametrize("when, calls", [(99, 0), (100, 0), (100.5, 200),
                                         (101, 400), (101.5, 700),
                                         (102, 1000), (103, 1000)])
def test_calls_are_counted_between_two_lines(when, calls):
    assert rates.passed(rates.history(STATS), when) == calls


def test_a_second_is_calls_and_what_they_took():
    samples = [rates.Sample(10, (1.0, 7.0), 2.0),
               rates.Sample(11, (1.2, 7.4), 2.6),
               rates.Sample(12, (1.6, 7.6), 3.8)]
    here = lines((9, 0, 0), (10.5, 1500, 0), (13, 4000, 0))
    (one, two), (three, unused) = rates.blocks(samples, here, here)
    assert one.clean and two.clean and three.clean
    assert (one.calls, two.calls) == (500, 500)
    assert rates.rate(one) == pytest.approx(1000)
    assert rates.rate(two) == pytest.approx(500 / 0.7)
    assert rates.rate(three) == pytest.approx(500)
    assert rates.rate_of_worker(one) == pytest.approx(2500)
    assert rates.rate_of_all([one, three]) == pytest.approx(1000 / 1.5)


@pytest.mark.parametrize("end", ["here", "there"])
def test_a_second_in_which_something_is_sent_twice_counts_for_nobody(end):
    samples = [rates.Sample(10 + i, (i, i), i) for i in range(5)]
    well = lines(*((10 + i, 100 * i, 0) for i in range(5)))
    # seen at 13: it was sent in the third second
    ill = lines(*((10 + i, 100 * i, int(i > 2)) for i in range(5)))
    rows = rates.blocks(samples, *((ill, well) if end == "here"
                                   else (well, ill)))
    assert [[block.clean for block in row] for row in rows] == \
        [[True] * 2, [True] * 2, [False] * 2, [True] * 2]
    found, thrown = rates.good(rows)
    assert list(map(len, found)) == [3, 3] and thrown == 1


def test_no_clean_second_is_no_rate():
    bad = rates.Block(0, 0.1, 0.2, False)
    assert rates.good([[bad, bad]]) == ([], 1)


def seconds(several, share=0.5):
    """Blocks of these many calls in a second of CPU time."""
    return [rates.Block(calls, share, 1.0, True) for calls in several]


@pytest.mark.parametrize("ours, verdict", [(960, "MISSED"), (969, "MISSED"),
                                           (970, "met"), (1000, "met"),
                                           (1100, "not shown")])
def test_the_rates_are_compared_second_by_second(ours, verdict):
    # a machine that is slow for one second is slow for both
    plain = seconds((1000, 500, 2000))
    found = seconds((ours, ours / 2, ours * 2), 0.6)
    text = sustained.text(plain, found, 0, [])
    ratio = f"{ours / 1000:.3f}"
    assert f"| ours / plain | {ratio} | {ratio} to {ratio} | 0.97 | " \
        f"{verdict}" in text
    assert "| 50% |" in text and "| 60% |" in text


def test_the_interval_holds_the_middle_and_shrinks_with_more():
    chance = random.Random(2)
    values = [chance.gauss(0.97, 0.05) for unused in range(400)]
    wide, narrow = rates.interval(values[:25]), rates.interval(values)
    assert wide[0] < 0.97 < wide[1] and narrow[0] < 0.97 < narrow[1]
    assert narrow[1] - narrow[0] < 0.5 * (wide[1] - wide[0])
    # 1.25 times the spread by the root of 400, 1.96 times to each side
    assert narrow[1] - narrow[0] == pytest.approx(0.0123, rel=0.25)
    assert rates.interval([1.0, 1.0]) == (1.0, 1.0)


REPORT = """# What sipvpn costs

Measured by `make bench` on 2026-11-22.

| | |
|---|---|
| machine | a big one, 2 cores |

## In short

| a | b |
| --- | ---: |
| x | 1 |

## The module

## The highest rate

## The helper
"""
MARKED = f"old\n{readme.BEGIN}nothing\n{readme.END}new\n"


def test_the_readme_has_the_tables_of_the_report():
    text = readme.put(MARKED, readme.short(REPORT))
    assert text == f"""old
{readme.BEGIN}On 2026-11-22, a big one, 2 cores:

| a | b |
| --- | ---: |
| x | 1 |
{readme.END}new
"""
    assert readme.put(text, readme.short(REPORT)) == text


@pytest.mark.parametrize("change", [
    ("bench`", "bench` (`BENCH=quick`)"), ("\n## The helper\n", "")])
def test_the_readme_takes_no_part_of_a_report(change):
    with pytest.raises(readme.Mistake, match="run make bench"):
        readme.short(REPORT.replace(*change))


def test_a_readme_without_marks_stays():
    with pytest.raises(readme.Mistake, match="has no"):
        readme.put("text\n", "x")


def test_the_real_readme_has_its_marks():
    with open(os.path.join(readme.TOP, "README.md"), encoding="utf-8") as file:
        text = file.read()
    assert readme.put(text, "x\n") != text


def test_a_report_begins_with_what_is_short():
    short = report.Short()
    short.costs = "costs\n"
    short.rows.append(["a", "1", "2", "at most 3: met"])
    assert "| a | 1 | 2 | at most 3: met |" in short.text()
    assert short.text().startswith("## In short\n\ncosts\n")


def test_the_price_list_in_short_has_every_size_and_the_last_one_s_time():
    spread = measure.Spread(1.1, 1.0, 1.2)
    found = {module.Row(name, size, "vpn"): (1 + size / 1e7, spread, 0)
             for name in ("ours", "lua") for size in (1000, 1000000)}
    found[module.Row("ours", 1000000, "audio")] = (1.0, spread, 0)
    lines = module.in_short(found).splitlines()
    assert lines[0].endswith("| instructions, 1,000 members | 1,000,000 | "
                             "CPU time, 1,000,000 |")
    assert lines[2].endswith(" | 1.000 | 1.100 | 1.10 |")
    assert lines[3].startswith("| Lua")
    assert lines[4].endswith(", a phone call |  | 1.000 | 1.10 |")
    assert len(lines) == 5
