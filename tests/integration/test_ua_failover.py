"""Several SIP servers: the next one when one fails, and back again."""

import re

from testlib import ua
from testlib.kamailio import Kamailio
from testlib.lab import PASSWORD, USER, LabUA
from testlib.peer import Peer

DOMAIN = "example.org"
SECOND = "198.51.100.66"  # the stranger's address is another server here
# refreshed in 6 to 8 s; a server that failed is asked again after 10
SHORT = ('modparam("registrar", "min_expires", 5)\n'
         'modparam("registrar", "max_expires", 10)\n')


def server(lab, tmp_path, name, ip):
    workdir = tmp_path / name
    workdir.mkdir(exist_ok=True)
    one = Kamailio(workdir, ip, netns=lab.far, domain=DOMAIN, extra=SHORT)
    for user in (USER, "2501"):
        one.add_user(user, PASSWORD)
    one.add_group("lab", [USER, "2501"])
    return one


def two(lab, first, second, *more, **options):
    return lab.keep(LabUA(lab.pc, first, more=[
        "-s", second, "--domain", DOMAIN, "-d", *more], **options))


def at(program, where, timeout, since=0):
    program.wait_for(f"SIP server in use: {re.escape(where)}$", timeout,
                     since)


def test_preferred_one_stops_and_comes_back(lab, tmp_path):
    """Two real servers. A call that was made by way of the one that stops
    goes on.
    """
    lab.peer.close()  # port 5060 of both addresses is Kamailio's
    first, second = (f"udp {ip}:5060" for ip in (lab.SERVER, SECOND))
    try:
        with server(lab, tmp_path, "second", SECOND) as backup, \
                server(lab, tmp_path, "first", lab.SERVER) as preferred:
            backup.start()
            program = two(lab, lab.SERVER, SECOND)
            # ICMP says at once that nobody is there
            at(program, second, 5.0)
            program.waiting()
            preferred.start()
            at(program, first, 20.0)
            with LabUA(lab.pc, lab.SERVER, user="2501", to=USER, more=[
                    "--domain", DOMAIN, "-v", "8100"]) as caller:
                caller.connected()
                seen = program.mark()
                preferred.stop()
                at(program, second, 12.0, seen)
                assert lab.pc.links() != ["eth0"], "the tunnel is gone"
                assert caller.running()
            assert program.running()
    finally:
        lab.peer = Peer(lab.far, lab.SERVER)


def unavailable(request):
    return 503, "Service Unavailable", ["Retry-After: 60"]


def test_servers_that_do_not_serve(lab):
    """One says 503, one says nothing; the next one is asked, with a new
    transaction. Only a silent one costs time: less than a transaction's 32 s.
    """
    with Peer(lab.far, SECOND, 5071) as good, \
            Peer(lab.far, lab.SERVER, 5072, register=unavailable) as busy, \
            Peer(lab.far, lab.SERVER, 5073, silent=True) as silent:
        quick = two(lab, f"{lab.SERVER}:5072", f"{SECOND}:5071")
        slow = two(lab, f"{lab.SERVER}:5073", f"{SECOND}:5071")
        quick.waiting()
        refused, taken = busy.take("REGISTER"), good.take("REGISTER")
        assert refused.get("via") != taken.get("via")
        assert busy.count("REGISTER") == 1
        slow.waiting(15.0)
        # repetitions are not counted
        assert silent.count("REGISTER") == 1


def test_all_fail(lab):
    """Each is asked once; then there is a rest, and it is told."""
    with Peer(lab.far, lab.SERVER, 5072, register=unavailable) as one, \
            Peer(lab.far, SECOND, 5072, register=unavailable) as other:
        program = two(lab, f"{lab.SERVER}:5072", f"{SECOND}:5072")
        program.wait_for("refused: 503 Service Unavailable")
        # both have asked for a minute
        program.wait_for(r"not registered; next try in 60 s")
        assert (one.count("REGISTER"), other.count("REGISTER")) == (1, 1)


def test_invite_that_is_not_taken(lab):
    """A server that registers, but does not take the call: the next one gets
    the registration, and then the INVITE as a new transaction.
    """
    with Peer(lab.far, lab.SERVER, 5072) as one, \
            Peer(lab.far, SECOND, 5072) as other:
        program = two(lab, f"{lab.SERVER}:5072", f"{SECOND}:5072", to="peer")
        first = one.take("INVITE")
        one.reply(first, 503, "Service Unavailable")
        second = other.take("INVITE")
        assert other.count("REGISTER") == 1
        assert second.get("call-id") == first.get("call-id")
        assert second.get("via") != first.get("via")
        assert second.body == first.body
        other.reply(second, 486, "Busy Here")
        program.wait_for("refused: 486")
        assert program.wait() == ua.REFUSED_CALL


def test_invite_that_nobody_takes(lab):
    with Peer(lab.far, lab.SERVER, 5072) as one, \
            Peer(lab.far, SECOND, 5072) as other:
        program = two(lab, f"{lab.SERVER}:5072", f"{SECOND}:5072", to="peer")
        for peer in one, other:
            peer.reply(peer.take("INVITE"), 503, "Service Unavailable")
        program.wait_for("call to .* refused: 503")
        assert program.wait() == ua.REFUSED_CALL


def test_calls_from_either_server(lab):
    """A call may come from any of the servers, but from nobody else."""
    with Peer(lab.far, lab.SERVER, 5072) as one, \
            Peer(lab.far, SECOND, 5072) as other:
        program = two(lab, f"{lab.SERVER}:5072", f"{SECOND}:5072",
                      "-p", "5062")
        program.waiting()
        for peer in one, other:
            call = peer.dialog(lab.PC, USER, 5062)
            call.send("OPTIONS")
            assert peer.take(200).get("cseq") == "1 OPTIONS"


def test_call_before_any_server_has_answered(lab):
    """A binding of an earlier life brings a call: not yet."""
    with Peer(lab.far, lab.SERVER, 5072, silent=True) as silent:
        lab.keep(LabUA(lab.pc, f"{lab.SERVER}:5072", more=["-p", "5063"]))
        silent.take("REGISTER")
        call = silent.dialog(lab.PC, USER, 5063)
        assert call.invite(lab.good()).code == 480
