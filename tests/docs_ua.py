"""Is everything one can type or configure in sipvpn-ua's manual pages?

Prints one line a finding: file: reason. Rule: each key of the configuration
and each option and command has an entry of its own, and an entry that names
nothing in the source is an error too.
"""

import os
import re
import sys

TOP = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
UA = "ua-helper/"
PAGE, CONF = UA + "sipvpn-ua.1", UA + "sipvpn-ua.conf.5"
READER, CLI, OPTIONS = (UA + "daemon/conf_read.c", UA + "cli/cli.c",
                        UA + "daemon/options.c")
EXAMPLE = "cfg/sipvpn-ua.conf"


def read(name):
    with open(os.path.join(TOP, name), encoding="utf-8") as file:
        return file.read()


def table(text, name):
    """First texts of the entries of a table in C."""
    body = re.search(re.escape(name) + r"\[\] = \{\n(.*?)\n\s*\};", text, re.S)
    return re.findall(r'^\s*\{"([\w-]+)",', body.group(1), re.M) if body else []


def items(text, macro):
    """What `.It` lines name with this macro: [a, b] of ".It Ic a , Ic b"."""
    lines = "\n".join(re.findall(r"^\.It (.*)", text, re.M))
    return set(re.findall(rf"\b{macro} ([\w-]+)", lines))


def section(text, name):
    """Of the manual page: from this heading to the next."""
    return re.search(rf"^\.S[sh] {re.escape(name)}\n(.*?)(?=^\.S[sh] |\Z)",
                     text, re.S | re.M).group(1)


def differ(faults, file, where, has, wanted):
    if not wanted:
        faults.append(f"{where}: no names found")
    faults += [f"{file}: {name} of {where} is missing"
               for name in sorted(wanted - has)]
    faults += [f"{file}: {name} is not in {where}"
               for name in sorted(has - wanted)]


def main():
    faults = []
    page, conf, reader = read(PAGE), read(CONF), read(READER)
    example = read(EXAMPLE)
    for kind, title in (("daemon", "[daemon]"), ("account", "[account NAME]"),
                        ("peer", "[peer NAME]")):
        keys = set(table(reader, kind + "_keys"))
        differ(faults, CONF, f"{READER} {kind}_keys",
               items(section(conf, title), "Ic"), keys)
        part = re.search(rf"^\[{kind}\b.*?(?=^\[|\Z)", example, re.S | re.M)
        differ(faults, EXAMPLE, f"{READER} {kind}_keys",
               set(re.findall(r"^#?(\w+) = ", part.group(0), re.M)), keys)
    cli = read(CLI)
    differ(faults, PAGE, f"{CLI} commands",
           items(section(page, "Commands"), "Cm"), set(table(cli, "commands")))
    differ(faults, PAGE, f"{CLI} all",
           {name.lstrip("-") for name
            in items(section(page, "Commands"), "Fl") if len(name) > 1},
           set(table(cli, "all")))
    differ(faults, PAGE, f"{OPTIONS} longs",
           {name.lstrip("-") for name
            in items(section(page, "Without a configuration"), "Fl")
            if len(name) > 1},
           set(table(read(OPTIONS), "longs")))
    print("\n".join(faults), end="\n" if faults else "")
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
