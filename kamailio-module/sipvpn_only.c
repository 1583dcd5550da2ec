/*
 * sipvpn_only.c - is a call for nothing but a VPN?
 *
 * PURE: slice in, verdict out.
 */
#include "sipvpn_only.h"

#include "sipvpn_media.h"

bool sipvpn_only(struct slice sdp)
{
	bool found = false;
	struct slice line;

	while (slice_cut(&sdp, '\n', &line)) {
		if (!slice_starts(line, SLICE("m=")))
			continue;
		if (vpnsdp_mentions(line))
			found = true;
		else if (!sipvpn_media_refused(line))
			return false;
	}
	return found;
}
