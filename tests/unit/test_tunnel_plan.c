/* test_tunnel_plan.c - each way to end has words of its own. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>
#include "core/tunnel_plan.h"

static void every_end_has_its_words(void **state)
{
	(void)state;
	for (int a = TUNNEL_END_STOPPED; a <= TUNNEL_END_FAILED; a++) {
		const char *text = tunnel_end_text((enum tunnel_end)a);

		assert_non_null(text);
		assert_string_not_equal(text, "");
		assert_string_not_equal(text, "unknown");
		for (int b = TUNNEL_END_STOPPED; b < a; b++)
			assert_string_not_equal(
				text, tunnel_end_text((enum tunnel_end)b));
	}
}

static void survives_no_end(void **state)
{
	(void)state;
	assert_string_equal(tunnel_end_text((enum tunnel_end)99), "unknown");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_end_has_its_words),
		cmocka_unit_test(survives_no_end),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
