"""A Kamailio with nothing but the membership, on a database of choice.

Its requests are all answered with what sipvpn_authorize() says of them.
"""

import re
from contextlib import contextmanager

from .bed import IP
from .kamailio import Kamailio, RpcError, free_port

PATIENCE = 40.0  # seconds; the server looks again within this time

CFG = """
listen=udp:LISTEN_IP:LISTEN_PORT
listen=tcp:LISTEN_IP:LISTEN_PORT
tcp_accept_no_cl=yes
dns=no
rev_dns=no
auto_aliases=no
children=2
debug=2
loadmodule "DB_MODULE"
loadmodule "kex.so"
loadmodule "sl.so"
loadmodule "pv.so"
loadmodule "ctl.so"
loadmodule "jsonrpcs.so"
loadmodule "xhttp.so"
loadmodule "xhttp_prom.so"
loadmodule SIPVPN_SO
modparam("ctl", "binrpc", CTL_SOCKET)
modparam("jsonrpcs", "transport", 5)
modparam("jsonrpcs", "dgram_socket", RPC_SOCKET)
modparam("xhttp_prom", "xhttp_prom_stats", "sipvpn:")
modparam("sipvpn", "SOURCE", SOURCE_VALUE)
modparam("sipvpn", "domain", DOMAIN)
modparam("sipvpn", "reload_delta", 0)
modparam("sipvpn", "poll_interval", 1)
request_route {
	sl_send_reply("404", "Nobody here");
}
event_route[xhttp:request] {
	if (prom_check_uri()) {
		prom_dispatch();
	} else if ($hu =~ "^/RPC") {
		jsonrpc_dispatch();
	} else {
		xhttp_reply("404", "Not Found", "text/plain", "");
	}
}
"""


def faults(server):
    """Our own lines about the database, without what Kamailio puts before."""
    return re.findall(r"(?:ERROR|NOTICE): sipvpn [^\n]*?: "
                      r"((?:cannot|there is not|the database)[^\n]*)",
                      server.log)


class Node:
    """A server and its database, the same for each kind of that."""

    def __init__(self, server, sql, module, url):
        self.server = server
        self.sql = sql
        self.module = module
        self.url = url or f"sqlite:///{server.db}"
        self.rpc = server.rpc
        self.kamcmd = server.kamcmd
        self.logged = server.logged

    def generation(self):
        """What the database says."""
        return int(self.sql("select generation from sipvpn_meta")[0][0])

    def changed(self):
        """Tell all nodes, as whoever changes rows by hand has to."""
        self.sql("update sipvpn_meta set generation = generation + 1")

    def loaded(self):
        """Until what is in the database is in force, by the poll."""
        self.logged(f"members loaded, generation {self.generation()}", 30)

    def settle(self):
        """The same at once, unless the poll is at it."""
        try:
            self.rpc("sipvpn.reload")
        except RpcError as busy:
            if busy.code != 503:
                raise
            self.loaded()

    def check(self, *words):
        return self.rpc("sipvpn.check", *words)["code"]


@contextmanager
def node(workdir, module, url, sql, source="db_url", extra=""):
    """A running node; url None: on the SQLite database it makes itself. extra:
    lines behind its configuration.
    """
    cfg = workdir / "membership.cfg"
    cfg.write_text(CFG.replace("DB_MODULE", module).replace("SOURCE_VALUE",
                   f'"{url}"' if url else "DB_URL").replace("SOURCE", source))
    with Kamailio(workdir, IP, free_port(IP), cfg=str(cfg),
                  extra=extra) as server:
        server.start()
        yield Node(server, sql or server.sql, module, url)
        server.stop()
