#include "engine/versions.h"

#include "alert/store.h"
#include "capture/libraries.h"

#include <stddef.h>

const struct version versions[] = {
	{ "libpcap", libraries_pcap },
	{ "zlib", libraries_zlib },
	{ "zstd", libraries_zstd },
	{ "SQLite", store_library_version },
	{ NULL, NULL },
};
