/*
 * test_sipvpn_merge.c - what came, what others made of it, and what leaves.
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <stdlib.h>
#include <cmocka.h>

#include "sipvpn_merge.h"

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

/* The session part as it came, and as a relay makes it. */
#define V "v=0\r\no=- 1 1 IN IP4 192.0.2.1\r\ns=-\r\n"
#define W "v=0\r\no=- 1 1 IN IP4 203.0.113.5\r\ns=-\r\n"
#define C "c=IN IP4 192.0.2.1\r\n"
#define D "c=IN IP4 203.0.113.5\r\n"
#define T "t=0 0\r\n"
/* The VPN: m= line, with the relay's port, and its attributes. */
#define M "m=application/vpn 8000 OpenVPN 0\r\n"
#define N "m=application/vpn 30026 OpenVPN 0\r\n"
#define A "a=IP4:192.0.2.1\r\na=PORT:8000\r\n"
#define OWN "c=IN IP4 10.9.9.9\r\n"
/* A phone. */
#define P "m=audio 4000 RTP/AVP 0\r\na=sendrecv\r\n"
#define Q "m=audio 30000 RTP/AVP 0\r\na=rtcp:30001\r\na=sendrecv\r\n"

struct row {
	const char *name, *received, *edited;
	enum sipvpn_merge result;
	const char *leaves;
};

static struct slice text(const char *s)
{
	return (struct slice){s, strlen(s)};
}

static struct sipvpn_media_set vpn_forms(void)
{
	struct sipvpn_media_set set;

	assert_true(sipvpn_media_parse(SLICE(SIPVPN_MEDIA_VPN), &set));
	return set;
}

static void check(const struct row *row, const char *type)
{
	struct sipvpn_media_set set = vpn_forms();
	struct sbuf out = sbuf_over(NULL, 0);
	struct slice came = text(row->received), edited = text(row->edited);
	enum sipvpn_merge ret;
	char *room;

	print_message("# %s\n", row->name);
	ret = type ? sipvpn_merge_body(&set, text(type), came, edited, &out)
		   : sipvpn_merge_sdp(&set, came, edited, &out);
	if (row->result != SIPVPN_MERGE_DONE) {
		assert_int_equal(ret, row->result);
		return;
	}
	assert_int_equal(ret, SIPVPN_MERGE_NO_SPACE);
	assert_int_equal(out.len, strlen(row->leaves));
	room = malloc(out.len);
	assert_non_null(room);
	out = sbuf_over(room, out.len);
	ret = type ? sipvpn_merge_body(&set, text(type), came, edited, &out)
		   : sipvpn_merge_sdp(&set, came, edited, &out);
	assert_int_equal(ret, SIPVPN_MERGE_DONE);
	assert_memory_equal(room, row->leaves, strlen(row->leaves));
	free(room);
}

static void sections(void **state)
{
	static const struct row rows[] = {
		{"nothing edited", V C T P M A, V C T P M A, SIPVPN_MERGE_DONE,
			V C T P M A},
		{"port", V C T P M A, V C T Q N A, SIPVPN_MERGE_DONE,
			V C T Q M A},
		{"session's c=", V C T P M A, W D T Q N A, SIPVPN_MERGE_DONE,
			W D T Q M C A},
		{"session's c= gone", V C T P M A, W T Q D N D A,
			SIPVPN_MERGE_DONE, W T Q D M C A},
		{"own c=", V C T P M OWN A, W D T Q N D A, SIPVPN_MERGE_DONE,
			W D T Q M OWN A},
		{"no c= anywhere", V T M A, W D T N A, SIPVPN_MERGE_DONE,
			W D T M A},
		{"behind i=", V C T M "i=tunnel\r\nb=AS:9\r\n" A,
			W D T N "i=tunnel\r\nb=AS:9\r\n" A, SIPVPN_MERGE_DONE,
			W D T M "i=tunnel\r\n" C "b=AS:9\r\n" A},
		{"added at the end", V C T P M A,
			V C T P M A "a=oldmediaip:192.0.2.1\r\n"
				    "a=nortpproxy:yes\r\n",
			SIPVPN_MERGE_DONE, V C T "a=nortpproxy:yes\r\n" P M A},
		{"marked before", V C T P M A "a=nortpproxy:yes\r\n",
			V C T P N A "a=nortpproxy:yes\r\n", SIPVPN_MERGE_DONE,
			V C T P M A "a=nortpproxy:yes\r\n"},
		{"added at the end, of another's", V C T M A P,
			W D T N A P "a=nortpproxy:yes\r\n", SIPVPN_MERGE_DONE,
			W D T M C A P "a=nortpproxy:yes\r\n"},
		{"two of them", V C T M A P M OWN, V D T N A Q N D,
			SIPVPN_MERGE_DONE, V D T M C A Q M OWN},
		{"a phone's section added", V C T P M A, V C T P P N A Q,
			SIPVPN_MERGE_DONE, V C T P P M A Q},
		{"refused on the way", V C T M A,
			V D T "m=application/vpn 0 OpenVPN 0\r\n",
			SIPVPN_MERGE_DONE,
			V D T "m=application/vpn 0 OpenVPN 0\r\n"},
		{"refused by its sender",
			V C T "m=application/vpn 0 OpenVPN 0\r\n" A,
			V C T "m=application/vpn 0 OpenVPN 0\r\n" A
			      "a=sendrecv\r\n",
			SIPVPN_MERGE_DONE,
			V C T "m=application/vpn 0 OpenVPN 0\r\n" A},
		{"two blanks", V C T "m=application  8000  udp  openvpn\r\n",
			V C T "m=application 30026  8000  udp  openvpn\r\n",
			SIPVPN_MERGE_DONE,
			V C T "m=application  8000  udp  openvpn\r\n"},
		{"taken away", V C T P M A, V C T P, SIPVPN_MERGE_COUNT, NULL},
		{"one too many", V C T M A, V C T M A M A, SIPVPN_MERGE_COUNT,
			NULL},
		{"nothing of ours", V C T P, W D T Q, SIPVPN_MERGE_NOTHING,
			NULL},
		{"put in by others", V C T P, W D T Q M, SIPVPN_MERGE_NOTHING,
			NULL},
		{"empty", "", "", SIPVPN_MERGE_NOTHING, NULL},
		{"no session part", M A, N A, SIPVPN_MERGE_DONE, M A},
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++)
		check(&rows[i], NULL);
}

/* Line ends as they came, also where there are none. */
static void line_ends(void **state)
{
	static const struct row rows[] = {
		{"LF", "v=0\nc=x\nm=application/vpn 1 o 0\na=b\n",
			"v=0\nc=y\nm=application/vpn 2 o 0\na=b\n",
			SIPVPN_MERGE_DONE,
			"v=0\nc=y\nm=application/vpn 1 o 0\nc=x\na=b\n"},
		{"no last one", V C T M "a=b", V D T N "a=b\r\na=sendrecv\r\n",
			SIPVPN_MERGE_DONE, V D T M C "a=b"},
		{"none at all", V C T "m=application/vpn 8 o 0",
			V D T "m=application/vpn 9 o 0", SIPVPN_MERGE_DONE,
			V D T "m=application/vpn 8 o 0\r\nc=IN IP4 192.0.2.1"},
		{"none, and c= and an attribute wanted",
			V C "a=setup:active\r\nm=application/vpn 8 o 0",
			V D "m=application/vpn 9 o 0", SIPVPN_MERGE_DONE,
			V D "m=application/vpn 8 o 0\r\nc=IN IP4 192.0.2.1"
			    "\r\na=setup:active"},
		{"others add a section", V C T M "a=b", V C T N "a=b\r\n" P,
			SIPVPN_MERGE_DONE, V C T M "a=b\r\n" P},
		{"empty lines", V C T M A "\r\n\r\n", V D T N A "\r\n",
			SIPVPN_MERGE_DONE, V D T M C A "\r\n\r\n"},
		{"empty lines, an attribute wanted",
			V "a=sendonly\r\n" M "\r\n", V N "\r\n",
			SIPVPN_MERGE_DONE, V M "a=sendonly\r\n\r\n"},
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++)
		check(&rows[i], NULL);
}

/* What a section takes from the session part when that loses it. */
static void attributes(void **state)
{
	static const struct row rows[] = {
		{"still there", V "a=setup:passive\r\na=tls-id:1\r\n" M A,
			V "a=tls-id:1\r\na=setup:passive\r\n" N A,
			SIPVPN_MERGE_DONE,
			V "a=tls-id:1\r\na=setup:passive\r\n" M A},
		{"gone",
			V "a=setup:passive\r\na=ice-pwd:p\r\na=group:x\r\n" M A,
			V N A, SIPVPN_MERGE_DONE,
			V M A "a=setup:passive\r\na=ice-pwd:p\r\n"},
		{"changed", V "a=fingerprint:SHA-256 AA\r\n" M A,
			V "a=fingerprint:SHA-1 BB\r\n" N A, SIPVPN_MERGE_DONE,
			V "a=fingerprint:SHA-1 BB\r\n" M A
			  "a=fingerprint:SHA-256 AA\r\n"},
		{"one of two gone",
			V "a=fingerprint:1\r\na=fingerprint:2\r\n" M,
			V "a=fingerprint:1\r\n" N, SIPVPN_MERGE_DONE,
			V "a=fingerprint:1\r\n" M
			  "a=fingerprint:1\r\na=fingerprint:2\r\n"},
		{"the section has its own",
			V "a=setup:passive\r\na=inactive\r\n" M
			  "a=setup:active\r\na=sendrecv\r\n",
			V N "a=setup:active\r\n", SIPVPN_MERGE_DONE,
			V M "a=setup:active\r\na=sendrecv\r\n"},
		{"direction is a word", V "a=sendonly:x\r\n" M A, V N A,
			SIPVPN_MERGE_DONE, V M A},
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++)
		check(&rows[i], NULL);
}

#define MIXED "multipart/mixed;boundary=cut"
#define ONE "--cut\r\nContent-Type: text/plain\r\n\r\nhello\r\n"
#define TWO "--cut\r\nContent-Type: application/sdp\r\n\r\n"
#define END "\r\n--cut--\r\n"

static void bodies(void **state)
{
	static const struct {
		struct row row;
		const char *type;
	} cases[] = {
		{{"plain", V C T M A, V D T N A, SIPVPN_MERGE_DONE,
			 V D T M C A},
			"application/sdp"},
		{{"no type", V C T M A, V D T N A, SIPVPN_MERGE_DONE,
			 V D T M C A},
			""},
		{{"another type", V C T M A, V D T N A, SIPVPN_MERGE_NOTHING,
			 NULL},
			"text/plain"},
		{{"multipart", ONE TWO V C T M "a=b" END,
			 ONE TWO V D T N "a=b\r\na=sendrecv\r\n" END,
			 SIPVPN_MERGE_DONE, ONE TWO V D T M C "a=b" END},
			MIXED},
		{{"the SDP first", TWO V C T M "a=b\r\n" ONE "--cut--",
			 TWO V D T N "a=b\r\n" ONE "--cut--", SIPVPN_MERGE_DONE,
			 TWO V D T M C "a=b\r\n" ONE "--cut--"},
			MIXED},
		{{"a phone's SDP beside it", TWO V C T P TWO V C T M "a=b" END,
			 TWO V D T Q TWO V D T N "a=b" END, SIPVPN_MERGE_DONE,
			 TWO V D T Q TWO V D T M C "a=b" END},
			MIXED},
		{{"in two parts", TWO V C T M TWO V C T M END,
			 TWO V D T N TWO V D T N END, SIPVPN_MERGE_UNCLEAR,
			 NULL},
			MIXED},
		{{"the part gone", ONE TWO V C T M END, ONE "--cut--\r\n",
			 SIPVPN_MERGE_COUNT, NULL},
			MIXED},
		{{"never closed", TWO V C T M, TWO V D T N,
			 SIPVPN_MERGE_NOTHING, NULL},
			MIXED},
		{{"no protected media", TWO V C T P END, TWO V D T Q END,
			 SIPVPN_MERGE_NOTHING, NULL},
			MIXED},
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++)
		check(&cases[i].row, cases[i].type);
}

/* A message cannot make us write without bounds. */
static void many(void **state)
{
	struct sipvpn_media_set set = vpn_forms();
	char body[(SIPVPN_MERGE_MAX + 1) * (sizeof(M) - 1)];
	struct sbuf b = sbuf_over(body, sizeof(body)), out;
	static char room[2 * sizeof(body)];

	(void)state;
	for (int i = 0; i < SIPVPN_MERGE_MAX; i++)
		sbuf_put(&b, SLICE(M));
	out = sbuf_over(room, sizeof(room));
	assert_int_equal(
		sipvpn_merge_sdp(&set, sbuf_slice(&b), sbuf_slice(&b), &out),
		SIPVPN_MERGE_DONE);
	assert_true(slice_eq(sbuf_slice(&out), sbuf_slice(&b)));
	sbuf_put(&b, SLICE(M));
	out = sbuf_over(room, sizeof(room));
	assert_int_equal(
		sipvpn_merge_sdp(&set, sbuf_slice(&b), sbuf_slice(&b), &out),
		SIPVPN_MERGE_COUNT);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(sections),
		cmocka_unit_test(line_ends),
		cmocka_unit_test(attributes),
		cmocka_unit_test(bodies),
		cmocka_unit_test(many),
	};

	return cmocka_run_group_tests_name("sipvpn_merge", tests, NULL, NULL);
}
