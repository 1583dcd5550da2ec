"""Is everything a script or an operator can name in the module's manual?

Prints one line a finding: file: reason. Rule: a name of the source has an
identifier in the DocBook source and stands in the README made of it, and an
identifier that names nothing in the source is an error too.
"""

import os
import re
import sys

TOP = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
MODULE = "kamailio-module/"
MANUAL = MODULE + "doc/sipvpn_admin.xml"
README = MODULE + "README"

# Kind of name (the letter in its identifier) -> file, table, an entry of it.
TABLES = {
    "p": ("sipvpn_mod.c", "param_export_t params", r'\{"(\w+)",'),
    "f": ("sipvpn_mod.c", "cmd_export_t cmds", r'\{"(\w+)",'),
    "k": ("sipvpn_cmd.c", "sr_kemi_t sipvpn_kemi",
          r'str_init\("sipvpn"\), str_init\("(\w+)"\)'),
    "r": ("sipvpn_rpc.c", "rpc_export_t methods", r'\{"sipvpn\.(\w+)",'),
    "v": ("sipvpn_pv.c", "struct slice field_names", r'\{"(\w+)",'),
    "e": ("sipvpn_event.c", "str names", r'str_init\("([\w:]+)"\)'),
    "s": ("sipvpn_stats.c", "counter_def_t defs", r'\{\S+ "(\w+)",'),
}


def read(name):
    with open(os.path.join(TOP, name), encoding="utf-8") as file:
        return file.read()


def named(kind):
    """Names in the table of the source that holds this kind."""
    file, table, entry = TABLES[kind]
    text = re.search(re.escape(table) + r"\[\] = \{\n(.*?)\n\};",
                     read(MODULE + file), re.S)
    return set(re.findall(entry, text.group(1))) if text else set()


def verdicts(manual):
    """Return codes of sipvpn_authorize(), in the source and the manual."""
    section = re.search(r'id="sipvpn\.f\.sipvpn_authorize">(.*?)</section>',
                        manual, re.S)
    enum = re.search(r"enum sipvpn_verdict \{(.*?)\};",
                     read(MODULE + "sipvpn_policy.h"), re.S)
    return (set(re.findall(r"= (-?\d+)", enum.group(1))),
            set(re.findall(r"<emphasis>(-?\d+)<", section.group(1))))


def main():
    manual, readme = read(MANUAL), read(README)
    faults = []
    for kind, (file, table, unused) in TABLES.items():
        source = named(kind)
        if not source:
            faults.append(f"{MODULE}{file}: no names found in {table}[]")
        described = set(re.findall(rf'id="sipvpn\.{kind}\.([\w:]+)"', manual))
        faults += [f"{MANUAL}: {name} of {file} is missing"
                   for name in sorted(source - described)]
        faults += [f"{MANUAL}: {name} is not in {file}"
                   for name in sorted(described - source)]
        faults += [f"{README}: {name} is missing: run `make readme`"
                   for name in sorted(source & described)
                   if not re.search(rf"\b{name}\b", readme)]
    if not faults:
        source, described = verdicts(manual)
        faults += [f"{MANUAL}: return code {code} is there or in the source "
                   "only" for code in sorted(source ^ described)]
    print("\n".join(faults), end="\n" if faults else "")
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
