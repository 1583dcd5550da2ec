"""What the tests of the module start from: a server on loopback that knows

    2500, 2501  members of the group lab
    2502        a user in no group
    2503        the only member of the group attic
"""

from concurrent.futures import ThreadPoolExecutor

from .kamailio import Kamailio, free_port
from .sip import Phone

IP = "127.0.0.1"
PASSWORD = "secret-"


def kamailio(workdir, start=True, **options):
    """The server; started, unless a test has more to prepare."""
    server = Kamailio(workdir, IP, free_port(IP), **options)
    for user in ("2500", "2501", "2502", "2503"):
        server.add_user(user, PASSWORD + user)
    server.add_group("lab", ["2500", "2501"])
    server.add_group("attic", ["2503"])
    if start:
        try:
            server.start()
        except BaseException:
            server.close()
            raise
    return server


def assign(server, addresses):
    """A group "site" that assigns addresses: {user: IPv4 of 10.8.0.0/24}."""
    server.sql("insert into sipvpn_group (name, subnet4) values "
               "('site', '10.8.0.0/24')")
    for user, address in addresses.items():
        server.sql(
            "insert into sipvpn_member (group_id, username, domain, "
            "addr4) select id, ?, 'example.org', ? from sipvpn_group "
            "where name = 'site'", user, address)


def phone(server, user):
    return Phone((server.ip, server.port), user, PASSWORD + user,
                 domain=server.domain)


def ring(one, two, body, **fields):
    """one calls two: the final reply, and the INVITE two got."""
    with ThreadPoolExecutor(1) as pool:
        called = pool.submit(two.called)
        reply = one.invite(two.user, body, **fields)
        return reply, called.result()


def sdp(*media, session="c=IN IP4 127.0.0.1"):
    """A body with these media sections (text with CRLF line ends)."""
    head = ["v=0", "o=- 1 1 IN IP4 127.0.0.1", "s=-", session, "t=0 0"]
    return "\r\n".join([line for line in head if line] + list(media)
                       + [""]).encode()


AUDIO = "m=audio 4000 RTP/AVP 0\r\na=rtpmap:0 PCMU/8000"


def vpn(group=None, m="m=application/vpn 8000 OpenVPN 0", more=(),
        ip4="a=IP4:127.0.0.1", port="a=PORT:8000"):
    """A VPN section; None leaves a line out."""
    lines = [m, ip4, port, group and f"a=VPN_ID:{group}",
             "a=VPN_LOCAL_ADDR:192.168.234.1",
             "a=VPN_REMOTE_ADDR:192.168.234.2", *more]
    return "\r\n".join(line for line in lines if line)
