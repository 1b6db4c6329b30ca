#include "forward/curl_init.h"

#include <curl/curl.h>

const char *curl_init_version(void)
{
	return curl_version_info(CURLVERSION_NOW)->version;
}

/* Never undone: its threads may outlive whoever asked for it, and the process ends anyway. */
bool curl_init(void)
{
	static bool done;

	if (!done)
		done = curl_global_init(CURL_GLOBAL_DEFAULT) == CURLE_OK;
	return done;
}
