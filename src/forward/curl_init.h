/* curl_init.h - libcurl, once for the whole process and before there are threads. */
#ifndef ZT_FORWARD_CURL_INIT_H
#define ZT_FORWARD_CURL_INIT_H

#include <stdbool.h>

bool curl_init(void);                   /* false: libcurl cannot be used. Again: nothing more is done */
const char *curl_init_version(void);    /* "7.88.1", of the library in use */

#endif
