#include "engine/versions.h"

#include "alert/store.h"
#include "capture/libraries.h"
#include "classify/classify.h"
#include "inventory/geo.h"
#include "policy/conf.h"

#include <stddef.h>
#include <stdio.h>
#include <xxhash.h>

static const char *xxhash_version(void)
{
	static char out[32];
	unsigned v = XXH_VERSION_NUMBER;        /* it is all inline: 10000 major + 100 minor + release */

	snprintf(out, sizeof out, "%u.%u.%u", v / 10000, v / 100 % 100, v % 100);
	return out;
}

const struct version versions[] = {
	{ "libpcap", libraries_pcap },
	{ "libyaml", conf_library_version },
	{ "zlib", libraries_zlib },
	{ "zstd", libraries_zstd },
	{ "SQLite", store_library_version },
	{ "OpenSSL", libraries_openssl },
	{ "xxHash", xxhash_version },
	{ "nDPI", classify_version },
	{ "libmaxminddb", geo_version },
	{ NULL, NULL },
};
