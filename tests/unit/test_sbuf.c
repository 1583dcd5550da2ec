/* test_sbuf.c - the appending writer never passes its end, counts on. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include "sbuf.h"

#define FENCE '#'

static void appends(void **state)
{
	char mem[64];
	struct sbuf b = sbuf_over(mem, sizeof(mem));

	(void)state;
	sbuf_put(&b, SLICE("port "));
	sbuf_u64(&b, 41822);
	sbuf_char(&b, ' ');
	sbuf_hex(&b, 0x0f);
	sbuf_hex(&b, 0xA0);
	sbuf_put(&b, (struct slice){NULL, 0});
	assert_true(sbuf_ok(&b));
	assert_true(slice_eq(sbuf_slice(&b), SLICE("port 41822 0FA0")));
	assert_string_equal(sbuf_cstr(&b), "port 41822 0FA0");
}

static void writes_every_size_of_number(void **state)
{
	static const struct {
		uint64_t v;
		const char *want;
	} cases[] = {
		{0, "0"},
		{9, "9"},
		{10, "10"},
		{65535, "65535"},
		{UINT64_MAX, "18446744073709551615"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		char mem[32];
		struct sbuf b = sbuf_over(mem, sizeof(mem));

		sbuf_u64(&b, cases[i].v);
		assert_string_equal(sbuf_cstr(&b), cases[i].want);
	}
}

/* "abc" "12" in every capacity: nothing behind the end, the length counts. */
static void never_passes_the_end(void **state)
{
	static const char want[] = "abc12";

	(void)state;
	for (size_t cap = 0; cap <= 6; cap++) {
		char mem[8];
		struct sbuf b = sbuf_over(mem, cap);
		bool fits = cap >= 5;

		memset(mem, FENCE, sizeof(mem));
		sbuf_put(&b, SLICE("abc"));
		sbuf_u64(&b, 12);
		if (b.len != 5 || sbuf_ok(&b) != fits)
			fail_msg("cap %zu: len %zu", cap, b.len);
		if (sbuf_slice(&b).len != (fits ? 5U : 0U))
			fail_msg("cap %zu: slice %zu", cap, sbuf_slice(&b).len);
		for (size_t i = 0; i < sizeof(mem); i++) {
			char c = i < cap && i < 5 ? want[i] : FENCE;

			if (mem[i] != c)
				fail_msg("cap %zu: mem[%zu] is %02x", cap, i,
					(unsigned char)mem[i]);
		}
	}
}

static void terminates_only_where_there_is_room(void **state)
{
	char mem[4] = {FENCE, FENCE, FENCE, FENCE};
	struct sbuf b = sbuf_over(mem, 3);

	(void)state;
	sbuf_put(&b, SLICE("ab"));
	assert_string_equal(sbuf_cstr(&b), "ab");
	sbuf_char(&b, 'c');
	assert_true(sbuf_ok(&b));
	assert_null(sbuf_cstr(&b));
	sbuf_char(&b, 'd');
	assert_false(sbuf_ok(&b));
	assert_null(sbuf_cstr(&b));
	assert_int_equal(mem[3], FENCE);
}

static void counts_without_memory(void **state)
{
	struct sbuf b = sbuf_over(NULL, 0);

	(void)state;
	sbuf_put(&b, SLICE("twelve bytes"));
	assert_int_equal(b.len, 12);
	assert_false(sbuf_ok(&b));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(appends),
		cmocka_unit_test(writes_every_size_of_number),
		cmocka_unit_test(never_passes_the_end),
		cmocka_unit_test(terminates_only_where_there_is_room),
		cmocka_unit_test(counts_without_memory),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
