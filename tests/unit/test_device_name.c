/* test_device_name.c - names that the kernel and we can live with. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>
#include "core/device_name.h"

static void what_is_a_name(void **state)
{
	static const struct {
		const char *name;
		bool ok;
	} cases[] = {
		{"vpn-2500", true},
		{"tun0", true},
		{"a_b.c-D9", true},
		{"123456789012345", true},
		{"1234567890123456", false},
		{"", false},
		{".", false},
		{"..", false},
		{"-x", false},
		{"a/b", false},
		{"a:1", false},
		{"a b", false},
		{"a%d", false},
		{"a\n", false},
		{"a\"b", false},
		{"caf\xc3\xa9", false},
		{"all", false},
		{"default", false},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		if (device_name_ok(slice_cstr(cases[i].name)) != cases[i].ok)
			fail_msg("'%s'", cases[i].name);
}

static void named_after_the_peer(void **state)
{
	static const struct {
		const char *uri, *name;
	} cases[] = {
		{"sip:2500@example.org", "vpn-2500"},
		{"sips:2500@example.org", "vpn-2500"},
		{"2500@example.org", "vpn-2500"},
		{"sip:alice.smith@example.org", "vpn-alice.smith"},
		{"sip:anne-marie.dupont@example.org", "vpn-anne-marie."},
		{"sip:a%20b;x=$(id)@example.org", "vpn-a20bxid"},
		{"sip:///@example.org", "vpn"},
		{"sip:example.org", "vpn"},
		{"", "vpn"},
		{"sip:2500:secret@example.org", "vpn-2500secret"},
	};
	char got[DEVICE_NAME_SIZE];

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		device_name_of_peer(slice_cstr(cases[i].uri), got);
		assert_string_equal(got, cases[i].name);
		assert_true(device_name_ok(slice_cstr(got)));
	}
}

static void numbered(void **state)
{
	char got[DEVICE_NAME_SIZE];

	(void)state;
	device_name_numbered("vpn-2500", got);
	assert_string_equal(got, "vpn-2500-%d");
	device_name_numbered("vpn-anne-marie.", got);
	assert_string_equal(got, "vpn-anne-mar-%d");
	memcpy(got, "vpn", 4);
	device_name_numbered(got, got);
	assert_string_equal(got, "vpn-%d");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_is_a_name),
		cmocka_unit_test(named_after_the_peer),
		cmocka_unit_test(numbered),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
