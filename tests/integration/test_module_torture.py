"""Messages of the kinds that RFC 4475 describes: the answers are the same
with and without the module, and the server lives on.

tests/data/torture holds messages of our own, at least one for each of the 49
sections. Where RFC4475_DIR names a folder with the RFC's own (NAME.dat),
they are sent too.
"""

import os

from testlib import bed, talk, torture
from testlib.netns import Net

SECTIONS = 49
OFFER = bed.sdp(bed.vpn("lab"))
# whom calls of the cases are for; their messages say so
CALLEES = ("anna", "user", "kumiko", "UserB", "t.watson", "remote-target")


def cases():
    found = torture.own_cases()
    assert len({case.section for case in found}) == SECTIONS
    files = {name for name in os.listdir(torture.DATA)
             if name.endswith(".sip")}
    assert files == {case.name + ".sip" for case in found}
    folder = os.environ.get("RFC4475_DIR")
    if folder:
        others = torture.other_cases(folder)
        assert others, f"RFC4475_DIR={folder}: no *.dat there"
        found += others
    return found


def answers(tmp_path, module, passwords):
    """What comes of each case: {(name, transport): (replies, calls)}."""
    workdir = tmp_path / f"{module}-{passwords}"
    found = {}
    with Net() as net:
        host = net.host("torture")
        with torture.server(workdir, str(host), module, passwords) as running:
            with torture.Rack(running, str(host),
                              () if passwords else CALLEES) as rack:
                for case in cases():
                    for transport in case.transports:
                        found[case.name, transport] = rack.send(
                            case, transport)
                        assert running.proc.running(), case.name
            if module and passwords:
                a_member_still_calls(running, str(host))
            running.stop()  # which looks for alarms in the log
    return found


def a_member_still_calls(server, netns):
    with talk.talker(server, "2501", netns=netns) as one, \
            talk.talker(server, "2500", netns=netns) as two, \
            talk.talker(server, "2502", netns=netns) as stranger:
        two.register()
        reply, got = bed.ring(one, two, OFFER)
        assert (reply.code, got.body) == (486, OFFER)
        assert stranger.invite("2500", OFFER).code == 403


def statuses(answer):
    """Codes of replies, methods of requests, and what the callee got."""
    lines, calls = answer
    words = (line.split(" ") for line in lines)
    return [word[word[0] == "SIP/2.0"] for word in words], calls


def test_the_answers_are_the_same_as_without_the_module(tmp_path):
    bare = answers(tmp_path, module=False, passwords=True)
    ours = answers(tmp_path, module=True, passwords=True)
    assert {key: statuses(one) for key, one in ours.items()} == \
        {key: statuses(one) for key, one in bare.items()}
    # and there were some
    assert {"400", "401", "407", "483"} <= {
        code for one in ours.values() for code in statuses(one)[0]}


def test_the_same_where_everybody_is_believed(tmp_path):
    """So that messages reach sipvpn_manage() and a callee."""
    bare = answers(tmp_path, module=False, passwords=False)
    ours = answers(tmp_path, module=True, passwords=False)
    plain = {(case.name, transport) for case in cases() if not case.vpn
             for transport in case.transports}
    assert {key: statuses(ours[key]) for key in plain} == \
        {key: statuses(bare[key]) for key in plain}
    assert sum(bool(bare[key][1]) for key in plain) > 10

    # What the server would have looked up the callee for, as one without
    # the module shows, is refused when it offers a VPN: nobody authenticated
    # it. All else never gets as far as to be judged.
    offers = ours.keys() - plain
    judged = {key for key in offers
              if bare[key][1] or "480" in statuses(bare[key])[0]}
    assert len({name for name, unused in judged}) >= 5
    for key in judged:
        codes, calls = statuses(ours[key])
        assert not calls and codes[-1] in ("403", "488"), (key, ours[key])
    for key in offers - judged:
        assert statuses(ours[key]) == statuses(bare[key]), key
