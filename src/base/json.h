/* json.h - a streaming JSON writer over an sbuf. Keys are the program's own words; values
 * may be anything: strings are escaped, bytes that are not UTF-8 become U+FFFD. The caller
 * nests begin and end properly; commas are the writer's business. One owner. */
#ifndef ZT_BASE_JSON_H
#define ZT_BASE_JSON_H

#include "base/sbuf.h"

struct json {
	struct sbuf *out;
	bool comma;             /* a value was written at this level */
};

void json_init(struct json *j, struct sbuf *out);
void json_obj(struct json *j, const char *key);         /* key NULL: an element or the whole */
void json_obj_end(struct json *j);
void json_arr(struct json *j, const char *key);
void json_arr_end(struct json *j);
void json_str(struct json *j, const char *key, const char *s);
void json_strn(struct json *j, const char *key, const char *s, size_t n);
void json_uint(struct json *j, const char *key, uint64_t v);
void json_int(struct json *j, const char *key, int64_t v);
void json_real(struct json *j, const char *key, double v, int decimals);
void json_bool(struct json *j, const char *key, bool v);
void json_hex(struct json *j, const char *key, const uint8_t *p, size_t n);
void json_raw(struct json *j, const char *key, const char *text);       /* already JSON */
void json_time(struct json *j, const char *key, uint64_t ts_ns);        /* RFC 3339 UTC, nine digits */

/* "2026-11-21T03:30:44.123456789Z"; out holds TIME_TEXT bytes. */
#define TIME_TEXT 32
char *time_text(uint64_t ts_ns, char out[TIME_TEXT]);

#endif
