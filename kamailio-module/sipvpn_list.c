/*
 * sipvpn_list.c - sipvpn.groups and sipvpn.members: what is in force, a page
 * at a time.
 *
 * A page is made while the snapshot is held; that waits for nothing, since
 * all of the reply is memory of this process.
 */
#include "sipvpn_list.h"

#include "core/dprint.h"

#include "kam_slice.h"
#include "sipvpn_table.h"

#define PAGE 50 /* entries: a reply of kamcmd or a datagram has its limit */
#define MAX_AOR (2 * SIPVPN_MAX_NAME + 1)

const char *sipvpn_list_groups_doc[] = {
	"The groups in force [from the number that the last page named]", 0};
const char *sipvpn_list_members_doc[] = {
	"The members of <group> [from the number that the last page named]", 0};

struct page {
	rpc_t *rpc;
	void *ctx;
	struct slice group;
	uint32_t from;
};

static void fault(const struct page *page, int code, const char *text)
{
	page->rpc->fault(page->ctx, code, "%s", text);
}

/* The structure of the reply, and the list in it. */
static bool begin(
	const struct page *page, char *name, void **reply, void **list)
{
	return page->rpc->add(page->ctx, "{", reply) >= 0 &&
	       page->rpc->struct_add(*reply, "[", name, list) >= 0;
}

static void add_text(
	rpc_t *rpc, void *into, char *name, const struct sbuf *text)
{
	str s = str_of_slice(sbuf_slice(text));

	if (s.len > 0)
		rpc->struct_add(into, "S", name, &s);
}

static void add_subnet(
	rpc_t *rpc, void *into, char *name, const struct sipvpn_subnet *net)
{
	char text[SIPVPN_MAX_SUBNET];
	struct sbuf out = sbuf_over(text, sizeof(text));

	sipvpn_subnet_write(net, &out);
	add_text(rpc, into, name, &out);
}

void sipvpn_list_addr(
	rpc_t *rpc, void *into, char *name, const struct vpnsdp_addr *addr)
{
	char text[SIPVPN_MAX_SUBNET];
	struct sbuf out = sbuf_over(text, sizeof(text));

	vpnsdp_addr_write(addr, &out);
	add_text(rpc, into, name, &out);
}

void sipvpn_list_aor(
	rpc_t *rpc, void *into, char *name, const struct sipvpn_aor *who)
{
	char text[MAX_AOR];
	struct sbuf aor = sbuf_over(text, sizeof(text));

	sbuf_put(&aor, who->user);
	sbuf_char(&aor, '@');
	sbuf_put(&aor, who->domain);
	add_text(rpc, into, name, &aor);
}

void sipvpn_list_member(rpc_t *rpc, void *into, const struct sipvpn_aor *who,
	const struct sipvpn_end *end)
{
	sipvpn_list_aor(rpc, into, "member", who);
	rpc->struct_add(into, "s", "role", end->hub ? "hub" : "member");
	sipvpn_list_addr(rpc, into, "addr4", &end->addr4);
	sipvpn_list_addr(rpc, into, "addr6", &end->addr6);
}

static void list_groups(const struct sipvpn_snapshot *s, void *arg)
{
	struct page *page = arg;
	uint32_t end = sipvpn_snapshot_groups(s);
	struct sipvpn_group_info info;
	void *reply, *list, *one;
	str name;

	if (!begin(page, "groups", &reply, &list))
		return;
	for (int n = 0; page->from < end && n < PAGE; n++) {
		sipvpn_snapshot_group_info(s, page->from++, &info);
		if (page->rpc->array_add(list, "{", &one) < 0)
			return;
		name = str_of_slice(info.name);
		page->rpc->struct_add(one, "Ssd", "name", &name, "policy",
			sipvpn_policy_text(info.policy), "members",
			(int)info.members);
		add_subnet(page->rpc, one, "subnet4", &info.subnet4);
		add_subnet(page->rpc, one, "subnet6", &info.subnet6);
	}
	if (page->from < end)
		page->rpc->struct_add(reply, "d", "next", (int)page->from);
}

static void list_members(const struct sipvpn_snapshot *s, void *arg)
{
	struct page *page = arg;
	struct sipvpn_member_info info;
	void *reply, *list, *one;
	uint32_t group, next;
	int n = 0;

	if (!sipvpn_snapshot_group(s, page->group, &group)) {
		fault(page, 404, "There is no such group");
		return;
	}
	if (!begin(page, "members", &reply, &list))
		return;
	next = page->from;
	while (sipvpn_snapshot_next_member(s, group, &next, &info)) {
		if (n++ == PAGE) {
			page->rpc->struct_add(
				reply, "d", "next", (int)page->from);
			return;
		}
		page->from = next;
		if (page->rpc->array_add(list, "{", &one) < 0)
			return;
		sipvpn_list_member(page->rpc, one, &info.who, &info.end);
	}
}

static void reply_page(
	struct page *page, void (*list)(const struct sipvpn_snapshot *, void *))
{
	str from = {NULL, 0};

	if (page->rpc->scan(page->ctx, "*.S", &from) >= 1 &&
		!slice_u32(slice_of_str(&from), INT32_MAX, &page->from)) {
		fault(page, 400, "A page begins at a number");
		return;
	}
	if (!sipvpn_table_read(list, page))
		fault(page, 503, "No membership is loaded");
}

void sipvpn_list_rpc_groups(rpc_t *rpc, void *ctx)
{
	struct page page = {.rpc = rpc, .ctx = ctx};

	reply_page(&page, list_groups);
}

void sipvpn_list_rpc_members(rpc_t *rpc, void *ctx)
{
	struct page page = {.rpc = rpc, .ctx = ctx};
	str group;

	if (rpc->scan(ctx, ".S", &group) < 1) {
		fault(&page, 400, "Usage: <group> [<from>]");
		return;
	}
	page.group = slice_of_str(&group);
	reply_page(&page, list_members);
}
