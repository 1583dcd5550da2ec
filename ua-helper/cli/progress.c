/* progress.c - what becomes of a call, step by step. */
#include "cli/progress.h"

#include <glib.h>
#include <stdio.h>
#include <string.h>

#include "cli/show.h"

/* "  0.012 s  " before each line */
static void at(const json_t *event)
{
	json_int_t ms = json_integer_value(json_object_get(event, "ms"));

	(void)printf("%3d.%03d s  ", (int)(ms / 1000), (int)(ms % 1000));
}

static void show_up(const json_t *event, const json_t *call)
{
	json_int_t ms = json_integer_value(json_object_get(event, "ms"));
	char local[SHOW_MAX];
	char remote[SHOW_MAX];
	char device[SHOW_MAX];
	char endpoint[SHOW_MAX];

	(void)printf("tunnel up in %d.%03d s: %s -> %s on %s, peer %s\n",
		(int)(ms / 1000), (int)(ms % 1000), show(call, "local", local),
		show(call, "remote", remote), show(call, "device", device),
		show(call, "endpoint", endpoint));
}

static void show_over(struct progress *p, const json_t *event)
{
	char text[SHOW_MAX];

	p->over = true;
	p->code = (enum exit_code)json_integer_value(
		json_object_get(event, "exit"));
	at(event);
	if (p->code == EXIT_OK) {
		(void)printf("call ended: %s\n", show(event, "text", text));
		return;
	}
	(void)printf("call failed\n");
	(void)fflush(stdout);
	(void)fprintf(stderr, "sipvpn-ua: %s\n", show(event, "text", text));
}

static void show_step(struct progress *p, const json_t *event, const char *step)
{
	static const struct {
		const char *step, *words;
	} plain[] = {
		{"waiting", "waiting until the account is registered"},
		{"ringing", "ringing"},
		{"checking", "answered; checking the path"},
		{"held", "on hold"},
		{"ending", "ending the call"},
	};
	const json_t *call = json_object_get(event, "call");
	char one[SHOW_MAX];
	char two[SHOW_MAX];

	if (strcmp(step, p->step) == 0)
		return;
	(void)g_strlcpy(p->step, step, sizeof(p->step));
	if (strcmp(step, "over") == 0) {
		show_over(p, event);
		return;
	}
	if (strcmp(step, "calling") == 0) {
		at(event);
		(void)printf("calling %s with account %s\n",
			show(call, "peer", one), show(call, "account", two));
	}
	if (strcmp(step, "up") == 0) {
		p->up = true;
		at(event);
		show_up(event, call);
	}
	for (size_t i = 0; i < sizeof(plain) / sizeof(plain[0]); i++)
		if (strcmp(step, plain[i].step) == 0) {
			at(event);
			(void)printf("%s\n", plain[i].words);
		}
}

/* Only in one's own process: a daemon is registered long before. */
static void show_account(const json_t *event, const json_t *account)
{
	char one[SHOW_MAX];
	char two[SHOW_MAX];
	const char *state = show(account, "state", one);

	if (strcmp(state, "registered") == 0) {
		at(event);
		(void)printf("registered %s", show(account, "aor", one));
		(void)printf(" at %s\n", show(account, "server", two));
	} else if (strcmp(state, "failed") == 0 ||
		   strcmp(state, "waiting") == 0) {
		(void)fprintf(stderr, "sipvpn-ua: %s: %s\n",
			show(account, "aor", one), show(account, "error", two));
	}
}

void progress_show(struct progress *p, const json_t *event)
{
	const char *step = json_string_value(json_object_get(event, "step"));
	const json_t *account = json_object_get(event, "account");

	if (step)
		show_step(p, event, step);
	else if (account)
		show_account(event, account);
	(void)fflush(stdout);
}
