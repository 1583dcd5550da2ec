"""Digest as servers ask for it (RFC 7616, RFC 8760): the hash is computed
here once more, from the password.
"""

import hashlib
import re

import pytest

from testlib import ua
from testlib.lab import PASSWORD, USER, Lab, LabUA
from testlib.peer import Peer, granted

PORT = 5062
REALM = "example.org"
MD5, SHA = "MD5", "SHA-256"
HASH = {MD5: hashlib.md5, SHA: hashlib.sha256}


@pytest.fixture(scope="module")
def lab(tmp_path_factory):
    with Lab(tmp_path_factory.mktemp("lab")) as lab:
        yield lab


def digest(algorithm, *parts):
    return HASH[algorithm](":".join(parts).encode()).hexdigest()


def expected(field, algorithm, method="REGISTER"):
    ha1 = digest(algorithm, USER, REALM, PASSWORD)
    ha2 = digest(algorithm, method, field["uri"])
    if "qop" in field:
        return digest(algorithm, ha1, field["nonce"], field["nc"],
                      field["cnonce"], field["qop"], ha2)
    return digest(algorithm, ha1, field["nonce"], ha2)


class Registrar:
    """Challenges with these values until one of the answers is right."""

    def __init__(self, *challenges, algorithm=MD5):
        self.challenges, self.algorithm = challenges, algorithm
        self.seen = []  # the fields of each answer

    def __call__(self, request):
        value = request.get("authorization")
        if value:
            field = dict(re.findall(r'(\w+)="?([^",]+)"?', value))
            self.seen.append(field)
            if field["response"] == expected(field, self.algorithm):
                return granted(request)
        challenge = self.challenges[min(len(self.seen),
                                        len(self.challenges) - 1)]
        lines = [challenge] if isinstance(challenge, str) else challenge
        return 401, "Unauthorized", [f"WWW-Authenticate: {line}"
                                     for line in lines]


def ask(more="", nonce="abc", algorithm=None):
    return (f'Digest realm="{REALM}", nonce="{nonce}"'
            + (f", algorithm={algorithm}" if algorithm else "") + more)


GOOD = {
    "as of 1999": (MD5, [ask()]),
    "qop": (MD5, [ask(', qop="auth"')]),
    "both qops": (MD5, [ask(', qop="auth-int, auth"')]),
    "opaque": (MD5, [ask(', opaque="5ccc", qop="auth"', algorithm=MD5)]),
    "sha-256": (SHA, [ask(', qop="auth"', algorithm=SHA)]),
    "sha-256 without qop": (SHA, [ask(algorithm=SHA)]),
    "best first": (SHA, [[ask(', qop="auth"', algorithm="SHA-512-256"),
                          ask(', qop="auth"', algorithm=SHA),
                          ask(', qop="auth"', algorithm=MD5)]]),
    "stale": (MD5, [ask(', qop="auth"', nonce="old"),
                    ask(', qop="auth", stale=true', nonce="new")]),
}


@pytest.mark.parametrize("name", GOOD)
def test_challenge_that_is_answered(lab, name):
    algorithm, challenges = GOOD[name]
    registrar = Registrar(*challenges, algorithm=algorithm)
    if name == "stale":
        # the first nonce is not good any more when the answer comes
        def once(request, inner=registrar):
            if 'nonce="old"' in (request.get("authorization") or ""):
                inner.seen.append({})
                return 401, "Unauthorized", [
                    f"WWW-Authenticate: {inner.challenges[1]}"]
            return inner(request)
    else:
        once = registrar
    with Peer(lab.far, lab.SERVER, PORT, register=once), \
            LabUA(lab.pc, f"{lab.SERVER}:{PORT}") as program:
        program.registered()
        field = registrar.seen[-1]
        assert field["username"] == USER
        assert field.get("opaque") == ("5ccc" if name == "opaque" else None)
        assert program.stop() == ua.OK


@pytest.mark.parametrize("challenge", [
    ask(', qop="auth-int"'), ask(algorithm="SHA-512-256"),
    f'Basic realm="{REALM}"', f'Digest realm="{REALM}"', ""],
    ids=["auth-int", "sha-512-256", "basic", "no-nonce", "empty"])
def test_challenge_that_cannot_be_answered(lab, challenge):
    registrar = Registrar(challenge)
    with Peer(lab.far, lab.SERVER, PORT, register=registrar), \
            LabUA(lab.pc, f"{lab.SERVER}:{PORT}") as program:
        assert program.wait() == ua.AUTH
        assert "other than digest" in program.output()
        assert registrar.seen == []


def test_server_that_calls_every_answer_stale(lab):
    registrar = Registrar(ask(", stale=true"), algorithm=SHA)
    with Peer(lab.far, lab.SERVER, PORT, register=registrar), \
            LabUA(lab.pc, f"{lab.SERVER}:{PORT}") as program:
        assert program.wait() == ua.AUTH
        assert 1 <= len(registrar.seen) <= 3


def test_proxy_and_registrar_both_ask(lab):
    """407 by the one, 401 by the other: the request carries both answers."""
    def both(request):
        if not request.get("proxy-authorization"):
            return 407, "Proxy Authentication Required", [
                "Proxy-Authenticate: " + ask(', qop="auth"', nonce="proxy")]
        if not request.get("authorization"):
            return 401, "Unauthorized", [
                "WWW-Authenticate: " + ask(', qop="auth"', nonce="server",
                                           algorithm=SHA)]
        for name, algorithm in (("proxy-authorization", MD5),
                                ("authorization", SHA)):
            field = dict(re.findall(r'(\w+)="?([^",]+)"?',
                                    request.get(name)))
            assert field["response"] == expected(field, algorithm)
        return granted(request)

    with Peer(lab.far, lab.SERVER, PORT, register=both) as peer, \
            LabUA(lab.pc, f"{lab.SERVER}:{PORT}") as program:
        program.registered()
        assert peer.count("REGISTER") == 3
        assert program.stop() == ua.OK
