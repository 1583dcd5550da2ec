/*
 * account_int.h - what the parts of an account share; for account*.c only.
 *
 * account.c      its agent, its state, and what is asked of it from outside
 * account_reg.c  its registration: what core/reg decides, carried out
 */
#ifndef SIPVPN_ACCOUNT_INT_H
#define SIPVPN_ACCOUNT_INT_H

#include "core/reg.h"
#include "daemon/account.h"

struct account {
	struct account_env env;
	const struct conf *conf; /* a reference */
	const struct account_conf *own;
	struct agent *agent;
	struct reg reg;
	guint deadline; /* of the registration, or the next try to start */
	enum account_state state;
	gint64 since, until;
	char *aor;
	char *error;
};

/* ms: of what it waits for, or of the binding's life; 0: unknown. */
void account_set_state(struct account *a, enum account_state state, gint64 ms);
/* Takes error over; NULL: all is well. */
void account_set_error(struct account *a, char *error);
/* For g_timeout_add(): what it waited for is over. */
gboolean account_start_again(gpointer account);

/* 0 clears it. */
void account_set_deadline(struct account *a, uint32_t ms);
void account_reg_fact(struct account *a, struct reg_event ev);
/* An AGENT_REG_* event. */
void account_reg_event(struct account *a, const struct agent_event *ev);

#endif
