"""The password: wrong, missing, badly kept; and it is shown nowhere."""

import os

import pytest

from testlib import ua
from testlib.lab import PASSWORD, USER, Lab, LabUA
from testlib.peer import granted
from testlib.site import Site

CHALLENGE = ('WWW-Authenticate: Digest realm="test", nonce="n{}", '
             'qop="auth", algorithm=MD5')


@pytest.fixture(scope="module")
def standing(tmp_path_factory):
    with Lab(tmp_path_factory.mktemp("lab")) as lab:
        yield lab


@pytest.fixture
def lab(standing):
    yield standing
    standing.clear()
    standing.peer.register = granted
    standing.assert_clean()


def never(request):
    """A registrar that no password pleases."""
    return 401, "Unauthorized", [
        CHALLENGE.format(request.get("cseq").split()[0])]


def asking(request):
    """A registrar that takes whatever credentials."""
    return granted(request) if request.get("authorization") \
        else never(request)


def started(lab, *more, **options):
    return lab.keep(LabUA(lab.pc, lab.SERVER, more=more, **options))


def test_wrong_password_real_server(tmp_path):
    with Site(tmp_path) as site:
        for to in (None, "2501"):
            program = ua.UA(site.pc1, site.SERVER, "2500", "wrong", to)
            site.programs.append(program)
            assert program.wait() == ua.AUTH
            program.wait_for(r"^sipvpn-ua: registration of "
                             r"sip:2500@198.51.100.10 refused: 401 .*password")
        assert site.registrations() == []


@pytest.mark.parametrize("to", [None, "peer"], ids=["waiting", "calling"])
def test_wrong_password_is_sent_once(lab, to):
    lab.peer.register = never
    program = started(lab, to=to)
    assert program.wait() == ua.AUTH
    first, second = [m for m in lab.peer.got if m.method == "REGISTER"]
    assert first.get("authorization") is None
    assert second.get("authorization").startswith("Digest ")
    program.wait_for("refused: 401 .*password")


def test_stale_nonces_for_ever(lab):
    """A server that calls every answer stale does not keep us busy."""
    lab.peer.register = lambda request: (401, "Unauthorized", [
        CHALLENGE.format(request.get("cseq").split()[0]) + ", stale=true"])
    program = started(lab)
    assert program.wait() == ua.AUTH
    assert 2 <= lab.peer.count("REGISTER") <= 5


@pytest.mark.parametrize("challenge", [
    'Digest realm="test", nonce="n", algorithm=AKAv1-MD5',
    'Basic realm="test"', "Digest", "", 'Digest realm="test"',
    'Digest nonce="n"', 'Digest realm="a\\"b", nonce="n", qop="auth-int"',
    "Digest " + "x" * 5000])
def test_challenges_that_cannot_be_answered(lab, challenge):
    lab.peer.register = lambda request: (401, "Unauthorized", [
        "WWW-Authenticate: " + challenge])
    program = started(lab)
    assert program.wait() == ua.AUTH
    program.wait_for("refused: 401 .+")
    assert lab.peer.count("REGISTER") <= 2


def test_no_password(lab):
    lab.peer.register = never
    program = started(lab, env={})
    assert program.wait() == ua.AUTH
    program.wait_for(r"SIPVPN_PASSWORD|--password-file")
    assert lab.peer.count("REGISTER") == 1


def password_file(tmp_path, text, mode=0o600):
    path = tmp_path / "password"
    path.write_bytes(text)
    path.chmod(mode)
    return str(path)


def test_password_file(lab, tmp_path):
    lab.peer.register = asking
    program = started(lab, "--password-file",
                      password_file(tmp_path, b"secret\nanother line\n"),
                      env={})
    program.waiting()
    assert program.stop() == ua.OK


BAD_FILES = {
    "for-the-group": (b"secret\n", 0o640, "chmod"),
    "for-all": (b"secret\n", 0o604, "chmod"),
    "writable": (b"secret\n", 0o602, "chmod"),
    "empty": (b"", 0o600, "empty"),
    "empty-line": (b"\nsecret\n", 0o600, "empty"),
    "nul": (b"sec\0ret\n", 0o600, "not text"),
    "very-long": (b"x" * 5000, 0o600, "too long"),
}


@pytest.mark.parametrize("name", BAD_FILES)
def test_password_file_that_will_not_do(lab, tmp_path, name):
    text, mode, word = BAD_FILES[name]
    path = password_file(tmp_path, text, mode)
    program = started(lab, "--password-file", path, env={})
    assert program.wait() == 2
    assert path in program.output() and word in program.output()
    assert "secret" not in program.output()


@pytest.mark.parametrize("path,word", [
    ("/no/such/file", "No such file"), ("/", "directory")])
def test_password_file_that_is_none(lab, path, word):
    program = started(lab, "--password-file", path, env={})
    assert program.wait() == 2
    assert path in program.output() and word in program.output()


SECRET = "Xyzzy-7-plugh"


@pytest.mark.parametrize("how", ["environment", "file"])
def test_password_is_shown_nowhere(lab, tmp_path, how):
    """Neither in /proc, nor in a log with all details, nor at OpenVPN's."""
    lab.peer.register = asking
    log = tmp_path / "log"
    more, env = ["-d", "-f", str(log)], {"SIPVPN_PASSWORD": SECRET}
    if how == "file":
        more += ["--password-file",
                 password_file(tmp_path, SECRET.encode() + b"\n")]
        env = {}
    program = started(lab, *more, env=env)
    program.waiting()
    call = lab.dial()
    answer = call.invite(lab.good())
    call.ack()
    lab.connect(answer)
    program.connected()
    for pid in [program.pid, *program.openvpn()]:
        for name in ("cmdline", "environ"):
            with open(f"/proc/{pid}/{name}", "rb") as text:
                assert SECRET.encode() not in text.read(), f"{pid} {name}"
    call.bye()
    program.ended()
    assert program.stop() == ua.OK
    written = log.read_text()
    assert "REGISTER" in written
    assert os.stat(log).st_mode & 0o077 == 0
    for text in (written, program.output()):
        assert SECRET not in text
        assert 'response="' not in text, "one can try passwords against it"
    assert USER in written and PASSWORD != SECRET
