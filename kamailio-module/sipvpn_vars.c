/*
 * sipvpn_vars.c - what is known of a VPN call, in its dialog's variables.
 */
#include "sipvpn_vars.h"

#include "core/dprint.h"

#include "kam_dialog.h"
#include "kam_slice.h"
#include "sipvpn_record.h"

#define MAX_ADDR 46 /* bytes, of IPv6 as text */

static const struct dlg_binds *dialog;

static str vars[] = {
	str_init("sipvpn_group"),
	str_init("sipvpn_caller"),
	str_init("sipvpn_callee"),
	str_init("sipvpn_local"),
	str_init("sipvpn_remote"),
};
enum { GROUP, CALLER, CALLEE, LOCAL, REMOTE, VARS };

/*
 * Of a call that is a VPN call no more; no group can be called so. The dialog
 * module takes a variable that is deleted out of its memory and not out of
 * its database. There it may even add a row for a new value, so that only the
 * order of rows tells which is the newer one: a call is a VPN call when
 * neither group nor ends say otherwise.
 */
static str nothing = str_init("no VPN");

void sipvpn_vars_init(const struct dlg_binds *binds)
{
	dialog = binds;
}

static str *var_of(struct dlg_cell *dlg, int var)
{
	return kam_dialog_var(dialog, dlg, &vars[var]);
}

static void keep_text(struct dlg_cell *dlg, int var, const struct sbuf *text)
{
	str value = str_of_slice(sbuf_slice(text));

	if (value.len <= 0) {
		/* not what a VPN had that was in this call before */
		if (!var_of(dlg, var))
			return;
		value = nothing;
	}
	if (dialog->set_dlg_var(dlg, &vars[var], &value) != 0)
		LM_ERR("cannot set the dialog variable %s: after a restart the "
		       "call is not known\n",
			vars[var].s);
}

static void keep_aor(
	struct dlg_cell *dlg, int var, const struct sipvpn_aor *aor)
{
	char mem[SIPVPN_MAX_AOR];
	struct sbuf b = sbuf_over(mem, sizeof(mem));

	sbuf_put(&b, aor->user);
	sbuf_char(&b, '@');
	sbuf_put(&b, aor->domain);
	keep_text(dlg, var, &b);
}

static void keep_addr(
	struct dlg_cell *dlg, int var, const struct vpnsdp_addr *addr)
{
	char mem[MAX_ADDR];
	struct sbuf b = sbuf_over(mem, sizeof(mem));

	vpnsdp_addr_write(addr, &b);
	keep_text(dlg, var, &b);
}

void sipvpn_vars_keep_ends(struct dlg_cell *dlg, const struct sipvpn_ends *ends)
{
	keep_addr(dlg, LOCAL, &ends->local);
	keep_addr(dlg, REMOTE, &ends->remote);
}

void sipvpn_vars_add_ends(struct dlg_cell *dlg, const struct sipvpn_ends *ends)
{
	const str *known = var_of(dlg, LOCAL);

	if (!known || slice_eq(slice_of_str(known), slice_of_str(&nothing)))
		sipvpn_vars_keep_ends(dlg, ends);
}

void sipvpn_vars_keep(struct dlg_cell *dlg, const struct sipvpn_call_facts *f)
{
	char mem[VPNSDP_MAX_VPN_ID];
	struct sbuf b = sbuf_over(mem, sizeof(mem));

	sbuf_put(&b, f->group);
	keep_text(dlg, GROUP, &b);
	keep_aor(dlg, CALLER, &f->caller);
	keep_aor(dlg, CALLEE, &f->callee);
	sipvpn_vars_keep_ends(dlg, &f->ends);
}

bool sipvpn_vars_recall(struct dlg_cell *dlg, struct sipvpn_call_facts *f)
{
	struct slice text[VARS];

	for (int i = 0; i < VARS; i++) {
		str *value = var_of(dlg, i);

		if (!value && i == GROUP)
			return false;
		text[i] = value ? slice_of_str(value) : SLICE("");
	}
	if (text[GROUP].len == 0 ||
		slice_eq(text[GROUP], slice_of_str(&nothing)) ||
		!sipvpn_aor_parse(text[CALLER], SLICE(""), &f->caller) ||
		!sipvpn_aor_parse(text[CALLEE], SLICE(""), &f->callee))
		return false;
	f->group = text[GROUP];
	f->ends = (struct sipvpn_ends){.local = {.family = 0}};
	(void)vpnsdp_addr_parse(text[LOCAL], &f->ends.local);
	(void)vpnsdp_addr_parse(text[REMOTE], &f->ends.remote);
	f->call_id = slice_of_str(&dlg->callid);
	f->from_tag = slice_of_str(&dlg->tag[DLG_CALLER_LEG]);
	f->to_tag = slice_of_str(&dlg->tag[DLG_CALLEE_LEG]);
	f->since = dlg->start_ts;
	return true;
}

void sipvpn_vars_forget(struct dlg_cell *dlg)
{
	for (int i = 0; i < VARS; i++)
		if (var_of(dlg, i) &&
			dialog->set_dlg_var(dlg, &vars[i], &nothing) != 0)
			LM_ERR("cannot set the dialog variable %s: after a "
			       "restart the call is listed as a VPN call\n",
				vars[i].s);
}
