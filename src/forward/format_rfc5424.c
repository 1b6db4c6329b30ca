/* format_rfc5424.c - RFC 5424 with structured data: zonetap@ENTERPRISE with what the mapping has, and origin (7.2). The
 * RFC's meta.sequenceId counts what a sender sends from its start on, without what was sent again: a cursor in a
 * database cannot say that, and does not pretend to; `seq` is the place in the outbox. */
#include "base/json.h"
#include "forward/format_inside.h"
#include "forward/vocabulary.h"

#include <config.h>
#include <string.h>

#define BOM "\xef\xbb\xbf"              /* 6.4: MSG is UTF-8 */
#define CUT " truncated=\"true\""

void format_syslog_header(const struct record *r, const struct format_env *e, struct sbuf *out)
{
	char text[TIME_TEXT];

	time_text(r->ts_ns, text);
	memcpy(text + 26, "Z", 2);      /* 6.2.3: six digits of a second at most */
	sbuf_fmt(out, "<%u>1 %s ", (e->facility & 31) * 8 + (unsigned)word_syslog_severity(r), text);
	clean_word(out, e->hostname, 255);
	sbuf_str(out, " " PACKAGE_NAME " - ");
	clean_word(out, r->class_word, 32);
	sbuf_char(out, ' ');
}

static void origin(struct sbuf *out)
{
	sbuf_str(out, "[origin software=\"" PACKAGE_NAME "\" swVersion=\"" PACKAGE_VERSION "\"]");
}

static bool structured(const struct record *r, const struct format_env *e, size_t limit, struct sbuf *out)
{
	static const struct pairs pairs = {
		.format = MAPPING_SD, .place = CLEAN_SD, .first = " ", .before = " ", .between = "=\"", .behind = "\"",
	};

	sbuf_fmt(out, "[" PACKAGE_NAME "@%u", e->enterprise);
	return format_pairs(&pairs, r, e, limit, out);
}

/* The structure whole, its most important parameters first, and of the message what then fits. */
static void shortened(const struct record *r, const struct format_env *e, size_t limit, struct sbuf *out)
{
	size_t least = (limit - out->len) / 3, text = 4 * strlen(r->text) + sizeof BOM;       /* \xNN at worst */

	least = text < least ? text : least;
	structured(r, e, limit - least - sizeof CUT - 1, out);
	sbuf_str(out, CUT "] " BOM);
	if (out->len < limit)
		clean_text(out, CLEAN_PLAIN, r->text, SIZE_MAX, limit - out->len);
}

bool format_rfc5424(const struct record *r, const struct format_env *e, size_t limit, struct sbuf *out)
{
	size_t begin;

	format_syslog_header(r, e, out);
	begin = out->len;
	if (out->cut || begin >= limit)
		return false;
	structured(r, e, SIZE_MAX, out);
	sbuf_char(out, ']');
	origin(out);
	sbuf_str(out, " " BOM);
	clean_text(out, CLEAN_PLAIN, r->text, 4095, SIZE_MAX);
	if (out->len <= limit && !out->cut)
		return true;
	format_back(out, begin);
	out->cut = false;
	shortened(r, e, limit < out->max ? limit : out->max - 1, out);
	return true;
}
