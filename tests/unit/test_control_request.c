/* test_control_request.c - what is a request on the control socket. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <cmocka.h>
#include "daemon/control_request.h"

#define HEAD "{\"v\":1,\"id\":7,\"do\":"

static struct slice text(const char *s)
{
	return (struct slice){s, strlen(s)};
}

static bool same(const char *a, const char *b)
{
	return a == b || (a && b && strcmp(a, b) == 0);
}

static void good_requests(void **state)
{
	static const struct {
		const char *line;
		enum control_op op;
		const char *account, *user, *call;
		bool background;
		const char *group;
	} cases[] = {
		{HEAD "\"status\"}", CONTROL_OP_STATUS, .user = NULL},
		{" " HEAD " \"watch\" }\t", CONTROL_OP_WATCH, .user = NULL},
		{HEAD "\"version\"}", CONTROL_OP_VERSION, .user = NULL},
		{HEAD "\"call\",\"user\":\"2501\"}", CONTROL_OP_CALL,
			.user = "2501"},
		{"{\"user\":\"a@b\",\"do\":\"call\",\"id\":7,\"v\":1,"
		 "\"account\":\"office\","
		 "\"background\":true}",
			CONTROL_OP_CALL, .account = "office", .user = "a@b",
			.background = true},
		{HEAD "\"call\",\"user\":\"x\",\"background\":false}",
			CONTROL_OP_CALL, .user = "x"},
		{HEAD "\"hangup\",\"call\":\"3\"}", CONTROL_OP_HANGUP,
			.call = "3"},
		{HEAD "\"call\",\"user\":\"x\",\"group\":\"lab\"}",
			CONTROL_OP_CALL, .user = "x", .group = "lab"},
		{HEAD "\"hold\",\"call\":\"3\"}", CONTROL_OP_HOLD, .call = "3"},
		{HEAD "\"resume\",\"call\":\"gateway\"}", CONTROL_OP_RESUME,
			.call = "gateway"},
		{HEAD "\"register\"}", CONTROL_OP_REGISTER, .user = NULL},
		{HEAD "\"register\",\"account\":\"office\"}",
			CONTROL_OP_REGISTER, .account = "office"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct control_request r;
		struct control_problem problem;

		if (!control_request_parse(text(cases[i].line), &r, &problem))
			fail_msg("%s: %s", cases[i].line, problem.text);
		assert_int_equal(r.op, cases[i].op);
		assert_int_equal(r.id, 7);
		if (!same(r.account, cases[i].account) ||
			!same(r.user, cases[i].user) ||
			!same(r.call, cases[i].call) ||
			!same(r.group, cases[i].group) ||
			r.background != cases[i].background)
			fail_msg("%s: something was lost", cases[i].line);
		control_request_clear(&r);
		assert_null(r.user);
	}
}

/* What is wrong -> the kind, a word of the explanation, the id of the answer */
static void bad_requests(void **state)
{
	static const struct {
		const char *line, *code, *word;
		json_int_t id;
	} cases[] = {
		{"", "request", "JSON", 0},
		{"status", "request", "JSON", 0},
		{HEAD "\"status\"", "request", "JSON", 0},
		{HEAD "\"status\"} {}", "request", "JSON", 0},
		{HEAD "\"status\",\"id\":8}", "request", "id", 0},
		{HEAD "\"sta\\u0000tus\"}", "request", "JSON", 0},
		{HEAD "\"\xff\"}", "request", "JSON", 0},
		{"[]", "request", "no JSON object", 0},
		{"[1,\"id\"]", "request", "no JSON object", 0},
		{"7", "request", "JSON", 0},
		{"{}", "version", "version 1", 0},
		{"{\"id\":9}", "version", "version 1", 9},
		{"{\"v\":2,\"id\":9,\"do\":\"dance\"}", "version", "\"v\"", 9},
		{"{\"v\":\"1\",\"id\":9,\"do\":\"status\"}", "version", "\"v\"",
			9},
		{"{\"v\":1,\"do\":\"status\"}", "request", "\"id\"", 0},
		{"{\"v\":1,\"id\":\"7\",\"do\":\"status\"}", "request",
			"\"id\"", 0},
		{"{\"v\":1,\"id\":7}", "request", "\"do\"", 7},
		{HEAD "null}", "request", "\"do\"", 7},
		{HEAD "\"dance\"}", "request", "\"dance\"", 7},
		{HEAD "\"Status\"}", "request", "\"Status\"", 7},
		{HEAD "\"status\",\"user\":\"x\"}", "request", "user", 7},
		{HEAD "\"call\"}", "request", "user", 7},
		{HEAD "\"call\",\"user\":5}", "request", "user", 7},
		{HEAD "\"call\",\"user\":null}", "request", "user", 7},
		{HEAD "\"call\",\"user\":\"x\",\"account\":[]}", "request",
			"account", 7},
		{HEAD "\"call\",\"user\":\"x\",\"background\":1}", "request",
			"background", 7},
		{HEAD "\"call\",\"user\":\"x\",\"colour\":\"red\"}", "request",
			"colour", 7},
		{HEAD "\"hangup\"}", "request", "call", 7},
		{HEAD "\"hold\"}", "request", "call", 7},
		{HEAD "\"resume\",\"call\":\"\"}", "request", "call", 7},
		{HEAD "\"call\",\"user\":\"x\",\"group\":7}", "request",
			"group", 7},
		{HEAD "\"hangup\",\"call\":\"3\",\"group\":\"x\"}", "request",
			"group", 7},
		{HEAD "\"hangup\",\"call\":3}", "request", "call", 7},
		{HEAD "\"register\",\"account\":false}", "request", "account",
			7},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct control_request r;
		struct control_problem problem = {0};

		if (control_request_parse(text(cases[i].line), &r, &problem))
			fail_msg("%s was taken", cases[i].line);
		if (!same(problem.code, cases[i].code) ||
			!strstr(problem.text, cases[i].word) ||
			r.id != cases[i].id)
			fail_msg("%s: %s: %s (id %d)", cases[i].line,
				problem.code, problem.text, (int)r.id);
		assert_null(r.text);
	}
}

static void texts_are_bounded(void **state)
{
	(void)state;
	for (size_t len = 0; len <= CONTROL_TEXT_MAX + 2; len++) {
		char line[CONTROL_TEXT_MAX + 80] =
			HEAD "\"hangup\",\"call\":\"";
		size_t at = strlen(line);
		struct control_request r;
		struct control_problem problem;

		memset(line + at, 'x', len);
		memcpy(line + at + len, "\"}", sizeof("\"}"));
		assert_int_equal(
			control_request_parse(text(line), &r, &problem),
			len > 0 && len <= CONTROL_TEXT_MAX);
		control_request_clear(&r);
	}
}

static void answers_are_one_line(void **state)
{
	struct control_problem problem;
	json_t *answer;
	char *line;

	(void)state;
	answer = control_answer(5, "call", json_string("3"));
	line = json_dumps(answer, JSON_COMPACT);
	assert_string_equal(line, "{\"v\":1,\"id\":5,\"call\":\"3\"}");
	free(line);
	json_decref(answer);

	assert_false(control_problem_set(&problem, "call", "a\nb \"%s\"", "c"));
	answer = control_refusal(5, &problem);
	line = json_dumps(answer, JSON_COMPACT);
	assert_string_equal(line, "{\"v\":1,\"id\":5,\"error\":{\"code\":"
				  "\"call\",\"text\":\"a\\nb \\\"c\\\"\"}}");
	free(line);
	json_decref(answer);

	/* a character that was cut in two does not lose the answer */
	assert_false(control_problem_set(&problem, "call", "\xc3"));
	answer = control_refusal(5, &problem);
	assert_non_null(answer);
	json_decref(answer);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(good_requests),
		cmocka_unit_test(bad_requests),
		cmocka_unit_test(texts_are_bounded),
		cmocka_unit_test(answers_are_one_line),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
