"""What the helper takes: time to the first ping, memory and CPU of an idle
one, many calls at once, throughput.
"""

import os

from . import helper_carry, helper_many, helper_start
from .ground import Ground

PARTS = (("start", helper_start), ("many", helper_many),
         ("carry", helper_carry))


def run(context):
    found = {}
    for name, part in PARTS:
        with Ground(os.path.join(context.workdir, name)) as place:
            found[name] = part.run(context, place)
    return f"""## The helper

Kamailio with `cfg/kamailio.cfg`, endpoints on PCs of their own (network
namespaces), all on this machine's cores; no delay and no loss between them. An
ICMP echo every two milliseconds asks whether the tunnel answers. The rows
"by hand" are the same OpenVPN with the same options and certificates made
beforehand: what OpenVPN itself needs, without any signalling.

{found["start"]}
{found["many"]}
{found["carry"]}"""
