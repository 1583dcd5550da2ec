"""A server whose group "site" assigns addresses, and VPN sections for it: an
answer in it may name no other group, and no other addresses.
"""

from contextlib import contextmanager

from . import bed
from .kamailio import CFG

OWN, OTHER = "10.8.0.1", "10.8.0.2"  # of 2500, who offers, and of 2501


def section(local=None, remote=None, group="site"):
    lines = ["m=application/vpn 8000 OpenVPN 0", "a=IP4:127.0.0.1",
             "a=PORT:8000", group and f"a=VPN_ID:{group}",
             local and f"a=VPN_LOCAL_ADDR:{local}",
             remote and f"a=VPN_REMOTE_ADDR:{remote}"]
    return "\r\n".join(line for line in lines if line)


OFFER = bed.sdp(section(OWN, OTHER))
LAB = bed.sdp(section(group="lab"))
GOOD = {"all": section(OTHER, OWN), "no address": section(),
        "nothing": section(group=None)}
BAD = {
    "other group": (section(group="lab"), "VPN_ID names another group"),
    "local": (section(OWN, OWN), "VPN_LOCAL_ADDR is not the sender's own"),
    "remote": (section(OTHER, OTHER),
               "VPN_REMOTE_ADDR is not the other end's own"),
    "a stranger's": (section("10.8.0.9", OWN),
                     "VPN_LOCAL_ADDR is not the sender's own"),
}


@contextmanager
def one_server(folder, has_dialog, extra=""):
    cfg = folder / "own.cfg"
    with open(CFG, encoding="utf-8") as shipped:
        cfg.write_text("".join(line for line in shipped
                               if has_dialog or '"dialog' not in line))
    with bed.kamailio(folder, cfg=str(cfg), start=False,
                      extra=extra) as running:
        running.has_dialog = has_dialog
        bed.assign(running, {"2500": OWN, "2501": OTHER})
        running.start()
        yield running
        running.stop()


def counted(server, before):
    now = server.counters()
    return {name: now[name] - before[name]
            for name in ("offers", "allowed", "rejected")}
