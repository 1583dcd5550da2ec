"""What an operator gets wrong is said when the server starts: in words that
name it and the way out. A server that cannot do its work does not start.
"""

import re
import sqlite3

import pytest

from testlib import kamailio, proc

ALL = ["db_sqlite", "tm", "sl", "rr", "sipvpn"]
MANAGE = "request_route { sipvpn_manage(); }"
AUTHORIZE = "request_route { sipvpn_authorize(); }"


def start(tmp_path, modules=ALL, script=MANAGE, url=None, memory="fm",
          more=""):
    """Whether it serves, and what sipvpn has to say against that."""
    if url is None:
        url = f"sqlite:///{tmp_path / 'good.db'}"
        proc.run([kamailio.CREATE, tmp_path / "good.db"])
    module = kamailio.BUILD + "/module/sipvpn.so"
    config = tmp_path / "kamailio.cfg"
    config.write_text(
        f"listen=udp:127.0.0.1:{kamailio.free_port()}\nauto_aliases=no\n"
        + "".join(f'loadmodule "{module if name == "sipvpn" else name}"\n'
                  for name in modules)
        + f'modparam("sipvpn", "db_url", "{url}")\n{more}\n{script}\n'
        'loadmodule "xlog"\nevent_route[core:worker-one-init] {'
        ' xlog("L_ERR", "it serves\\n"); }\n')
    with proc.Proc(["kamailio", "-DD", "-E", "-x", memory, "-f", config, "-P",
                    tmp_path / "pid", "-Y", tmp_path, "-w", tmp_path],
                   name="kamailio", cwd=tmp_path) as server:
        try:
            serves = bool(server.wait_for("it serves", 10))
        except proc.ProcError:
            serves = server.wait() == 0
    return serves, [line.split("(): ", 1)[1] for line
                    in server.output().splitlines()
                    if re.search("(ERROR|WARNING): sipvpn ", line)]


@pytest.mark.parametrize("modules, script, words", [
    (["db_sqlite", "sipvpn", "tm", "sl", "rr"], MANAGE,
     "sipvpn_manage() needs the module tm, loaded before sipvpn"),
    (["db_sqlite", "sl", "rr", "sipvpn"], MANAGE,
     "sipvpn_manage() needs the module tm, loaded before sipvpn"),
    (["db_sqlite", "tm", "rr", "sipvpn"], MANAGE,
     "sipvpn_manage() needs the module sl, loaded before sipvpn, to answer "
     "what it refuses"),
    (["tm", "sl", "rr", "sipvpn"], MANAGE,
     "no database module for a db_url that begins with 'sqlite' is loaded "
     "before sipvpn"),
])
def test_a_module_that_is_missing_is_named(tmp_path, modules, script, words):
    serves, said = start(tmp_path, modules, script)
    assert not serves and said == [words]


@pytest.mark.parametrize("modules, script", [
    (["db_sqlite", "sipvpn"], AUTHORIZE),
    (["db_sqlite", "tm", "sipvpn"],
     'request_route { sipvpn_manage("n"); }'),
    (ALL, MANAGE),
])
def test_what_is_not_needed_is_not_asked_for(tmp_path, modules, script):
    assert start(tmp_path, modules, script) == (True, [])


def test_tables_that_are_missing_are_named_with_where_to_get_them(tmp_path):
    path = tmp_path / "empty.db"
    sqlite3.connect(path).executescript("create table x (a)")
    serves, said = start(tmp_path, url=f"sqlite:///{path}")
    assert not serves
    assert said == ["the database of db_url needs the tables sipvpn_group, "
                    "sipvpn_member and sipvpn_meta, with their rows in the "
                    "table version: see cfg/schema"]


def test_an_allocator_that_costs_most_of_the_time_is_named(tmp_path):
    serves, said = start(tmp_path, memory="qm")
    assert serves
    assert said == ["a call costs many times as much with q_malloc: start "
                    "Kamailio with -x fm"]


def test_events_that_nobody_would_run_are_said_to_be_none(tmp_path):
    serves, said = start(
        tmp_path, more='modparam("sipvpn", "event_callback", "ksr_event")')
    assert serves
    assert said == ["there are no events: event_callback is set, and no KEMI "
                    "script runs"]
