"""build/bench/report.md: what was measured, where, and with what."""

import os
import platform
import re

from testlib import proc

from . import measure

HEAD = """# What sipvpn costs

Measured by `make bench`{quick} on {date}.

| | |
|---|---|
| machine | {cpu}, {cores} cores, {memory:.0f} GB; load {load} at the beginning, {end} at the end |
| system | {system}, Linux {kernel} |
| **allocator** | **f_malloc** (`kamailio -x fm`); with the packaged default, q_malloc, every call costs many times as much |
| versions | {versions} |

"""
SHORT = """## In short

{costs}
{rows}
"""


class Short:
    """What stands in the README, too; the sections fill it in."""

    def __init__(self):
        self.costs = ""  # Markdown
        self.rows = []  # [what, measured, beside what, target]

    def text(self):
        return SHORT.format(costs=self.costs, rows=measure.table(
            ["", "sipvpn", "beside it", "target"], self.rows))


def first(path, pattern):
    with open(path, encoding="utf-8") as file:
        return re.search(pattern, file.read(), re.M).group(1)


def versions():
    done = proc.run(["dpkg-query", "-W", "-f",
                     "${Package} ${Version}, ", "kamailio", "openvpn",
                     "valgrind", "libosip2-15", "libglib2.0-0"], check=False)
    return done.stdout.strip().rstrip(",")


def load():
    return f"{os.getloadavg()[0]:.2f}"


def head(quick, date, load_before):
    kilobytes = int(first("/proc/meminfo", r"^MemTotal: +(\d+)"))
    return HEAD.format(
        quick=" (`BENCH=quick`)" if quick else "", date=date,
        cpu=first("/proc/cpuinfo", r"^model name\s*: (.*)$"),
        cores=os.cpu_count(), memory=kilobytes / 1e6, load=load_before,
        end=load(), kernel=platform.release(), versions=versions(),
        system=first("/etc/os-release", r'^PRETTY_NAME="(.*)"$'))
