#include "capture/libraries.h"

#include <openssl/crypto.h>
#include <pcap/pcap.h>
#include <stdio.h>
#include <string.h>
#include <zlib.h>
#include <zstd.h>

/* libpcap gives a sentence: "libpcap version 1.10.3 (with TPACKET_V3)". */
const char *libraries_pcap(void)
{
	static char out[32];
	const char *s = strstr(pcap_lib_version(), "version ");

	s = s ? s + strlen("version ") : pcap_lib_version();
	snprintf(out, sizeof out, "%.*s", (int)strcspn(s, " ,"), s);
	return out;
}

const char *libraries_zlib(void)
{
	return zlibVersion();
}

const char *libraries_zstd(void)
{
	return ZSTD_versionString();
}

const char *libraries_openssl(void)
{
	return OpenSSL_version(OPENSSL_VERSION_STRING);
}
