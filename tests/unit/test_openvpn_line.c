/*
 * test_openvpn_line.c - management lines of OpenVPN 2.6.14 as it wrote them,
 * and such as somebody might make it write.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>
#include "core/openvpn_line.h"

#define WRONG                                                                  \
	"TLS Error: --tls-verify/--peer-fingerprint certificate hash "         \
	"verification failed. (got certificate fingerprint: 8e:70:e0:3d:9e:"   \
	"52:8c:45:5a:9d:20:1c:64:d8:d8:21:58:59:23:f1:4d:a4:5e:df:35:bd:86:"   \
	"58:fa:5e:8c:4e)"
#define GONE " received, client-instance exiting"
#define NO_TUN "Cannot open TUN/TAP dev /dev/net/tun: "
#define BIND "TCP/UDP: Socket bind failed on local address "

struct sample {
	const char *line;
	enum openvpn_event event;
	const char *text; /* NULL: empty */
	const char *from; /* NULL: none */
};

static const struct sample samples[] = {
	{">HOLD:Waiting for hold release:0", OPENVPN_HOLD, NULL, NULL},
	{">UPDOWN:ENV,dev=tun0", OPENVPN_DEVICE, "tun0", NULL},
	{">STATE:1795360756,CONNECTED,SUCCESS,10.9.0.1,,,127.0.0.1,18999",
		OPENVPN_CONNECTED, NULL, NULL},
	{">LOG:1795371005,I,UDPv4 link local (bound): [AF_INET]10.1.0.1:8000",
		OPENVPN_BOUND, NULL, NULL},
	{">LOG:1795371005,I,UDPv6 link local (bound): [AF_INET6]fd00::1:8000",
		OPENVPN_BOUND, NULL, NULL},
	{">LOG:1795371018,N,OCC exit message received by peer",
		OPENVPN_PEER_LEFT, NULL, NULL},
	{">LOG:1795371018,N,Authenticate/Decrypt packet error: packet HMAC "
	 "authentication failed",
		OPENVPN_MISFIT, NULL, NULL},
	{">LOG:1795371018,N,Authenticate/Decrypt packet error: cipher final "
	 "failed",
		OPENVPN_MISFIT, NULL, NULL},
	{">LOG:1795371018,N,x/198.51.100.9:5 Authenticate/Decrypt packet "
	 "error: packet HMAC authentication failed",
		OPENVPN_OTHER, NULL, NULL},
	{">LOG:1795371018,N,198.51.100.9:5 OCC exit message received by peer",
		OPENVPN_OTHER, NULL, NULL},
	{">STATE:1795360957,CONNECTED,ROUTE_ERROR,10.9.0.2,,,,", OPENVPN_FATAL,
		"ROUTE_ERROR", NULL},
	{">CLIENT:ESTABLISHED,0", OPENVPN_PEER_UP, NULL, NULL},

	/* the peer is gone: seen by a client, then by a server */
	{">NOTIFY:info,server-pushed-connection-reset,", OPENVPN_PEER_LEFT,
		NULL, NULL},
	{">LOG:1795361086,I,[sipvpn] Inactivity timeout (--ping-exit), exiting",
		OPENVPN_PEER_SILENT, NULL, NULL},
	{">LOG:1795361023,I,[UNDEF] Inactivity timeout (--ping-exit), exiting",
		OPENVPN_PEER_SILENT, NULL, NULL},
	{">NOTIFY:info,remote-exit,EXIT", OPENVPN_PEER_LEFT, NULL, NULL},
	{">LOG:1795361086,,sipvpn/198.51.100.2:43294 "
	 "SIGTERM[soft,ping-exit]" GONE,
		OPENVPN_PEER_SILENT, NULL, NULL},
	{">LOG:1795361100,,sipvpn/198.51.100.2:51405 "
	 "SIGTERM[soft,delayed-exit]" GONE,
		OPENVPN_PEER_LEFT, NULL, NULL},
	{">LOG:1795361100,,sipvpn/2001:db8::2 SIGTERM[soft,remote-exit]" GONE,
		OPENVPN_PEER_LEFT, NULL, NULL},
	{">LOG:1795361100,,sipvpn/198.51.100.2:51405 "
	 "SIGTERM[soft,tls-error]" GONE,
		OPENVPN_PEER_LOST, "SIGTERM[soft,tls-error]", NULL},

	{">LOG:1795361004,N," WRONG, OPENVPN_WRONG_CERT, NULL, NULL},
	{">LOG:1795360999,N,198.51.100.2:57243 " WRONG, OPENVPN_WRONG_CERT,
		NULL, "198.51.100.2"},
	{">LOG:1795361007,N,2001:db8::2 " WRONG, OPENVPN_WRONG_CERT, NULL,
		"2001:db8::2"},
	{">LOG:1795361007,N,udp4:198.51.100.2:57243 " WRONG, OPENVPN_WRONG_CERT,
		NULL, "198.51.100.2"},

	{">FATAL:ERROR: " NO_TUN "Permission denied (errno=13)",
		OPENVPN_NO_DEVICE, NO_TUN "Permission denied (errno=13)", NULL},
	{">FATAL:ERROR: " NO_TUN "No such file or directory (errno=2)",
		OPENVPN_NO_DEVICE, NO_TUN "No such file or directory (errno=2)",
		NULL},
	{">FATAL:ERROR: Cannot ioctl TUNSETIFF tun: Operation not permitted "
	 "(errno=1)",
		OPENVPN_NO_DEVICE,
		"Cannot ioctl TUNSETIFF tun: Operation not permitted (errno=1)",
		NULL},
	{">FATAL:" BIND "[AF_INET]127.0.0.1:18999: Address already in use "
	 "(errno=98)",
		OPENVPN_PORT_TAKEN,
		BIND "[AF_INET]127.0.0.1:18999: Address already in use "
		     "(errno=98)",
		NULL},
	{">FATAL:" BIND "[AF_INET]127.0.0.1:18999: Cannot assign requested "
	 "address (errno=99)",
		OPENVPN_FATAL,
		BIND "[AF_INET]127.0.0.1:18999: Cannot assign requested "
		     "address (errno=99)",
		NULL},
	{">FATAL:", OPENVPN_FATAL, NULL, NULL},

	{">STATE:1795360759,EXITING,SIGTERM,,,,,", OPENVPN_SIGNALLED, NULL,
		NULL},
	{">STATE:1795360761,EXITING,exit-with-notification,,,,,",
		OPENVPN_SIGNALLED, NULL, NULL},
	{">LOG:1795364210,,SIGTERM received, sending exit notification to peer",
		OPENVPN_SIGNALLED, NULL, NULL},
	{">LOG:1795364210,D,SENT CONTROL [sipvpn]: 'RESTART' (status=1)",
		OPENVPN_SIGNALLED, NULL, NULL},
	{">LOG:1795364210,D,SENT CONTROL [sipvpn]: 'EXIT' (status=1)",
		OPENVPN_OTHER, NULL, NULL},
	{">STATE:1795361004,EXITING,tls-error,,,,,", OPENVPN_EXITING,
		"tls-error", NULL},
	{">STATE:1795361004,EXITING,ping-exit,,,,,", OPENVPN_PEER_SILENT, NULL,
		NULL},
	{">STATE:1795361004,EXITING,remote-exit,,,,,", OPENVPN_PEER_LEFT, NULL,
		NULL},
	{">STATE:1795361004,EXITING", OPENVPN_EXITING, NULL, NULL},

	/* nothing to act upon */
	{"", OPENVPN_OTHER, NULL, NULL},
	{">", OPENVPN_OTHER, NULL, NULL},
	{"SUCCESS: hold release succeeded", OPENVPN_OTHER, NULL, NULL},
	{">INFO:OpenVPN Management Interface Version 5 -- type 'help' for "
	 "more info",
		OPENVPN_OTHER, NULL, NULL},
	{">STATE:1795360759,WAIT,,,,,,", OPENVPN_OTHER, NULL, NULL},
	{">STATE:1795360756,ASSIGN_IP,,10.9.0.1,,,,", OPENVPN_OTHER, NULL,
		NULL},
	{">STATE:", OPENVPN_OTHER, NULL, NULL},
	{">UPDOWN:UP", OPENVPN_OTHER, NULL, NULL},
	{">UPDOWN:ENV,dev_type=tun", OPENVPN_OTHER, NULL, NULL},
	{">CLIENT:ENV,dev=tun0", OPENVPN_OTHER, NULL, NULL},
	{">LOG:1795360999,N,198.51.100.2:57243 TLS Error: TLS handshake failed",
		OPENVPN_OTHER, NULL, NULL},
	{">LOG:1795360761,N,read UDPv4 [ECONNREFUSED]: Connection refused "
	 "(fd=4,code=111)",
		OPENVPN_OTHER, NULL, NULL},
	{">LOG:", OPENVPN_OTHER, NULL, NULL},
	{">LOG:1795360999,N", OPENVPN_OTHER, NULL, NULL},

	/* a stranger at a server's port is not the peer */
	{">LOG:1795360999,,198.51.100.9:57243 SIGTERM[soft,tls-error]" GONE,
		OPENVPN_OTHER, NULL, NULL},
	{">LOG:1795360999,,2001:db8::9 SIGTERM[soft,ping-exit]" GONE,
		OPENVPN_OTHER, NULL, NULL},
	{">LOG:1795360999,I,198.51.100.9:57243 [UNDEF] Inactivity timeout "
	 "(--ping-exit), exiting",
		OPENVPN_OTHER, NULL, NULL},
	/* words of ours in what a peer may choose freely */
	{">LOG:1795360999,I,198.51.100.9:57243 peer info: IV_X=>FATAL:x",
		OPENVPN_OTHER, NULL, NULL},
	{">LOG:1795360999,,198.51.100.9:57243 VERIFY OK: depth=0, CN=" WRONG,
		OPENVPN_OTHER, NULL, NULL},
	{">LOG:1795360999,N,sipvpn/198.51.100.2:57243 " WRONG, OPENVPN_OTHER,
		NULL, NULL},
	{">LOG:1795360999,N,198.51.100.2.3:57243 " WRONG, OPENVPN_OTHER, NULL,
		NULL},
	{" >FATAL:x", OPENVPN_OTHER, NULL, NULL},
	{"x>HOLD:", OPENVPN_OTHER, NULL, NULL},
	{">hold:", OPENVPN_OTHER, NULL, NULL},
};

#define N_SAMPLES (sizeof(samples) / sizeof(samples[0]))

static void knows_real_lines(void **state)
{
	(void)state;
	for (size_t i = 0; i < N_SAMPLES; i++) {
		const struct sample *s = &samples[i];
		const char *text = s->text ? s->text : "";
		struct openvpn_line got = openvpn_line_parse(
			(struct slice){s->line, strlen(s->line)});
		struct vpnsdp_addr from = {0};

		if (s->from)
			assert_true(vpnsdp_addr_parse(
				(struct slice){s->from, strlen(s->from)},
				&from));
		if (got.event != s->event ||
			!slice_eq(
				got.text, (struct slice){text, strlen(text)}) ||
			got.from.family != from.family ||
			memcmp(got.from.b, from.b, sizeof(from.b)) != 0)
			fail_msg("%s: event %d, text '%.*s'", s->line,
				(int)got.event, SLICE_ARG(got.text));
	}
}

/* Lines with numbers in them. */
struct number {
	const char *line;
	enum openvpn_event event;
	const char *from; /* NULL: none */
	uint16_t port;
	uint64_t rx, tx;
};

#define LINE(text, what)                                                       \
	{                                                                      \
		text, OPENVPN_##what, NULL, 0, 0, 0                            \
	}
#define AT(text, what, addr, port)                                             \
	{                                                                      \
		text, OPENVPN_##what, addr, port, 0, 0                         \
	}
#define BYTES(text, rx, tx)                                                    \
	{                                                                      \
		text, OPENVPN_BYTES, NULL, 0, rx, tx                           \
	}

static const struct number numbers[] = {
	AT(">STATE:1,CONNECTED,SUCCESS,10.9.0.2,198.51.100.1,18999,"
	   "198.51.100.2,57819",
		CONNECTED, "198.51.100.1", 18999),
	AT(">STATE:1,CONNECTED,SUCCESS,,2001:db8::1,18999,2001:db8::2,57819,"
	   "fd00::2",
		CONNECTED, "2001:db8::1", 18999),
	LINE(">STATE:1,CONNECTED,SUCCESS,10.9.0.2,here,18999,,", CONNECTED),
	LINE(">STATE:1,CONNECTED,SUCCESS,10.9.0.2,198.51.100.1,65536,,",
		CONNECTED),
	LINE(">STATE:1,CONNECTED,SUCCESS", CONNECTED),

	AT(">CLIENT:ENV,trusted_ip=198.51.100.2", PEER_AT, "198.51.100.2", 0),
	AT(">CLIENT:ENV,trusted_ip6=2001:db8::2", PEER_AT, "2001:db8::2", 0),
	AT(">CLIENT:ENV,trusted_port=43294", PEER_AT, NULL, 43294),
	AT("CLIENT_LIST\tpeer\t198.51.100.66:7002\t192.168.234.2\t\t1\t2",
		PEER_AT, "198.51.100.66", 7002),
	AT("CLIENT_LIST\tpeer\tudp4:198.51.100.66:7002\t192.168.234.2", PEER_AT,
		"198.51.100.66", 7002),
	AT("CLIENT_LIST\tpeer\t2001:db8::2\tfd00::2", PEER_AT, "2001:db8::2",
		0),
	LINE("CLIENT_LIST\tUNDEF\t198.51.100.66:7002\t", OTHER),
	LINE("CLIENT_LIST\tpeer\t198.51.100.66:0\t", OTHER),
	LINE("CLIENT_LIST\tpeer\there:7002\t", OTHER),
	LINE("CLIENT_LIST\tpeer", OTHER),
	LINE("HEADER\tCLIENT_LIST\tCommon Name\tReal Address", OTHER),
	LINE(">LOG:1795372992,I,TUN/TAP device vpn-2500 opened", OTHER),
	LINE(">CLIENT:ENV,trusted_port=0", OTHER),
	LINE(">CLIENT:ENV,trusted_port=65536", OTHER),
	LINE(">CLIENT:ENV,trusted_ip=there", OTHER),
	LINE(">CLIENT:ENV,untrusted_ip=198.51.100.2", OTHER),
	LINE(">CLIENT:ENV,IV_X=trusted_ip=198.51.100.2", OTHER),
	LINE(">CLIENT:ENV,END", OTHER),
	LINE(">CLIENT:ENV,", OTHER),

	BYTES(">BYTECOUNT:68,0", 68, 0),
	BYTES(">BYTECOUNT_CLI:0,280,18446744073709551615", 280, UINT64_MAX),
	BYTES("SUCCESS: nclients=1,bytesin=280,bytesout=136", 280, 136),
	LINE("SUCCESS: nclients=1,bytesin=280", OTHER),
	LINE("SUCCESS: nclients=1,280,136", OTHER),
	LINE("SUCCESS: nclients=1,bytesin=,bytesout=", OTHER),
	LINE("SUCCESS: bytecount interval changed", OTHER),
	LINE(">BYTECOUNT:68", OTHER),
	LINE(">BYTECOUNT:,0", OTHER),
	LINE(">BYTECOUNT:68,0,1", OTHER),
	LINE(">BYTECOUNT:-1,0", OTHER),
	LINE(">BYTECOUNT:18446744073709551616,0", OTHER),
	LINE(">BYTECOUNT_CLI:280,0", OTHER),
	LINE(">BYTECOUNT_CLI:x,280,0", OTHER),
};

#define N_NUMBERS (sizeof(numbers) / sizeof(numbers[0]))

static void reads_numbers(void **state)
{
	(void)state;
	for (size_t i = 0; i < N_NUMBERS; i++) {
		const struct number *want = &numbers[i];
		struct openvpn_line got =
			openvpn_line_parse(slice_cstr(want->line));
		struct vpnsdp_addr from = {0};

		if (want->from)
			assert_true(vpnsdp_addr_parse(
				slice_cstr(want->from), &from));
		if (got.event != want->event || got.port != want->port ||
			got.rx != want->rx || got.tx != want->tx ||
			memcmp(&got.from, &from, sizeof(from)) != 0)
			fail_msg("%s: event %d", want->line, (int)got.event);
	}
}

static void cut(const char *line)
{
	size_t whole = strlen(line);

	for (size_t len = 0; len <= whole; len++) {
		char *p = malloc(len + 1);
		struct openvpn_line got;

		assert_non_null(p);
		memcpy(p + 1, line, len);
		got = openvpn_line_parse((struct slice){p + 1, len});
		assert_true(got.text.len <= len);
		free(p);
	}
}

/* On the heap and exactly as long, so that a sanitizer sees a step too far. */
static void survives_truncation(void **state)
{
	(void)state;
	for (size_t i = 0; i < N_SAMPLES; i++)
		cut(samples[i].line);
	for (size_t i = 0; i < N_NUMBERS; i++)
		cut(numbers[i].line);
}

static void keeps_the_telling_words(void **state)
{
	(void)state;
	assert_true(openvpn_line_telling(
		SLICE("Options error: Unrecognized option or missing or extra "
		      "parameter(s) in [stdin]:3: frob (2.6.14)")));
	assert_true(openvpn_line_telling(SLICE("x")));
	assert_false(openvpn_line_telling(SLICE("")));
	assert_false(openvpn_line_telling(SLICE("Exiting due to fatal error")));
	assert_false(openvpn_line_telling(
		SLICE("Use --help for more information.")));
	assert_false(
		openvpn_line_telling(SLICE("MANAGEMENT: Client disconnected")));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(knows_real_lines),
		cmocka_unit_test(reads_numbers),
		cmocka_unit_test(survives_truncation),
		cmocka_unit_test(keeps_the_telling_words),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
