/* test_sip_check.c - heads that are well-formed and heads that are not, and
 * the refusals of the latter.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include "core/sip_check.h"

#define TEXT(literal)                                                          \
	{                                                                      \
		literal, sizeof(literal) - 1                                   \
	}
#define LINE "OPTIONS sip:a@example.org SIP/2.0\r\n"
#define V "Via: SIP/2.0/UDP 192.0.2.1:5060;branch=z9hG4bK1\r\n"
#define F "From: <sip:b@example.org>;tag=1\r\n"
#define T "To: <sip:a@example.org>\r\n"
#define I "Call-ID: 1@example.org\r\n"
#define C "CSeq: 1 OPTIONS\r\n"
#define REST V F T I C
#define OK "SIP/2.0 200 OK\r\n"

struct one {
	struct slice head;
	uint16_t status;
};

static void check_all(const struct one *rows, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		struct sip_verdict v = sip_check(rows[i].head);

		if (v.status != rows[i].status)
			fail_msg("%u (%s), not %u:\n%s", v.status, v.why,
				rows[i].status, rows[i].head.p);
		assert_int_equal(v.why[0] == '\0', v.status == 0);
	}
}
#define CHECK(rows) check_all(rows, sizeof(rows) / sizeof((rows)[0]))

static void start_lines(void **state)
{
	static const struct one rows[] = {
		{TEXT(LINE REST), 0},
		{TEXT("\r\n\r\n" LINE REST), 0},
		{TEXT("OPTIONS sip:a@example.org sip/2.0\r\n" REST), 0},
		{TEXT("OPTIONS sips:a@example.org SIP/2.0\r\n" REST), 0},
		{TEXT("OPTIONS sip:a;p=%40?@example.org;lr SIP/2.0\r\n" REST),
			0},
		{TEXT("OPTIONS <sip:a@example.org> SIP/2.0\r\n" REST), 400},
		{TEXT("OPTIONS  sip:a@example.org SIP/2.0\r\n" REST), 400},
		{TEXT("OPTIONS sip:a@example.org  SIP/2.0\r\n" REST), 400},
		{TEXT("OPTIONS sip:a@example.org; lr SIP/2.0\r\n" REST), 400},
		{TEXT("OPTIONS sip:a@example.org SIP/2.0 \r\n" REST), 400},
		{TEXT("OPTIONS sip:a@example.org?b=c SIP/2.0\r\n" REST), 400},
		{TEXT("OPTIONS sip:example.org?b=c SIP/2.0\r\n" REST), 400},
		{TEXT("OPTIONS sip:a@example.org SIP/7.0\r\n"), 505},
		{TEXT("OPTIONS sip:a@example.org SIP/2.1\r\n" REST), 505},
		{TEXT("OPTIONS sip:a@example.org SIP/x\r\n" REST), 400},
		{TEXT("OPTIONS sip:a@example.org HTTP/1.1\r\n" REST), 400},
		{TEXT("OPTIONS\r\n" REST), 400},
		{TEXT("OPTIONS a SIP/2.0\r\n" REST), 400},
		{TEXT("OPT(IONS sip:a@example.org SIP/2.0\r\n" REST), 400},
		{TEXT("OPTIONS tel:+1 SIP/2.0\r\n" REST), 416},
		{TEXT("OPTIONS nobody-knows:it SIP/2.0\r\n" REST), 416},
		/* the worse fault is told */
		{TEXT("OPTIONS tel:+1 SIP/2.0\r\n" V F T I), 400},
		{TEXT(OK REST), 0},
		{TEXT("SIP/2.0 100 \r\n" REST), 0},
		{TEXT("SIP/2.0 200 = 2**3 \xd0\xbd\r\n" REST), 0},
		{TEXT("SIP/2.0 4294967301 better\r\n" REST), 400},
		{TEXT("SIP/2.0 099 no\r\n" REST), 400},
		{TEXT("SIP/2.0 700 no\r\n" REST), 400},
		{TEXT("SIP/2.0 20 no\r\n" REST), 400},
		{TEXT("SIP/7.0 200 no\r\n" REST), 400},
		{TEXT(""), 400},
		{TEXT("\r\n"), 400},
	};

	(void)state;
	CHECK(rows);
}

static void needed_and_single(void **state)
{
	static const struct one rows[] = {
		{TEXT(LINE F T I C), 400},
		{TEXT(LINE V T I C), 400},
		{TEXT(LINE V F I C), 400},
		{TEXT(LINE V F T C), 400},
		{TEXT(LINE V F T I), 400},
		{TEXT(LINE V V REST), 0},
		{TEXT(LINE REST F), 400},
		{TEXT(LINE REST T), 400},
		{TEXT(LINE REST I), 400},
		{TEXT(LINE REST C), 400},
		{TEXT(LINE "v: SIP/2.0/UDP a\r\nf: sip:b@c\r\nt: sip:d@e\r\n"
			   "i: 1\r\n" C),
			0},
		{TEXT(LINE REST "Max-Forwards: 1\r\nMax-Forwards: 2\r\n"), 400},
		{TEXT(LINE REST "no name\r\n"), 400},
		{TEXT(LINE REST "a b: c\r\n"), 400},
		{TEXT(LINE REST ": c\r\n"), 400},
		{TEXT(LINE REST "X  :\r\n more\r\n"), 0},
	};

	(void)state;
	CHECK(rows);
}

#define WITH(line, code)                                                       \
	{                                                                      \
		TEXT(LINE REST line "\r\n"), code                              \
	}
#define CONTACT(value, code) WITH("Contact: " value, code)
#define VIA(value, code) WITH("Via: " value, code)

static void fields(void **state)
{
	static const struct one rows[] = {
		WITH("Max-Forwards: 0", 0),
		WITH("Max-Forwards: 0068", 0),
		WITH("Max-Forwards: 255", 0),
		WITH("Max-Forwards: 256", 400),
		WITH("Max-Forwards: -1", 400),
		WITH("Max-Forwards:", 400),
		WITH("Date: Sat, 13 Nov 2010 23:29:00 GMT", 0),
		WITH("Date: Fri, 01 Jan 2010 16:00:00 EST", 400),
		WITH("Date: Fri, 1 Jan 2010 16:00:00 GMT", 400),
		WITH("Content-Type: application/sdp", 0),
		WITH("c: multipart/mixed ; boundary=\"a;b\"", 0),
		WITH("Content-Type: sdp", 400),
		WITH("Content-Type: a/b c", 400),
		CONTACT("*", 0),
		CONTACT("sip:a@b", 0),
		CONTACT("<sip:a@b>;expires=1, \"x,y\" <sip:c@d;lr>", 0),
		CONTACT("<sip:a@b?Route=%3Csip:x%3E>", 0),
		CONTACT("sip:a@b?Route=%3Csip:x%3E", 400),
		CONTACT("\"J\" <sip:a@b>;;;;", 400),
		CONTACT("<sip:a@b>,", 400),
		CONTACT("< sip:a@b >", 400),
		CONTACT("<sip:a@b", 400),
		CONTACT("\"J <sip:a@b>", 400),
		CONTACT("Bell, A <sip:a@b>", 400),
		CONTACT("J\xc3\xbcrgen A. <sip:a@b>", 0),
		CONTACT("<name:John_Smith>", 0),
		CONTACT("", 400),
		WITH("Route: <sip:a;lr>,\r\n <sip:b>", 0),
		WITH("Route: sip:a", 400),
		WITH("Record-Route: <sip:a;lr=on>;x", 0),
		VIA("SIP / 2.0\r\n /UDP\r\n   192.0.2.2;branch=390skdjuw", 0),
		VIA("SIP/2.0/TCP a.b : 5060 ; branch = x , SIP/2.0/UDP c", 0),
		VIA("SIP/2.0/UDP [2001:db8::1]:5060;received=2001:db8::2", 0),
		VIA("SIP/2.0/UDP 192.0.2.15;;,;,,", 400),
		VIA("SIP/2.0/UDP", 400),
		VIA("SIP/2.0 192.0.2.1", 400),
		VIA("SIP/2.0/UDP 192.0.2.1:99999", 400),
		VIA("SIP/2.0/UDP 192.0.2.1,", 400),
	};
	static const struct one addresses[] = {
		{TEXT(LINE V F I C "To: \"a\\\"b\" <sip:a@b> ; tag = 1\r\n"),
			0},
		{TEXT(LINE V F I C "To: \"a\\\0b\" <sip:a@b>\r\n"), 0},
		{TEXT(LINE V F I C "To: sip:a@b, sip:c@d\r\n"), 400},
		{TEXT(LINE V F I C "To: \"Mr. <sip:a@b>\r\n"), 400},
		{TEXT(LINE V F I C "To: nobody\r\n"), 400},
		{TEXT(LINE V F I C "To: <sip:a@b>;tag\r\n"), 0},
		{TEXT(LINE V F I C "To: <sip:a@b>;tag=\r\n"), 400},
		{TEXT(LINE V F I C "To: <sip:a@b> trailing\r\n"), 400},
		{TEXT(LINE V F I C "To: isbn:2983792873\r\n"), 0},
	};
	static const struct one numbers[] = {
		{TEXT(LINE V F T I "CSeq: 2147483647 OPTIONS\r\n"), 0},
		{TEXT(LINE V F T I "CSeq: 0009\r\n  OPTIONS\r\n"), 0},
		{TEXT(LINE V F T I "CSeq: 2147483648 OPTIONS\r\n"), 400},
		{TEXT(LINE V F T I "CSeq: 36893488147419103232 OPTIONS\r\n"),
			400},
		{TEXT(LINE V F T I "CSeq: 1 INVITE\r\n"), 400},
		{TEXT(LINE V F T I "CSeq: 1 options\r\n"), 400},
		{TEXT(LINE V F T I "CSeq: 1\r\n"), 400},
		{TEXT(LINE V F T I "CSeq: one OPTIONS\r\n"), 400},
		{TEXT(OK V F T I "CSeq: 1 INVITE\r\n"), 0},
		{TEXT(OK V F T I "CSeq: 9292394834772304023312 INVITE\r\n"),
			400},
		{TEXT(LINE V F T C "Call-ID: a b\r\n"), 400},
		{TEXT(LINE V F T C "Call-ID:\r\n"), 400},
	};

	(void)state;
	CHECK(rows);
	CHECK(addresses);
	CHECK(numbers);
}

static void refusals(void **state)
{
	static const struct sip_refusal how = {
		.status = 400,
		.phrase = TEXT("Bad Request"),
		.tag = TEXT("t"),
		.host = TEXT("192.0.2.9"),
		.port = 5070,
		.extra = TEXT("Warning: 399 a \"b\"\r\n"),
	};
	static const struct {
		struct slice head, answer;
	} cases[] = {
		{TEXT(LINE REST "X: y\r\n"),
			TEXT("SIP/2.0 400 Bad Request\r\n"
			     "Via: SIP/2.0/UDP 192.0.2.1:5060;branch=z9hG4bK1"
			     ";received=192.0.2.9;rport=5070\r\n" F
			     "To: <sip:a@example.org>;tag=t\r\n" I C
			     "Warning: 399 a \"b\"\r\n"
			     "Content-Length: 0\r\n\r\n")},
		/* what is there of them; the first of two; a tag that is there;
		 * the second Via as it is */
		{TEXT(LINE V "v: SIP/2.0/UDP b\r\nT: sip:a@b ; tag = 9\r\n"
			     "CSeq: 1 X\r\nCSeq: 2 Y\r\n"),
			TEXT("SIP/2.0 400 Bad Request\r\n"
			     "Via: SIP/2.0/UDP 192.0.2.1:5060;branch=z9hG4bK1"
			     ";received=192.0.2.9;rport=5070\r\n"
			     "v: SIP/2.0/UDP b\r\nT: sip:a@b ; tag = 9\r\n"
			     "CSeq: 1 X\r\n"
			     "Warning: 399 a \"b\"\r\n"
			     "Content-Length: 0\r\n\r\n")},
		{TEXT(LINE F T I C), TEXT("")},
		/* no heads at all */
		{TEXT("X\n\n"), TEXT("")},
		{TEXT("\n\n\n"), TEXT("")},
		{TEXT(""), TEXT("")},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		char text[600];
		struct sbuf b = sbuf_over(text, sizeof(text));
		bool done = sip_refuse(cases[i].head, &how, &b);

		assert_int_equal(done, cases[i].answer.len > 0);
		if (!done)
			continue;
		assert_int_equal(b.len, cases[i].answer.len);
		assert_memory_equal(text, cases[i].answer.p, b.len);
		b = sbuf_over(text, b.len - 1);
		assert_false(sip_refuse(cases[i].head, &how, &b));
	}
}

static void methods(void **state)
{
	(void)state;
	assert_true(sip_check_known_method(SLICE("INVITE")));
	assert_true(sip_check_known_method(SLICE("UPDATE")));
	assert_false(sip_check_known_method(SLICE("invite")));
	assert_false(sip_check_known_method(SLICE("FOO")));
	assert_false(sip_check_known_method(SLICE("")));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(start_lines),
		cmocka_unit_test(needed_and_single),
		cmocka_unit_test(fields),
		cmocka_unit_test(refusals),
		cmocka_unit_test(methods),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
