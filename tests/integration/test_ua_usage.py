"""The command line: what is wrong is named, and nothing is begun."""

import os

import pytest

from testlib import proc, ua
from testlib.lab import Lab, LabUA
from testlib.peer import socket_in
from testlib.vpnend import attribute

USAGE = 2
ENOUGH = ["-s", "198.51.100.10", "-u", "2500"]


def run(*argv, **options):
    """(exit code, output)"""
    done = proc.run([ua.PROGRAM, *argv], check=False, timeout=5,
                    env={**ua.STRICT, "SIPVPN_PASSWORD": "x"}, **options)
    return done.returncode, done.stdout


WRONG = {
    "nothing": ([], "-s"),
    "no-user": (["-s", "192.0.2.1"], "-u"),
    "no-server": (["-u", "2500"], "-s"),
    "unknown-option": ([*ENOUGH, "-x"], "x"),
    "unknown-long-option": ([*ENOUGH, "--nothing"], "nothing"),
    "option-without-value": (["-u", "2500", "-s"], "s"),
    "word": ([*ENOUGH, "extra"], "extra"),
    "server-empty": (["-s", "", "-u", "2500"], "-s"),
    "server-blank": (["-s", "a b", "-u", "2500"], "a b"),
    "server-url": (["-s", "sip:192.0.2.1", "-u", "2500"], "192.0.2.1"),
    "server-port-0": (["-s", "192.0.2.1:0", "-u", "2500"], "'0'"),
    "server-port-65536": (["-s", "192.0.2.1:65536", "-u", "2500"], "65536"),
    "server-port-empty": (["-s", "192.0.2.1:", "-u", "2500"], "''"),
    "server-port-text": (["-s", "192.0.2.1:sip", "-u", "2500"], "sip"),
    "server-bracket": (["-s", "[2001:db8::1", "-u", "2500"], "[2001:db8::1"),
    "server-control": (["-s", "a\nVia: x", "-u", "2500"], "-s"),
    "user-empty": (["-s", "192.0.2.1", "-u", ""], "-u"),
    "user-with-host": (["-s", "192.0.2.1", "-u", "a@b"], "a@b"),
    "user-header": (["-s", "192.0.2.1", "-u", "a>\r\nVia: x"], "-u"),
    "port-0": ([*ENOUGH, "-p", "0"], "'0'"),
    "port-text": ([*ENOUGH, "-p", "5060x"], "5060x"),
    "port-negative": ([*ENOUGH, "-p", "-1"], "-1"),
    "vpn-port-65536": ([*ENOUGH, "-v", "65536"], "65536"),
    "local-text": ([*ENOUGH, "-l", "here"], "here"),
    "local-prefix": ([*ENOUGH, "-l", "10.0.0.1/24"], "10.0.0.1/24"),
    "local-multicast": ([*ENOUGH, "-l", "224.0.0.1"], "224.0.0.1"),
    "remote-any": ([*ENOUGH, "-r", "0.0.0.0"], "0.0.0.0"),
    "the-same": ([*ENOUGH, "-l", "10.0.0.1", "-r", "10.0.0.1"], "-l and -r"),
    "two-versions": ([*ENOUGH, "-l", "10.0.0.1", "-r", "fd00::1"],
                     "-l and -r"),
    "only-remote-v6": ([*ENOUGH, "-r", "fd00::1"], "-l and -r"),
    "remote-is-the-default-local": ([*ENOUGH, "-r", "192.168.234.1"],
                                    "-l and -r"),
    "peer-empty": ([*ENOUGH, "-t", ""], "-t"),
    "peer-blank": ([*ENOUGH, "-t", "a b"], "a b"),
    "peer-no-host": ([*ENOUGH, "-t", "2501@"], "2501@"),
    "peer-header": ([*ENOUGH, "-t", "a\r\nVia: x"], "-t"),
    "group-blank": ([*ENOUGH, "--group", "my group"], "my group"),
    "group-long": ([*ENOUGH, "--group", "g" * 300], "--group"),
    "domain-bad": ([*ENOUGH, "--domain", "a/b"], "a/b"),
    "transport-other": ([*ENOUGH, "--transport", "sctp"], "sctp"),
    "servers-too-many": (["-u", "2500", *6 * ["-s", "192.0.2.1"]], "5"),
    "second-server-bad": ([*ENOUGH, "-s", "a b"], "a b"),
    "program-glued": ([*ENOUGH, "-mfoo"], "-m"),
    "program-missing": ([*ENOUGH, "-m"], "m"),
    "password-in-argv": ([*ENOUGH, "--password", "x"], "password"),
}


@pytest.mark.parametrize("name", WRONG)
def test_wrong(name):
    argv, word = WRONG[name]
    code, said = run(*argv)
    assert code == USAGE, said
    assert word in said
    assert len(said.splitlines()) <= 4, "not the whole help"


def test_help():
    code, said = run("--help")
    assert code == ua.OK
    for option in ("-s", "-u", "-t", "-p", "-v", "-l", "-r", "-f", "-d",
                   "-m", "--password-file", "--group", "--openvpn",
                   "--domain", "--version"):
        assert f" {option}" in said or f"{option} " in said, option
    assert "1 fault of this machine, 2 wrong usage, 3 server" in said


def test_version():
    code, said = run("--version")
    assert code == ua.OK
    assert said.startswith("sipvpn-ua ")


def test_log_file_that_cannot_be_written(tmp_path):
    code, said = run(*ENOUGH, "-f", str(tmp_path / "no" / "log"))
    assert code == 1
    assert str(tmp_path / "no" / "log") in said


@pytest.mark.parametrize("words", [["--help"], ["version"]])
def test_disk_that_is_full(words):
    done = proc.run(["sh", "-c", 'exec "$@" >/dev/full', "sh", ua.PROGRAM,
                     *words], check=False)
    assert done.returncode == 1
    assert "No space left on device" in done.stdout


@pytest.fixture
def lab(tmp_path):
    with Lab(tmp_path) as standing:
        yield standing


def test_log_file_and_details(lab, tmp_path):
    """-f: what is said is in the file, too, with the time; -d: more."""
    log = tmp_path / "log"
    log.write_text("kept\n")
    program = lab.waiting("-f", log, "-d")
    call = lab.dial()
    call.invite(b"x")
    program.wait_for("refused")
    assert program.stop() == ua.OK
    written = log.read_text()
    assert written.startswith("kept\n")
    for text in ("waiting for calls", "refused", "unregistered",
                 "REGISTER sip:"):
        assert text in written
    assert "REGISTER sip:" not in program.output()


def test_details_without_a_file(lab):
    program = lab.waiting("-d")
    program.wait_for("REGISTER sip:")


def test_ports_that_are_taken(lab):
    """The next free one, unless the user named one."""
    first = lab.waiting()
    second = lab.waiting()
    contacts = [m.get("contact") for m in lab.peer.got
                if m.method == "REGISTER"]
    assert ":5060>" in contacts[0] and ":5061>" in contacts[1]
    third = lab.keep(LabUA(lab.pc, lab.SERVER, more=["-p", "5060"]))
    assert third.wait() == 1
    assert "5060" in third.output()
    for program in (first, second):
        assert program.stop() == ua.OK


def test_vpn_port_that_is_taken(lab):
    taken = socket_in(lab.pc, lab.PC, 8000)
    program = lab.waiting()
    call = lab.dial()
    answer = call.invite(lab.good())
    assert attribute(answer.body, "PORT") == "8001"
    taken.close()
    call.ack()
    assert call.bye().code == 200
    program.ended()


def test_started_with_all_files_closed(lab):
    """No socket gets the number of what people write to and read from."""
    program = lab.keep(LabUA(lab.pc, lab.SERVER, before=[
        "sh", "-c", 'exec "$@" <&- >&- 2>&-', "sh"]))
    lab.peer.take("REGISTER")
    for number in range(3):
        assert os.readlink(f"/proc/{program.pid}/fd/{number}") == "/dev/null"
    assert program.stop() == ua.OK


def test_log_file_that_is_a_fifo(tmp_path):
    fifo = str(tmp_path / "fifo")
    os.mkfifo(fifo)
    code, said = run(*ENOUGH, "-f", fifo)
    assert code == 1 and fifo in said
