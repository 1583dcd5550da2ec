/* show.c - members of the daemon's JSON as text. */
#include "cli/show.h"

#include <glib.h>
#include <string.h>

#include "core/text.h"
#include "core/units.h"

const char *show(const json_t *object, const char *key, char buf[SHOW_MAX])
{
	const json_t *value = json_object_get(object, key);
	const char *text = json_string_value(value);

	if (json_is_integer(value)) {
		(void)g_snprintf(buf, SHOW_MAX, "%" JSON_INTEGER_FORMAT,
			json_integer_value(value));
		return buf;
	}
	if (!text || text[0] == '\0')
		return "-";
	TEXT_JOIN(buf, SHOW_MAX, slice_cstr(text));
	return buf;
}

const char *show_word(const json_t *object, const char *key, char buf[SHOW_MAX])
{
	const char *text = show(object, key, buf);

	if (text == buf)
		(void)g_strdelimit(buf, " ", '_');
	return text;
}

static const char *amount(void (*write)(uint64_t, struct sbuf *), json_int_t n,
	char buf[SHOW_MAX])
{
	struct sbuf b = sbuf_over(buf, SHOW_MAX);

	write(n > 0 ? (uint64_t)n : 0, &b);
	return sbuf_cstr(&b);
}

const char *show_seconds(json_int_t seconds, char buf[SHOW_MAX])
{
	return amount(units_seconds, seconds, buf);
}

const char *show_bytes(json_int_t bytes, char buf[SHOW_MAX])
{
	return amount(units_bytes, bytes, buf);
}
