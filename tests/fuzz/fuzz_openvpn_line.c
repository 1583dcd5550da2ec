/*
 * fuzz_openvpn_line.c - any line of the management interface: no step outside
 * it, and text that is part of it.
 */
#include <stdlib.h>

#include "core/openvpn_line.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	const struct slice in = {(const char *)data, len};
	const struct openvpn_line line = openvpn_line_parse(in);

	if (line.text.len > 0 &&
		(line.text.p < in.p || line.text.len > len ||
			line.text.p + line.text.len > in.p + len))
		abort();
	if (line.from.family != 0 && line.event != OPENVPN_WRONG_CERT &&
		line.event != OPENVPN_CONNECTED &&
		line.event != OPENVPN_PEER_AT)
		abort();
	if (line.event == OPENVPN_PEER_AT && line.from.family == 0 &&
		line.port == 0)
		abort();
	if (line.port != 0 && line.event != OPENVPN_CONNECTED &&
		line.event != OPENVPN_PEER_AT)
		abort();
	if ((line.rx != 0 || line.tx != 0) && line.event != OPENVPN_BYTES)
		abort();
	(void)openvpn_line_telling(in);
	return 0;
}
