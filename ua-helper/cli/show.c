/* show.c - members of the daemon's JSON as text. */
#include "cli/show.h"

#include <glib.h>
#include <string.h>

#include "core/text.h"

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

const char *show_seconds(json_int_t seconds, char buf[SHOW_MAX])
{
	long long s = seconds < 0 ? 0 : seconds;

	if (s < 3600)
		(void)g_snprintf(buf, SHOW_MAX, "%lld:%02lld", s / 60, s % 60);
	else
		(void)g_snprintf(buf, SHOW_MAX, "%lld:%02lld:%02lld", s / 3600,
			s / 60 % 60, s % 60);
	return buf;
}

const char *show_bytes(json_int_t bytes, char buf[SHOW_MAX])
{
	static const char units[] = "kMGTPE";
	double value = (double)bytes;
	int unit = -1;

	while (value >= 999.5 && unit < 5) {
		value /= 1000;
		unit++;
	}
	if (unit < 0)
		(void)g_snprintf(buf, SHOW_MAX, "%" JSON_INTEGER_FORMAT, bytes);
	else
		(void)g_snprintf(buf, SHOW_MAX,
			value < 9.95 ? "%.1f%c" : "%.0f%c", value, units[unit]);
	return buf;
}
