/*
 * sipvpn_pass.c - how a request within a dialog shows whose dialog it is.
 */
#include "sipvpn_pass.h"

#include <sys/random.h>

#include "core/dprint.h"
#include "modules/rr/api.h"

#include "kam_slice.h"
#include "sipvpn_param.h"
#include "sipvpn_siphash.h"

#define MAX_HASHED 1024 /* Call-ID and two addresses-of-record */
#define PARAM ";vpn="

static struct sipvpn_hash_key key;
static struct rr_binds rr;
static bool have_rr;

int sipvpn_pass_init(const str *secret)
{
	static const struct sipvpn_hash_key first = {0, 0}, second = {1, 1};
	struct slice text = slice_of_str(secret);

	have_rr = find_export("load_rr", 0, 0) && load_rr_api(&rr) == 0;
	if (text.len > 0) {
		key.k0 = sipvpn_siphash(&first, text);
		key.k1 = sipvpn_siphash(&second, text);
		return 0;
	}
	/* Up to 256 bytes come whole, once the kernel has any randomness. */
	if (getrandom(&key, sizeof(key), 0) == (ssize_t)sizeof(key))
		return 0;
	LM_ERR("the system gives no random numbers\n");
	return -1;
}

/* Bit 5 is all that tells a letter's case. */
#define FOLD 0x20

/* NUL can stand in no header, so no two triples give the same text. */
static char *put_aor(char *at, const struct sipvpn_aor *aor)
{
	*at++ = '\0';
	memcpy(at, aor->user.p, aor->user.len);
	at += aor->user.len;
	*at++ = '\0';
	for (size_t i = 0; i < aor->domain.len; i++)
		*at++ = (char)(aor->domain.p[i] | FOLD);
	return at;
}

static bool fits(struct slice call_id, const struct sipvpn_aor *caller,
	const struct sipvpn_aor *callee)
{
	return call_id.len + caller->user.len + caller->domain.len +
		       callee->user.len + callee->domain.len + 4 <=
	       MAX_HASHED;
}

/* All that a URI's parameter may hold as it is, RFC 3261 section 25.1. */
static const char digits[64] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
			       "abcdefghijklmnopqrstuvwxyz0123456789-_";

static bool make_pass(struct sip_msg *msg, const struct sipvpn_aor *caller,
	const struct sipvpn_aor *callee, char pass[static SIPVPN_PASS])
{
	struct sipvpn_aor second = *callee;
	char text[MAX_HASHED], *at;
	struct slice call_id;
	uint64_t hash;

	if (!msg->callid &&
		(parse_headers(msg, HDR_CALLID_F, 0) < 0 || !msg->callid))
		return false;
	call_id = slice_of_str(&msg->callid->body);
	if (!fits(call_id, caller, callee))
		return false;
	memcpy(text, call_id.p, call_id.len);
	at = put_aor(text + call_id.len, caller);
	/* no domain stands for the same one again: none is empty */
	if (slice_caseeq(caller->domain, callee->domain))
		second.domain.len = 0;
	at = put_aor(at, &second);
	hash = sipvpn_siphash(&key, (struct slice){text, (size_t)(at - text)});
	for (int i = SIPVPN_PASS; i-- > 0; hash >>= 6)
		pass[i] = digits[hash & 63];
	return true;
}

bool sipvpn_pass_make(struct sip_msg *msg, const struct sipvpn_pair *pair,
	char pass[static SIPVPN_PASS])
{
	return have_rr && pair->caller.user.len > 0 &&
	       pair->callee.user.len > 0 &&
	       make_pass(msg, &pair->caller, &pair->callee, pass);
}

bool sipvpn_pass_give(struct sip_msg *msg, const char pass[static SIPVPN_PASS])
{
	char param[sizeof(PARAM) - 1 + SIPVPN_PASS] = PARAM;

	memcpy(param + sizeof(PARAM) - 1, pass, SIPVPN_PASS);
	return sipvpn_param_add(msg, (struct slice){param, sizeof(param)});
}

static bool is_pass(struct sip_msg *msg, struct slice pass,
	const struct sipvpn_aor *caller, const struct sipvpn_aor *callee)
{
	char right[SIPVPN_PASS];

	return make_pass(msg, caller, callee, right) &&
	       slice_eq(pass, (struct slice){right, sizeof(right)});
}

bool sipvpn_pass_read(struct sip_msg *msg, struct sipvpn_pair *out)
{
	str name = str_init("vpn"); /* as in PARAM */
	str value = STR_NULL;
	struct sipvpn_pair claimed;
	struct slice pass;

	if (!have_rr || rr.get_route_param(msg, &name, &value) != 0 ||
		!sipvpn_identity_claimed(msg, &claimed))
		return false;
	pass = slice_of_str(&value);
	/* the one who was called sends requests too */
	if (is_pass(msg, pass, &claimed.callee, &claimed.caller)) {
		*out = (struct sipvpn_pair){
			claimed.callee, claimed.caller, true};
		return true;
	}
	if (!is_pass(msg, pass, &claimed.caller, &claimed.callee))
		return false;
	*out = claimed;
	return true;
}
