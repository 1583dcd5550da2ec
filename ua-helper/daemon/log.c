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
	bool journal; /* standard error is the journal's */
	bool quiet;
};

enum kind {
	EVENT,
	FAULT,
	DETAIL,
};

struct log *log_open(const char *file, bool details, GError **error)
{
	struct log *log = g_new0(struct log, 1);
	int fd;

	log->details = details;
	log->journal = g_log_writer_is_journald(STDERR_FILENO);
	(void)setvbuf(stdout, NULL, _IOLBF, 0); /* also when it is a pipe */
	if (!file)
		return log;
	/* O_NONBLOCK: a FIFO without a reader is refused, not waited for */
	fd = open(file, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC | O_NONBLOCK,
		0600);
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
static char *tame(char *raw)
{
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

static void add_field(
	GLogField *fields, gsize *n, const char *key, const char *value)
{
	if (value && value[0] != '\0')
		fields[(*n)++] = (GLogField){key, value, -1};
}

static void to_journal(
	enum kind kind, const struct log_about *about, const char *line)
{
	/* syslog(3): informational, warning, debug */
	static const char *const priorities[] = {"6", "4", "7"};
	char *peer = tame(g_strdup(about->peer ? about->peer : ""));
	char *reason = tame(g_strdup(about->reason ? about->reason : ""));
	char call[16] = "";
	GLogField fields[6];
	gsize n = 0;

	if (about->call > 0)
		(void)g_snprintf(call, sizeof(call), "%u", about->call);
	add_field(fields, &n, "MESSAGE", line);
	add_field(fields, &n, "PRIORITY", priorities[kind]);
	add_field(fields, &n, "SYSLOG_IDENTIFIER", "sipvpn-ua");
	add_field(fields, &n, "SIPVPN_CALL", call);
	add_field(fields, &n, "SIPVPN_PEER", peer);
	add_field(fields, &n, "SIPVPN_REASON", reason);
	(void)g_log_writer_journald(G_LOG_LEVEL_MESSAGE, fields, n, NULL);
	g_free(peer);
	g_free(reason);
}

static void to_terminal(const struct log *log, enum kind kind, const char *line)
{
	if (log->quiet && kind != DETAIL)
		return;
	if (kind == EVENT)
		(void)printf("%s\n", line);
	else if (kind == FAULT)
		(void)fprintf(stderr, "sipvpn-ua: %s\n", line);
	else if (!log->file)
		stamped(stderr, line);
}

static void say(struct log *log, enum kind kind, const struct log_about *about,
	char *text)
{
	static const struct log_about nothing = {.call = 0};
	char *line = tame(text);

	if (about && about->call > 0) {
		char *plain = line;

		line = g_strdup_printf("call %u: %s", about->call, plain);
		g_free(plain);
	}
	if (log->journal && (kind != DETAIL || !log->file))
		to_journal(kind, about ? about : &nothing, line);
	else
		to_terminal(log, kind, line);
	if (log->file)
		stamped(log->file, line);
	g_free(line);
}

void log_quiet(struct log *log)
{
	log->quiet = true;
}

/* The two ways to say something of one kind. */
#define SAY(kind, about)                                                       \
	do {                                                                   \
		va_list ap;                                                    \
                                                                               \
		if ((kind) == DETAIL && !log->details)                         \
			return;                                                \
		va_start(ap, format);                                          \
		say(log, kind, about, g_strdup_vprintf(format, ap));           \
		va_end(ap);                                                    \
	} while (0)

void log_event(struct log *log, const char *format, ...)
{
	SAY(EVENT, NULL);
}

void log_fault(struct log *log, const char *format, ...)
{
	SAY(FAULT, NULL);
}

void log_detail(struct log *log, const char *format, ...)
{
	SAY(DETAIL, NULL);
}

void log_event_about(
	struct log *log, const struct log_about *about, const char *format, ...)
{
	SAY(EVENT, about);
}

void log_fault_about(
	struct log *log, const struct log_about *about, const char *format, ...)
{
	SAY(FAULT, about);
}

void log_detail_about(
	struct log *log, const struct log_about *about, const char *format, ...)
{
	SAY(DETAIL, about);
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
