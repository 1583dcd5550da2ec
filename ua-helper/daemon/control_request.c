/* control_request.c - a request on the control socket. */
#include "daemon/control_request.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

bool control_problem_set(struct control_problem *problem, const char *code,
	const char *format, ...)
{
	char *whole = NULL;
	va_list ap;
	size_t len = 0;

	va_start(ap, format);
	if (vasprintf(&whole, format, ap) < 0)
		whole = NULL;
	va_end(ap);
	if (whole)
		len = strlen(whole);
	if (len >= sizeof(problem->text))
		len = sizeof(problem->text) - 1;
	if (whole)
		memcpy(problem->text, whole, len);
	problem->text[len] = '\0';
	problem->code = code;
	free(whole);
	return false;
}

/* A request's name, the member it must have, and those that it may have. */
static const struct op {
	const char *name, *must;
	const char *may[3];
} ops[] = {
	[CONTROL_OP_STATUS] = {"status", NULL, {NULL}},
	[CONTROL_OP_WATCH] = {"watch", NULL, {NULL}},
	[CONTROL_OP_CALL] = {"call", "user",
		{"account", "background", "group"}},
	[CONTROL_OP_HANGUP] = {"hangup", "call", {NULL}},
	[CONTROL_OP_HOLD] = {"hold", "call", {NULL}},
	[CONTROL_OP_RESUME] = {"resume", "call", {NULL}},
	[CONTROL_OP_REGISTER] = {"register", NULL, {"account"}},
	[CONTROL_OP_VERSION] = {"version", NULL, {NULL}},
};
#define OPS (sizeof(ops) / sizeof(ops[0]))

static bool take_op(
	const char *name, enum control_op *out, struct control_problem *problem)
{
	for (size_t i = 0; i < OPS; i++)
		if (strcmp(ops[i].name, name) == 0) {
			*out = (enum control_op)i;
			return true;
		}
	return control_problem_set(problem, "request",
		"\"do\": there is no \"%.40s\" here (status, watch, call, "
		"hangup, hold, resume, register or version)",
		name);
}

/* Version before all else: another one may have other members. */
static bool take_head(json_t *root, struct control_request *out,
	const char **name, struct control_problem *problem)
{
	json_t *id = json_object_get(root, "id");
	json_t *v = json_object_get(root, "v");
	json_t *what = json_object_get(root, "do");

	if (json_is_integer(id))
		out->id = json_integer_value(id);
	if (!json_is_object(root))
		return control_problem_set(
			problem, "request", "this is no JSON object");
	if (!json_is_integer(v) || json_integer_value(v) != CONTROL_VERSION)
		return control_problem_set(problem, "version",
			"\"v\": this daemon speaks version %d",
			CONTROL_VERSION);
	if (!json_is_integer(id))
		return control_problem_set(problem, "request",
			"\"id\": an integer must stand here, to know the "
			"answer by");
	if (!json_is_string(what))
		return control_problem_set(problem, "request",
			"\"do\": the name of a request must stand here");
	*name = json_string_value(what);
	return true;
}

static bool is(const char *a, const char *b)
{
	return a && strcmp(a, b) == 0;
}

static bool has(const struct op *op, const char *key)
{
	bool found = is(op->must, key) || is("v", key) || is("id", key) ||
		     is("do", key);

	for (size_t i = 0; i < sizeof(op->may) / sizeof(op->may[0]); i++)
		found = found || is(op->may[i], key);
	return found;
}

/* Where a text member goes. */
static const char **text_of(struct control_request *r, const char *key)
{
	if (is("account", key))
		return &r->account;
	if (is("user", key))
		return &r->user;
	if (is("group", key))
		return &r->group;
	return is("call", key) ? &r->call : NULL;
}

static bool fits(const json_t *value)
{
	size_t len = json_string_length(value); /* 0 if it is no string */

	return len > 0 && len <= CONTROL_TEXT_MAX;
}

/* What each request takes beside its head; everything else is refused. */
static bool take_members(
	struct control_request *out, struct control_problem *problem)
{
	const struct op *op = &ops[out->op];
	const char *key;
	json_t *value;

	json_object_foreach(out->text, key, value)
	{
		const char **text = text_of(out, key);

		if (!has(op, key))
			return control_problem_set(problem, "request",
				"\"%s\" takes no \"%.40s\"", op->name, key);
		if (text && !fits(value))
			return control_problem_set(problem, "request",
				"\"%s\" must be a text of 1 to %d bytes", key,
				CONTROL_TEXT_MAX);
		if (text)
			*text = json_string_value(value);
		if (is("background", key) && !json_is_boolean(value))
			return control_problem_set(problem, "request",
				"\"%s\" must be true or false", key);
		if (is("background", key))
			out->background = json_is_true(value);
	}
	if (op->must && !json_object_get(out->text, op->must))
		return control_problem_set(problem, "request",
			"\"%s\" needs \"%s\"", op->name, op->must);
	return true;
}

bool control_request_parse(struct slice line, struct control_request *out,
	struct control_problem *problem)
{
	json_error_t error;
	const char *name = "";

	*out = (struct control_request){0};
	out->text = json_loadb(
		line.p ? line.p : "", line.len, JSON_REJECT_DUPLICATES, &error);
	if (!out->text)
		return control_problem_set(
			problem, "request", "this is no JSON: %s", error.text);
	if (take_head(out->text, out, &name, problem) &&
		take_op(name, &out->op, problem) && take_members(out, problem))
		return true;
	control_request_clear(out);
	return false;
}

void control_request_clear(struct control_request *request)
{
	json_int_t id = request->id;

	json_decref(request->text);
	*request = (struct control_request){.id = id};
}

json_t *control_answer(json_int_t id, const char *what, json_t *value)
{
	return json_pack("{s:i, s:I, s:o}", "v", CONTROL_VERSION, "id", id,
		what, value ? value : json_null());
}

json_t *control_refusal(json_int_t id, const struct control_problem *problem)
{
	/* text can quote a byte string that was cut within a character */
	json_t *text = json_string(problem->text);

	return control_answer(id, "error",
		json_pack("{s:s, s:o}", "code", problem->code, "text",
			text ? text : json_string("(not printable)")));
}
