/* agent.c - account, REGISTER, what comes in and where it belongs. */
#include "sip/agent_int.h"

#include <string.h>

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
		sent = agent_send_text(a, text, len,
			txn->reply_to ? txn->reply_to : a->conf.server);
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

/* --------------------------------------------------------------- REGISTER */

void agent_register(struct agent *a, uint32_t expires)
{
	char *uri = g_strconcat("sip:", a->conf.domain, NULL);
	char *to = g_strdup_printf("<%s>", a->aor);
	char *extra = g_strdup_printf("Contact: %s\r\nExpires: %u\r\n",
		a->contact, (unsigned)expires);
	struct msg_request parts = {
		.method = "REGISTER",
		.uri = uri,
		.via_host = a->host,
		.via_port = transport_port(a->transport),
		.from = a->reg_from,
		.to = to,
		.call_id = a->reg_call_id,
		.cseq = ++a->reg_cseq,
		.extra = extra,
	};
	osip_message_t *msg = msg_request(&parts);

	if (!msg || !stack_request(a->stack, msg, TXN_REGISTER, NULL))
		agent_say(a, AGENT_LOG_NOTICE, "REGISTER could not be built");
	g_free(uri);
	g_free(to);
	g_free(extra);
}

static void register_response(
	struct agent *a, osip_transaction_t *tr, osip_message_t *msg)
{
	struct agent_event ev = {.status = (uint16_t)msg->status_code};
	const char *why = msg->reason_phrase ? msg->reason_phrase : "";
	uint32_t n;

	if (MSG_IS_STATUS_1XX(msg))
		return;
	if (msg_cseq(msg) != a->reg_cseq)
		return; /* a later REGISTER has overtaken this one */
	ev.type = AGENT_REG_REFUSED;
	if (MSG_IS_STATUS_2XX(msg)) {
		ev.type = AGENT_REG_OK;
		ev.expires =
			msg_granted(msg, a->host, transport_port(a->transport));
	} else if (msg->status_code == 401 || msg->status_code == 407) {
		if (agent_authenticate(a, tr, msg, &why)) {
			a->reg_cseq++;
			return;
		}
		ev.type = AGENT_REG_AUTH_FAILED;
	} else if (msg->status_code == 423 &&
		   slice_u32(msg_header(msg, "min-expires"), UINT32_MAX, &n)) {
		ev.type = AGENT_REG_TOO_BRIEF;
		ev.expires = n;
	}
	ev.phrase = slice_cstr(why);
	agent_report(a, &ev);
}

/* -------------------------------------------------------- what comes in */

static void on_response(void *arg, osip_transaction_t *tr, osip_message_t *msg)
{
	if (stack_txn(tr)->kind == TXN_REGISTER)
		register_response(arg, tr, msg);
	else
		agent_uac_response(arg, tr, msg);
}

static void on_timeout(void *arg, osip_transaction_t *tr, const char *why)
{
	struct agent *a = arg;
	struct agent_event ev = {
		.type = AGENT_REG_NO_ANSWER, .phrase = slice_cstr(why)};

	if (stack_txn(tr)->kind != TXN_REGISTER)
		agent_uac_timeout(a, tr, why);
	else if (msg_cseq(tr->orig_request) == a->reg_cseq)
		agent_report(a, &ev);
}

static void on_request(void *arg, osip_transaction_t *tr, osip_message_t *msg)
{
	agent_uas_request(arg, tr, msg);
}

static const struct stack_ops stack_ops = {
	.request = on_request,
	.response = on_response,
	.timeout = on_timeout,
	.send = send_message,
};

static void on_network_error(void *arg, const char *why)
{
	struct agent *a = arg;

	stack_abort_waiting(a->stack, why);
}

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

static struct vpnsdp_addr address_of(GInetAddress *addr)
{
	struct vpnsdp_addr out = {.family = 4};

	if (g_inet_address_get_family(addr) == G_SOCKET_FAMILY_IPV6)
		out.family = 6;
	memcpy(out.b, g_inet_address_to_bytes(addr),
		g_inet_address_get_native_size(addr));
	return out;
}

static bool learn_address(struct agent *a, GError **error)
{
	GInetAddress *local = transport_source_address(a->conf.server, error);

	if (!local)
		return false;
	a->address = address_of(local);
	a->host = g_inet_address_to_string(local);
	if (a->address.family == 6) {
		char *bare = a->host;

		a->host = g_strdup_printf("[%s]", bare);
		g_free(bare);
	}
	g_object_unref(local);
	return true;
}

static void name_ourselves(struct agent *a)
{
	char token[TOKEN_LEN + 1];
	char *instance;

	a->aor = g_strdup_printf("sip:%s@%s", a->conf.user, a->conf.domain);
	instance = instance_id(a->aor);
	/* RFC 5688: what m=application subtype we can process */
	a->contact = g_strdup_printf("<sip:%s@%s:%u>;+sip.instance=\"<%s>\""
				     ";+sip.app-subtype=\"openvpn\"",
		a->conf.user, a->host, (unsigned)transport_port(a->transport),
		instance);
	g_free(instance);
	token_fill(token);
	a->reg_call_id = g_strdup(token);
	token_fill(token);
	a->reg_from = g_strdup_printf("<%s>;tag=%s", a->aor, token);
}

struct agent *agent_new(const struct agent_conf *conf, GError **error)
{
	struct agent *a = g_new0(struct agent, 1);
	struct transport_conf t = {
		.family = g_socket_address_get_family(conf->server),
		.port = conf->port,
		.port_fixed = conf->port_fixed,
		.recv = agent_on_datagram,
		.error = on_network_error,
		.arg = a,
	};

	a->conf = *conf;
	a->conf.server = g_object_ref(conf->server);
	a->conf.domain = g_strdup(conf->domain);
	a->conf.user = g_strdup(conf->user);
	a->conf.password = g_strdup(conf->password);
	a->calls = g_ptr_array_new();
	a->stack = stack_new(&stack_ops, a);
	if (!a->stack)
		g_set_error_literal(error, G_IO_ERROR, G_IO_ERROR_FAILED,
			"libosip2 does not start");
	else
		a->transport = transport_new(&t, error);
	if (!a->transport || !learn_address(a, error)) {
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
	stack_free(a->stack);
	transport_free(a->transport);
	g_object_unref(a->conf.server);
	g_free((char *)a->conf.domain);
	g_free((char *)a->conf.user);
	if (a->conf.password)
		explicit_bzero(
			(char *)a->conf.password, strlen(a->conf.password));
	g_free((char *)a->conf.password);
	g_free(a->host);
	g_free(a->aor);
	g_free(a->contact);
	g_free(a->reg_call_id);
	g_free(a->reg_from);
	g_free(a);
}

struct vpnsdp_addr agent_server(const struct agent *a)
{
	return address_of(g_inet_socket_address_get_address(
		G_INET_SOCKET_ADDRESS(a->conf.server)));
}

struct vpnsdp_addr agent_address(const struct agent *a)
{
	return a->address;
}

const char *agent_aor(const struct agent *a)
{
	return a->aor;
}
