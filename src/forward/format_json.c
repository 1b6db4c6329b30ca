/* format_json.c - the alert as it is stored: the same value in one line. Characters that are fine in JSON but not on a
 * screen or in a line are spelled \uXXXX. */
#include "base/utf8.h"
#include "forward/format_inside.h"

#include <stdint.h>

static void spelled(struct sbuf *out, uint32_t cp)
{
	if (cp > 0xffff) {
		cp -= 0x10000;
		sbuf_fmt(out, "\\u%04x\\u%04x", 0xd800 + (cp >> 10), 0xdc00 + (cp & 0x3ff));
	} else {
		sbuf_fmt(out, "\\u%04x", cp);
	}
}

bool format_json(const struct record *r, const struct format_env *e, size_t limit, struct sbuf *out)
{
	const uint8_t *s = (const uint8_t *)r->json;
	size_t from = 0, i = 0;

	(void)e;
	(void)limit;
	while (i < r->json_len) {
		size_t len;
		uint32_t cp;

		if (s[i] >= 0x20 && s[i] < 0x7f) {
			i++;
			continue;
		}
		len = utf8_next(s + i, r->json_len - i, &cp);
		if (len > 1 && cp >= 0xa0 && !utf8_is_unsafe(cp)) {
			i += len;
			continue;
		}
		sbuf_mem(out, s + from, i - from);
		if (len == 0)
			sbuf_str(out, "\xef\xbf\xbd");
		else if (cp < 0x20)
			sbuf_char(out, ' ');    /* between two values: inside of text JSON spells it already */
		else
			spelled(out, cp);
		i += len ? len : 1;
		from = i;
	}
	sbuf_mem(out, s + from, i - from);
	return true;
}
