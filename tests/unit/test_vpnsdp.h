/*
 * test_vpnsdp.h - what the codec's tests and its fuzzer share: slices that
 * must lie inside the body, two parsed bodies that must say the same.
 */
#ifndef SIPVPN_TEST_VPNSDP_H
#define SIPVPN_TEST_VPNSDP_H

#include <stdbool.h>
#include <stddef.h>
#include "vpnsdp.h"

/* An empty slice may be anywhere. */
static inline bool inside(struct slice s, struct slice body)
{
	return s.len == 0 ||
	       (s.p >= body.p && s.len <= body.len &&
		       (size_t)(s.p - body.p) <= body.len - s.len);
}

/* NULL, or the name of a field that points out of the body. */
static inline const char *stray_slice(const struct vpnsdp *v, struct slice body)
{
	const struct {
		const char *name;
		struct slice s;
	} all[] = {{"origin_user", v->origin_user}, {"sess_id", v->sess_id},
		{"sess_version", v->sess_version}, {"section", v->section},
		{"fmt", v->fmt}, {"vpn_id", v->vpn_id}, {"tls_id", v->tls_id},
		{"pake", v->pake}, {"ice_ufrag", v->ice_ufrag},
		{"ice_pwd", v->ice_pwd}};

	for (size_t i = 0; i < sizeof(all) / sizeof(all[0]); i++)
		if (!inside(all[i].s, body))
			return all[i].name;
	for (size_t i = 0; i < v->n_media; i++)
		if (!inside(v->media[i], body))
			return "media";
	for (size_t i = 0; i < v->n_candidates; i++)
		if (!inside(v->candidates[i], body))
			return "candidates";
	return NULL;
}

/*
 * NULL, or the name of the first field in which b, parsed from what a was
 * written as, differs. Left out is what the writer leaves out: other
 * fingerprints, whose c= it was, the ports of other people's media.
 */
static inline const char *difference(
	const struct vpnsdp *a, const struct vpnsdp *b)
{
#define SAME(ok, name)                                                         \
	do {                                                                   \
		if (!(ok))                                                     \
			return name;                                           \
	} while (0)
	size_t n_media = a->n_media ? a->n_media : 1;

	SAME(slice_eq(a->origin_user, b->origin_user), "origin_user");
	SAME(slice_eq(a->sess_id, b->sess_id), "sess_id");
	SAME(slice_eq(a->sess_version, b->sess_version), "sess_version");
	SAME(!a->origin_addr.family ||
			vpnsdp_addr_eq(&a->origin_addr, &b->origin_addr),
		"origin_addr");
	SAME(n_media == b->n_media, "n_media");
	SAME(a->vpn_index == b->vpn_index, "vpn_index");
	SAME(a->form == b->form, "form");
	SAME(slice_eq(a->fmt, b->fmt), "fmt");
	SAME(a->port == b->port, "port");
	SAME(vpnsdp_addr_eq(&a->conn, &b->conn), "conn");
	SAME(a->direction == b->direction, "direction");
	SAME(vpnsdp_addr_eq(&a->ip4, &b->ip4), "ip4");
	SAME(vpnsdp_addr_eq(&a->ip6, &b->ip6), "ip6");
	SAME(a->attr_port == b->attr_port, "attr_port");
	SAME(a->has_attr_port == b->has_attr_port, "has_attr_port");
	SAME(slice_eq(a->vpn_id, b->vpn_id), "vpn_id");
	SAME(vpnsdp_addr_eq(&a->local, &b->local), "local");
	SAME(vpnsdp_addr_eq(&a->remote, &b->remote), "remote");
	SAME(a->setup == b->setup, "setup");
	SAME(slice_eq(a->tls_id, b->tls_id), "tls_id");
	SAME(a->has_fingerprint == b->has_fingerprint, "has_fingerprint");
	SAME(memcmp(a->fingerprint, b->fingerprint, VPNSDP_FINGERPRINT_LEN) ==
			0,
		"fingerprint");
	SAME(slice_eq(a->pake, b->pake), "pake");
	SAME(slice_eq(a->ice_ufrag, b->ice_ufrag), "ice_ufrag");
	SAME(slice_eq(a->ice_pwd, b->ice_pwd), "ice_pwd");
	SAME(a->n_candidates == b->n_candidates, "n_candidates");
	for (size_t i = 0; i < a->n_candidates; i++)
		SAME(slice_eq(a->candidates[i], b->candidates[i]),
			"candidates");
#undef SAME
	return NULL;
}

#endif
