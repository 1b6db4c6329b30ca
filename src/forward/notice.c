#include "forward/notice.h"

#include "base/hash.h"
#include "base/json.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

struct words {
	const char *rule, *title, *kind;
	enum severity severity;
	uint64_t value;
};

static void uid_of(const struct notice *n, const char *rule, uint64_t what, char uid[NOTICE_UID_TEXT])
{
	uint64_t key[5] = { hash_stable(n->sensor, strlen(n->sensor)), hash_stable(n->sink, strlen(n->sink)),
			    hash_stable(rule, strlen(rule)), what, 0 }, half[2];

	for (; key[4] < 2; key[4]++)
		half[key[4]] = hash_stable(key, sizeof key);
	snprintf(uid, NOTICE_UID_TEXT, "%016" PRIx64 "%016" PRIx64, half[0], half[1]);
}

static void object(const struct notice *n, const struct words *w, const char *uid, const char *text, struct sbuf *out)
{
	struct json j;

	json_init(&j, out);
	json_obj(&j, NULL);
	json_str(&j, "uid", uid);
	json_uint(&j, "rev", 1);
	json_str(&j, "rule", w->rule);
	json_str(&j, "title", w->title);
	json_str(&j, "class", "sensor-health");
	json_str(&j, "severity", severity_word(w->severity));
	json_obj(&j, "health");
	json_str(&j, "kind", w->kind);
	json_str(&j, "name", n->sink);
	json_uint(&j, "value", w->value);
	json_obj_end(&j);
	json_uint(&j, "count", 1);
	json_time(&j, "first_seen", n->now_ns);
	json_time(&j, "last_seen", n->now_ns);
	json_bool(&j, "ended", true);
	json_str(&j, "sensor", n->sensor);
	json_str(&j, "text", text);
	json_obj_end(&j);
}

void notice_heartbeat(const struct notice *n, uint64_t interval_ns, struct sbuf *out, char uid[NOTICE_UID_TEXT])
{
	const struct words w = { NOTICE_HEARTBEAT, "The sensor is alive", "sink_heartbeat", SEV_INFO, interval_ns / 1000000000 };
	char text[400];

	snprintf(text, sizeof text, "Sensor %.63s is alive and reaches %.31s; the next such record follows in %" PRIu64 " s.", n->sensor,
		 n->sink, w.value);
	uid_of(n, w.rule, n->now_ns, uid);
	object(n, &w, uid, text, out);
}

void notice_dropped(const struct notice *n, const uint64_t dropped[SEV_COUNT], int64_t after, struct sbuf *out,
		    char uid[NOTICE_UID_TEXT])
{
	struct words w = { NOTICE_DROPPED, "Alerts were dropped before they could be sent", "spool_dropped", SEV_HIGH, 0 };
	uint64_t key[SEV_COUNT + 1] = { (uint64_t)after };
	char text[400];
	size_t len = 0;

	for (unsigned s = 0; s < SEV_COUNT; s++) {
		w.value += dropped[s];
		key[s + 1] = dropped[s];
	}
	len = (size_t)snprintf(text, sizeof text, "%" PRIu64 " records for %.31s were dropped for the limits of the spool", w.value, n->sink);
	for (unsigned s = SEV_COUNT, said = 0; s-- > 0;) {
		if (dropped[s])
			len += (size_t)snprintf(text + len, sizeof text - len, "%s %" PRIu64 " %s", said++ ? "," : ":", dropped[s], severity_word(s));
	}
	snprintf(text + len, sizeof text - len, ". The database of sensor %.63s may still have the alerts.", n->sensor);
	uid_of(n, w.rule, hash_stable(key, sizeof key), uid);
	object(n, &w, uid, text, out);
}

void notice_test(const struct notice *n, struct sbuf *out, char uid[NOTICE_UID_TEXT])
{
	const struct words w = { NOTICE_TEST, "TEST: no alert, only a test of the forwarding", "forward_test", SEV_INFO, 0 };
	char text[400];

	snprintf(text, sizeof text, "TEST: sensor %.63s sent this by hand to try %.31s. Nothing happened in the plant.", n->sensor, n->sink);
	uid_of(n, w.rule, n->now_ns, uid);
	object(n, &w, uid, text, out);
}
