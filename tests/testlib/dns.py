"""A name server of a test's own, for the programs of one namespace.

Rule: nothing of the machine's resolver configuration is touched. The address
that it names is given to the namespace's lo, and the server listens there.
"""

from . import proc

DEFAULT = "127.0.0.1"  # where the C library asks without any configuration


def nameservers(path="/etc/resolv.conf"):
    """The addresses that programs of this machine ask."""
    try:
        with open(path, encoding="utf-8") as lines:
            words = [line.split() for line in lines]
    except OSError:
        words = []
    return [w[1] for w in words if len(w) > 1 and w[0] == "nameserver"
            and ":" not in w[1]] or [DEFAULT]


class Dns:
    """records: options of dnsmasq, "host-record=a.test,192.0.2.1"."""

    def __init__(self, host, records):
        listen = nameservers()
        for address in listen:
            if not address.startswith("127."):
                host.run("ip", "addr", "add", f"{address}/32", "dev", "lo")
        self.host, self.listen = host, listen
        self.proc = host.start(
            "dnsmasq", "--no-daemon", "--no-resolv", "--no-hosts",
            "--conf-file=/dev/null", "--bind-interfaces", "--user=root",
            "--pid-file=", *(f"--listen-address={one}" for one in listen),
            *(f"--{record}" for record in records))
        self.proc.wait_for("started, version")

    def __enter__(self):
        return self

    def __exit__(self, *unused):
        self.close()

    def close(self):
        self.proc.close()
        for address in self.listen:
            if not address.startswith("127."):
                proc.run(["ip", "addr", "del", f"{address}/32", "dev", "lo"],
                         netns=self.host, check=False)
