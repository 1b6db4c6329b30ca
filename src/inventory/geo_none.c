/* geo_none.c - built without libmaxminddb: nothing is known of an address. */
#include "inventory/geo.h"

const char *geo_version(void)
{
	return NULL;
}

struct geo *geo_new(const char *const *paths, size_t n, geo_say_fn *say, void *arg)
{
	(void)paths;
	if (n)
		say(arg, "--geo: this program was built without libmaxminddb: countries and networks are not looked up");
	return NULL;
}

void geo_free(struct geo *g)
{
	(void)g;
}

void geo_refresh(struct geo *g)
{
	(void)g;
}

bool geo_find(struct geo *g, const struct ip_addr *ip, struct geo_facts *out)
{
	(void)g;
	(void)ip;
	(void)out;
	return false;
}

uint64_t geo_identity(struct geo *g)
{
	(void)g;
	return 0;
}
