"""Messages of the kinds that RFC 4475 describes, thrown at a sipvpn-ua that
waits for calls: what it answers is what the RFC wants, and a good call still
works behind them.

tests/data/torture holds messages of our own, at least one for each of the 49
sections. Where RFC4475_DIR names a folder with the RFC's own (NAME.dat), they
are sent too.
"""

import itertools
import os
import re

from testlib import torture
from testlib.lab import LabUA
from testlib.peer import finish
from testlib.streampeer import StreamPeer

# whom most of the messages are for: ours, the RFC's
ANNA, USER = "anna", "user"

# Section of RFC 4475 -> final answers that it allows. NONE: nothing is said.
# Well-formed requests end as any would: 404 to who is not here, 405 and 501
# to methods not served, 488 to media that are not ours.
NONE = "none"
EXPECTED = {
    "3.1.1.1": {404, 481, 488},  # a tag in To is that of no call
    "3.1.1.2": {501}, "3.1.1.3": {404}, "3.1.1.4": {404, 405},
    "3.1.1.5": {501}, "3.1.1.6": {200, 404}, "3.1.1.7": {404, 488},
    "3.1.1.8": {405}, "3.1.1.9": {404}, "3.1.1.10": {200, 404},
    "3.1.1.11": {404, 405, 488}, "3.1.1.12": NONE, "3.1.1.13": NONE,
    "3.1.2.1": {400}, "3.1.2.2": {400}, "3.1.2.3": {400}, "3.1.2.4": {400},
    "3.1.2.5": NONE, "3.1.2.6": {400}, "3.1.2.7": {400}, "3.1.2.8": {400},
    "3.1.2.9": {400}, "3.1.2.10": {400}, "3.1.2.11": {400},
    "3.1.2.12": {400}, "3.1.2.13": {400}, "3.1.2.14": {400},
    "3.1.2.15": {400}, "3.1.2.16": {505}, "3.1.2.17": {400},
    "3.1.2.18": {400, 501}, "3.1.2.19": NONE,
    "3.2.1": {200, 404}, "3.3.1": {400}, "3.3.2": {416}, "3.3.3": {416},
    "3.3.4": {405}, "3.3.5": {420}, "3.3.6": {415}, "3.3.7": {405},
    "3.3.8": {400}, "3.3.9": {400}, "3.3.10": NONE, "3.3.11": {200, 404},
    "3.3.12": {405}, "3.3.13": {405}, "3.3.14": {405}, "3.3.15": {406},
    "3.4.1": {404, 488},
}

# Over a stream (RFC 3261 section 18.3) two messages are two messages, and
# where the next one begins cannot be told when the length is no number, or two:
# the connection is given up, with or without an answer.
STREAM = {"3.1.1.8": {404, 405, 488}, "3.1.2.2": {400, 404, 488}}
GIVEN_UP = {"3.1.2.3", "3.3.9"}

END = b"\r\n\r\n"  # of a header

# The RFC's own messages, by the names it gives them.
NAMES = {
    "3.1.1": "wsinv intmeth esc01 escnull esc02 lwsdisp longreq dblreq "
             "semiuri transports mpart01 unreason noreason",
    "3.1.2": "badinv01 clerr ncl scalar02 scalarlg quotbal ltgtruri lwsruri "
             "lwsstart trws escruri baddate regbadct badaspec baddn badvers "
             "mismatch01 mismatch02 bigcode",
    "3.2": "badbranch",
    "3.3": "insuf unkscm novelsc unksm2 bext01 invut regaut01 multi01 mcl01 "
           "bcast zeromf cparam01 cparam02 regescrt sdp01",
    "3.4": "inv2543",
}
SECTIONS = {name: f"{part}.{number}" for part, names in NAMES.items()
            for number, name in enumerate(names.split(), 1)}


def originals():
    folder = os.environ.get("RFC4475_DIR")
    found = torture.other_cases(folder) if folder else []
    for case in found:
        case.section = SECTIONS[case.name]
    return found


class Thrower:
    """Sends from where the server is, and gathers what comes of it."""

    def __init__(self, lab, user, peer):
        self.peer, self.ua = peer, (lab.PC, 5060)
        self.lab, self.user = lab, user
        self._count = itertools.count(1)

    def _answers(self, raw, replies):
        """Those that belong to raw: its CSeq, and its Call-ID if any."""
        flat = re.sub(rb"\s+", b" ", raw).decode("utf-8", "replace")

        def said(value):
            return value is None or re.sub(r"\s+", " ", value) in flat

        return [m for m in replies if m.code and said(m.get("cseq"))
                and said(m.get("call-id"))]

    def _acknowledge(self, reply):
        """So that a refusal is not sent again and again."""
        number, unused, method = (reply.get("cseq") or "").partition(" ")
        if method.strip() != "INVITE" or reply.code < 300:
            return
        self.peer.send(finish([
            f"ACK sip:{self.user}@{self.lab.PC} SIP/2.0",
            *[f"{name}: {value}" for name, value in reply.headers
              if name in ("via", "from", "to", "call-id")],
            f"CSeq: {number} ACK"], b""), self.ua)

    def throw(self, raw):
        """All codes that come back, in order."""
        # some share a branch and a sender: by that they are repetitions
        raw = re.sub(rb"(branch\s*=\s*z9hG4bK)(?=\w)",
                     rb"\g<1>%d" % next(self._count), raw)
        self.peer.forget()
        self.peer.send(raw, self.ua)
        # the helper does one thing at a time: what it answers to this came
        # behind all that the message caused
        fence = self.peer.dialog(self.lab.PC, self.user)
        fence.send("OPTIONS")
        end = self.peer.final(fence.call_id, "1 OPTIONS", 5.0)
        assert end.code == 200
        replies = self._answers(raw, self.peer.got[:])
        for reply in replies:
            self._acknowledge(reply)
        return [reply.code for reply in replies]


def whole(raw):
    """As a stream can have it (section 20.14): a length that is not said is
    said, and what is missing of a body is made up.
    """
    head, unused, body = raw.partition(END)
    head = head.rstrip(b"\r\n")
    length = re.search(rb"(?im)^(?:Content-Length|l)\s*:\s*(-?\d+)", head)
    if not length:
        return head + b"\r\nContent-Length: %d" % len(body) + END + body
    return head + END + body.ljust(int(length.group(1)))


class StreamThrower(Thrower):
    """The same over the connection that the UA has opened. Where it gives
    that up, it makes another one.
    """

    def throw(self, raw):
        ended = self.peer.ended
        self.peer.forget()
        raw = re.sub(rb"(branch\s*=\s*z9hG4bK)(?=\w)",
                     rb"\g<1>%d" % next(self._count), raw)
        self.peer.send(whole(raw), None)
        fence = self.peer.dialog(self.lab.PC, self.user)
        fence.send("OPTIONS")

        def over():
            return self.peer.ended > ended or any(
                m.code and m.get("call-id") == fence.call_id
                for m in self.peer.got)

        assert self.peer.wait_for(over), raw
        replies = self._answers(raw, self.peer.got[:])
        if self.peer.ended > ended:
            self._connect_again()
            return [reply.code for reply in replies], True
        for reply in replies:
            self._acknowledge(reply)
        return [reply.code for reply in replies], False

    def _connect_again(self):
        """A network that changes makes it do so at once."""
        self.lab.pc.run("ip", "addr", "add", "203.0.113.9/32", "dev", "eth0")
        self.peer.take("REGISTER")
        self.lab.pc.run("ip", "addr", "del", "203.0.113.9/32", "dev", "eth0")


def judge_stream(case, codes, given_up):
    final = [code for code in codes if code >= 200]
    if case.section in GIVEN_UP:
        fits = given_up and final in ([], [400])
    elif case.section in STREAM:
        fits = final and not given_up and set(final) <= STREAM[case.section]
    else:
        return f"{case.name}: given up" if given_up else judge(case, codes)
    return None if fits else f"{case.name} ({case.section}): {codes}"


def judge(case, codes):
    """What is wrong with these answers, or None."""
    wanted = EXPECTED[case.section]
    if wanted == NONE:
        return f"{case.name}: {codes}, not silence" if codes else None
    final = [code for code in codes if code >= 200]
    if len(final) != 1 or final[0] not in wanted:
        return f"{case.name} ({case.section}): {codes}, not {wanted}"
    return None


def take_a_good_call(lab, user, program, peer):
    call = peer.dialog(lab.PC, user)
    answer = call.invite(lab.good())
    assert answer.code == 200, answer.first
    call.ack()
    lab.connect(answer)
    program.connected()
    assert call.bye().code == 200
    program.ended()


def throw_all(lab, user, cases):
    """All of them; behind them a good call still works."""
    program = lab.keep(LabUA(lab.pc, lab.SERVER, user=user, more=["-d"]))
    program.waiting()
    thrower = Thrower(lab, user, lab.peer)
    wrong = []
    for case in cases:
        wrong.append(judge(case, thrower.throw(case.raw)))
        assert program.running(), case.name
    assert not list(filter(None, wrong))
    take_a_good_call(lab, user, program, lab.peer)


def stream_all(lab, user, cases):
    """The same over TCP."""
    wrong = []
    with StreamPeer(lab.far, lab.SERVER) as peer, LabUA(
            lab.pc, f"{lab.SERVER}:{peer.port}", user=user,
            more=["-d", "--transport", "tcp"]) as program:
        program.waiting()
        thrower = StreamThrower(lab, user, peer)
        for case in cases:
            wrong.append(judge_stream(case, *thrower.throw(case.raw)))
            assert program.running(), case.name
        assert not list(filter(None, wrong))
        take_a_good_call(lab, user, program, peer)


def test_every_section_is_there():
    assert len(EXPECTED) == len(SECTIONS) == 49
    assert set(SECTIONS.values()) == set(EXPECTED)
    assert {case.section for case in torture.own_cases()} == set(EXPECTED)


def test_messages_of_our_own(lab):
    throw_all(lab, ANNA, torture.own_cases())


def test_the_rfcs_messages(lab):
    throw_all(lab, USER, originals())


def test_messages_of_our_own_over_tcp(lab):
    stream_all(lab, ANNA, torture.own_cases())


def test_the_rfcs_messages_over_tcp(lab):
    stream_all(lab, USER, originals())
