"""`make check`: every stage in turn, their counts added up in the last line.

A stage that fails does not keep the next from running, except the build.
"""

import os
import re
import subprocess
import sys
import time

TOP = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
BUILD = os.environ.get("BUILD", os.path.join(TOP, "build"))
JOBS = f"-j{os.cpu_count()}"

# title, arguments of make
STAGES = [
    # -B: what was built before may have been built without -Werror
    ("build", [JOBS, "-B", "all"]),
    ("lint", ["lint"]),
    ("unit tests", [JOBS, "unit"]),
    ("unit tests, address and undefined sanitizers",
     [JOBS, "unit", "SAN=address,undefined", f"BUILD={BUILD}/san"]),
    ("fuzzers", [JOBS, "fuzz"]),
    ("integration tests", ["integration"]),
]

# What a line of a stage adds: (pattern, to passed, to failed); a number counts
# as it is, "n" is the number the pattern finds. A skipped test has shown
# nothing, so it counts as failed.
SUMMARY = r" in \d+\.\d+s"  # the closing line of pytest
LINES = [
    (r"^lint: (\d+) passed", "n", 0),
    (r"^lint: .* (\d+) failed", 0, "n"),
    (r"^Files=\d+, Tests=(\d+)", "n", 0),
    (r"^Failed (\d+)/\d+ subtests", "-n", "n"),
    (r"^ok - fuzz_", 1, 0),
    (r"^not ok - fuzz_", 0, 1),
    (r"\b(\d+) passed\b.*" + SUMMARY, "n", 0),
    (r"\b(\d+) failed\b.*" + SUMMARY, 0, "n"),
    (r"\b(\d+) errors?\b.*" + SUMMARY, 0, "n"),
    (r"\b(\d+) skipped\b.*" + SUMMARY, 0, "n"),
]


def count(line):
    """What one line of output says: (passed, failed)."""
    passed = failed = 0
    for pattern, good, bad in LINES:
        found = re.search(pattern, line)
        if found:
            number = int(found.group(1)) if found.groups() else 0
            value = {"n": number, "-n": -number}
            passed += value.get(good, good)
            failed += value.get(bad, bad)
    return passed, failed


def stage(title, arguments, env):
    """Run make with its output shown; (passed, failed)."""
    print(f"== {title}", flush=True)
    began = time.monotonic()
    passed = failed = 0
    with subprocess.Popen(["make", *arguments], cwd=TOP, env=env, text=True,
                          errors="replace", stdout=subprocess.PIPE,
                          stderr=subprocess.STDOUT) as make:
        for line in make.stdout:
            print(line, end="", flush=True)
            more, less = count(line)
            passed += more
            failed += less
    if make.returncode != 0 and failed == 0:
        failed = 1
    print(f"== {title}: {time.monotonic() - began:.0f} s"
          f"{', FAILED' if failed else ''}", flush=True)
    return passed, failed


def main():
    # The jobserver of the make that called us is not passed on.
    env = {name: value for name, value in os.environ.items()
           if name not in ("MAKEFLAGS", "MFLAGS", "MAKELEVEL")}
    env.update(WERROR="-Werror", BUILD=BUILD)
    passed = failed = 0
    for title, arguments in STAGES:
        more, less = stage(title, arguments, env)
        passed += more
        failed += less
        if title == "build" and less:
            break
    print(f"{passed} passed, {failed} failed")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
