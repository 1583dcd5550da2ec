"""`make load`: members, strangers and phones call for a minute; what came of
it as a table, and as pictures in build/load.

usage: load.py    (in the environment, all optional)
  RATE=100          calls a second, of all kinds together
  TIME=60           seconds
  CALLS=            no more than so many calls
  MIX=members=6,strangers=2,phones=2   how they share the calls
  SERVER=IP[:PORT]  not a server of our own, but this one; then also
  CSV=FOLDER        what sipp-scenarios/make-csv.py made for that server

Rule: the exit code is 0 when every call ended as it should: members and
phones admitted, strangers refused, at both ends. Bounded in time and calls.
"""

import os
import sys
import tempfile
import time
from collections import namedtuple

sys.path.insert(0, os.path.dirname(os.path.dirname(
    os.path.abspath(__file__))))

from load import picture, tally  # noqa: E402 (the path comes first)
from load.server import Ours, Theirs  # noqa: E402
from load.tally import Mistake  # noqa: E402
from testlib import netns, proc, sipp  # noqa: E402
from testlib.kamailio import BUILD, free_port  # noqa: E402

ENDPOINT = ';+sip.app-subtype="openvpn"'
Kind = namedtuple("Kind", "scenario csv answer device")
KINDS = {
    "members": Kind("many-members", "members.csv", "vpn-answer", ENDPOINT),
    "strangers": Kind("many-strangers", "strangers.csv", None, None),
    "phones": Kind("many-phones", "phones.csv", "audio-answer", ""),
}
MIX = "members=6,strangers=2,phones=2"
MOST = {"RATE": 5000, "TIME": 3600, "CALLS": 1000000}
REGISTER_RATE = 200  # a second
PATIENCE = 10  # seconds for one message; no server needs that long
AFTER = 40  # seconds for the last calls: timer B, and a little
OPEN = 10  # calls at a time, by the rate: for a server that stalls

Plan = namedtuple("Plan", "rate seconds calls shares server csv")


def number(env, name, default):
    text = env.get(name) or str(default)
    if not text.isdecimal() or not 0 < int(text) <= MOST[name]:
        raise Mistake(f"{name}={text}: a number from 1 to {MOST[name]}")
    return int(text)


def plan(env):
    """What is asked for; Mistake when that makes no sense."""
    rate, seconds = number(env, "RATE", 100), number(env, "TIME", 60)
    calls = min(number(env, "CALLS", MOST["CALLS"]), rate * seconds)
    return Plan(rate, seconds, calls, tally.mix(env.get("MIX") or MIX, KINDS),
                env.get("SERVER"), env.get("CSV"))


class Run:
    """One sipp with many calls, and the files that it writes."""

    def __init__(self, load, scenario, calls, more=()):
        self.name, self.port = scenario, free_port(load.server.here)
        self._base = os.path.join(load.workdir, f"{scenario}-{self.port}")
        argv = ["sipp", "-sf", sipp.path(scenario), "-i", load.server.here,
                "-p", str(self.port), "-m", str(calls), "-nostdin",
                "-timeout", f"{load.plan.seconds + AFTER}s",
                "-recv_timeout", str(PATIENCE * 1000),
                "-trace_err", "-error_file", self._base + ".err",
                "-trace_stat", "-fd", "1", "-stf", self._base + ".csv",
                "-shortmessage_file", self._base + ".short",
                *more, "%s:%d" % load.server.address]
        self.proc = proc.Proc(argv, name="sipp " + scenario,
                              cwd=load.workdir)

    def _read(self, kind):
        try:
            with open(self._base + kind, encoding="utf-8",
                      errors="replace") as file:
                return file.read()
        except FileNotFoundError:
            return ""

    def totals(self):
        return tally.totals(self._read(".csv"))

    def errors(self):
        """What went wrong most often, one line each."""
        return tally.errors(self._read(".err"))

    def set_up(self):
        return tally.set_up(self._read(".short").splitlines())

    def end(self, seconds):
        """Until it is over; afterwards it does not run any more."""
        try:
            self.proc.wait(seconds)
        except proc.ProcError:
            pass  # a call of it never came: its totals say so
        self.proc.close()


class Load:
    """plan: of plan(). After run(): what came of it."""

    def __init__(self, wanted, server, workdir):
        self.plan, self.server, self.workdir = wanted, server, workdir
        self.calls = tally.split(wanted.calls, wanted.shares)
        self.callers, self.callees = {}, {}

    def run(self):
        try:
            self._answer()
            self.memory = [self.server.memory()]
            cpu = self.server.cpu()
            self.began = time.time()
            self._call()
            self._watch()
            self.cpu = None if cpu is None else self.server.cpu() - cpu
            self.server.rest()
            self.memory.append(self.server.memory())
        finally:
            for run in [*self.callers.values(), *self.callees.values()]:
                run.proc.close()

    def _answer(self):
        """Somebody at the other end, and all users registered there."""
        for kind, calls in self.calls.items():
            if not KINDS[kind].answer:
                continue
            callee = Run(self, KINDS[kind].answer, calls,
                         ["-key", "user", kind])
            self.callees[kind] = callee
            self._register(f"{self.server.here}:{callee.port}",
                           KINDS[kind].device)

    def _register(self, contact, device):
        users = os.path.join(self.server.csv, "users.csv")
        with open(users, encoding="ascii") as file:
            count = sum(1 for unused in file) - 1
        run = Run(self, "register-many", count, [
            "-r", str(REGISTER_RATE), "-inf", users, "-key", "contact",
            contact, "-key", "device", device])
        run.end(count / REGISTER_RATE + AFTER)
        if run.totals().passed != count:
            raise Mistake(
                f"{run.totals().passed} of the {count} users in {users} could "
                f"register at {self.server.name}: "
                + ("; ".join(run.errors()) or "nothing came back"))

    def _call(self):
        for kind, calls in self.calls.items():
            if not calls:
                continue
            # a rate that is no whole number, by ten seconds
            rate = max(1, round(self.plan.rate * self.plan.shares[kind] * 10))
            run = Run(self, KINDS[kind].scenario, calls, [
                "-r", str(rate), "-rp", "10000",
                "-l", str(OPEN * self.plan.rate),
                "-inf", os.path.join(self.server.csv, KINDS[kind].csv),
                "-trace_shortmsg"])
            self.callers[kind] = run

    def _watch(self):
        """Until all callers are done; a line a second (each tenth, if
        nobody looks at a terminal).
        """
        live = sys.stdout.isatty()
        deadline = time.monotonic() + self.plan.seconds + 2 * AFTER
        while any(run.proc.running() for run in self.callers.values()):
            if time.monotonic() > deadline:
                break
            self._second()
            done = tally.add(run.totals() for run in self.callers.values())
            second = int(time.time() - self.began)
            text = (f"{second:4} s  {done.attempted:7,} of "
                    f"{self.plan.calls:,} calls, {done.passed:,} as they "
                    f"should be, {done.failed:,} wrong, {done.again:,} "
                    "messages sent again")
            if live:
                print("\r" + text.ljust(78), end="", flush=True)
            elif second % 10 == 0:
                print(text, flush=True)
        if live:
            print()
        for run in self.callers.values():
            run.end(1)
        self.took = time.time() - self.began
        for run in self.callees.values():
            run.end(3)

    def _second(self):
        """Until the next line of statistics, or the end of a caller."""
        waiting = [run for run in self.callers.values()
                   if run.proc.running()]
        try:
            waiting[0].proc.wait(1.0)
        except proc.ProcError:
            pass

    # --- what came of it ----------------------------------------------------

    def wrong(self, kind):
        """Calls that did not end as they should, at either end; or never
        began.
        """
        here = self.callers[kind].totals()
        bad = self.calls[kind] - here.passed
        if kind in self.callees:
            bad = max(bad, self.calls[kind] -
                      self.callees[kind].totals().passed)
        return bad

    def rows(self):
        """The table: a line a kind, and their sum."""
        lines, everything = [], []
        for kind, run in self.callers.items():
            found = [took for unused, took in run.set_up()]
            everything += found
            lines.append(self._row(kind, [kind], found))
        return lines + [self._row("all", list(self.callers), everything)]

    def _row(self, name, kinds, found):
        done = tally.add(self.callers[kind].totals() for kind in kinds)
        there = tally.add(self.callees[kind].totals() for kind in kinds
                          if kind in self.callees)
        passed = {kind: self.callers[kind].totals().passed for kind in kinds}
        refused = passed.get("strangers", 0)
        return [name, f"{done.attempted:,}",
                f"{sum(passed.values()) - refused:,}", f"{refused:,}",
                f"{sum(map(self.wrong, kinds)):,}",
                f"{done.again + there.again:,}",
                *(tally.milliseconds(tally.percentile(found, part))
                  for part in (0.5, 0.95, 0.99))]

    def seconds(self):
        found = [one for run in self.callers.values() for one in run.set_up()]
        return tally.per_second(found, self.began)


HEADS = ["", "attempted", "admitted", "refused", "wrong", "sent again",
         "50 % ms", "95 % ms", "99 % ms"]


def aligned(rows):
    widths = [max(map(len, column)) for column in zip(*rows)]
    return "\n".join("  ".join(
        cell.rjust(width) if at else cell.ljust(width)
        for at, (cell, width) in enumerate(zip(row, widths))) for row in rows)


def report(load):
    """The text that ends a run."""
    lines = ["", aligned([HEADS, *load.rows()]), ""]
    if load.cpu is not None:
        lines.append("CPU of the server: "
                     f"{load.cpu / load.plan.calls * 1e6:,.0f} us a call")
        (shm, private), (shm_after, private_after) = load.memory
        lines.append(f"memory: shared {shm / 1e6:.2f} MB before, "
                     f"{shm_after / 1e6:.2f} MB after; private "
                     f"{private / 1e6:.1f} MB before, "
                     f"{private_after / 1e6:.1f} MB after")
    lines += tally.late(load.plan.calls, load.plan.rate, load.took)
    for run in [*load.callers.values(), *load.callees.values()]:
        lines += [f"{run.name}: {text}" for text in run.errors()]
    lines += [f"server's log: {text}" for text in load.server.complaints()]
    wrong = sum(map(load.wrong, load.callers))
    lines.append(f"{wrong:,} of {load.plan.calls:,} calls ended wrong" if wrong
                 else f"all {load.plan.calls:,} calls ended as they should")
    return "\n".join(lines), wrong


def main():
    netns.exit_on_signals()
    folder = os.path.join(BUILD, "load")
    os.makedirs(folder, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="load.", dir=BUILD) as workdir:
        try:
            wanted = plan(os.environ)
            server = Theirs(wanted.server, wanted.csv) if wanted.server \
                else Ours(workdir)
            print(f"{wanted.calls:,} calls, {wanted.rate} a second, to "
                  f"{server.name}", flush=True)
            with server:
                load = Load(wanted, server, workdir)
                load.run()
        except Mistake as mistake:
            print(f"load: {mistake}", file=sys.stderr)
            return 2
        except KeyboardInterrupt:
            proc.close_all()  # also what nobody had taken charge of yet
            print("\nload: interrupted; all that it started has ended",
                  file=sys.stderr)
            return 130
        text, wrong = report(load)
        made = picture.draw(folder, load.seconds()) if load.seconds() else []
    print(text)
    with open(os.path.join(folder, "load.txt"), "w",
              encoding="utf-8") as file:
        file.write(text.lstrip("\n") + "\n")
    print("pictures: " + ", ".join(made))
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
