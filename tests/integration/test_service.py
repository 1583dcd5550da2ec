"""The service file of cfg/systemd: systemd accepts it, and what it says
starts a Kamailio with f_malloc and room for the membership.
"""

import os
import re
import shlex

import pytest

from testlib import bed, kamailio, proc

DROP_IN = os.path.join(kamailio.TOP, "cfg", "systemd", "kamailio.service.d")
UNIT = "/lib/systemd/system/kamailio.service"  # Debian's


@pytest.fixture(scope="module")
def unit():
    """What systemd makes of Debian's unit and ours: {key: [value, ...]}."""
    found = {}
    for path in (UNIT, os.path.join(DROP_IN, "sipvpn.conf")):
        with open(path, encoding="ascii") as file:
            text = file.read().replace("\\\n", " ")
        for key, value in re.findall(r"(?m)^(\w+)=(.*)", text):
            if not value:
                found.pop(key)
            else:
                found.setdefault(key, []).append(value)
    return found


def test_systemd_accepts_it(tmp_path):
    os.symlink(UNIT, tmp_path / "kamailio.service")
    os.symlink(DROP_IN, tmp_path / "kamailio.service.d")
    done = proc.run(["systemd-analyze", "verify", "--man=no",
                     tmp_path / "kamailio.service"],
                    env={"SYSTEMD_UNIT_PATH": f"{tmp_path}:"}, check=False)
    assert "sipvpn.conf" not in done.stdout, done.stdout
    assert "kamailio.service:" not in done.stdout, done.stdout
    assert done.returncode == 0, done.stdout
    broken = tmp_path / "broken" / "kamailio.service.d"
    broken.mkdir(parents=True)
    os.symlink(UNIT, tmp_path / "broken" / "kamailio.service")
    (broken / "sipvpn.conf").write_text("[Service]\nExecStart=kamailio\n"
                                        "Environmnt=A=1\n")
    done = proc.run(["systemd-analyze", "verify", "--man=no",
                     tmp_path / "broken" / "kamailio.service"],
                    env={"SYSTEMD_UNIT_PATH": f"{tmp_path}/broken:"},
                    check=False)
    assert "sipvpn.conf" in done.stdout, "it does not look at drop-ins"


def test_its_command_line_starts_a_server(tmp_path, unit):
    """With another configuration and pid file, and in the foreground."""
    command, = unit["ExecStart"]
    given = dict(one.strip("'\"").split("=", 1)
                 for one in unit["Environment"])
    words = [re.sub(r"\$(\w+)", lambda name: given[name[1]], word)
             for word in shlex.split(command)]
    assert words[0] == "/usr/sbin/kamailio"
    options = dict(zip(words[1::2], words[2::2]))
    assert options["-f"] == "/etc/kamailio/kamailio.cfg"
    assert options["-P"] == unit["PIDFile"][0]
    del options["-f"], options["-P"]
    with bed.kamailio(tmp_path, start=False,
                      extra="memlog=1\n") as server:
        server.memory = [word for pair in options.items() for word in pair]
        server.start()
        assert server.rpc("core.shmmem")["total"] == 256 * 1024 * 1024
        server.rpc("corex.shm_status")
        server.logged("fm_status")  # its name of f_malloc
        server.stop()
