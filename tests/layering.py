"""Who may include what, in one table.

Prints one line a breach: file:line: reason. Rule: an include that the
table does not allow is an error, also one of a file not known here.
"""

import os
import re
import sys

TOP = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))

# All that a pure file may take from the C library.
PURE = {"inttypes.h", "limits.h", "stdalign.h", "stdarg.h", "stdbool.h",
        "stddef.h", "stdint.h", "string.h", "strings.h"}

# Part of the tree -> parts of our own that it may include beside itself.
UA = "ua-helper/"
ALLOWED = {
    "vpnsdp": set(),
    "policy": {"vpnsdp"},
    "module": {"policy", "vpnsdp"},
    "core": {"vpnsdp"},
    "sip": {"core", "vpnsdp"},
    "net": {"core", "vpnsdp"},
    "tunnel": {"core", "vpnsdp"},
    "daemon": {"sip", "net", "tunnel", "core", "vpnsdp"},
    "cli": {"core", "vpnsdp"},
    "main": {"daemon", "cli", "core", "vpnsdp"},
}

# The module's files that take nothing of Kamailio.
PURE_MODULE = {"kamailio-module/sipvpn_" + name for name in
               ("policy", "snapshot", "index", "vec", "siphash", "mime",
                "snapshot_priv", "lookup", "net", "line",
                "media", "merge", "calls", "given", "only", "name")}
PURE_PARTS = {"vpnsdp", "policy", "core"}

# Inside the module: a file includes only files further down.
MODULE = {"mod": 17, "cmd": 16, "rpc": 16, "pv": 16, "manage": 15,
          "watch": 14, "reply": 13, "prack": 12, "watched": 11, "ack": 10,
          "revoke": 10, "edit": 10, "load": 10,
          "admit": 9, "late": 9, "allot": 9, "change": 9, "list": 9,
          "answer": 8, "db": 8, "file": 8, "end": 8, "call": 8, "follow": 7,
          "vars": 6,
          "rows": 6, "pass": 5, "record": 5, "strip": 5, "keep": 5, "body": 4,
          "identity": 4, "param": 4, "bystander": 4, "fault": 4, "stats": 4, "table": 3,
          "store": 3, "bye": 3, "roster": 3, "came": 2, "event": 2, "kam": 1}

# Library headers that only one place may see.
OWNED = [
    (re.compile(r"osip"), lambda f: f.startswith(UA + "sip/"),
     "only ua-helper/sip may include osip"),
    # the tunnel's certificate is made with it, and a SIP server's names are
    # read with it, of which GIO shows only some
    (re.compile(r"openssl/"),
     lambda f: f in (UA + "tunnel/cert.c", UA + "sip/tls_identity.c"),
     "only tunnel/cert.c and sip/tls_identity.c may include OpenSSL"),
    (re.compile(r"(core|modules|lib)/"),
     lambda f: f.startswith(("kamailio-module/sipvpn_",
                             "kamailio-module/kam_")),
     "only the module's glue may include Kamailio"),
]


def part(path):
    """The part that a file of ours belongs to."""
    if path.startswith("kamailio-module/vpnsdp/"):
        return "vpnsdp"
    if os.path.splitext(path)[0] in PURE_MODULE:
        return "policy"
    if path.startswith("kamailio-module/"):
        return "module"
    rest = path[len(UA):]
    return rest.split("/")[0] if "/" in rest else "main"


def level(path):
    """How high a file of the module stands; None: no such file."""
    name = re.match(r"kamailio-module/(?:sipvpn_)?([a-z]+)", path)
    return MODULE.get(name.group(1)) if name else None


def ours(path, name):
    """The file of ours that an include in path means, or None."""
    for base in (os.path.dirname(path), "ua-helper", "kamailio-module",
                 "kamailio-module/vpnsdp"):
        found = os.path.normpath(os.path.join(base, name))
        if os.path.isfile(os.path.join(TOP, found)):
            return found
    return None


def breach(path, bracket, name):
    """Why path may not include name, or None."""
    me = part(path)
    if me not in ALLOWED:
        return f"{me} is no part that tests/layering.py knows"
    target = ours(path, name) if bracket == '"' else None
    if target is None:
        if me in PURE_PARTS and name not in PURE:
            return f"includes {name}, but {me} is pure"
        for pattern, may, reason in OWNED:
            if pattern.match(name) and not may(path):
                return f"includes {name}, {reason}"
        return None
    other = part(target)
    if other != me and other not in ALLOWED[me]:
        return f"includes {name}, {me} may not know {other}"
    if me == other == "module":
        own, its = level(path), level(target)
        if own is None or its is None:
            return f"includes {name}: no level known, see MODULE"
        stem = os.path.splitext
        if its >= own and stem(path)[0] != stem(target)[0]:
            return f"includes {name}, which is not below it"
    return None


def main():
    include = re.compile(r'\s*#\s*include\s*([<"])([^>"]+)[>"]')
    breaches = 0
    for base in ("kamailio-module", "ua-helper"):
        for folder, unused, files in os.walk(os.path.join(TOP, base)):
            for name in sorted(files):
                if not name.endswith((".c", ".h")):
                    continue
                full = os.path.join(folder, name)
                path = os.path.relpath(full, TOP)
                with open(full, encoding="utf-8") as source:
                    for number, line in enumerate(source, 1):
                        found = include.match(line)
                        reason = found and breach(path, *found.groups())
                        if reason:
                            print(f"{path}:{number}: {reason}")
                            breaches += 1
    return 1 if breaches else 0


if __name__ == "__main__":
    sys.exit(main())
