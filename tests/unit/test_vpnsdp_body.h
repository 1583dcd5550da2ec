/*
 * test_vpnsdp_body.h - bodies to parse in the tests: pieces to make them of,
 * files to read, faults to look for. Only for the tests of the parser.
 */
#ifndef SIPVPN_TEST_VPNSDP_BODY_H
#define SIPVPN_TEST_VPNSDP_BODY_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <cmocka.h>
#include "test_vpnsdp.h"

/* Lines 1 to 5, and the VPN's m= as line 6. */
#define ORIGIN "v=0\r\no=- 7 1 IN IP4 192.0.2.1\r\n"
#define HEAD ORIGIN "s=-\r\nc=IN IP4 192.0.2.1\r\nt=0 0\r\n"
#define VPN "m=application/vpn 8000 OpenVPN 0\r\n"
#define AUDIO "m=audio 49170 RTP/AVP 0\r\n"
#define BASE HEAD VPN
#define TEXT(literal)                                                          \
	{                                                                      \
		literal, sizeof(literal) - 1                                   \
	}

/*
 * Parse a copy that ends where its memory ends, so that a sanitizer sees the
 * first byte too many. The slices point into *copy, which the caller frees.
 */
static inline enum vpnsdp_err parse_copy(struct slice body, char **copy,
	struct vpnsdp *out, struct vpnsdp_error *err)
{
	struct slice s = {malloc(body.len ? body.len : 1), body.len};
	const char *stray;
	enum vpnsdp_err ret;

	assert_non_null(s.p);
	*copy = (char *)(uintptr_t)s.p;
	memcpy(*copy, body.p, body.len);
	ret = vpnsdp_parse(s, out, err);
	assert_int_equal(ret, err->code);
	assert_true(inside(err->text, s));
	stray = ret ? NULL : stray_slice(out, s);
	if (stray)
		fail_msg("%s points out of the body", stray);
	return ret;
}

static inline struct slice read_file(const char *name, char mem[static 4096])
{
	char path[512];
	struct slice s = {mem, 0};
	FILE *f;

	snprintf(path, sizeof(path), "%s/sdp/%s", TEST_DATA, name);
	f = fopen(path, "rb");
	if (!f)
		fail_msg("cannot read %s", path);
	s.len = fread(mem, 1, 4096, f);
	fclose(f);
	if (s.len == 0 || s.len == 4096)
		fail_msg("%s: %zu bytes", path, s.len);
	return s;
}

/* Bodies that are wrong: with which code, on which line. */
struct fault {
	struct slice body;
	enum vpnsdp_err want;
	uint32_t line;
};

static inline void check_faults(const struct fault *cases, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		struct vpnsdp v, before;
		struct vpnsdp_error err = {.line = 4711};
		enum vpnsdp_err ret;
		char *copy;

		memset(&v, 0x5a, sizeof(v));
		memcpy(&before, &v, sizeof(v));
		ret = parse_copy(cases[i].body, &copy, &v, &err);
		if (ret != cases[i].want || err.line != cases[i].line)
			fail_msg("case %zu: line %u: %s; body: %.*s", i,
				err.line, vpnsdp_strerror(ret),
				SLICE_ARG(cases[i].body));
		if (ret && memcmp(&v, &before, sizeof(v)) != 0)
			fail_msg("case %zu: touched the result", i);
		if (vpnsdp_parse(cases[i].body, &v, NULL) != ret)
			fail_msg("case %zu: other without *err", i);
		free(copy);
	}
}
#define CHECK_FAULTS(cases)                                                    \
	check_faults(cases, sizeof(cases) / sizeof((cases)[0]))

#endif
