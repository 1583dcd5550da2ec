/* test_text.c - lines for people: whole, printable, visibly shortened. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include "core/text.h"

static void joins(void **state)
{
	char buf[32];

	(void)state;
	TEXT_JOIN(buf, sizeof(buf), SLICE("one"));
	assert_string_equal(buf, "one");
	TEXT_JOIN(buf, sizeof(buf), SLICE("one"), SLICE(""), SLICE(": "),
		SLICE("two"));
	assert_string_equal(buf, "one: two");
	TEXT_JOIN(buf, sizeof(buf), SLICE(""));
	assert_string_equal(buf, "");
}

static void shows_only_what_prints(void **state)
{
	char buf[32];

	(void)state;
	TEXT_JOIN(buf, sizeof(buf), SLICE(" ~\x1f\x7f\x80\xff\r\n\t\0|"));
	assert_string_equal(buf, " ~????????|");
}

/* What fits exactly is not shortened; one byte more is, within the buffer. */
static void shortens_visibly(void **state)
{
	char mem[12];

	(void)state;
	for (size_t cap = 4; cap <= 10; cap++) {
		memset(mem, 'Z', sizeof(mem));
		text_join(mem, cap,
			(struct slice[]){{"abcdefghij", cap - 1}, {NULL, 0}});
		assert_int_equal(strlen(mem), cap - 1);
		assert_memory_equal(mem, "abcdefghij", cap - 1);
		assert_int_equal(mem[cap], 'Z');

		text_join(mem, cap,
			(struct slice[]){
				{"abc", 3}, {"defghijkl", cap - 3}, {NULL, 0}});
		assert_int_equal(strlen(mem), cap - 1);
		assert_string_equal(mem + cap - 4, "...");
		assert_memory_equal(mem, "abcdefghij", cap - 4);
		assert_int_equal(mem[cap], 'Z');
	}
}

static void slices_of_strings(void **state)
{
	static char longest[TEXT_MAX + 2];

	(void)state;
	assert_int_equal(text_slice("").len, 0);
	assert_int_equal(text_slice("four").len, 4);
	assert_true(slice_eq(text_slice("a\0b"), SLICE("a")));
	memset(longest, 'x', TEXT_MAX + 1);
	assert_int_equal(text_slice(longest).len, TEXT_MAX);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(joins),
		cmocka_unit_test(shows_only_what_prints),
		cmocka_unit_test(shortens_visibly),
		cmocka_unit_test(slices_of_strings),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
