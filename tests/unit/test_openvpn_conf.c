/*
 * test_openvpn_conf.c - the configuration says what was agreed on, and no
 * value can say more.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>
#include "core/openvpn_conf.h"

#define KEY "-----BEGIN PRIVATE KEY-----\nMIGH\n-----END PRIVATE KEY-----\n"
#define CERT "-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----\n"
#define SOCKET "/run/sipvpn-Ab12Cd/m"

static struct vpnsdp_addr addr(const char *text)
{
	struct vpnsdp_addr a;

	assert_true(vpnsdp_addr_parse((struct slice){text, strlen(text)}, &a));
	return a;
}

static struct tunnel_plan plan_of(enum tunnel_role role)
{
	struct tunnel_plan plan = {
		.role = role,
		.bind = addr("198.51.100.1"),
		.port = 8000,
		.peer = addr("203.0.113.9"),
		.peer_port = 41822,
		.local = addr("192.168.234.1"),
		.remote = addr("192.168.234.2"),
	};

	for (size_t i = 0; i < VPNSDP_FINGERPRINT_LEN; i++)
		plan.peer_fingerprint[i] = (uint8_t)(0xe0 + i);
	return plan;
}

static struct openvpn_conf conf_of(const struct tunnel_plan *plan)
{
	return (struct openvpn_conf){.plan = plan,
		.socket = SLICE(SOCKET),
		.key_pem = SLICE(KEY),
		.cert_pem = SLICE(CERT)};
}

static enum openvpn_conf_err try_plan(const struct tunnel_plan *plan)
{
	char mem[OPENVPN_CONF_MAX];
	struct sbuf out = sbuf_over(mem, sizeof(mem));
	struct openvpn_conf conf = conf_of(plan);

	return openvpn_conf_write(&conf, &out);
}

/* Write it into mem, a terminated string. */
static void write_plan(
	const struct tunnel_plan *plan, char mem[static OPENVPN_CONF_MAX])
{
	struct sbuf out = sbuf_over(mem, OPENVPN_CONF_MAX);
	struct openvpn_conf conf = conf_of(plan);

	assert_int_equal(openvpn_conf_write(&conf, &out), OPENVPN_CONF_OK);
	assert_non_null(sbuf_cstr(&out));
}

/* Is there such a line? */
static bool says(const char *text, const char *line)
{
	size_t len = strlen(line);

	for (const char *at = text; (at = strstr(at, line)) != NULL; at++)
		if ((at == text || at[-1] == '\n') && at[len] == '\n')
			return true;
	return false;
}

static void assert_says(const char *text, const char *const *lines)
{
	for (; *lines; lines++)
		if (!says(text, *lines))
			fail_msg("'%s' is not in:\n%s", *lines, text);
}

static const char *const common[] = {
	"dev tun",
	"tun-mtu 1400",
	"tls-version-min 1.3",
	"script-security 0",
	"remap-usr1 SIGTERM",
	"management-client",
	"management-hold",
	"management \"" SOCKET "\" unix",
	"<peer-fingerprint>",
	"E0:E1:E2:E3:E4:E5:E6:E7:E8:E9:EA:EB:EC:ED:EE:EF:"
	"F0:F1:F2:F3:F4:F5:F6:F7:F8:F9:FA:FB:FC:FD:FE:FF",
	"</peer-fingerprint>",
	"<cert>\n" CERT "</cert>",
	"<key>\n" KEY "</key>",
	NULL,
};

static void server_listens(void **state)
{
	static const char *const lines[] = {"mode server", "tls-server",
		"proto udp4", "local 198.51.100.1", "port 8000",
		"ifconfig 192.168.234.1 192.168.234.2",
		"ifconfig-pool 192.168.234.2 192.168.234.3", NULL};
	struct tunnel_plan plan = plan_of(TUNNEL_SERVER);
	char text[OPENVPN_CONF_MAX];

	(void)state;
	write_plan(&plan, text);
	assert_says(text, common);
	assert_says(text, lines);
	assert_null(strstr(text, "remote "));
	assert_false(says(text, "client"));
}

static void server_needs_no_peer_yet(void **state)
{
	struct tunnel_plan plan = plan_of(TUNNEL_SERVER);

	(void)state;
	plan.peer = (struct vpnsdp_addr){0};
	plan.peer_port = 0;
	assert_int_equal(try_plan(&plan), OPENVPN_CONF_OK);
}

static void client_connects(void **state)
{
	static const char *const lines[] = {"client", "tls-exit", "proto udp4",
		"local 198.51.100.1", "lport 0", "remote 203.0.113.9 41822",
		"ifconfig 192.168.234.1 192.168.234.2",
		"pull-filter ignore \"\"", NULL};
	struct tunnel_plan plan = plan_of(TUNNEL_CLIENT);
	char text[OPENVPN_CONF_MAX];

	(void)state;
	write_plan(&plan, text);
	assert_says(text, common);
	assert_says(text, lines);
	assert_null(strstr(text, "mode server"));
	assert_null(strstr(text, "pool"));
	assert_null(strstr(text, "8000"));
}

static void ipv6_inside_and_outside(void **state)
{
	static const char *const lines[] = {"proto udp6", "local 2001:db8::1",
		"ifconfig-ipv6 fd00::1/124 fd00:0:0:9::ff",
		"route-ipv6 fd00:0:0:9::ff/128",
		"ifconfig-ipv6-pool fd00:0:0:9::ff/64", NULL};
	struct tunnel_plan plan = plan_of(TUNNEL_SERVER);
	char text[OPENVPN_CONF_MAX];

	(void)state;
	plan.bind = addr("2001:db8::1");
	plan.local = addr("fd00::1");
	plan.remote = addr("fd00:0:0:9::ff");
	write_plan(&plan, text);
	assert_says(text, lines);
	assert_null(strstr(text, "ifconfig "));

	plan.role = TUNNEL_CLIENT;
	plan.peer = addr("2001:db8::2");
	write_plan(&plan, text);
	assert_says(text, (const char *const[]){"remote 2001:db8::2 41822",
				  "route-ipv6 fd00:0:0:9::ff/128", NULL});
	assert_null(strstr(text, "pool"));
}

static void pool_carries_over(void **state)
{
	struct tunnel_plan plan = plan_of(TUNNEL_SERVER);
	char text[OPENVPN_CONF_MAX];

	(void)state;
	plan.remote = addr("10.255.255.255");
	write_plan(&plan, text);
	assert_true(says(text, "ifconfig-pool 10.255.255.255 11.0.0.0"));
}

static void refuses_tunnel_addresses(void **state)
{
	static const struct {
		const char *local, *remote;
		enum openvpn_conf_err want;
	} cases[] = {
		{"10.0.0.1", "10.0.0.1", OPENVPN_CONF_ADDRESSES},
		{"10.0.0.1", "fd00::1", OPENVPN_CONF_ADDRESSES},
		{"10.0.0.1", "224.0.0.1", OPENVPN_CONF_ADDRESSES},
		{"10.0.0.1", "255.255.255.255", OPENVPN_CONF_ADDRESSES},
		{"0.0.0.0", "10.0.0.1", OPENVPN_CONF_ADDRESSES},
		{"10.0.0.1", "0.0.0.1", OPENVPN_CONF_ADDRESSES},
		{"127.0.0.2", "10.0.0.1", OPENVPN_CONF_ADDRESSES},
		{"10.0.0.1", "127.255.255.255", OPENVPN_CONF_ADDRESSES},
		{"fd00::1", "ff02::1", OPENVPN_CONF_ADDRESSES},
		{"fd00::1", "::", OPENVPN_CONF_ADDRESSES},
		{"fd00::1", "::1", OPENVPN_CONF_ADDRESSES},
		{"fd00::1", "::ffff:10.0.0.1", OPENVPN_CONF_ADDRESSES},
		{"fd00::1", "fd00::8000:0:0", OPENVPN_CONF_ADDRESSES},
		{"fd00::", "fd00::1", OPENVPN_CONF_ADDRESSES},
		{"fd00::1", "fd00::1:0", OPENVPN_CONF_OK},
		{"10.0.0.1", "203.0.113.9", OPENVPN_CONF_LOOP},
		{"203.0.113.9", "10.0.0.1", OPENVPN_CONF_LOOP},
		{"198.51.100.1", "10.0.0.1", OPENVPN_CONF_LOOP},
		{"10.0.0.1", "198.51.100.1", OPENVPN_CONF_LOOP},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct tunnel_plan plan = plan_of(TUNNEL_CLIENT);

		plan.local = addr(cases[i].local);
		plan.remote = addr(cases[i].remote);
		if (try_plan(&plan) != cases[i].want)
			fail_msg("%s %s", cases[i].local, cases[i].remote);
	}
}

static void refuses_endpoints(void **state)
{
	struct tunnel_plan plan = plan_of(TUNNEL_SERVER);

	(void)state;
	plan.port = 0;
	assert_int_equal(try_plan(&plan), OPENVPN_CONF_BIND);
	plan = plan_of(TUNNEL_SERVER);
	plan.bind = addr("0.0.0.0");
	assert_int_equal(try_plan(&plan), OPENVPN_CONF_BIND);
	plan.bind.family = 0;
	assert_int_equal(try_plan(&plan), OPENVPN_CONF_BIND);

	plan = plan_of(TUNNEL_CLIENT);
	plan.port = 0; /* a client's is chosen by the kernel */
	assert_int_equal(try_plan(&plan), OPENVPN_CONF_OK);
	plan.peer_port = 0;
	assert_int_equal(try_plan(&plan), OPENVPN_CONF_PEER);
	plan = plan_of(TUNNEL_CLIENT);
	plan.peer = addr("2001:db8::2");
	assert_int_equal(try_plan(&plan), OPENVPN_CONF_PEER);
	plan.peer = (struct vpnsdp_addr){0};
	assert_int_equal(try_plan(&plan), OPENVPN_CONF_PEER);
}

static void refuses_what_leaves_its_line(void **state)
{
	static const struct slice sockets[] = {SLICE(""), SLICE("relative"),
		SLICE("/run/a\" unix\nup /bin/sh"), SLICE("/run/a\\"),
		SLICE("/run/a\nb"), SLICE("/run/a\0b"), SLICE("/run/\x7f")};
	static const struct slice pems[] = {SLICE(""), SLICE("MIGH\n"),
		SLICE("-----BEGIN X-----\nAA==\n</key>\nup /bin/sh\n"),
		SLICE("-----BEGIN X-----\nAA=="),
		SLICE("-----BEGIN X-----\r\nAA==\r\n"),
		SLICE("-----BEGIN X-----\n\0\n")};
	struct tunnel_plan plan = plan_of(TUNNEL_SERVER);
	char mem[OPENVPN_CONF_MAX];

	(void)state;
	for (size_t i = 0; i < sizeof(sockets) / sizeof(sockets[0]); i++) {
		struct openvpn_conf conf = conf_of(&plan);
		struct sbuf out = sbuf_over(mem, sizeof(mem));

		conf.socket = sockets[i];
		assert_int_equal(
			openvpn_conf_write(&conf, &out), OPENVPN_CONF_SOCKET);
	}
	for (size_t i = 0; i < sizeof(pems) / sizeof(pems[0]); i++) {
		struct openvpn_conf conf = conf_of(&plan);
		struct sbuf out = sbuf_over(mem, sizeof(mem));

		conf.key_pem = pems[i];
		assert_int_equal(
			openvpn_conf_write(&conf, &out), OPENVPN_CONF_PEM);
		conf = conf_of(&plan);
		conf.cert_pem = pems[i];
		assert_int_equal(
			openvpn_conf_write(&conf, &out), OPENVPN_CONF_PEM);
	}
}

static void socket_path_has_a_limit(void **state)
{
	struct tunnel_plan plan = plan_of(TUNNEL_SERVER);
	struct openvpn_conf conf = conf_of(&plan);
	char path[OPENVPN_SOCKET_PATH_MAX], mem[OPENVPN_CONF_MAX];
	struct sbuf out = sbuf_over(mem, sizeof(mem));

	(void)state;
	memset(path, 'a', sizeof(path));
	path[0] = '/';
	conf.socket = (struct slice){path, sizeof(path) - 1};
	assert_int_equal(openvpn_conf_write(&conf, &out), OPENVPN_CONF_OK);
	conf.socket.len++;
	assert_int_equal(openvpn_conf_write(&conf, &out), OPENVPN_CONF_SOCKET);
}

static void says_when_it_does_not_fit(void **state)
{
	struct tunnel_plan plan = plan_of(TUNNEL_SERVER);
	struct openvpn_conf conf = conf_of(&plan);
	char mem[OPENVPN_CONF_MAX];
	struct sbuf whole = sbuf_over(mem, sizeof(mem));

	(void)state;
	assert_int_equal(openvpn_conf_write(&conf, &whole), OPENVPN_CONF_OK);
	for (size_t cap = 0; cap <= whole.len; cap++) {
		struct sbuf out = sbuf_over(mem, cap);

		mem[cap] = '#';
		assert_int_equal(openvpn_conf_write(&conf, &out),
			cap < whole.len ? OPENVPN_CONF_TOO_LONG
					: OPENVPN_CONF_OK);
		assert_int_equal(mem[cap], '#');
	}
}

/* A legacy peer has the same key and no certificate. */
static void static_key_instead_of_certificates(void **state)
{
	static const char *const either[] = {"dev tun", "cipher AES-256-CBC",
		"float", "ping 10", "ping-exit 30", "script-security 0",
		"ifconfig 192.168.234.1 192.168.234.2", "<secret>",
		"-----BEGIN OpenVPN Static key V1-----",
		"a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5", "</secret>", NULL};
	static const char *const never[] = {"mode server", "client", "<cert>",
		"<key>", "<peer-fingerprint>", "tls-server", "tun-mtu 1400",
		NULL};
	uint8_t key[STATIC_KEY_LEN];
	char text[OPENVPN_CONF_MAX];

	(void)state;
	memset(key, 0xa5, sizeof(key));
	for (int role = TUNNEL_SERVER; role <= TUNNEL_CLIENT; role++) {
		struct tunnel_plan plan = plan_of((enum tunnel_role)role);
		struct openvpn_conf conf = {.plan = &plan,
			.socket = SLICE(SOCKET),
			.static_key = key};
		struct sbuf out = sbuf_over(text, sizeof(text));

		assert_int_equal(
			openvpn_conf_write(&conf, &out), OPENVPN_CONF_OK);
		assert_non_null(sbuf_cstr(&out));
		assert_says(text, either);
		for (size_t i = 0; never[i]; i++)
			assert_false(says(text, never[i]));
		assert_null(strstr(text, "pool"));
		assert_true(says(text, role == TUNNEL_SERVER
					       ? "port 8000"
					       : "remote 203.0.113.9 41822"));
	}
}

static void names_the_device(void **state)
{
	static const struct {
		const char *name, *line;
	} cases[] = {
		{"", "dev tun"},
		{"vpn-2500", "dev vpn-2500"},
		{"vpn-2500-%d", "dev vpn-2500-%d"},
		{"123456789012345", "dev 123456789012345"},
		{"1234567890123456", NULL},
		{"a b", NULL},
		{"a\nup x", NULL},
		{"%d", NULL},
		{"a%d%d", NULL},
		{"../x", NULL},
	};
	struct tunnel_plan plan = plan_of(TUNNEL_SERVER);

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		char text[OPENVPN_CONF_MAX];
		struct sbuf out = sbuf_over(text, sizeof(text));
		struct openvpn_conf conf = conf_of(&plan);
		enum openvpn_conf_err err;

		conf.device = slice_cstr(cases[i].name);
		err = openvpn_conf_write(&conf, &out);
		if (!cases[i].line) {
			assert_int_equal(err, OPENVPN_CONF_DEVICE);
			continue;
		}
		assert_int_equal(err, OPENVPN_CONF_OK);
		assert_non_null(sbuf_cstr(&out));
		assert_true(says(text, cases[i].line));
		assert_true(says(text, "dev-type tun"));
	}
}

static void every_error_has_its_words(void **state)
{
	(void)state;
	for (int e = OPENVPN_CONF_OK; e <= OPENVPN_CONF_TOO_LONG; e++)
		assert_string_not_equal(
			openvpn_conf_strerror((enum openvpn_conf_err)e),
			"unknown");
	assert_string_equal(
		openvpn_conf_strerror((enum openvpn_conf_err)99), "unknown");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(server_listens),
		cmocka_unit_test(server_needs_no_peer_yet),
		cmocka_unit_test(client_connects),
		cmocka_unit_test(ipv6_inside_and_outside),
		cmocka_unit_test(pool_carries_over),
		cmocka_unit_test(refuses_tunnel_addresses),
		cmocka_unit_test(refuses_endpoints),
		cmocka_unit_test(refuses_what_leaves_its_line),
		cmocka_unit_test(socket_path_has_a_limit),
		cmocka_unit_test(says_when_it_does_not_fit),
		cmocka_unit_test(static_key_instead_of_certificates),
		cmocka_unit_test(names_the_device),
		cmocka_unit_test(every_error_has_its_words),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
