/* openvpn_conf.c - print the configuration; see openvpn_conf.h. PURE. */
#include "core/openvpn_conf.h"

/*
 * - remap-usr1: whatever would make OpenVPN start afresh ends it; the SIP
 *   side decides what then. Starting afresh it could not read its input again.
 * - disable-dco: the kernel's data path is another module on each system.
 * - management-up-down: tells the device's name.
 * - ping 10, ping-exit 30: RFC 4787 section 4.3 lets a NAT forget a UDP
 *   mapping after two minutes; and a dead peer is noticed within half one.
 */
static const char common[] = "dev-type tun\n"
			     "topology p2p\n"
			     "allow-compression no\n"
			     "ping 10\n"
			     "ping-exit 30\n"
			     "explicit-exit-notify 1\n"
			     "remap-usr1 SIGTERM\n"
			     "disable-dco\n"
			     "script-security 0\n"
			     "suppress-timestamps\n"
			     "verb 3\n"
			     "management-client\n"
			     "management-hold\n"
			     "management-up-down\n";

/*
 * - mode server and client, not p2p: p2p comes up on a timer of one second.
 * - tun-mtu 1400: both ends must have the same; fits behind PPPoE and IPv6.
 */
static const char tls[] = "tun-mtu 1400\n"
			  "tls-version-min 1.3\n"
			  "data-ciphers AES-256-GCM:CHACHA20-POLY1305\n";

/*
 * What a legacy peer runs: no TLS, one key for ever. The cipher must be the
 * same on both ends; OpenVPN 2.0's own default, Blowfish, is in OpenSSL no
 * more. float: who waits is not told where the peer sends from.
 */
static const char static_mode[] = "cipher AES-256-CBC\n"
				  "float\n";

/*
 * max-clients: only the one with the right certificate gets through, but
 * with 1 a stranger's half-open handshake would lock that one out.
 */
static const char server[] = "mode server\n"
			     "tls-server\n"
			     "dh none\n"
			     "max-clients 8\n";

/*
 * What the server pushes is ignored but for the data channel's own
 * parameters. tls-timeout: the first packet is lost when the server is not
 * there yet; the default waits two seconds.
 */
static const char client[] = "client\n"
			     "tls-exit\n"
			     "tls-timeout 1\n"
			     "pull-filter accept \"peer-id \"\n"
			     "pull-filter accept \"cipher \"\n"
			     "pull-filter accept \"protocol-flags \"\n"
			     "pull-filter accept \"key-derivation \"\n"
			     "pull-filter ignore \"\"\n";

#define PUT(out, literal) sbuf_put(out, SLICE(literal))
#define PUT_TEXT(out, array)                                                   \
	sbuf_put(out, (struct slice){array, sizeof(array) - 1})

static size_t addr_len(const struct vpnsdp_addr *a)
{
	return a->family == 4 ? 4 : 16;
}

static struct vpnsdp_addr next_addr(struct vpnsdp_addr a)
{
	for (size_t i = addr_len(&a); i-- > 0;)
		if (++a.b[i] != 0)
			break;
	return a;
}

static void put_pair(struct sbuf *out, const struct vpnsdp_addr *a,
	const struct vpnsdp_addr *b)
{
	vpnsdp_addr_write(a, out);
	sbuf_char(out, ' ');
	vpnsdp_addr_write(b, out);
	sbuf_char(out, '\n');
}

static void put_fingerprint(
	struct sbuf *out, const uint8_t print[static VPNSDP_FINGERPRINT_LEN])
{
	PUT(out, "<peer-fingerprint>\n");
	for (size_t i = 0; i < VPNSDP_FINGERPRINT_LEN; i++) {
		if (i > 0)
			sbuf_char(out, ':');
		sbuf_hex(out, print[i]);
	}
	PUT(out, "\n</peer-fingerprint>\n");
}

/* Text between <cert> and </cert>: nothing in it may look like a tag. */
static bool pem_ok(struct slice pem)
{
	if (!slice_starts(pem, SLICE("-----BEGIN ")))
		return false;
	if (pem.p[pem.len - 1] != '\n')
		return false;
	for (size_t i = 0; i < pem.len; i++) {
		char c = pem.p[i];

		if (c != '\n' && (c < ' ' || c > '~' || c == '<'))
			return false;
	}
	return true;
}

/* Text between double quotes on one line. */
static bool socket_ok(struct slice path)
{
	if (path.len == 0 || path.len >= OPENVPN_SOCKET_PATH_MAX)
		return false;
	if (path.p[0] != '/')
		return false;
	for (size_t i = 0; i < path.len; i++) {
		unsigned char c = (unsigned char)path.p[i];

		if (c < ' ' || c == 0x7f || c == '"' || c == '\\')
			return false;
	}
	return true;
}

/*
 * An address a tunnel's end can have. Not loopback, nor IPv4 in IPv6's clothes
 * (all below ::/80). Nor an IPv6 address that ends in 32 zero bits: OpenVPN's
 * pool takes that for the subnet-router anycast address (RFC 4291 section
 * 2.6.1) and hands out the next one.
 */
static bool inner_ok(const struct vpnsdp_addr *a)
{
	static const uint8_t zero[10];

	if (!vpnsdp_addr_unicast(a))
		return false;
	if (a->family == 4)
		return a->b[0] != 0 && a->b[0] != 127;
	return memcmp(a->b, zero, 10) != 0 && memcmp(a->b + 12, zero, 4) != 0;
}

static enum openvpn_conf_err check_addresses(const struct tunnel_plan *plan)
{
	const struct vpnsdp_addr *outer[] = {&plan->bind, &plan->peer};

	if (plan->local.family != plan->remote.family ||
		!inner_ok(&plan->local) || !inner_ok(&plan->remote) ||
		vpnsdp_addr_eq(&plan->local, &plan->remote))
		return OPENVPN_CONF_ADDRESSES;
	/* else the tunnel's own packets would be routed into the tunnel */
	for (size_t i = 0; i < 2; i++)
		if (vpnsdp_addr_eq(&plan->local, outer[i]) ||
			vpnsdp_addr_eq(&plan->remote, outer[i]))
			return OPENVPN_CONF_LOOP;
	return OPENVPN_CONF_OK;
}

/* A name, or one with the kernel's "%d" behind it, or none. */
static bool device_ok(struct slice name)
{
	if (name.len > 2 && name.p[name.len - 2] == '%' &&
		name.p[name.len - 1] == 'd')
		name.len -= 2;
	return name.len == 0 || device_name_ok(name);
}

static enum openvpn_conf_err check(const struct openvpn_conf *conf)
{
	const struct tunnel_plan *plan = conf->plan;
	enum openvpn_conf_err err = check_addresses(plan);

	if (err)
		return err;
	if (!vpnsdp_addr_unicast(&plan->bind))
		return OPENVPN_CONF_BIND;
	if (plan->role == TUNNEL_SERVER && plan->port == 0)
		return OPENVPN_CONF_BIND;
	if (plan->role == TUNNEL_CLIENT &&
		(!vpnsdp_addr_unicast(&plan->peer) || plan->peer_port == 0 ||
			plan->peer.family != plan->bind.family))
		return OPENVPN_CONF_PEER;
	if (!socket_ok(conf->socket))
		return OPENVPN_CONF_SOCKET;
	if (!conf->static_key &&
		(!pem_ok(conf->key_pem) || !pem_ok(conf->cert_pem)))
		return OPENVPN_CONF_PEM;
	if (!device_ok(conf->device))
		return OPENVPN_CONF_DEVICE;
	return OPENVPN_CONF_OK;
}

/*
 * The server also names a pool: that is how it learns the client's address
 * (not with a static key: there both are equal). A pool holds two at least; the
 * one client gets the first. With IPv6 the kernel routes own prefix, so that is
 * the smallest OpenVPN takes, and the peer has a route of its own.
 */
static void put_tunnel_addresses(
	const struct tunnel_plan *plan, bool pool, struct sbuf *out)
{
	const struct vpnsdp_addr *local = &plan->local, *remote = &plan->remote;
	struct vpnsdp_addr last = next_addr(*remote);

	if (local->family == 4) {
		PUT(out, "ifconfig ");
		put_pair(out, local, remote);
		if (pool) {
			PUT(out, "ifconfig-pool ");
			put_pair(out, remote, &last);
		}
		return;
	}
	PUT(out, "ifconfig-ipv6 ");
	vpnsdp_addr_write(local, out);
	PUT(out, "/124 ");
	vpnsdp_addr_write(remote, out);
	PUT(out, "\nroute-ipv6 ");
	vpnsdp_addr_write(remote, out);
	PUT(out, "/128\n");
	if (pool) {
		PUT(out, "ifconfig-ipv6-pool ");
		vpnsdp_addr_write(remote, out);
		PUT(out, "/64\n");
	}
}

static void put_endpoint(const struct tunnel_plan *plan, struct sbuf *out)
{
	PUT(out, "proto udp");
	sbuf_u64(out, plan->bind.family);
	PUT(out, "\nlocal ");
	vpnsdp_addr_write(&plan->bind, out);
	if (plan->role == TUNNEL_SERVER) {
		PUT(out, "\nport ");
		sbuf_u64(out, plan->port);
		sbuf_char(out, '\n');
		return;
	}
	/* nobind would undo "local"; port 0 lets the kernel choose */
	PUT(out, "\nlport 0\nremote ");
	vpnsdp_addr_write(&plan->peer, out);
	sbuf_char(out, ' ');
	sbuf_u64(out, plan->peer_port);
	sbuf_char(out, '\n');
}

static void put_device(struct slice name, struct sbuf *out)
{
	PUT(out, "dev ");
	sbuf_put(out, name.len > 0 ? name : SLICE("tun"));
	sbuf_char(out, '\n');
}

static void put_keys(const struct openvpn_conf *conf, struct sbuf *out)
{
	if (conf->static_key) {
		PUT(out, "<secret>\n");
		static_key_write(conf->static_key, out);
		PUT(out, "</secret>\n");
		return;
	}
	put_fingerprint(out, conf->plan->peer_fingerprint);
	PUT(out, "<cert>\n");
	sbuf_put(out, conf->cert_pem);
	PUT(out, "</cert>\n<key>\n");
	sbuf_put(out, conf->key_pem);
	PUT(out, "</key>\n");
}

enum openvpn_conf_err openvpn_conf_write(
	const struct openvpn_conf *conf, struct sbuf *out)
{
	const struct tunnel_plan *plan = conf->plan;
	bool is_server = plan->role == TUNNEL_SERVER && !conf->static_key;
	enum openvpn_conf_err err = check(conf);

	if (err)
		return err;
	put_device(conf->device, out);
	PUT_TEXT(out, common);
	PUT(out, "management \"");
	sbuf_put(out, conf->socket);
	PUT(out, "\" unix\n");
	if (conf->static_key)
		PUT_TEXT(out, static_mode);
	else
		PUT_TEXT(out, tls);
	if (is_server)
		PUT_TEXT(out, server);
	else if (!conf->static_key)
		PUT_TEXT(out, client);
	put_endpoint(plan, out);
	put_tunnel_addresses(plan, is_server, out);
	put_keys(conf, out);
	return sbuf_ok(out) ? OPENVPN_CONF_OK : OPENVPN_CONF_TOO_LONG;
}

const char *openvpn_conf_strerror(enum openvpn_conf_err err)
{
	switch (err) {
	case OPENVPN_CONF_OK:
		return "no error";
	case OPENVPN_CONF_BIND:
		return "own address or port for the tunnel is unusable";
	case OPENVPN_CONF_PEER:
		return "the peer's address or port is unusable";
	case OPENVPN_CONF_ADDRESSES:
		return "the tunnel addresses are not a pair of hosts";
	case OPENVPN_CONF_LOOP:
		return "a tunnel address is also an address outside of it";
	case OPENVPN_CONF_SOCKET:
		return "the management socket's path cannot be written";
	case OPENVPN_CONF_PEM:
		return "key or certificate is not PEM text";
	case OPENVPN_CONF_DEVICE:
		return "no device can have that name";
	case OPENVPN_CONF_TOO_LONG:
		return "the configuration is too long";
	}
	return "unknown";
}
