/* zonetap.yaml: every row of its table at both ends of its range and past them, with the wrong type, the wrong unit, a
 * wrong name and twice; defaults; paths. */
#include "base/arena.h"
#include "base/sbuf.h"
#include "sensor/config.h"
#include "sensor/setting.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

static struct complaints errs;

static struct sensor_config *read_as(const char *file, const char *text)
{
	errs.n = errs.more = 0;
	return config_read(file, text, strlen(text), &errs);
}

static struct sensor_config *read_text(const char *text)
{
	return read_as("zonetap.yaml", text);
}

/* What a sink says besides this key, so that it is right. */
static const char *sink_of(const char *key)
{
	static const struct { const char *key, *rest; } rests[] = {
		{ "name", "type: file, path: p" }, { "type", "name: s, url: 'udp://h'" }, { "url", "name: s, type: syslog" },
		{ "path", "name: s, type: file" }, { "rotate_size", "name: s, type: file, path: p" },
		{ "rotate_keep", "name: s, type: file, path: p" }, { "key", "name: s, type: syslog, url: 'tls://h', cert: c" },
		{ "pass_file", "name: s, type: syslog, url: 'tls://h', cert: c" }, { "pass_env", "name: s, type: syslog, url: 'tls://h', cert: c" },
		{ "token_file", "name: s, type: webhook, url: 'https://h'" }, { "token_env", "name: s, type: webhook, url: 'https://h'" },
		{ "user", "name: s, type: webhook, url: 'https://h', password_env: P" },
		{ "password_file", "name: s, type: webhook, url: 'https://h', user: u" },
		{ "password_env", "name: s, type: webhook, url: 'https://h', user: u" },
		{ "proxy_user", "name: s, type: syslog, url: 'tls://h', proxy: 'http://p', proxy_password_env: P" },
		{ "proxy_password_file", "name: s, type: webhook, url: 'https://h', proxy: 'http://p', proxy_user: u" },
		{ "proxy_password_env", "name: s, type: webhook, url: 'https://h', proxy: 'http://p', proxy_user: u" },
		{ "content_type", "name: s, type: webhook, url: 'https://h'" }, { "gzip", "name: s, type: webhook, url: 'https://h'" },
		{ "ack", "name: s, type: splunk, url: 'https://h', token_env: T" },
		{ "source", "name: s, type: splunk, url: 'https://h', token_env: T" },
		{ "sourcetype", "name: s, type: splunk, url: 'https://h', token_env: T" },
		{ "index", "name: s, type: elasticsearch, url: 'https://h'" },
		{ "tenant", "name: s, type: sentinel, url: 'https://h', client_id: c, password_env: P, dcr: d, stream: s" },
		{ "client_id", "name: s, type: sentinel, url: 'https://h', tenant: t, password_env: P, dcr: d, stream: s" },
		{ "authority", "name: s, type: sentinel, url: 'https://h', tenant: t, client_id: c, password_env: P, dcr: d, stream: s" },
		{ "dcr", "name: s, type: sentinel, url: 'https://h', tenant: t, client_id: c, password_env: P, stream: s" },
		{ "stream", "name: s, type: sentinel, url: 'https://h', tenant: t, client_id: c, password_env: P, dcr: d" },
	};

	for (size_t i = 0; i < sizeof rests / sizeof rests[0]; i++) {
		if (strcmp(rests[i].key, key) == 0)
			return rests[i].rest;
	}
	return "name: s, type: syslog, url: 'tls://h'";
}

static bool of_sink(const struct config_row *r)
{
	return strcmp(r->section, "forward") == 0;
}

/* A configuration that says one thing: the row's key with this value. */
static struct sensor_config *read_one(const struct config_row *r, const char *value)
{
	char text[8192];

	if (of_sink(r))
		snprintf(text, sizeof text, "interfaces: [{name: e0}]\nforward: [{%s, %s: %s}]\n", sink_of(r->key), r->key, value);
	else if (strcmp(r->section, "interfaces") == 0)
		snprintf(text, sizeof text, strcmp(r->key, "name") == 0 ? "interfaces: [{%s: %s}]\n" : "interfaces: [{name: e0, %s: %s}]\n",
			 r->key, value);
	else if (strcmp(r->key, "interfaces") == 0)
		snprintf(text, sizeof text, "interfaces: %s\n", value);
	else if (*r->section)
		snprintf(text, sizeof text, "interfaces: [{name: e0}]\n%s: {%s: %s}\n", r->section, r->key, value);
	else
		snprintf(text, sizeof text, "interfaces: [{name: e0}]\n%s: %s\n", r->key, value);
	return read_text(text);
}

static const void *place(const struct config_row *r, const struct sensor_config *c)
{
	return (const char *)(strcmp(r->section, "interfaces") == 0 ? (const void *)c->interfaces :
			      of_sink(r) ? (const void *)c->sinks : c) + r->at;
}

static uint64_t number_at(const struct config_row *r, const struct sensor_config *c)
{
	if (r->type == CONFIG_INT || r->type == CONFIG_SHARE || r->type == CONFIG_WORD)
		return *(const uint32_t *)place(r, c);
	return *(const uint64_t *)place(r, c);
}

static void takes(const struct config_row *r, const char *value, uint64_t number)
{
	struct sensor_config *c = read_one(r, value);

	if (!c)
		fail_msg("%s.%s: %s: %s", r->section, r->key, value, errs.v[0].text);
	if (number_at(r, c) != number)
		fail_msg("%s.%s: %s is %llu", r->section, r->key, value, (unsigned long long)number_at(r, c));
	config_free(c);
}

static void refuses(const struct config_row *r, const char *value, const char *what)
{
	struct sensor_config *c = read_one(r, value);

	if (c)
		fail_msg("%s.%s: %s is taken", r->section, r->key, value);
	assert_int_equal(errs.n, 1);
	if (!strstr(errs.v[0].text, what))
		fail_msg("%s.%s: %s: %s", r->section, r->key, value, errs.v[0].text);
	assert_string_equal(errs.v[0].file, "zonetap.yaml");
	assert_true(errs.v[0].line > 0 && errs.v[0].col > 0);
}

static bool is_section(const struct config_row *r)
{
	return r->type == CONFIG_SECTION || r->type == CONFIG_SECTIONS;
}

/* --- the rows --------------------------------------------------------------------------------------------- */

static void every_range_has_two_ends(void **state)
{
	char text[SETTING_TEXT];
	const struct config_row *r;
	unsigned seen = 0;

	(void)state;
	for (size_t i = 0; (r = config_row(i)); i++) {
		if (!setting_is_number(r->type))
			continue;
		seen++;
		assert_true(r->min > 0 && r->min < r->max);
		takes(r, setting_text(r, r->min, text), r->min);
		takes(r, setting_text(r, r->max, text), r->max);
		if (r->min > 1)
			refuses(r, setting_text(r, r->min - 1, text), "not ");
		refuses(r, setting_text(r, r->max + 1, text), "not ");
		refuses(r, r->type == CONFIG_INT ? "0" : r->type == CONFIG_SHARE ? "0%" : r->type == CONFIG_SIZE ? "0B" : "0s", "not ");
		if (r->off)
			takes(r, "off", 0);
		else
			refuses(r, "off", "not ");
	}
	assert_int_equal(seen, 40);
}

static void wrong_units_and_words(void **state)
{
	static const struct { enum config_type type; const char *value, *what; } bad[] = {
		{ CONFIG_INT, "5 MiB", "not a whole number" }, { CONFIG_INT, "-1", "not a whole number" },
		{ CONFIG_INT, "0x10", "not a whole number" }, { CONFIG_INT, "1.5", "not a whole number" },
		{ CONFIG_INT, "99999999999999999999999", "not a whole number" }, { CONFIG_INT, "''", "not a whole number" },
		{ CONFIG_SIZE, "64", "not a size" }, { CONFIG_SIZE, "64MB", "not a size" }, { CONFIG_SIZE, "64mib", "not a size" },
		{ CONFIG_SIZE, "60s", "not a size" }, { CONFIG_SIZE, "1.5GiB", "not a size" }, { CONFIG_SIZE, "MiB", "not a size" },
		{ CONFIG_SIZE, "18446744073709551615TiB", "not a size" }, { CONFIG_SIZE, "64  MiB", "not a size" },
		{ CONFIG_TIME, "60", "not a duration" }, { CONFIG_TIME, "60 s", "not a duration" }, { CONFIG_TIME, "1y", "not a duration" },
		{ CONFIG_TIME, "64MiB", "not a duration" }, { CONFIG_TIME, "999999999999d", "not a duration" },
		{ CONFIG_SHARE, "5", "not a share" }, { CONFIG_SHARE, "0.05", "not a share" }, { CONFIG_SHARE, "5.%", "not a share" },
		{ CONFIG_SHARE, ".5%", "not a share" }, { CONFIG_SHARE, "5.00001%", "not a share" }, { CONFIG_SHARE, "101%", "not from" },
		{ CONFIG_SHARE, "100.0001%", "not from" }, { CONFIG_SHARE, "99999999999999999999%", "not a share" },
		{ CONFIG_BOOL, "maybe", "neither yes nor no" }, { CONFIG_BOOL, "1", "neither yes nor no" },
		{ CONFIG_WORD, "hosts", "unknown word" }, { CONFIG_DATE, "soon", "not a time" }, { CONFIG_DATE, "off", "not a time" },
		{ CONFIG_NAME, "''", "is empty" }, { CONFIG_NAME, "\"a\\tb\"", "do not print" }, { CONFIG_PATH, "''", "is empty" },
		{ CONFIG_NAME, "\"a\\u202eb\"", "do not print" }, { CONFIG_NAME, "\"a\\u061cb\"", "do not print" },
		{ CONFIG_NAME, "\"a\\u2060b\"", "do not print" }, { CONFIG_NAME, "\"a\\U000E0041b\"", "do not print" },
		{ CONFIG_PATHS, "[a, '']", "is empty" }, { CONFIG_PATHS, "[a, {b: c}]", "a word belongs here" },
		{ CONFIG_IFNAME, "a/b", "not the name of an interface" }, { CONFIG_IFNAME, "'a b'", "not the name of an interface" },
		{ CONFIG_IFNAME, "'..'", "not the name of an interface" }, { CONFIG_IFNAME, "a234567890123456", "not the name of an interface" },
		{ CONFIG_IFNAME, "any", "all interfaces at once" }, { CONFIG_FILTER, "port http", "unknown word" },
		{ CONFIG_SECTION, "5", "a mapping" }, { CONFIG_SECTION, "[5]", "a mapping" }, { CONFIG_SECTIONS, "5", "a list" },
		{ CONFIG_SECTIONS, "{}", "a list" }, { CONFIG_SECTIONS, "[5]", "is a mapping" },
		{ CONFIG_EXPR, "severity >=", "" }, { CONFIG_EXPR, "zone == x", "zone" }, { CONFIG_EXPR, "''", "" },
		{ CONFIG_TEXT, "''", "is empty" }, { CONFIG_TEXT, "\"a\\tb\"", "not printable" }, { CONFIG_TEXT, "\"caf\\xe9\"", "not printable" },
	};
	const struct config_row *r;

	(void)state;
	for (size_t i = 0; (r = config_row(i)); i++) {
		for (size_t k = 0; k < sizeof bad / sizeof bad[0]; k++) {
			if (bad[k].type == r->type)
				refuses(r, bad[k].value, bad[k].what);
		}
		if (is_section(r))
			continue;
		refuses(r, "{a: b}", "takes a word");
		if (r->type != CONFIG_PATHS)
			refuses(r, "[a]", "takes a word");
		refuses(r, "~", "takes a word");
	}
}

static void good_words(void **state)
{
	static const struct { enum config_type type; const char *value; uint64_t number; } good[] = {
		{ CONFIG_SIZE, "64 MiB", 64u << 20 }, { CONFIG_SIZE, "67108864B", 64u << 20 }, { CONFIG_SIZE, "65536KiB", 64u << 20 },
		{ CONFIG_TIME, "60s", 60000000000 }, { CONFIG_TIME, "1min", 60000000000 }, { CONFIG_TIME, "3600000ms", 3600000000000 },
		{ CONFIG_SHARE, "5 %", 50000 }, { CONFIG_SHARE, "0.25%", 2500 }, { CONFIG_SHARE, "12.3456%", 123456 },
		{ CONFIG_WORD, "adapter", CONFIG_STAMPS_ADAPTER }, { CONFIG_WORD, "host", CONFIG_STAMPS_HOST },
		{ CONFIG_DATE, "1970-01-02", 86400000000000 }, { CONFIG_DATE, "1970-01-01T02:00:01+02:00", 1000000000 },
	};
	const struct config_row *r;

	(void)state;
	for (size_t i = 0; (r = config_row(i)); i++) {
		for (size_t k = 0; k < sizeof good / sizeof good[0]; k++) {
			bool in = !setting_is_number(r->type) || (good[k].number >= r->min && good[k].number <= r->max);

			for (size_t w = 0; in && r->words && strcmp(good[k].value, r->words[w]) != 0; w++)
				in = r->words[w + 1] != NULL;
			if (good[k].type == r->type && in)
				takes(r, good[k].value, good[k].number);
		}
	}
}

/* `what` once, in the complaints' texts or hints. */
static void said_once(const char *text, const char *what)
{
	size_t found = 0;

	assert_null(read_text(text));
	for (uint32_t k = 0; k < errs.n; k++)
		found += strstr(errs.v[k].text, what) || strstr(errs.v[k].hint, what);
	if (found != 1)
		fail_msg("%s: %s (%s)", text, errs.v[0].text, errs.v[0].hint);
}

static void unknown_and_twice(void **state)
{
	const struct config_row *r;
	char text[600], hint[100], head[400];
	const char *tail;

	(void)state;
	for (size_t i = 0; (r = config_row(i)); i++) {
		const char *value = r->type == CONFIG_SECTION ? "{}" : "x";

		if (r->must)
			continue;
		tail = of_sink(r) || strcmp(r->section, "interfaces") == 0 ? "}]" : *r->section ? "}" : "";
		if (of_sink(r))
			snprintf(head, sizeof head, "interfaces: [{name: e0}]\nforward: [{%s, ", sink_of(r->key));
		else if (strcmp(r->section, "interfaces") == 0)
			snprintf(head, sizeof head, "interfaces: [{name: e0, ");
		else
			snprintf(head, sizeof head, "interfaces: [{name: e0}]\n%s%s", r->section, *r->section ? ": {" : "");
		snprintf(text, sizeof text, "%s%sx: 5%s\n", head, r->key, tail);
		snprintf(hint, sizeof hint, "did you mean '%s'?", r->key);
		said_once(text, hint);
		snprintf(text, sizeof text, "%s%s: %s%s%s: %s%s\n", head, r->key, value, *tail ? ", " : "\n", r->key, value, tail);
		said_once(text, "stands here twice");
	}
}

/* --- the whole ------------------------------------------------------------------------------------------------ */

static void defaults_are_those_of_the_table(void **state)
{
	struct sensor_config *c = read_text("interfaces:\n- name: eth1\nforward: [{name: soc, type: syslog, url: 'tls://siem'}]\n");
	const struct config_row *r;
	struct sbuf b;

	(void)state;
	assert_non_null(c);
	assert_int_equal(c->sink_count, 1);
	sbuf_init(&b, 4096);
	for (size_t i = 0; (r = config_row(i)); i++) {
		const void *base = (const char *)place(r, c) - r->at;

		if (is_section(r)) {
			assert_null(r->preset);
			continue;
		}
		assert_true(r->must + (r->preset != NULL) + (r->absent != NULL) == 1);
		sbuf_reset(&b);
		config_show(r, base, &b);
		if (strcmp(r->key, "sensor") == 0 || strcmp(r->key, "url") == 0 || strcmp(r->key, "format") == 0 || r->must)
			assert_true(b.len > 0);
		else
			assert_string_equal(sbuf_text(&b), r->preset ? r->preset : r->absent);
		if (setting_is_number(r->type))
			takes(r, r->preset, number_at(r, c));
	}
	sbuf_fini(&b);
	assert_int_equal(c->interface_count, 1);
	assert_string_equal(c->interfaces[0].name, "eth1");
	assert_string_equal(c->interfaces[0].filter, "");
	assert_null(c->interfaces[0].segment);
	assert_true(c->interfaces[0].promiscuous);
	assert_int_equal(c->interfaces[0].ring, 64 << 20);
	assert_null(c->site);
	assert_null(c->metrics.file);
	assert_int_equal(c->rules.n, 0);
	assert_int_equal(c->learning.until + c->learning.period, 0);
	assert_int_equal(c->limits.alerts, WRITER_ALERTS);
	assert_int_equal(c->database.max_size, UINT64_C(10) << 30);
	assert_int_equal(c->health.drops, 1000);
	config_free(c);
}

static void what_is_said_arrives(void **state)
{
	struct sensor_config *c = read_text(
		"sensor: north\ninterfaces:\n- {name: e0, segment: line-3, filter: 'vlan 5', snaplen: 1600, ring: 2MiB, workers: 3, promiscuous: no,"
		" stamps: adapter}\n- name: e1\nrules: [a.yaml, /b]\ngeo: g.mmdb\nlearning: {until: 2026-12-01}\nuser: sensor\n");

	(void)state;
	assert_non_null(c);
	assert_string_equal(c->sensor, "north");
	assert_int_equal(c->interface_count, 2);
	assert_string_equal(c->interfaces[0].segment, "line-3");
	assert_int_equal(c->interfaces[0].segment_line, 3);
	assert_int_equal(c->interfaces[0].segment_col, 23);
	assert_string_equal(c->interfaces[0].filter, "vlan 5");
	assert_int_equal(c->interfaces[0].snaplen, 1600);
	assert_int_equal(c->interfaces[0].workers, 3);
	assert_false(c->interfaces[0].promiscuous);
	assert_int_equal(c->interfaces[0].stamps, CONFIG_STAMPS_ADAPTER);
	assert_true(c->interfaces[1].promiscuous);
	assert_int_equal(c->interfaces[1].workers, 1);
	assert_int_equal(c->rules.n, 2);
	assert_string_equal(c->rules.v[0], "a.yaml");
	assert_string_equal(c->rules.v[1], "/b");
	assert_int_equal(c->geo.n, 1);
	assert_string_equal(c->user, "sensor");
	config_free(c);
}

static void sinks_arrive(void **state)
{
	struct sensor_config *c = read_as("/etc/zonetap/z.yaml", "interfaces: [{name: e}]\nforward:\n- {name: soc, type: syslog, url: 'tls://siem.example:6514', cacert: ca.pem,"
		" filter: severity >= medium, tls_min: 1.3, facility: local4, framing: lf, overlap: off}\n"
		"- {name: es, type: elasticsearch, url: 'https://[::1]:9200/x', index: i, token_env: KEY, proxy: 'http://p.example:3128/',"
		" proxy_user: we, proxy_password_file: p.secret}\n"
		"- {name: udp, type: syslog, url: 'udp://10.0.0.1', format: cef}\nspool: {rows: 1000, age: off}\n");
	char to[SINK_TO_TEXT];
	struct sink_conf *copy, *through;

	(void)state;
	if (!c)
		fail_msg("%s", errs.v[0].text);
	assert_int_equal(c->sink_count, 3);
	assert_string_equal(c->sinks[0].name, "soc");
	assert_int_equal(c->sinks[0].line, 3);
	assert_int_equal(c->sinks[0].format, FORMAT_RFC5424);
	assert_string_equal(c->sinks[0].cacert, "/etc/zonetap/ca.pem");
	assert_string_equal(c->sinks[0].filter, "severity >= medium");
	assert_int_equal(c->sinks[0].tls_min, SINK_TLS_1_3);
	assert_int_equal(c->sinks[0].facility, 20);
	assert_int_equal(c->sinks[0].framing, FRAMING_LF);
	assert_int_equal(c->sinks[0].overlap, 0);
	assert_string_equal(sink_to(&c->sinks[0], to), "siem.example:6514");
	assert_int_equal(c->sinks[1].format, FORMAT_ECS);
	assert_int_equal(c->sinks[1].overlap, 0);       /* not where there are answers */
	assert_string_equal(sink_to(&c->sinks[1], to), "[::1]:9200");
	assert_int_equal(c->sinks[2].format, FORMAT_CEF);
	assert_int_equal(c->sinks[2].overlap, 0);
	assert_int_equal(c->spool.rows, 1000);
	assert_int_equal(c->spool.bytes, UINT64_C(1) << 30);
	assert_int_equal(c->spool.age, 0);
	assert_string_equal(sink_proxy(&c->sinks[1], to), "p.example:3128");
	assert_string_equal(sink_proxy(&c->sinks[2], to), "");
	copy = sink_conf_copy(&c->sinks[0]);
	through = sink_conf_copy(&c->sinks[1]);
	config_free(c);
	assert_string_equal(copy->filter, "severity >= medium");
	assert_null(copy->proxy);
	assert_null(copy->proxy_user);
	sink_conf_free(copy);
	assert_string_equal(through->proxy, "http://p.example:3128/");
	assert_string_equal(through->proxy_user, "we");
	assert_string_equal(through->proxy_password.file, "/etc/zonetap/p.secret");
	assert_null(through->proxy_password.env);
	sink_conf_free(through);
}

static void paths_begin_at_the_file(void **state)
{
	struct sensor_config *c = read_as("/etc/zonetap/z.yaml", "interfaces: [{name: e}]\nsite: s.yaml\nrules: [r, /x/y]\nsocket: run/s\n");
	char text[400], file[300];

	(void)state;
	assert_non_null(c);
	assert_string_equal(c->site, "/etc/zonetap/s.yaml");
	assert_string_equal(c->rules.v[0], "/etc/zonetap/r");
	assert_string_equal(c->rules.v[1], "/x/y");
	assert_string_equal(c->socket, "/etc/zonetap/run/s");
	assert_string_equal(c->database.path, "/var/lib/zonetap/zonetap.db");
	config_free(c);
	/* 107 bytes is what a Unix socket's address holds: 2 + 105, and one more. */
	for (int n = 105; n <= 106; n++) {
		snprintf(text, sizeof text, "interfaces: [{name: e}]\nsocket: %0*d\n", n, 0);
		c = read_as("d/z.yaml", text);
		assert_int_equal(c != NULL, n == 105);
		config_free(c);
	}
	assert_non_null(strstr(errs.v[0].text, "path is longer than 107 bytes"));
	memset(file, 'f', sizeof file - 1);
	file[sizeof file - 1] = '\0';
	file[200] = '/';
	c = read_as(file, "interfaces: [{name: e}]\nsite: s\n");
	assert_non_null(c);
	assert_int_equal(strlen(c->site), 202);
	config_free(c);
}

static void many_and_strange(void **state)
{
	char text[8192];
	size_t n = 0;

	(void)state;
	for (int most = CONFIG_INTERFACES_MAX; most <= CONFIG_INTERFACES_MAX + 1; most++) {
		struct sensor_config *c;

		n = (size_t)snprintf(text, sizeof text, "interfaces:\n");
		for (int i = 0; i < most; i++)
			n += (size_t)snprintf(text + n, sizeof text - n, "- name: e%d\n", i);
		c = read_text(text);
		assert_int_equal(c != NULL, most == CONFIG_INTERFACES_MAX);
		config_free(c);
	}
	n = (size_t)snprintf(text, sizeof text, "interfaces: [{name: e}]\nrules: [");
	for (int i = 0; i <= CONFIG_PATHS_MAX; i++)
		n += (size_t)snprintf(text + n, sizeof text - n, "r%d, ", i);
	snprintf(text + n, sizeof text - n, "]\n");
	assert_null(read_text(text));
	assert_non_null(strstr(errs.v[0].text, "more than 64 paths"));
	for (n = 0; n < 7000;)
		n += (size_t)snprintf(text + n, sizeof text - n, "k%zu: 1\n", n);
	assert_null(read_text(text));
	assert_int_equal(errs.n, COMPLAINTS_MAX);
	assert_true(errs.more > 100);
	assert_null(read_text("&a [*a, *a]"));
	assert_null(read_text("interfaces: &a [*a]"));
	assert_null(read_text("interfaces: [{name: &n {name: *n}}]"));
	assert_null(read_text("{"));
	assert_null(read_text("- interfaces"));
	assert_null(read_text("\xff\xfe"));
	assert_null(read_text("interfaces: [{name: e}]\n? [a]\n: b\n"));
}

static void one_interface_without_a_file(void **state)
{
	struct sensor_config *c;

	(void)state;
	errs.n = 0;
	c = config_of_interface("eth1", &errs);
	assert_non_null(c);
	assert_string_equal(c->interfaces[0].name, "eth1");
	assert_string_equal(c->file, "");
	config_free(c);
	for (const char *const *bad = (const char *const[]){ "", "a'b", "a/b", "any", "a23456789012345678", "a\nb", NULL }; *bad; bad++) {
		errs.n = 0;
		assert_null(config_of_interface(*bad, &errs));
		assert_int_equal(errs.n, 1);
	}
	config_free(NULL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_range_has_two_ends),
		cmocka_unit_test(wrong_units_and_words),
		cmocka_unit_test(good_words),
		cmocka_unit_test(unknown_and_twice),
		cmocka_unit_test(defaults_are_those_of_the_table),
		cmocka_unit_test(what_is_said_arrives),
		cmocka_unit_test(sinks_arrive),
		cmocka_unit_test(paths_begin_at_the_file),
		cmocka_unit_test(many_and_strange),
		cmocka_unit_test(one_interface_without_a_file),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
