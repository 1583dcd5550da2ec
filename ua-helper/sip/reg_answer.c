/* reg_answer.c - what a registrar says in its answer to REGISTER. */
#include "sip/reg_answer.h"

#include <string.h>

#define SIP_PORT 5060 /* RFC 3261 section 19.1.2 */

static bool at(const osip_contact_t *c, const char *host, uint16_t port)
{
	uint32_t there = SIP_PORT;

	if (!c->url || !c->url->host ||
		g_ascii_strcasecmp(c->url->host, host) != 0)
		return false;
	if (c->url->port && !slice_u32(slice_cstr(c->url->port), 65535, &there))
		return false;
	return there == port;
}

/* A parameter's value without its quotes. */
static struct slice param(osip_contact_t *c, const char *name)
{
	osip_generic_param_t *p = NULL;
	struct slice s;

	osip_contact_param_get_byname(c, (char *)name, &p);
	if (!p)
		return SLICE("");
	s = slice_cstr(p->gvalue);
	if (s.len >= 2 && s.p[0] == '"' && s.p[s.len - 1] == '"')
		s = (struct slice){s.p + 1, s.len - 2};
	return s;
}

static bool of_instance(osip_contact_t *c, const char *instance)
{
	struct slice s = param(c, "+sip.instance");

	if (s.len < 2 || s.p[0] != '<' || s.p[s.len - 1] != '>')
		return false;
	return slice_caseeq(
		(struct slice){s.p + 1, s.len - 2}, slice_cstr(instance));
}

static osip_contact_t *find(osip_message_t *msg, const char *host,
	uint16_t port, const char *instance)
{
	osip_contact_t *second_best = NULL;
	osip_contact_t *c = NULL;

	for (int pos = 0; osip_message_get_contact(msg, pos, &c) >= 0; pos++) {
		if (!c)
			continue;
		if (at(c, host, port))
			return c;
		if (of_instance(c, instance))
			second_best = c;
	}
	return second_best;
}

/* Is the option tag among those of Require (or Supported)? */
static bool has_option(osip_message_t *msg, const char *name, const char *tag)
{
	osip_header_t *h = NULL;
	int pos = 0;

	while ((pos = osip_message_header_get_byname(msg, name, pos, &h)) >=
		0) {
		struct slice rest = slice_cstr(h->hvalue);
		struct slice one;

		pos++;
		while (slice_cut(&rest, ',', &one)) {
			while (one.len > 0 && one.p[0] == ' ')
				one = slice_skip(one, 1);
			while (one.len > 0 && one.p[one.len - 1] == ' ')
				one.len--;
			if (slice_caseeq(one, slice_cstr(tag)))
				return true;
		}
	}
	return false;
}

/* A GRUU goes into Contact: nothing may end the <> there, or begin another. */
static bool fit_for_contact(struct slice uri)
{
	if (uri.len > 512 || !slice_starts(uri, SLICE("sip")))
		return false;
	for (size_t i = 0; i < uri.len; i++)
		if (uri.p[i] <= ' ' || uri.p[i] >= 0x7f ||
			strchr("<>\"\\,", uri.p[i]))
			return false;
	return true;
}

void reg_answer_read(osip_message_t *msg, const char *host, uint16_t port,
	const char *instance, struct reg_answer *out)
{
	osip_contact_t *ours = find(msg, host, port, instance);

	*out = (struct reg_answer){.gruu = SLICE("")};
	(void)slice_u32(
		msg_header(msg, "flow-timer"), UINT32_MAX, &out->flow_timer);
	out->outbound = out->flow_timer > 0 ||
			has_option(msg, "require", "outbound") ||
			has_option(msg, "supported", "outbound");
	if (ours) {
		out->gruu = param(ours, "pub-gruu");
		if (!fit_for_contact(out->gruu))
			out->gruu = SLICE("");
	}
	if (!ours ||
		!slice_u32(param(ours, "expires"), UINT32_MAX, &out->expires))
		(void)slice_u32(
			msg_header(msg, "expires"), UINT32_MAX, &out->expires);
}

uint32_t reg_answer_retry_after(osip_message_t *msg)
{
	struct slice s = msg_header(msg, "retry-after");
	uint32_t n = 0;
	size_t digits = 0;

	/* "120 (maintenance);duration=60" */
	while (digits < s.len && s.p[digits] >= '0' && s.p[digits] <= '9')
		digits++;
	(void)slice_u32((struct slice){s.p, digits}, UINT32_MAX, &n);
	return n;
}

void reg_answer_seen(osip_message_t *msg, const char **host, uint16_t *port)
{
	osip_via_t *via = osip_list_get(&msg->vias, 0);
	osip_generic_param_t *received = NULL;
	osip_generic_param_t *rport = NULL;
	GInetAddress *addr = NULL;
	uint32_t n = 0;

	*host = NULL;
	if (!via)
		return;
	osip_via_param_get_byname(via, "received", &received);
	osip_via_param_get_byname(via, "rport", &rport);
	if (!rport || !slice_u32(slice_cstr(rport->gvalue), 65535, &n) ||
		n == 0)
		return;
	/* without received, the address was the one we named */
	if (received && received->gvalue) {
		addr = g_inet_address_new_from_string(received->gvalue);
		if (!addr)
			return;
		g_object_unref(addr);
		*host = received->gvalue;
	} else {
		*host = via->host;
	}
	*port = (uint16_t)n;
}
