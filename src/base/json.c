#include "base/json.h"

#include "base/utf8.h"

#include <stdio.h>
#include <string.h>
#include <time.h>

void json_init(struct json *j, struct sbuf *out)
{
	j->out = out;
	j->comma = false;
}

static void quoted(struct sbuf *b, const char *s, size_t n)
{
	static const char hex[] = "0123456789abcdef";
	size_t from = 0, i = 0;

	sbuf_char(b, '"');
	while (i < n) {
		uint8_t c = (uint8_t)s[i];
		uint32_t cp;
		size_t len;

		if (c >= 0x20 && c < 0x7f && c != '"' && c != '\\') {
			i++;
			continue;
		}
		sbuf_mem(b, s + from, i - from);
		len = utf8_next((const uint8_t *)s + i, n - i, &cp);
		if (len > 1) {
			sbuf_mem(b, s + i, len);
		} else if (len == 0) {
			sbuf_str(b, "\xef\xbf\xbd");
			len = 1;
		} else if (c == '"' || c == '\\') {
			sbuf_char(b, '\\');
			sbuf_char(b, (char)c);
		} else {
			char esc[6] = { '\\', 'u', '0', '0', hex[c >> 4], hex[c & 15] };

			sbuf_mem(b, esc, sizeof esc);
		}
		i += len;
		from = i;
	}
	sbuf_mem(b, s + from, n - from);
	sbuf_char(b, '"');
}

static void key_of(struct json *j, const char *key)
{
	if (j->comma)
		sbuf_char(j->out, ',');
	j->comma = true;
	if (key) {
		sbuf_char(j->out, '"');
		sbuf_str(j->out, key);
		sbuf_mem(j->out, "\":", 2);
	}
}

static void open_with(struct json *j, const char *key, char c)
{
	key_of(j, key);
	sbuf_char(j->out, c);
	j->comma = false;
}

static void close_with(struct json *j, char c)
{
	sbuf_char(j->out, c);
	j->comma = true;
}

void json_obj(struct json *j, const char *key)
{
	open_with(j, key, '{');
}

void json_obj_end(struct json *j)
{
	close_with(j, '}');
}

void json_arr(struct json *j, const char *key)
{
	open_with(j, key, '[');
}

void json_arr_end(struct json *j)
{
	close_with(j, ']');
}

void json_strn(struct json *j, const char *key, const char *s, size_t n)
{
	key_of(j, key);
	quoted(j->out, s, n);
}

void json_str(struct json *j, const char *key, const char *s)
{
	json_strn(j, key, s, strlen(s));
}

void json_uint(struct json *j, const char *key, uint64_t v)
{
	key_of(j, key);
	sbuf_uint(j->out, v);
}

void json_int(struct json *j, const char *key, int64_t v)
{
	key_of(j, key);
	if (v < 0)
		sbuf_char(j->out, '-');
	sbuf_uint(j->out, v < 0 ? 0 - (uint64_t)v : (uint64_t)v);
}

void json_real(struct json *j, const char *key, double v, int decimals)
{
	key_of(j, key);
	sbuf_fmt(j->out, "%.*f", decimals, v);
}

void json_bool(struct json *j, const char *key, bool v)
{
	key_of(j, key);
	sbuf_str(j->out, v ? "true" : "false");
}

void json_hex(struct json *j, const char *key, const uint8_t *p, size_t n)
{
	key_of(j, key);
	sbuf_char(j->out, '"');
	sbuf_hex(j->out, p, n);
	sbuf_char(j->out, '"');
}

void json_raw(struct json *j, const char *key, const char *text)
{
	key_of(j, key);
	sbuf_str(j->out, text);
}

void json_time(struct json *j, const char *key, uint64_t ts_ns)
{
	char text[TIME_TEXT];

	json_str(j, key, time_text(ts_ns, text));
}

/* Days from civil arithmetic (proleptic Gregorian), so that no lock in libc is touched. */
char *time_text(uint64_t ts_ns, char out[TIME_TEXT])
{
	uint64_t s = ts_ns / 1000000000u, ns = ts_ns % 1000000000u;
	uint64_t days = s / 86400, sec = s % 86400;
	uint64_t z = days + 719468, era = z / 146097, doe = z % 146097;
	uint64_t yoe = (doe - doe / 1460 + doe / 36524 - doe / 146096) / 365;
	uint64_t doy = doe - (365 * yoe + yoe / 4 - yoe / 100), mp = (5 * doy + 2) / 153;
	unsigned day = (unsigned)(doy - (153 * mp + 2) / 5 + 1);
	unsigned month = (unsigned)(mp < 10 ? mp + 3 : mp - 9);
	unsigned year = (unsigned)(yoe + era * 400 + (month <= 2));
	unsigned part[6] = { year, month, day, (unsigned)(sec / 3600), (unsigned)(sec / 60 % 60), (unsigned)(sec % 60) };
	static const char sep[] = "--T::.";
	char *o = out;

	for (int i = 0; i < 6; i++) {
		unsigned w = i == 0 ? 4 : 2, v = part[i];

		for (unsigned k = w; k-- > 0; v /= 10)
			o[k] = (char)('0' + v % 10);
		o += w;
		*o++ = sep[i];
	}
	for (unsigned k = 9; k-- > 0; ns /= 10)
		o[k] = (char)('0' + ns % 10);
	o[9] = 'Z';
	o[10] = '\0';
	return out;
}
