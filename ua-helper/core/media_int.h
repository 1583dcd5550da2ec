/*
 * media_int.h - what the first and the later offers and answers share; for
 * media*.c only. PURE.
 */
#ifndef SIPVPN_MEDIA_INT_H
#define SIPVPN_MEDIA_INT_H

#include "core/media.h"

/* All of them: false with *why. */
bool media_parse(
	struct slice body, struct vpnsdp *out, struct media_refusal *why);
bool media_check(enum vpnsdp_err err, struct media_refusal *why);
bool media_offer_fits(const struct media_local *me, const struct vpnsdp *theirs,
	struct media_refusal *why);
bool media_agree(const struct media_local *me, const struct vpnsdp *theirs,
	enum tunnel_role role, struct tunnel_plan *plan,
	struct media_refusal *why);

/* The parts of a description that are ours whatever is agreed. */
struct vpnsdp media_describe(const struct media_local *me);
/* The fmt of our answer. */
struct slice media_chosen_fmt(const struct vpnsdp *theirs);

#endif
