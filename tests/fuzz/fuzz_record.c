/* Alerts as a forged database may hold them: read, and written in every format.
 *
 * Input: one byte for the environment (bit 0: a syslog header, bits 1-2: how long a record may be, bit 3: an odd host
 * name), then the alert's JSON. What is refused is refused with a sentence. What is read gives, in each format, one line
 * of well-formed UTF-8 without a character that moves others about, within its length, and the JSON ones are JSON. */
#include "base/utf8.h"
#include "forward/format.h"

#include <jansson.h>
#include <stdlib.h>
#include <string.h>

static void must(int truth)
{
	if (!truth)
		abort();
}

static bool is_json(enum sink_format f)
{
	return f == FORMAT_ECS || f == FORMAT_OCSF || f == FORMAT_JSON;
}

/* One line, whatever is in it. A tab divides attributes of LEEF, the mark of UTF-8 stands once before MSG. */
static void check_text(enum sink_format f, const char *text, size_t n)
{
	const uint8_t *s = (const uint8_t *)text;
	unsigned marks = 0;

	for (size_t i = 0; i < n;) {
		uint32_t cp;
		size_t len = utf8_next(s + i, n - i, &cp);

		must(len > 0);
		must(cp >= 0x20 || (f == FORMAT_LEEF && cp == '\t'));
		must(cp < 0x7f || cp >= 0xa0);
		if (cp == 0xfeff)
			marks++;
		else
			must(!utf8_is_unsafe(cp));
		i += len;
	}
	must(marks == (f == FORMAT_RFC5424));
}

static void check_json(enum sink_format f, const struct record *r, const char *text, size_t n)
{
	json_error_t e;
	json_t *got = json_loadb(text, n, JSON_REJECT_DUPLICATES | JSON_ALLOW_NUL, &e);

	if (!got && f == FORMAT_JSON && json_error_code(&e) == json_error_numeric_overflow)
		return;                 /* JSON all the same */
	must(json_is_object(got));
	if (f == FORMAT_JSON) {
		json_t *was = json_loadb(r->json, r->json_len, JSON_REJECT_DUPLICATES | JSON_ALLOW_NUL, &e);

		must(json_equal(got, was));
		json_decref(was);
	}
	json_decref(got);
}

/* Behind so many words of a header: none of them can have a blank in it. */
static const char *behind(const char *s, unsigned words)
{
	for (; words > 0; words--) {
		s = strchr(s, ' ');
		must(s != NULL);
		s++;
	}
	return s;
}

/* SD-ELEMENT of 6.3 is closed where MSG begins, and nowhere before. */
static void check_structure(const char *text)
{
	const char *s = behind(text, 6);
	bool quoted = false;
	unsigned elements = 0;

	must(*s == '[');
	for (; quoted || *s != ' ' || elements == 0 || s[-1] != ']'; s++) {
		must(*s != '\0');
		if (quoted && *s == '\\') {
			must(s[1] == '"' || s[1] == '\\' || s[1] == ']');
			s++;
		} else if (*s == '"') {
			quoted = !quoted;
		} else if (!quoted && *s == ']') {
			elements++;
		} else {
			must(!quoted || *s != ']');
		}
	}
	must(strncmp(s, " \xef\xbb\xbf", 4) == 0);
}

static void check_format(enum sink_format f, const struct record *r, const struct format_env *e)
{
	struct sbuf out;

	sbuf_init(&out, 16u << 20);
	sbuf_str(&out, "before");
	if (!format_record(f, r, e, &out)) {
		must(is_json(f) && e->max_record);
		must(strcmp(sbuf_text(&out), "before") == 0);
		sbuf_fini(&out);
		return;
	}
	must(memcmp(out.s, "before", 6) == 0 && out.s[out.len] == '\0' && strlen(out.s) == out.len);
	must(!e->max_record || out.len - 6 <= e->max_record);
	check_text(f, out.s + 6, out.len - 6);
	if (is_json(f)) {
		const char *object = e->syslog ? behind(out.s, 7) : out.s + 6;

		must(*object == '{' || f == FORMAT_JSON);
		check_json(f, r, object, out.len - (size_t)(object - out.s));
	}
	if (f == FORMAT_RFC5424)
		check_structure(out.s);
	sbuf_fini(&out);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const uint32_t lengths[] = { 0, 480, 1024, 8192 };
	struct format_env e = { .hostname = "sensor", .sensor = "s", .facility = 16, .enterprise = 32473, .now_ns = 1 };
	struct record r;
	struct diag d = { "" };

	if (size < 1)
		return 0;
	e.syslog = data[0] & 1;
	e.max_record = lengths[data[0] >> 1 & 3];
	if (data[0] & 8)
		e.hostname = "a b\n\xff\"[]\xe2\x80\xae";
	if (record_read(&r, data[0] >> 4, 0, (const char *)data + 1, size - 1, &d) != ZT_OK) {
		must(d.text[0] != '\0' && strchr(d.text, '\n') == NULL);
		return 0;
	}
	must(r.uid[0] && r.rule[0] && r.title[0] && r.class_word[0] && r.text[0]);
	for (unsigned f = 0; f < FORMATS; f++)
		check_format((enum sink_format)f, &r, &e);
	record_fini(&r);
	return 0;
}
