/* test_meter.c - bytes add up, and a rate is never an old one. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>
#include "core/meter.h"

static void expect(const struct meter *m, uint64_t now, struct meter_value want)
{
	struct meter_value got = meter_read(m, now);

	assert_int_equal(got.rx, want.rx);
	assert_int_equal(got.tx, want.tx);
	assert_int_equal(got.rx_rate, want.rx_rate);
	assert_int_equal(got.tx_rate, want.tx_rate);
}

static void new_is_nothing(void **state)
{
	struct meter m = {0};

	(void)state;
	expect(&m, 0, (struct meter_value){0});
	expect(&m, 1000000, (struct meter_value){0});
}

static void rate_of_the_last_two(void **state)
{
	struct meter m = {0};

	(void)state;
	meter_count(&m, 1000, 500, 90000);
	expect(&m, 90000, (struct meter_value){1000, 500, 0, 0});
	meter_count(&m, 11000, 1500, 95000);
	expect(&m, 95001, (struct meter_value){11000, 1500, 2000, 200});
	meter_count(&m, 11000, 1500, 100000);
	expect(&m, 100000, (struct meter_value){11000, 1500, 0, 0});
	/* at the same moment: no time, no rate of its own */
	meter_count(&m, 12000, 1500, 100000);
	expect(&m, 100000, (struct meter_value){12000, 1500, 0, 0});
}

static void an_old_rate_is_none(void **state)
{
	struct meter m = {0};

	(void)state;
	meter_count(&m, 0, 0, 0);
	meter_count(&m, 5000, 0, 5000);
	expect(&m, 5000 + METER_STALE_MS,
		(struct meter_value){5000, 0, 1000, 0});
	expect(&m, 5001 + METER_STALE_MS, (struct meter_value){5000, 0, 0, 0});
}

/* The same peer once more: OpenVPN counts from nought. */
static void a_new_connection_adds(void **state)
{
	struct meter m = {0};

	(void)state;
	meter_count(&m, 4000, 3000, 1000);
	meter_count(&m, 100, 50, 6000);
	expect(&m, 6000, (struct meter_value){4100, 3050, 20, 10});
	meter_count(&m, 10, 60, 11000);
	expect(&m, 11000, (struct meter_value){4110, 3110, 2, 12});
}

static void survives_the_largest(void **state)
{
	struct meter m = {0};

	(void)state;
	meter_count(&m, 0, 0, 0);
	meter_count(&m, UINT64_MAX, UINT64_MAX / 2000, 1);
	expect(&m, 1,
		(struct meter_value){UINT64_MAX, UINT64_MAX / 2000, UINT64_MAX,
			UINT64_MAX / 2000 * 1000});
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(new_is_nothing),
		cmocka_unit_test(rate_of_the_last_two),
		cmocka_unit_test(an_old_rate_is_none),
		cmocka_unit_test(a_new_connection_adds),
		cmocka_unit_test(survives_the_largest),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
