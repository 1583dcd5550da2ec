/* device_name.c - what a tun device is called; see device_name.h. PURE. */
#include "core/device_name.h"

#define NUMBER "-%d"
/* the kernel puts two characters at most for the two of "%d" */
#define NUMBERED_MAX (DEVICE_NAME_SIZE - sizeof(NUMBER))

static bool usable(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
	       (c >= '0' && c <= '9') || c == '-' || c == '_' || c == '.';
}

bool device_name_ok(struct slice name)
{
	if (name.len == 0 || name.len >= DEVICE_NAME_SIZE)
		return false;
	/* "." and "..", and nothing that looks like an option */
	if (name.p[0] == '.' || name.p[0] == '-')
		return false;
	for (size_t i = 0; i < name.len; i++)
		if (!usable(name.p[i]))
			return false;
	/* directories of /proc/sys/net/ipv4/conf */
	return !slice_eq(name, SLICE("all")) &&
	       !slice_eq(name, SLICE("default"));
}

/* "2500" of "sip:2500@example.org" */
static struct slice user_of(struct slice uri)
{
	struct slice scheme, user;
	struct slice rest = uri;

	if (slice_cut(&rest, ':', &scheme) &&
		(slice_caseeq(scheme, SLICE("sip")) ||
			slice_caseeq(scheme, SLICE("sips"))))
		uri = rest;
	rest = uri;
	return slice_cut(&rest, '@', &user) && user.len < uri.len ? user
								  : SLICE("");
}

void device_name_of_peer(struct slice uri, char out[static DEVICE_NAME_SIZE])
{
	static const char prefix[] = {'v', 'p', 'n', '-'};
	struct slice user = user_of(uri);
	size_t n = sizeof(prefix);

	memcpy(out, prefix, sizeof(prefix));
	for (size_t i = 0; i < user.len && n < DEVICE_NAME_SIZE - 1; i++)
		if (usable(user.p[i]))
			out[n++] = user.p[i];
	if (n == sizeof(prefix))
		n--;
	out[n] = '\0';
}

void device_name_numbered(const char *name, char out[static DEVICE_NAME_SIZE])
{
	size_t n = 0;

	while (n < NUMBERED_MAX && name[n] != '\0')
		n++;
	memmove(out, name, n);
	memcpy(out + n, NUMBER, sizeof(NUMBER));
}
