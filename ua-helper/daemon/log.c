/* log.c - what the program says. */
#include "daemon/log.h"

#include <errno.h>
#include <fcntl.h>
#include <gio/gio.h>
#include <stdio.h>
#include <unistd.h>

struct log {
	FILE *file;
	bool details;
};

struct log *log_open(const char *file, bool details, GError **error)
{
	struct log *log = g_new0(struct log, 1);
	int fd;

	log->details = details;
	(void)setvbuf(stdout, NULL, _IOLBF, 0); /* also when it is a pipe */
	if (!file)
		return log;
	fd = open(file, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
	log->file = fd >= 0 ? fdopen(fd, "a") : NULL;
	if (!log->file) {
		g_set_error(error, G_IO_ERROR, g_io_error_from_errno(errno),
			"log file %s: %s", file, g_strerror(errno));
		if (fd >= 0)
			close(fd);
		g_free(log);
		return NULL;
	}
	(void)setvbuf(log->file, NULL, _IOLBF, 0);
	return log;
}

void log_close(struct log *log)
{
	if (!log)
		return;
	if (log->file)
		(void)fclose(log->file);
	g_free(log);
}

static void stamped(FILE *out, const char *line)
{
	GDateTime *now = g_date_time_new_now_local();
	char *time = g_date_time_format(now, "%F %T");

	(void)fprintf(out, "%s.%03d %s\n", time,
		g_date_time_get_microsecond(now) / 1000, line);
	g_free(time);
	g_date_time_unref(now);
}

/* Others wrote parts of it: nothing in it may work a terminal. */
static char *tame(const char *format, va_list ap)
{
	char *raw = g_strdup_vprintf(format, ap);
	char *valid = g_utf8_make_valid(raw, -1);
	GString *out = g_string_new(NULL);

	for (const char *c = valid; *c; c = g_utf8_next_char(c)) {
		gunichar u = g_utf8_get_char(c);

		g_string_append_unichar(
			out, u == '\n' || g_unichar_isprint(u) ? u : '?');
	}
	g_free(valid);
	g_free(raw);
	return g_string_free(out, FALSE);
}

void log_event(struct log *log, const char *format, ...)
{
	va_list ap;
	char *line;

	va_start(ap, format);
	line = tame(format, ap);
	va_end(ap);
	(void)printf("%s\n", line);
	if (log->file)
		stamped(log->file, line);
	g_free(line);
}

void log_fault(struct log *log, const char *format, ...)
{
	va_list ap;
	char *line;

	va_start(ap, format);
	line = tame(format, ap);
	va_end(ap);
	(void)fprintf(stderr, "sipvpn-ua: %s\n", line);
	if (log->file)
		stamped(log->file, line);
	g_free(line);
}

void log_detail(struct log *log, const char *format, ...)
{
	va_list ap;
	char *line;

	if (!log->details)
		return;
	va_start(ap, format);
	line = tame(format, ap);
	va_end(ap);
	stamped(log->file ? log->file : stderr, line);
	g_free(line);
}

/* Lines whose value would let somebody try out passwords. */
static bool secret(struct slice line)
{
	struct slice name;

	if (!memchr(line.p, ':', line.len) || !slice_cut(&line, ':', &name))
		return false;
	return slice_caseeq(name, SLICE("Authorization")) ||
	       slice_caseeq(name, SLICE("Proxy-Authorization"));
}

void log_message(struct log *log, const char *direction, const char *peer,
	struct slice text)
{
	GString *shown;
	struct slice line;

	if (!log->details)
		return;
	shown = g_string_new(NULL);
	while (slice_cut(&text, '\n', &line)) {
		if (line.len > 0 && line.p[line.len - 1] == '\r')
			line.len--;
		g_string_append(shown, "\n    ");
		if (line.len > 0 && secret(line))
			g_string_append(shown, "(credentials not shown)");
		else
			g_string_append_len(shown, line.p, (gssize)line.len);
	}
	for (gsize i = 0; i < shown->len; i++)
		if (shown->str[i] == '\0')
			shown->str[i] = '?';
	log_detail(log, "%s %s:%s", direction, peer, shown->str);
	g_string_free(shown, TRUE);
}
