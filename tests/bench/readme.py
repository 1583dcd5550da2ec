"""`make bench-readme`: README's tables become those of build/bench/report.md.

Rule: a number of the README is one of a whole run, with its day and machine.
"""

import os
import re
import sys

sys.path.insert(0, os.path.dirname(os.path.dirname(
    os.path.abspath(__file__))))

from testlib.kamailio import BUILD, TOP  # noqa: E402 (the path comes first)

BEGIN = "<!-- make bench-readme writes from here -->\n"
END = "<!-- to here -->\n"
PARTS = ("## The module", "## The highest rate", "## The helper")


class Mistake(Exception):
    """Why the README stays as it is."""


def short(report):
    """What of a report is for the README."""
    if "BENCH=quick" in report:
        raise Mistake("the report is of BENCH=quick: run make bench")
    for part in PARTS:
        if f"\n{part}\n" not in report:
            raise Mistake(f"the report has no '{part}': run make bench")
    day = re.search(r"^Measured by `make bench` on (\S+)\.$", report, re.M)
    machine = re.search(r"^\| machine \| (.*) \|$", report, re.M)
    tables = re.search(r"^## In short\n\n(.*?)\n*^## ", report, re.M | re.S)
    return (f"On {day.group(1)}, {machine.group(1)}:\n\n"
            f"{tables.group(1)}\n")


def put(readme, text):
    """The README with that text between its marks."""
    before, begin, rest = readme.partition(BEGIN)
    unused, end, behind = rest.partition(END)
    if not begin or not end:
        raise Mistake(f"README.md has no '{BEGIN.strip()}' with "
                      f"'{END.strip()}' behind it")
    return f"{before}{begin}{text}{end}{behind}"


def main():
    path = os.path.join(BUILD, "bench", "report.md")
    target = os.path.join(TOP, "README.md")
    try:
        with open(path, encoding="utf-8") as file:
            text = short(file.read())
        with open(target, encoding="utf-8") as file:
            new = put(file.read(), text)
    except FileNotFoundError as error:
        sys.exit(f"{error.filename} is not there: run make bench")
    except Mistake as error:
        sys.exit(f"README.md stays as it is: {error}")
    with open(target, "w", encoding="utf-8") as file:
        file.write(new)


if __name__ == "__main__":
    main()
