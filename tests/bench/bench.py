"""`make bench`: every section in turn; build/bench/report.md and pictures.

A section is a module of this folder with run(context): it returns Markdown,
writes pictures into context.folder, and puts what is worth most into
context.short. BENCH=quick: less of everything.
"""

import importlib
import os
import sys
import tempfile
import time
from collections import namedtuple

sys.path.insert(0, os.path.dirname(os.path.dirname(
    os.path.abspath(__file__))))

from bench import report  # noqa: E402 (the path comes first)
from testlib import netns  # noqa: E402
from testlib.kamailio import BUILD  # noqa: E402

SECTIONS = ("module", "sustained", "helper")

# folder: for the report; workdir: gone afterwards; say: a line of progress
Context = namedtuple("Context", "folder workdir quick say short")


def main():
    netns.exit_on_signals()
    began = time.monotonic()
    quick = os.environ.get("BENCH") == "quick"
    folder = os.path.join(BUILD, "bench")
    os.makedirs(folder, exist_ok=True)

    def say(text):
        print(f"{time.monotonic() - began:5.0f} s  {text}", flush=True)

    load = report.load()
    parts, short = [], report.Short()
    with tempfile.TemporaryDirectory(prefix="bench.", dir=BUILD) as workdir:
        for name in sys.argv[1:] or SECTIONS:
            section = importlib.import_module("bench." + name)
            parts.append(section.run(
                Context(folder, workdir, quick, say, short)))
    path = os.path.join(folder, "report.md")
    with open(path, "w", encoding="utf-8") as file:
        file.write(report.head(quick, time.strftime("%Y-%m-%d"), load) +
                   short.text() + "\n".join(parts))
    say(f"the report is {path}")


if __name__ == "__main__":
    main()
