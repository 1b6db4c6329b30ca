/* curl_init.h - libcurl, once for the whole process and before there are threads. */
#ifndef ZT_FORWARD_CURL_INIT_H
#define ZT_FORWARD_CURL_INIT_H

#include <stdbool.h>

bool curl_init(void);                   /* false: libcurl cannot be used. Again: nothing more is done */

#endif
