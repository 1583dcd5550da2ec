/* openvpn_line.c - one management line -> an event; see openvpn_line.h. PURE.
 */
#include "core/openvpn_line.h"

static bool slice_ends(struct slice s, struct slice suffix)
{
	return s.len >= suffix.len &&
	       slice_eq(slice_skip(s, s.len - suffix.len), suffix);
}

/* Take prefix off the front of *s, if it stands there. */
static bool take(struct slice *s, struct slice prefix)
{
	if (!slice_starts(*s, prefix))
		return false;
	*s = slice_skip(*s, prefix.len);
	return true;
}

static struct openvpn_line event(enum openvpn_event e)
{
	return (struct openvpn_line){.event = e};
}

static struct openvpn_line event_text(enum openvpn_event e, struct slice text)
{
	return (struct openvpn_line){.event = e, .text = text};
}

static bool parse_port(struct slice text, uint16_t *port)
{
	uint32_t n;

	if (!slice_u32(text, 65535, &n))
		return false;
	*port = (uint16_t)n;
	return true;
}

/* Digits only, and not more than fit. */
static bool parse_bytes(struct slice text, uint64_t *out)
{
	uint64_t n = 0;

	if (text.len == 0)
		return false;
	for (size_t i = 0; i < text.len; i++) {
		uint64_t digit = (uint64_t)(text.p[i] - '0');

		if (text.p[i] < '0' || text.p[i] > '9' ||
			n > (UINT64_MAX - digit) / 10)
			return false;
		n = n * 10 + digit;
	}
	*out = n;
	return true;
}

/*
 * "10.9.0.2,198.51.100.1,18999,198.51.100.2,57819": own tunnel address, then
 * where the peer is; a server says that of each client elsewhere.
 */
static struct openvpn_line parse_connected(struct slice rest)
{
	struct openvpn_line line = event(OPENVPN_CONNECTED);
	struct slice inner, host, port;

	if (!slice_cut(&rest, ',', &inner) || !slice_cut(&rest, ',', &host) ||
		!slice_cut(&rest, ',', &port) ||
		!vpnsdp_addr_parse(host, &line.from) ||
		!parse_port(port, &line.port))
		return event(OPENVPN_CONNECTED);
	return line;
}

/* "1795360756,CONNECTED,SUCCESS,10.9.0.1,,,198.51.100.1,18999" */
static struct openvpn_line parse_state(struct slice rest)
{
	struct slice time, name, detail = {NULL, 0};

	if (!slice_cut(&rest, ',', &time) || !slice_cut(&rest, ',', &name))
		return event(OPENVPN_OTHER);
	slice_cut(&rest, ',', &detail);
	if (slice_eq(name, SLICE("CONNECTED"))) {
		if (slice_eq(detail, SLICE("SUCCESS")))
			return parse_connected(rest);
		return event_text(OPENVPN_FATAL, detail);
	}
	if (!slice_eq(name, SLICE("EXITING")))
		return event(OPENVPN_OTHER);
	if (slice_eq(detail, SLICE("SIGTERM")) ||
		slice_eq(detail, SLICE("SIGINT")) ||
		/* SIGTERM, too, once explicit-exit-notify has had its turn */
		slice_eq(detail, SLICE("exit-with-notification")))
		return event(OPENVPN_SIGNALLED);
	if (slice_eq(detail, SLICE("ping-exit")))
		return event(OPENVPN_PEER_SILENT);
	if (slice_eq(detail, SLICE("remote-exit")))
		return event(OPENVPN_PEER_LEFT);
	return event_text(OPENVPN_EXITING, detail);
}

/* Why it cannot go on: the text without OpenVPN's "ERROR: " before it. */
static struct openvpn_line parse_fatal(struct slice text)
{
	take(&text, SLICE("ERROR: "));
	if (slice_starts(text, SLICE("Cannot open TUN/TAP dev")) ||
		slice_starts(text, SLICE("Cannot ioctl TUNSETIFF")) ||
		slice_starts(text, SLICE("Cannot allocate TUN/TAP dev")))
		return event_text(OPENVPN_NO_DEVICE, text);
	/* 98 is EADDRINUSE on Linux */
	if (slice_starts(text, SLICE("TCP/UDP: Socket bind failed")) &&
		slice_ends(text, SLICE("(errno=98)")))
		return event_text(OPENVPN_PORT_TAKEN, text);
	return event_text(OPENVPN_FATAL, text);
}

/*
 * The sender before a server's log text: "198.51.100.2:38946", IPv6 without
 * a port. 2.7 puts "udp4:" before it. Not "sipvpn/198.51.100.2:38946": that
 * is somebody who has shown the right certificate.
 */
static bool parse_sender(struct slice who, struct vpnsdp_addr *from)
{
	struct slice host = who;

	if (!take(&host, SLICE("udp4:")))
		take(&host, SLICE("udp6:"));
	if (vpnsdp_addr_parse(host, from))
		return true;
	who = host;
	return slice_cut(&who, ':', &host) && vpnsdp_addr_parse(host, from);
}

/*
 * A server has let go of its client: "sipvpn/198.51.100.2:43294
 * SIGTERM[soft,ping-exit]", the end taken off. A sender without a name before
 * it never came through.
 */
static struct openvpn_line parse_client_gone(struct slice text)
{
	struct openvpn_line line = event(OPENVPN_OTHER);
	struct slice who, rest = text;

	if (!slice_cut(&rest, ' ', &who) || parse_sender(who, &line.from))
		return event(OPENVPN_OTHER);
	if (slice_ends(text, SLICE("[soft,ping-exit]")))
		return event(OPENVPN_PEER_SILENT);
	if (slice_ends(text, SLICE("[soft,remote-exit]")) ||
		slice_ends(text, SLICE("[soft,delayed-exit]")))
		return event(OPENVPN_PEER_LEFT);
	return event_text(OPENVPN_PEER_LOST, rest);
}

/*
 * It got SIGTERM and tells its peer, as client or as server; the exit itself
 * comes a second or more later.
 */
static bool says_goodbye(struct slice text)
{
	return slice_eq(text, SLICE("SIGTERM received, sending exit "
				    "notification to peer")) ||
	       (slice_starts(text, SLICE("SENT CONTROL [")) &&
		       slice_ends(text, SLICE("]: 'RESTART' (status=1)")));
}

/* "1795360999,N,198.51.100.2:57243 TLS Error: ..." */
static struct openvpn_line parse_log(struct slice rest)
{
	const struct slice wrong =
		SLICE("TLS Error: --tls-verify/--peer-fingerprint certificate "
		      "hash verification failed.");
	const struct slice gone = SLICE(" received, client-instance exiting");
	struct openvpn_line line = event(OPENVPN_WRONG_CERT);
	struct slice time, flags, who;

	if (!slice_cut(&rest, ',', &time) || !slice_cut(&rest, ',', &flags))
		return event(OPENVPN_OTHER);
	if (slice_starts(rest, wrong))
		return line;
	/* "[sipvpn] " or, before the handshake, "[UNDEF] " */
	if (slice_starts(rest, SLICE("[")) &&
		slice_ends(rest,
			SLICE("] Inactivity timeout (--ping-exit), exiting")))
		return event(OPENVPN_PEER_SILENT);
	/* with a static key */
	if (slice_eq(rest, SLICE("OCC exit message received by peer")))
		return event(OPENVPN_PEER_LEFT);
	if (slice_starts(rest, SLICE("Authenticate/Decrypt packet error: ")))
		return event(OPENVPN_MISFIT);
	if (says_goodbye(rest))
		return event(OPENVPN_SIGNALLED);
	if (slice_starts(rest, SLICE("UDPv4 link local (bound): ")) ||
		slice_starts(rest, SLICE("UDPv6 link local (bound): ")))
		return event(OPENVPN_BOUND);
	if (slice_ends(rest, gone))
		return parse_client_gone(
			(struct slice){rest.p, rest.len - gone.len});
	if (!slice_cut(&rest, ' ', &who))
		return event(OPENVPN_OTHER);
	if (slice_starts(rest, wrong) && parse_sender(who, &line.from))
		return line;
	return event(OPENVPN_OTHER);
}

/* "info,remote-exit,EXIT" */
static struct openvpn_line parse_notify(struct slice rest)
{
	if (slice_starts(rest, SLICE("info,remote-exit,")) ||
		slice_starts(
			rest, SLICE("info,server-pushed-connection-reset,")))
		return event(OPENVPN_PEER_LEFT);
	return event(OPENVPN_OTHER);
}

/* Environment of the client that came through: "trusted_ip=198.51.100.2" */
static struct openvpn_line parse_client_env(struct slice rest)
{
	struct openvpn_line line = event(OPENVPN_PEER_AT);
	struct slice name;

	if (!slice_cut(&rest, '=', &name))
		return event(OPENVPN_OTHER);
	if ((slice_eq(name, SLICE("trusted_ip")) ||
		    slice_eq(name, SLICE("trusted_ip6"))) &&
		vpnsdp_addr_parse(rest, &line.from))
		return line;
	if (slice_eq(name, SLICE("trusted_port")) &&
		parse_port(rest, &line.port) && line.port != 0)
		return line;
	return event(OPENVPN_OTHER);
}

/*
 * Of the answer to "status 3": "sipvpn\t198.51.100.2:38946\t...", IPv6 without
 * a port. UNDEF has not come through.
 */
static struct openvpn_line parse_client_list(struct slice rest)
{
	struct openvpn_line line = event(OPENVPN_PEER_AT);
	struct slice name, where, host;

	if (!slice_cut(&rest, '\t', &name) || !slice_cut(&rest, '\t', &where) ||
		slice_eq(name, SLICE("UNDEF")))
		return event(OPENVPN_OTHER);
	if (!take(&where, SLICE("udp4:")))
		take(&where, SLICE("udp6:"));
	if (vpnsdp_addr_parse(where, &line.from))
		return line;
	if (slice_cut(&where, ':', &host) &&
		vpnsdp_addr_parse(host, &line.from) &&
		parse_port(where, &line.port) && line.port != 0)
		return line;
	return event(OPENVPN_OTHER);
}

/* "1234,5678": received and sent */
static struct openvpn_line parse_bytecount(struct slice rest)
{
	struct openvpn_line line = event(OPENVPN_BYTES);
	struct slice rx;

	if (slice_cut(&rest, ',', &rx) && parse_bytes(rx, &line.rx) &&
		parse_bytes(rest, &line.tx))
		return line;
	return event(OPENVPN_OTHER);
}

/* Answer to "load-stats": "1,bytesin=280,bytesout=136" */
static struct openvpn_line parse_load_stats(struct slice rest)
{
	struct openvpn_line line = event(OPENVPN_BYTES);
	struct slice clients, rx;

	if (slice_cut(&rest, ',', &clients) && slice_cut(&rest, ',', &rx) &&
		take(&rx, SLICE("bytesin=")) &&
		take(&rest, SLICE("bytesout=")) && parse_bytes(rx, &line.rx) &&
		parse_bytes(rest, &line.tx))
		return line;
	return event(OPENVPN_OTHER);
}

/* The same of one client, its number first. */
static struct openvpn_line parse_bytecount_client(struct slice rest)
{
	struct slice id;
	uint64_t n;

	if (slice_cut(&rest, ',', &id) && parse_bytes(id, &n))
		return parse_bytecount(rest);
	return event(OPENVPN_OTHER);
}

struct openvpn_line openvpn_line_parse(struct slice line)
{
	if (take(&line, SLICE(">BYTECOUNT:")))
		return parse_bytecount(line);
	if (take(&line, SLICE(">BYTECOUNT_CLI:")))
		return parse_bytecount_client(line);
	if (take(&line, SLICE("SUCCESS: nclients=")))
		return parse_load_stats(line);
	if (take(&line, SLICE("CLIENT_LIST\t")))
		return parse_client_list(line);
	if (take(&line, SLICE(">CLIENT:ENV,")))
		return parse_client_env(line);
	if (take(&line, SLICE(">LOG:")))
		return parse_log(line);
	if (take(&line, SLICE(">STATE:")))
		return parse_state(line);
	if (take(&line, SLICE(">UPDOWN:ENV,dev=")))
		return event_text(OPENVPN_DEVICE, line);
	if (slice_starts(line, SLICE(">CLIENT:ESTABLISHED,")))
		return event(OPENVPN_PEER_UP);
	if (take(&line, SLICE(">NOTIFY:")))
		return parse_notify(line);
	if (take(&line, SLICE(">FATAL:")))
		return parse_fatal(line);
	if (slice_starts(line, SLICE(">HOLD:")))
		return event(OPENVPN_HOLD);
	return event(OPENVPN_OTHER);
}

bool openvpn_line_telling(struct slice line)
{
	return line.len > 0 &&
	       !slice_starts(line, SLICE("Exiting due to fatal error")) &&
	       !slice_starts(line, SLICE("Use --help for more information")) &&
	       !slice_starts(line, SLICE("MANAGEMENT: ")) &&
	       !slice_starts(line, SLICE("Closing TUN/TAP interface")) &&
	       !slice_starts(line, SLICE("net_"));
}
