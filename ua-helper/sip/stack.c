/* stack.c - libosip2's transaction layer in GLib's main loop. */
#include "sip/stack.h"

#include <string.h>

#include "sip/msg.h"
#include "sip/transport.h"

struct stack {
	osip_t *osip;
	const struct stack_ops *ops;
	void *arg;
	GPtrArray *live; /* osip_transaction_t, all that osip has */
	GPtrArray *dead; /* killed, freed once osip has let go of them */
	guint timer;
	bool pumping;
	bool again;
};

static void pump(struct stack *s);

struct txn *stack_txn(osip_transaction_t *tr)
{
	return osip_transaction_get_your_instance(tr);
}

static void adopt(struct stack *s, osip_transaction_t *tr, enum txn_kind kind,
	struct agent_call *call)
{
	struct txn *txn = g_new0(struct txn, 1);

	txn->kind = kind;
	txn->call = call;
	osip_transaction_set_your_instance(tr, txn);
	g_ptr_array_add(s->live, tr);
}

static void bury(struct stack *s, osip_transaction_t *tr)
{
	if (!g_ptr_array_remove_fast(s->live, tr))
		return;
	osip_remove_transaction(s->osip, tr);
	g_ptr_array_add(s->dead, tr);
}

static void free_transaction(gpointer data)
{
	struct txn *txn = stack_txn(data);

	g_clear_object(&txn->reply_to);
	g_clear_object(&txn->to);
	g_free(txn);
	osip_transaction_free(data);
}

/* ------------------------------------------------- what osip calls us for */

static struct stack *stack_of(osip_transaction_t *tr)
{
	return osip_get_application_context(tr->config);
}

static int on_send(osip_transaction_t *tr, osip_message_t *msg, char *host,
	int port, int sock)
{
	struct stack *s = stack_of(tr);

	(void)host;
	(void)port;
	(void)sock;
	return s->ops->send(s->arg, tr, msg) ? 0 : -1;
}

static void on_request(int type, osip_transaction_t *tr, osip_message_t *msg)
{
	struct stack *s = stack_of(tr);

	(void)type;
	s->ops->request(s->arg, tr, msg);
}

static void on_response(int type, osip_transaction_t *tr, osip_message_t *msg)
{
	struct stack *s = stack_of(tr);

	(void)type;
	s->ops->response(s->arg, tr, msg);
}

static void on_timeout(int type, osip_transaction_t *tr, osip_message_t *msg)
{
	struct stack *s = stack_of(tr);

	(void)type;
	(void)msg;
	s->ops->timeout(s->arg, tr, "no answer");
}

static void on_transport_error(int type, osip_transaction_t *tr, int error)
{
	struct stack *s = stack_of(tr);

	(void)error;
	if (type == OSIP_ICT_TRANSPORT_ERROR ||
		type == OSIP_NICT_TRANSPORT_ERROR)
		s->ops->timeout(s->arg, tr, "the request could not be sent");
}

static void on_kill(int type, osip_transaction_t *tr)
{
	(void)type;
	bury(stack_of(tr), tr);
}

static void set_callbacks(osip_t *osip)
{
	osip_set_cb_send_message(osip, on_send);
	for (int t = OSIP_ICT_STATUS_1XX_RECEIVED;
		t <= OSIP_ICT_STATUS_6XX_RECEIVED; t++)
		if (t != OSIP_ICT_STATUS_2XX_RECEIVED_AGAIN)
			osip_set_message_callback(osip, t, on_response);
	for (int t = OSIP_NICT_STATUS_2XX_RECEIVED;
		t <= OSIP_NICT_STATUS_6XX_RECEIVED; t++)
		if (t != OSIP_NICT_STATUS_2XX_RECEIVED_AGAIN)
			osip_set_message_callback(osip, t, on_response);
	osip_set_message_callback(osip, OSIP_IST_INVITE_RECEIVED, on_request);
	for (int t = OSIP_NIST_REGISTER_RECEIVED;
		t <= OSIP_NIST_UNKNOWN_REQUEST_RECEIVED; t++)
		osip_set_message_callback(osip, t, on_request);
	osip_set_message_callback(osip, OSIP_ICT_STATUS_TIMEOUT, on_timeout);
	osip_set_message_callback(osip, OSIP_NICT_STATUS_TIMEOUT, on_timeout);
	for (int t = 0; t < OSIP_KILL_CALLBACK_COUNT; t++)
		osip_set_kill_transaction_callback(osip, t, on_kill);
	for (int t = 0; t < OSIP_TRANSPORT_ERROR_CALLBACK_COUNT; t++)
		osip_set_transport_error_callback(osip, t, on_transport_error);
}

/* --------------------------------------------------------------- the loop */

static gboolean timer_due(gpointer arg)
{
	struct stack *s = arg;

	s->timer = 0;
	osip_timers_ict_execute(s->osip);
	osip_timers_ist_execute(s->osip);
	osip_timers_nict_execute(s->osip);
	osip_timers_nist_execute(s->osip);
	pump(s);
	return G_SOURCE_REMOVE;
}

static void arm(struct stack *s)
{
	struct timeval tv = {3600, 0};
	gint64 ms;

	g_clear_handle_id(&s->timer, g_source_remove);
	if (s->live->len == 0)
		return;
	osip_timers_gettimeout(s->osip, &tv);
	ms = (gint64)tv.tv_sec * 1000 + tv.tv_usec / 1000 + 1;
	s->timer = g_timeout_add((guint)CLAMP(ms, 1, 3600000), timer_due, s);
}

/* Run osip until it has nothing left to do; then free what has died. */
static void pump(struct stack *s)
{
	s->again = true;
	if (s->pumping)
		return;
	s->pumping = true;
	while (s->again) {
		s->again = false;
		osip_ict_execute(s->osip);
		osip_ist_execute(s->osip);
		osip_nict_execute(s->osip);
		osip_nist_execute(s->osip);
	}
	s->pumping = false;
	g_ptr_array_set_size(s->dead, 0);
	arm(s);
}

osip_transaction_t *stack_request(struct stack *s, osip_message_t *msg,
	enum txn_kind kind, struct agent_call *call)
{
	GSocketAddress *to = s->ops->prepare(s->arg, msg, kind, call);
	osip_transaction_t *tr = NULL;
	osip_event_t *ev;

	if (!to || osip_transaction_init(&tr, MSG_IS_INVITE(msg) ? ICT : NICT,
			   s->osip, msg) != OSIP_SUCCESS) {
		osip_message_free(msg);
		return NULL;
	}
	adopt(s, tr, kind, call);
	stack_txn(tr)->to = g_object_ref(to);
	ev = osip_new_outgoing_sipmessage(msg);
	ev->transactionid = tr->transactionid;
	osip_transaction_add_event(tr, ev);
	pump(s);
	/* a send that failed has ended it already */
	return g_ptr_array_find(s->live, tr, NULL) ? tr : NULL;
}

void stack_respond(struct stack *s, osip_transaction_t *tr, osip_message_t *msg)
{
	osip_event_t *ev = osip_new_outgoing_sipmessage(msg);

	ev->transactionid = tr->transactionid;
	osip_transaction_add_event(tr, ev);
	pump(s);
}

bool stack_deliver(struct stack *s, osip_event_t *ev)
{
	if (osip_find_transaction_and_add_event(s->osip, ev) != OSIP_SUCCESS)
		return false;
	pump(s);
	return true;
}

bool stack_awaits(struct stack *s, osip_message_t *response)
{
	for (guint i = 0; i < s->live->len; i++) {
		osip_transaction_t *tr = s->live->pdata[i];

		if ((tr->state == ICT_CALLING || tr->state == ICT_PROCEEDING) &&
			strcmp(msg_branch(tr->orig_request),
				msg_branch(response)) == 0)
			return true;
	}
	return false;
}

bool stack_merged(struct stack *s, osip_message_t *request)
{
	for (guint i = 0; i < s->live->len; i++) {
		osip_transaction_t *tr = s->live->pdata[i];

		if (stack_txn(tr)->kind == TXN_SERVER &&
			msg_same_request(tr->orig_request, request))
			return true;
	}
	return false;
}

bool stack_accept(struct stack *s, osip_event_t *ev, GSocketAddress *from)
{
	osip_transaction_t *tr = osip_create_transaction(s->osip, ev);

	if (!tr)
		return false;
	adopt(s, tr, TXN_SERVER, NULL);
	stack_txn(tr)->reply_to = g_object_ref(from);
	osip_transaction_add_event(tr, ev);
	pump(s);
	return true;
}

void stack_abort_waiting(struct stack *s, GSocketAddress *peer, const char *why)
{
	GPtrArray *waiting;

	if (s->pumping)
		return; /* osip learns of it from the failed send */
	waiting = g_ptr_array_new();
	for (guint i = 0; i < s->live->len; i++) {
		osip_transaction_t *tr = s->live->pdata[i];

		if ((tr->state == ICT_CALLING || tr->state == NICT_TRYING) &&
			transport_same_peer(stack_txn(tr)->to, peer))
			g_ptr_array_add(waiting, tr);
	}
	for (guint i = 0; i < waiting->len; i++) {
		osip_transaction_t *tr = waiting->pdata[i];

		if (!g_ptr_array_find(s->live, tr, NULL))
			continue;
		s->ops->timeout(s->arg, tr, why);
		bury(s, tr);
	}
	g_ptr_array_unref(waiting);
	pump(s);
}

void stack_forget_call(struct stack *s, struct agent_call *call)
{
	for (guint i = 0; i < s->live->len; i++) {
		struct txn *txn = stack_txn(s->live->pdata[i]);

		if (txn->call == call)
			txn->call = NULL;
	}
}

/*
 * What libosip2 thinks of a malformed message, which it would write to standard
 * output: nobody is to get a line in the log for every byte of rubbish.
 */
static void unheard(const char *file, int line, osip_trace_level_t level,
	const char *format, va_list args)
{
	(void)file;
	(void)line;
	(void)level;
	(void)format;
	(void)args;
}

struct stack *stack_new(const struct stack_ops *ops, void *arg)
{
	struct stack *s;
	osip_t *osip = NULL;

	if (osip_init(&osip) != OSIP_SUCCESS)
		return NULL;
	osip_trace_initialize_func(TRACE_LEVEL0, unheard);
	s = g_new0(struct stack, 1);
	s->osip = osip;
	s->ops = ops;
	s->arg = arg;
	s->live = g_ptr_array_new();
	s->dead = g_ptr_array_new_with_free_func(free_transaction);
	osip_set_application_context(osip, s);
	set_callbacks(osip);
	return s;
}

void stack_free(struct stack *s)
{
	if (!s)
		return;
	g_clear_handle_id(&s->timer, g_source_remove);
	while (s->live->len > 0)
		bury(s, s->live->pdata[0]);
	g_ptr_array_unref(s->dead);
	g_ptr_array_unref(s->live);
	osip_release(s->osip);
	g_free(s);
}
