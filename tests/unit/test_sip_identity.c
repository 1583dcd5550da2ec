/* test_sip_identity.c - which names in a certificate stand for our domain. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include "core/sip_identity.h"

#define URI SIP_IDENTITY_URI
#define DNS SIP_IDENTITY_DNS
#define IP SIP_IDENTITY_IP
#define CN SIP_IDENTITY_CN

static const struct {
	enum sip_identity_kind kind;
	const char *value;
	size_t len; /* 0: of the string */
	bool has_san;
	bool fits;
} cases[] = {
	{URI, "sip:example.org", 0, true, true},
	{URI, "SIP:Example.ORG", 0, true, true},
	{URI, "sips:example.org", 0, true, true},
	{URI, "sip:example.org.", 0, true, true},
	{URI, "sip:2500@example.org", 0, true, false},
	{URI, "sip:example.org:5061", 0, true, false},
	{URI, "sip:example.org;transport=tls", 0, true, false},
	{URI, "sip:example.org?a=b", 0, true, false},
	{URI, "sip:sip.example.org", 0, true, false},
	{URI, "sip:*.org", 0, true, false},
	{URI, "sip:", 0, true, false},
	{URI, "sip", 0, true, false},
	{URI, "example.org", 0, true, false},
	{URI, "", 0, true, false},
	{URI, "https:example.org", 0, true, false},
	{DNS, "example.org", 0, true, true},
	{DNS, "EXAMPLE.ORG.", 0, true, true},
	{DNS, "*.org", 0, true, false},
	{DNS, "*", 0, true, false},
	{DNS, "sip.example.org", 0, true, false},
	{DNS, "example.org.evil.test", 0, true, false},
	{DNS, "xexample.org", 0, true, false},
	{DNS, "example.org\0.evil.test", 22, true, false},
	{DNS, "example.org\0", 12, true, false},
	{DNS, "", 0, true, false},
	{DNS, ".", 0, true, false},
	{CN, "example.org", 0, false, true},
	{CN, "example.org", 0, true, false},
	{CN, "*.org", 0, false, false},
	{IP, "\300\000\002\001", 4, true, false}, /* no address was asked for */
	{IP, "", 0, true, false},
};

static void names_of_a_domain(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct sip_identity name = {cases[i].kind,
			{cases[i].value, cases[i].len
						 ? cases[i].len
						 : strlen(cases[i].value)}};

		if (sip_identity_fits(&name, 1, cases[i].has_san,
			    SLICE("example.org"), SLICE("")) != cases[i].fits)
			fail_msg("case %zu: %s", i, cases[i].value);
	}
}

static void any_of_several(void **state)
{
	const struct sip_identity names[] = {
		{CN, SLICE("example.org")},
		{URI, SLICE("sip:other.test")},
		{DNS, SLICE("other.test")},
		{DNS, SLICE("example.org")},
	};

	(void)state;
	assert_true(sip_identity_fits(
		names, 4, true, SLICE("example.org"), SLICE("")));
	assert_false(sip_identity_fits(
		names, 3, true, SLICE("example.org"), SLICE("")));
	assert_true(sip_identity_fits(
		names, 3, false, SLICE("example.org"), SLICE("")));
	assert_false(sip_identity_fits(
		names, 0, false, SLICE("example.org"), SLICE("")));
}

/* Where the domain is an address. */
static void addresses(void **state)
{
	const struct sip_identity v4 = {IP, {"\300\000\002\001", 4}};
	const struct sip_identity uri = {URI, SLICE("sip:192.0.2.1")};
	const struct sip_identity name = {CN, SLICE("192.0.2.1")};
	struct slice domain = SLICE("192.0.2.1");
	struct slice ip = {"\300\000\002\001", 4};
	struct slice other = {"\300\000\002\002", 4};

	(void)state;
	assert_true(sip_identity_fits(&v4, 1, true, domain, ip));
	assert_false(sip_identity_fits(&v4, 1, true, domain, other));
	assert_true(sip_identity_fits(&uri, 1, true, domain, ip));
	assert_true(sip_identity_fits(&name, 1, false, domain, ip));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(names_of_a_domain),
		cmocka_unit_test(any_of_several),
		cmocka_unit_test(addresses),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
