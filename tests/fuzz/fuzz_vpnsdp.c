/*
 * fuzz_vpnsdp.c - any bytes as an SDP body: what parses points into the body,
 * is written again and then says the same. Rule: a finding is a trap, never
 * a message.
 */
#include <stdlib.h>
#include "../unit/test_vpnsdp.h"
#include "vpnsdp_priv.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define MUST(ok)                                                               \
	do {                                                                   \
		if (!(ok))                                                     \
			__builtin_trap();                                      \
	} while (0)

/* The writer puts CR behind each LF, adds s=, t= and some defaults. */
static char written[2 * VPNSDP_MAX_BODY + 1024];
static char rewritten[sizeof(written)];

static void check_error(
	enum vpnsdp_err ret, const struct vpnsdp_error *err, struct slice body)
{
	MUST(err->code == ret);
	MUST(inside(err->text, body));
	MUST(err->line <= body.len + 1);
	if (!ret)
		MUST(err->line == 0);
	MUST(strcmp(vpnsdp_strerror(ret), "unknown error") != 0);
}

static void check_checks(const struct vpnsdp *v)
{
	struct vpnsdp swapped = *v;
	struct vpnsdp_addr addr;
	uint16_t port;
	enum vpnsdp_err offer = vpnsdp_check_offer(v, true);

	if (!offer) {
		MUST(!vpnsdp_check_offer(v, false));
		MUST(vpnsdp_endpoint(v, &addr, &port));
		MUST(vpnsdp_addr_unicast(&addr) && port > 0);
	}
	/* an answer made from a good offer is a good answer */
	swapped.local = v->remote;
	swapped.remote = v->local;
	swapped.setup = v->setup == VPNSDP_SETUP_PASSIVE ? VPNSDP_SETUP_ACTIVE
							 : VPNSDP_SETUP_PASSIVE;
	if (!offer && v->local.family)
		MUST(!vpnsdp_check_answer(v, &swapped, true));
	else
		(void)vpnsdp_check_answer(v, &swapped, true);
	(void)vpnsdp_check_answer(v, v, false);
}

static void check_round_trip(const struct vpnsdp *v)
{
	struct sbuf b = sbuf_over(written, sizeof(written));
	struct sbuf c = sbuf_over(rewritten, sizeof(rewritten));
	struct vpnsdp w;
	struct slice text;

	MUST(vpnsdp_write(v, &b) == VPNSDP_OK);
	text = sbuf_slice(&b);
	if (text.len > VPNSDP_MAX_BODY)
		return;
	MUST(vpnsdp_parse(text, &w, NULL) == VPNSDP_OK);
	MUST(!stray_slice(&w, text));
	MUST(!difference(v, &w));
	MUST(vpnsdp_write(&w, &c) == VPNSDP_OK);
	MUST(slice_eq(text, sbuf_slice(&c)));
}

/* What vpnsdp_find() does, line by line. */
static const char *find_slowly(struct slice body)
{
	struct slice line, piece;

	while (slice_cut(&body, '\n', &line))
		while (slice_cut(&line, '\r', &piece))
			if (vpnsdp_vpn_line(piece))
				return piece.p;
	return NULL;
}

static void check_names(struct slice body)
{
	struct vpnsdp_words words;
	struct vpnsdp_names names;

	if (vpnsdp_find_words(body, &words) != VPNSDP_OK)
		return;
	MUST(inside(words.vpn_id, body) &&
		words.vpn_id.len <= VPNSDP_MAX_VPN_ID);
	MUST(inside(words.local, body) && inside(words.remote, body));
	if (vpnsdp_read_words(&words, &names) == VPNSDP_OK)
		MUST((names.local.family != 0) == (words.local.p != NULL));
}

/* What is quickly found sound is so at a second look. */
static void check_quick(struct slice body)
{
	struct vpnsdp_names names;
	struct vpnsdp v;

	if (!vpnsdp_quick_offer(body, &names))
		return;
	MUST(vpnsdp_parse(body, &v, NULL) == VPNSDP_OK);
	MUST(vpnsdp_check_offer(&v, false) == VPNSDP_OK);
	MUST(slice_eq(names.vpn_id, v.vpn_id) &&
		vpnsdp_addr_eq(&names.local, &v.local) &&
		vpnsdp_addr_eq(&names.remote, &v.remote));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	/* a copy of its own: the sanitizer sees the first byte too many */
	char *copy = malloc(size ? size : 1);
	struct slice body = {copy, size};
	struct vpnsdp v;
	struct vpnsdp_error err;
	enum vpnsdp_err ret;
	bool mentions;

	MUST(copy);
	if (size)
		memcpy(copy, data, size);
	mentions = vpnsdp_mentions(body);
	MUST(vpnsdp_find(body) == find_slowly(body));
	check_names(body);
	check_quick(body);
	ret = vpnsdp_parse(body, &v, &err);
	check_error(ret, &err, body);
	if (ret == VPNSDP_NO_VPN)
		MUST(!mentions);
	if (!ret) {
		MUST(mentions);
		MUST(!stray_slice(&v, body));
		check_checks(&v);
		check_round_trip(&v);
	}
	free(copy);
	return 0;
}
