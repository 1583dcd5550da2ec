"""Each scenario of sipp-scenarios/ passes at our server when it is run by the
command in its head, and fails when what it expects does not come.
"""

import os
import re
import sqlite3
import sys
from contextlib import contextmanager

import pytest

from testlib import bed, proc, sipp
from testlib.kamailio import RpcError, free_port

MAKE_CSV = os.path.join(sipp.SCENARIOS, "make-csv.py")
README = os.path.join(sipp.SCENARIOS, "README.md")

# caller -> callee, who answers; None: nobody hears of it
PAIRS = {
    "register": None, "register-refresh": None,
    "register-wrong-password": None,
    "vpn-call": "vpn-answer", "hangup-call": "hangup-answer",
    "late-call": "late-answer", "late-stranger": "late-closed",
    "mixed-call": "mixed-answer", "audio-call": "audio-answer",
    "reinvite-call": "reinvite-answer", "hold-call": "hold-answer",
    "update-call": "update-answer", "update-stranger": "update-refused",
    "prack-call": "prack-answer", "prack-late-call": "prack-late-answer",
    "cancel-call": "cancel-answer", "thesis-caller": "thesis-callee",
    "vpn-stranger": None, "vpn-to-stranger": None, "vpn-forged-from": None,
    "vpn-unauthenticated": None, "vpn-wrong-password": None,
    "malformed-port": None, "malformed-address": None,
    "malformed-twice": None, "malformed-group": None,
    "malformed-fingerprint": None, "malformed-cut": None,
}
# many calls, each a line of a file
MANY = {"many-members": ("members.csv", "vpn-answer"),
        "many-strangers": ("strangers.csv", None),
        "many-phones": ("phones.csv", "audio-answer")}
USERS, STRANGERS, CALLS = 20, 5, 30
WRONG = "Failed regexp|should not|unexpected message"
# what somebody else gets when he does the same: scenario, words of its
# command, the words in their place
OTHERS = [("vpn-stranger", "2502", "2501"), ("vpn-to-stranger", "2502", "2500"),
          ("vpn-forged-from", "-au 2502", "-au 2501"),
          ("vpn-call", "2501", "2502"), ("late-stranger", "2502", "2501"),
          ("update-call", "2501", "2502"), ("prack-call", "2501", "2502")]


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    with bed.kamailio(tmp_path_factory.mktemp("scenarios")) as running:
        yield running
        running.stop()


@pytest.fixture(autouse=True)
def nobody_registered(request):
    """Each test begins, and ends, without registrations."""
    yield
    if "server" in request.fixturenames:
        server = request.getfixturevalue("server")
        for user in ("2500", "2501", "2502"):
            try:
                server.rpc("ul.rm", "location", f"{user}@{server.domain}")
            except RpcError:
                pass  # it was not there


def address(server):
    return server.ip, server.port


def by_hand(tmp_path, server, scenario, **options):
    return sipp.ByHand(tmp_path, scenario, address(server), bed.PASSWORD,
                       **options)


@contextmanager
def answering(tmp_path, server, callee, file=None):
    """Its user has registered, and it waits for a call; None: nobody."""
    if not callee:
        yield None
        return
    port = free_port()
    user = re.search("-key user ([0-9]+)", sipp.command(callee)).group(1)
    sipp.run(tmp_path, "register", address(server), port=port, user=user,
             password=bed.PASSWORD + user, domain=server.domain)
    with by_hand(tmp_path, server, callee, port=port, file=file,
                 seconds=2 if file else 10) as waiting:
        yield waiting.ready()


@pytest.mark.parametrize("caller", PAIRS)
def test_it_passes_as_its_head_says(tmp_path, server, caller):
    with answering(tmp_path, server, PAIRS[caller]) as callee:
        with by_hand(tmp_path, server, caller) as calling:
            calling.finish()
        if callee:
            callee.finish()


def spoiled(tmp_path, scenario):
    """A copy that expects something else at the end: a file."""
    with open(sipp.path(scenario), encoding="iso-8859-1") as file:
        text = file.read()
    check = list(re.finditer(r'regexp="(?!\.\*")', text))
    if check:
        at = check[-1].end()
        if "check_it_inverse" in text[at:]:
            text = text[:at] + text[at:].replace("_inverse", "")
        else:
            text = text[:at] + "NOT " + text[at:]
    else:
        text = text.replace('response="487"', 'response="486"')
    path = tmp_path / f"{scenario}.xml"
    path.write_text(text, encoding="iso-8859-1")
    return path


@pytest.mark.parametrize("caller", PAIRS)
def test_a_caller_fails_when_something_else_comes(tmp_path, server, caller):
    with answering(tmp_path, server, PAIRS[caller]), \
            by_hand(tmp_path, server, caller,
                    file=spoiled(tmp_path, caller), seconds=2) as calling, \
            pytest.raises(sipp.SippError, match=WRONG):
        calling.finish()


@pytest.mark.parametrize("caller, callee", [
    pair for pair in PAIRS.items() if pair[1]], ids=lambda name: name)
def test_a_callee_fails_when_something_else_comes(tmp_path, server, caller,
                                                  callee):
    with answering(tmp_path, server, callee,
                   spoiled(tmp_path, callee)) as called, \
            by_hand(tmp_path, server, caller), \
            pytest.raises(sipp.SippError, match=WRONG):
        called.finish()


@pytest.mark.parametrize("scenario, words, others", OTHERS)
def test_it_fails_when_somebody_else_does_it(tmp_path, server, scenario,
                                             words, others):
    with answering(tmp_path, server, "vpn-answer"), \
            by_hand(tmp_path, server, scenario,
                    change=(words, others)) as calling, \
            pytest.raises(sipp.SippError, match=WRONG):
        calling.finish()


# --- many -------------------------------------------------------------------

@pytest.fixture(scope="module")
def crowd(tmp_path_factory, server):
    """A folder of make-csv.py's, its people known to the server."""
    folder = tmp_path_factory.mktemp("crowd")
    make_csv(folder, "--users", USERS, "--groups", 3, "--strangers",
             STRANGERS, "--pairs", CALLS)
    read_sql(server, folder / "database.sql")
    server.rpc("sipvpn.reload")
    return folder


def make_csv(folder, *arguments, **options):
    return proc.run([sys.executable, MAKE_CSV, folder, *arguments], **options)


def read_sql(server, path):
    with sqlite3.connect(server.db) as con:
        con.executescript(path.read_text(encoding="ascii"))
    con.close()


def many(tmp_path, server, crowd, scenario, csv, calls, keys=(), file=None):
    with sipp.ByHand(tmp_path, scenario, address(server), "", file=file,
                     words={"-m": calls, "-inf": crowd / csv, "-r": 100,
                            **dict(keys)}) as running:
        running.finish()


def register_many(tmp_path, server, crowd, csv, port, users="users.csv",
                  file=None):
    """All of the crowd, for the callees of a file of calls."""
    many(tmp_path, server, crowd, "register-many", users, USERS + STRANGERS, {
        "-key contact": f"{server.ip}:{port}", "-key device":
        "" if csv == "phones.csv" else ';+sip.app-subtype="openvpn"'}, file)


@contextmanager
def answering_many(tmp_path, server, crowd, csv, callee):
    """The crowd has registered, and its calls will be answered."""
    port = free_port()
    register_many(tmp_path, server, crowd, csv, port)
    if not callee:
        yield None
        return
    with sipp.ByHand(tmp_path, callee, address(server), "", port=port,
                     words={"-m": CALLS}) as called:
        yield called.ready()


@pytest.mark.parametrize("scenario", MANY)
def test_many_calls_from_a_file(tmp_path, server, crowd, scenario):
    csv, callee = MANY[scenario]
    with answering_many(tmp_path, server, crowd, csv, callee) as called:
        many(tmp_path, server, crowd, scenario, csv, CALLS)
        if called:
            called.finish()


@pytest.mark.parametrize("scenario", MANY)
def test_many_calls_fail_when_something_else_comes(tmp_path, server, crowd,
                                                   scenario):
    csv, callee = MANY[scenario]
    with answering_many(tmp_path, server, crowd, csv, callee), \
            pytest.raises(sipp.SippError, match=WRONG):
        many(tmp_path, server, crowd, scenario, csv, 1,
             file=spoiled(tmp_path, scenario))


# and when somebody else makes the calls
@pytest.mark.parametrize("scenario, csv", [
    ("many-members", "strangers.csv"), ("many-strangers", "members.csv")])
def test_many_calls_fail_with_the_file_of_others(tmp_path, server, crowd,
                                                 scenario, csv):
    with answering_many(tmp_path, server, crowd, csv, "vpn-answer"), \
            pytest.raises(sipp.SippError, match=WRONG):
        many(tmp_path, server, crowd, scenario, csv, 1)


def test_many_registrations_fail(tmp_path, server, crowd):
    """With something else in the answer, and with other passwords."""
    with pytest.raises(sipp.SippError, match=WRONG):
        register_many(tmp_path, server, crowd, None, 9,
                      file=spoiled(tmp_path, "register-many"))
    wrong = re.sub("password=[^]]*", "password=wrong",
                   (crowd / "users.csv").read_text(encoding="ascii"))
    (tmp_path / "wrong.csv").write_text(wrong, encoding="ascii")
    with pytest.raises(sipp.SippError, match=WRONG):
        register_many(tmp_path, server, crowd, None, 9,
                      tmp_path / "wrong.csv")


def test_the_files_are_as_large_as_asked_for(crowd):
    lines = {name: (crowd / name).read_text(encoding="ascii").splitlines()
             for name in os.listdir(crowd)}
    assert len(lines["users.csv"]) == 1 + USERS + STRANGERS
    for csv, unused in MANY.values():
        assert len(lines[csv]) == 1 + CALLS
    assert len(lines["groups.csv"]) == USERS
    group = {user: name for name, user in
             (line.split(";") for line in lines["groups.csv"])}
    for line in lines["members.csv"][1:]:
        one, two, domain, name, unused = line.split(";")
        assert one != two and group[one] == group[two] == name
        assert domain == "example.org"
    for line in lines["strangers.csv"][1:]:
        one, two = line.split(";")[:2]
        assert one not in group and two in group
    for name in os.listdir(crowd):
        assert os.stat(crowd / name).st_mode & 0o077 == 0, name


def test_passwords_are_random_unless_they_are_made_of_a_secret(tmp_path):
    texts = []
    for number, secret in enumerate((None, None, "x", "x")):
        make_csv(tmp_path / str(number),
                 *(("--secret", secret) if secret else ()))
        texts.append((tmp_path / str(number) / "users.csv").read_bytes())
    assert texts[0] != texts[1]
    assert texts[2] == texts[3]


@pytest.mark.parametrize("arguments, words", [
    (("--users", 5, "--groups", 3), "--users 5 in --groups 3"),
    (("--users", 0), "invalid"), (("--prefix", "a';b"), "invalid"),
    (("--domain", ""), "invalid"), (("--pairs", "x"), "invalid"),
])
def test_what_cannot_be_made_is_said(tmp_path, arguments, words):
    done = make_csv(tmp_path / "no", *arguments, check=False)
    assert done.returncode == 2 and words in done.stdout
    assert not (tmp_path / "no").exists()


def test_what_was_put_in_is_taken_out_again(tmp_path, server, crowd):
    read_sql(server, crowd / "remove.sql")
    left = server.sql("select count(*) from subscriber")[0][0]
    assert left == 4  # those of testlib/bed.py
    assert server.sql("select name from sipvpn_group order by name") == [
        ("attic",), ("lab",)]
    assert server.sql("select count(*) from sipvpn_member")[0][0] == 3


# --- the table --------------------------------------------------------------

def test_the_table_names_every_file():
    with open(README, encoding="utf-8") as file:
        named = re.findall(r"^\| \[`([^`]+)`\]\(([^)]+)\) \|", file.read(),
                           re.M)
    assert [name for name, link in named if name != link] == []
    listed = sorted(name for name, unused in named)
    here = sorted(name for name in os.listdir(sipp.SCENARIOS)
                  if name != "README.md" and not name.startswith("__"))
    assert listed == here


def test_every_scenario_is_played_here():
    played = {*PAIRS, *PAIRS.values(), *MANY, "register-many", None}
    here = {name.removesuffix(".xml") for name in os.listdir(sipp.SCENARIOS)
            if name.endswith(".xml")}
    assert here == played - {None}
