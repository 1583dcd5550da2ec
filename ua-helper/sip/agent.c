/* agent.c - account, REGISTER, what comes in and where it belongs. */
#include "sip/agent_int.h"

#include <string.h>

#include "sip/reg_answer.h"
#include "sip/token.h"

void agent_say(struct agent *a, int level, const char *format, ...)
{
	va_list ap;
	char *line;

	va_start(ap, format);
	line = g_strdup_vprintf(format, ap);
	va_end(ap);
	a->conf.log(a->conf.arg, level, line);
	g_free(line);
}

void agent_report(struct agent *a, const struct agent_event *ev)
{
	a->conf.event(a->conf.arg, ev);
}

/* ---------------------------------------------------------------- sending */

char *agent_address_text(GSocketAddress *addr)
{
	return g_socket_connectable_to_string(G_SOCKET_CONNECTABLE(addr));
}

void agent_trace(struct agent *a, const char *direction, GSocketAddress *peer,
	struct slice text)
{
	char *peer_text;

	if (!a->conf.trace)
		return;
	peer_text = agent_address_text(peer);
	a->conf.trace(a->conf.arg, direction, peer_text, text);
	g_free(peer_text);
}

bool agent_send_text(
	struct agent *a, const char *text, size_t len, GSocketAddress *to)
{
	struct slice s = {text, len};

	if (!to)
		return false;
	agent_trace(a, "sent to", to, s);
	return transport_send(a->transport, s, to);
}

static bool send_message(void *arg, osip_transaction_t *tr, osip_message_t *msg)
{
	struct agent *a = arg;
	struct txn *txn = stack_txn(tr);
	size_t len = 0;
	char *text = msg_print(msg, &len);
	bool sent = false;

	if (text)
		sent = agent_send_text(
			a, text, len, txn->reply_to ? txn->reply_to : txn->to);
	g_free(text);
	return sent;
}

bool agent_authenticate(struct agent *a, osip_transaction_t *tr,
	osip_message_t *challenge, const char **why)
{
	struct auth_account account = {a->conf.user, a->conf.password};
	struct txn *txn = stack_txn(tr);
	osip_message_t *again = NULL;
	enum auth_verdict verdict;
	osip_transaction_t *next;
	osip_via_t *via;
	char token[TOKEN_LEN + 1];
	char *text;

	if (osip_message_clone(tr->orig_request, &again) != OSIP_SUCCESS) {
		*why = "out of memory";
		return false;
	}
	verdict = auth_answer(&account, again, challenge);
	/* a server that calls every answer stale must not keep us busy */
	if (verdict == AUTH_READY && txn->auth_tries >= 3)
		verdict = AUTH_REJECTED;
	if (verdict != AUTH_READY) {
		*why = auth_text(verdict);
		osip_message_free(again);
		return false;
	}
	text = g_strdup_printf("%u", msg_cseq(again) + 1);
	osip_free(again->cseq->number);
	again->cseq->number = osip_strdup(text);
	g_free(text);
	via = osip_list_get(&again->vias, 0);
	osip_list_special_free(
		&via->via_params, (void (*)(void *))osip_uri_param_free);
	osip_via_param_add(via, osip_strdup("rport"), NULL);
	token_fill(token);
	text = g_strconcat("z9hG4bK", token, NULL);
	osip_via_set_branch(via, osip_strdup(text));
	g_free(text);
	next = stack_request(a->stack, again, txn->kind, txn->call);
	if (!next) {
		*why = "the request could not be sent again";
		return false;
	}
	stack_txn(next)->auth_tries = txn->auth_tries + 1;
	if (txn->call && txn->kind == TXN_INVITE)
		txn->call->invite = next;
	return true;
}

/* -------------------------------------------------------- what comes in */

static void on_response(void *arg, osip_transaction_t *tr, osip_message_t *msg)
{
	struct agent *a = arg;

	if (stack_txn(tr)->kind == TXN_REGISTER)
		agent_reg_response(a, tr, msg);
	else if (msg->status_code != 503 ||
		 !agent_again(a, tr, reg_answer_retry_after(msg)))
		agent_uac_response(a, tr, msg);
}

static void on_timeout(void *arg, osip_transaction_t *tr, const char *why)
{
	struct agent *a = arg;

	if (stack_txn(tr)->kind == TXN_REGISTER)
		agent_reg_timeout(a, tr, why);
	else if (!agent_again(a, tr, 0))
		agent_uac_timeout(a, tr, why);
}

static void on_request(void *arg, osip_transaction_t *tr, osip_message_t *msg)
{
	struct agent *a = arg;
	osip_message_t *r;
	char tag[TOKEN_LEN + 1];

	if (a->way) {
		agent_uas_request(a, tr, msg);
		return;
	}
	/* a binding of an earlier life: we have no Contact to answer with */
	token_fill(tag);
	r = msg_response(msg, 480, NULL, tag);
	if (r)
		stack_respond(a->stack, tr, r);
}

static const struct stack_ops stack_ops = {
	.prepare = agent_prepare,
	.request = on_request,
	.response = on_response,
	.timeout = on_timeout,
	.send = send_message,
};

/* ------------------------------------------------------- making an agent */

/*
 * +sip.instance (RFC 5626) must be the same after a restart and tell nothing:
 * a UUID of version 5's shape from the machine's id and the account.
 */
static char *instance_id(const char *aor)
{
	char *machine = NULL;
	char *text;
	char *h;
	char *urn;

	if (!g_file_get_contents("/etc/machine-id", &machine, NULL, NULL))
		machine = g_strdup(g_get_host_name());
	text = g_strconcat("sipvpn ", machine, " ", aor, NULL);
	h = g_compute_checksum_for_string(G_CHECKSUM_SHA1, text, -1);
	urn = g_strdup_printf("urn:uuid:%.8s-%.4s-5%.3s-8%.3s-%.12s", h, h + 8,
		h + 13, h + 17, h + 20);
	g_free(h);
	g_free(text);
	g_free(machine);
	return urn;
}

static void name_ourselves(struct agent *a)
{
	char token[TOKEN_LEN + 1];

	a->aor = g_strdup_printf("sip:%s@%s", a->conf.user, a->conf.domain);
	a->instance = instance_id(a->aor);
	token_fill(token);
	a->reg_call_id = g_strdup(token);
	token_fill(token);
	a->reg_from = g_strdup_printf("<%s>;tag=%s", a->aor, token);
}

static void copy_conf(struct agent *a, const struct agent_conf *conf)
{
	struct agent_proxy *proxies =
		g_memdup2(conf->proxies, conf->n_proxies * sizeof(*proxies));

	for (size_t i = 0; i < conf->n_proxies; i++)
		proxies[i].host = g_strdup(conf->proxies[i].host);
	a->conf = *conf;
	a->conf.proxies = proxies;
	a->conf.domain = g_strdup(conf->domain);
	a->conf.user = g_strdup(conf->user);
	a->conf.password = g_strdup(conf->password);
	a->conf.ca_file = g_strdup(conf->ca_file);
	a->conf.cert_file = g_strdup(conf->cert_file);
	a->conf.key_file = g_strdup(conf->key_file);
}

static void clear_conf(struct agent *a)
{
	for (size_t i = 0; i < a->conf.n_proxies; i++)
		g_free((char *)a->conf.proxies[i].host);
	g_free((void *)a->conf.proxies);
	g_free((char *)a->conf.domain);
	g_free((char *)a->conf.user);
	if (a->conf.password)
		explicit_bzero(
			(char *)a->conf.password, strlen(a->conf.password));
	g_free((char *)a->conf.password);
	g_free((char *)a->conf.ca_file);
	g_free((char *)a->conf.cert_file);
	g_free((char *)a->conf.key_file);
}

static struct transport *open_transport(struct agent *a, GError **error)
{
	struct transport_conf conf = {
		.port = a->conf.port,
		.port_fixed = a->conf.port_fixed,
		.domain = a->conf.domain,
		.ca_file = a->conf.ca_file,
		.cert_file = a->conf.cert_file,
		.key_file = a->conf.key_file,
		.recv = agent_on_datagram,
		.opened = agent_on_opened,
		.error = agent_on_network_error,
		.arg = a,
	};

	for (size_t i = 0; i < a->conf.n_proxies; i++)
		conf.udp =
			conf.udp || a->conf.proxies[i].transport == AGENT_UDP;
	return transport_new(&conf, error);
}

struct agent *agent_new(const struct agent_conf *conf, GError **error)
{
	struct agent *a = g_new0(struct agent, 1);

	copy_conf(a, conf);
	a->calls = g_ptr_array_new();
	a->held = agent_again_new();
	a->peers = g_ptr_array_new_with_free_func(g_object_unref);
	route_set(&a->route, 0);
	a->stale = true;
	a->host = g_strdup("sipvpn-ua"); /* of a Warning, until we have one */
	a->stack = stack_new(&stack_ops, a);
	if (!a->stack)
		g_set_error_literal(error, G_IO_ERROR, G_IO_ERROR_FAILED,
			"libosip2 does not start");
	else
		a->transport = open_transport(a, error);
	if (!a->transport) {
		agent_free(a);
		return NULL;
	}
	name_ourselves(a);
	return a;
}

void agent_free(struct agent *a)
{
	if (!a)
		return;
	while (a->calls->len > 0)
		agent_call_free(a->calls->pdata[0]);
	g_ptr_array_unref(a->calls);
	g_ptr_array_unref(a->held);
	agent_server_clear(a);
	stack_free(a->stack);
	transport_free(a->transport);
	clear_conf(a);
	g_free(a->aor);
	g_free(a->instance);
	g_free(a->reg_call_id);
	g_free(a->reg_from);
	g_free(a);
}

struct vpnsdp_addr agent_server(const struct agent *a)
{
	if (!a->server)
		return (struct vpnsdp_addr){0};
	return way_address_of(g_inet_socket_address_get_address(
		G_INET_SOCKET_ADDRESS(a->server)));
}

const char *agent_server_text(const struct agent *a)
{
	return a->server_text ? a->server_text : "";
}

const char *agent_public_text(const struct agent *a)
{
	return a->public_text ? a->public_text : "";
}

struct vpnsdp_addr agent_address(const struct agent *a)
{
	return a->address;
}

const char *agent_aor(const struct agent *a)
{
	return a->aor;
}
