/* config_sinks.c - `forward:`: what a sink must say, what it must not, and what does not go together. */
#include "sensor/config_inside.h"

#include "base/arena.h"

#include <stdio.h>
#include <string.h>

#define SYSLOG (1u << SINK_SYSLOG)
#define SPLUNK (1u << SINK_SPLUNK)
#define ELASTIC (1u << SINK_ELASTICSEARCH)
#define SENTINEL (1u << SINK_SENTINEL)
#define WEBHOOK (1u << SINK_WEBHOOK)
#define FILES (1u << SINK_FILE)
#define HTTP (SPLUNK | ELASTIC | SENTINEL | WEBHOOK)
#define NETWORK (SYSLOG | HTTP)

/* Keys that not every type has; of which, and which need them. `tls`: they mean nothing without it. */
static const struct of_type {
	const char *key;
	unsigned has, needs;
	bool tls;
} of_types[] = {
	{ "url", NETWORK, NETWORK, false }, { "path", FILES, FILES, false }, { "overlap", SYSLOG, 0, false },
	{ "connect_timeout", NETWORK, 0, false }, { "max_time", NETWORK, 0, false }, { "proxy", NETWORK, 0, false },
	{ "noproxy", NETWORK, 0, false }, { "proxy_user", NETWORK, 0, false }, { "proxy_password_file", NETWORK, 0, false },
	{ "proxy_password_env", NETWORK, 0, false }, { "interface", NETWORK, 0, false },
	{ "cacert", NETWORK, 0, true }, { "capath", NETWORK, 0, true }, { "crlfile", NETWORK, 0, true }, { "cert", NETWORK, 0, true },
	{ "key", NETWORK, 0, true }, { "pass_file", NETWORK, 0, true }, { "pass_env", NETWORK, 0, true }, { "tls_min", NETWORK, 0, true },
	{ "tls_max", NETWORK, 0, true }, { "ciphers", NETWORK, 0, true }, { "tls13_ciphers", NETWORK, 0, true },
	{ "pinnedpubkey", NETWORK, 0, true }, { "insecure", NETWORK, 0, true },
	{ "token_file", SPLUNK | ELASTIC | WEBHOOK, 0, false }, { "token_env", SPLUNK | ELASTIC | WEBHOOK, 0, false },
	{ "user", ELASTIC | WEBHOOK, 0, false }, { "password_file", ELASTIC | WEBHOOK | SENTINEL, 0, false },
	{ "password_env", ELASTIC | WEBHOOK | SENTINEL, 0, false }, { "tenant", SENTINEL, SENTINEL, false },
	{ "client_id", SENTINEL, SENTINEL, false }, { "authority", SENTINEL, 0, false }, { "framing", SYSLOG, 0, false },
	{ "facility", SYSLOG, 0, false }, { "hostname", SYSLOG, 0, false }, { "enterprise", SYSLOG, 0, false },
	{ "max_record", SYSLOG, 0, false }, { "ack", SPLUNK, 0, false }, { "index", SPLUNK | ELASTIC, ELASTIC, false },
	{ "source", SPLUNK, 0, false }, { "sourcetype", SPLUNK, 0, false }, { "dcr", SENTINEL, SENTINEL, false },
	{ "stream", SENTINEL, SENTINEL, false }, { "content_type", WEBHOOK, 0, false }, { "gzip", HTTP, 0, false },
	{ "rotate_size", FILES, 0, false }, { "rotate_keep", FILES, 0, false },
};

struct sink_reader {
	struct config_reader *r;
	struct sink_conf *c;
	const struct conf_node *node;   /* the whole sink */
	struct config_section s;
	bool hushed;                    /* something was refused unread: what it may have been is not missed */
};

static const struct conf_node *said(const struct sink_reader *k, const char *key)
{
	return config_node(&k->s, key);
}

static bool has_type(const struct sink_reader *k, unsigned types)
{
	return types >> k->c->type & 1;
}

/* Without the text of the node, which may be a secret. */
static void hush(struct sink_reader *k, const struct conf_node *n, const char *hint, const char *what)
{
	struct conf *conf = k->r->conf;
	uint32_t line, col;

	k->hushed = true;
	if (!conf_is_word(n)) {         /* of which nothing is shown */
		conf_wrong(conf, n, hint, "%s", what);
		return;
	}
	conf_place(conf, n, 0, &line, &col);
	complain(conf_complaints(conf), conf_file(conf), line, col, hint, "%s", what);
}

static void lacks(struct sink_reader *k, const char *key, const char *hint)
{
	if (!k->hushed)
		conf_wrong(k->r->conf, k->node, hint, "a sink of type %s has no '%s'", sink_type_word(k->c->type), key);
}

/* --- secrets -------------------------------------------------------------------------------------------------- */

/* A user and perhaps a password stand in a URL before an @ of its authority. */
static bool holds_user(const char *url)
{
	const char *host = strstr(url, "://");

	host = host ? host + 3 : url;
	return memchr(host, '@', strcspn(host, "/?#")) != NULL;
}

/* Before anything is read: a complaint shows the text that it is about. */
static void secret_in_url(struct sink_reader *k, const char *key, const char *hint)
{
	for (size_t i = 0; i < k->s.n; i++) {
		const struct conf_node *n = k->s.node[i];
		const char *text;

		if (!n || strcmp(k->s.row[i]->key, key) != 0 || !conf_is_word(n))
			continue;
		text = conf_text(k->r->conf, n, k->s.row[i]->max);
		if (!text || !holds_user(text))
			continue;
		hush(k, n, hint, "no user or password in a URL");
		k->s.node[i] = NULL;
	}
}

static void nodes_of(struct sink_reader *k)
{
	static const char *const keys[] = { "token", "password", "pass", "secret", "client_secret", "proxy_password" };
	static const char *const hints[] = { "token_file or token_env", "password_file or password_env", "pass_file or pass_env",
					     "password_file or password_env", "password_file or password_env",
					     "proxy_password_file or proxy_password_env" };
	static const char apart[] = "secrets stand in a file of their own: user, and password_file or password_env";
	static const char proxy_apart[] =
		"secrets stand in a file of their own: proxy_user, and proxy_password_file or proxy_password_env";
	const struct conf_node *plain[sizeof keys / sizeof keys[0]] = { 0 };
	struct conf_key more[sizeof keys / sizeof keys[0] + 1] = { 0 };
	struct complaints *errs = conf_complaints(k->r->conf);
	uint32_t before = errs->n + errs->more;
	char hint[160];

	for (size_t i = 0; i < sizeof keys / sizeof keys[0]; i++)
		more[i] = (struct conf_key){ keys[i], CONF_ANY, false, &plain[i] };
	config_nodes(k->r, k->node, "forward", "a sink", more, &k->s);
	k->hushed = errs->n + errs->more > before;
	for (size_t i = 0; i < sizeof keys / sizeof keys[0]; i++) {
		snprintf(hint, sizeof hint, "name the file or the variable that holds it: %s", hints[i]);
		if (plain[i])
			hush(k, plain[i], hint, "no secret stands in the configuration");
	}
	secret_in_url(k, "url", apart);
	secret_in_url(k, "proxy", proxy_apart);
	secret_in_url(k, "authority", apart);
}

static bool one_of_two(struct sink_reader *k, const char *file, const char *env)
{
	char what[80];

	if (said(k, file) && said(k, env)) {
		snprintf(what, sizeof what, "'%s' does not go together with '%s'", env, file);
		conf_wrong(k->r->conf, said(k, env), "say one of them", "%s", what);
	}
	return said(k, file) || said(k, env);
}

static void proxy_secrets(struct sink_reader *k)
{
	bool user = said(k, "proxy_user") != NULL, password = one_of_two(k, "proxy_password_file", "proxy_password_env");

	if (!has_type(k, NETWORK))
		return;
	if (user && !said(k, "proxy"))
		lacks(k, "proxy", "which knows 'proxy_user'");
	if (user && !password)
		lacks(k, "proxy_password_file", "or proxy_password_env, beside 'proxy_user'");
	if (password && !user)
		lacks(k, "proxy_user", "whose password it is");
}

static void secrets(struct sink_reader *k)
{
	bool token = one_of_two(k, "token_file", "token_env"), password = one_of_two(k, "password_file", "password_env");
	bool pass = one_of_two(k, "pass_file", "pass_env");

	if (has_type(k, SPLUNK) && !token)
		lacks(k, "token_file", "or token_env: the HEC token");
	if (has_type(k, SENTINEL) && !password)
		lacks(k, "password_file", "or password_env: the client secret of the application");
	if (has_type(k, ELASTIC | WEBHOOK) && said(k, "user") && !password)
		lacks(k, "password_file", "or password_env, beside 'user'");
	if (has_type(k, ELASTIC | WEBHOOK) && password && !said(k, "user"))
		lacks(k, "user", "whose password it is");
	if (has_type(k, ELASTIC | WEBHOOK) && said(k, "user") && token)
		conf_wrong(k->r->conf, said(k, "user"), "say one of them", "'user' does not go together with a token");
	if (said(k, "key") && !said(k, "cert"))
		lacks(k, "cert", "the certificate that the key belongs to");
	if (pass && !said(k, "key") && !said(k, "cert"))
		lacks(k, "key", "which the passphrase opens");
	proxy_secrets(k);
}

/* --- where it is ---------------------------------------------------------------------------------------------- */

static const char *schemes_of(unsigned type, const char *const **schemes)
{
	static const char *const syslog[] = { "udp", "tcp", "tls", NULL }, *const http[] = { "https", "http", NULL };
	static const char *const sentinel[] = { "https", NULL };

	*schemes = type == SINK_SYSLOG ? syslog : type == SINK_SENTINEL ? sentinel : http;
	return type == SINK_SYSLOG ? "udp://HOST, tcp://HOST or tls://HOST" : type == SINK_SENTINEL ? "https://HOST" :
	       "https://HOST or http://HOST";
}

/* HOST or [ADDRESS], perhaps :PORT. */
static bool host_and_port(const char *s, size_t n)
{
	const char *end = s + n, *colon, *host_end;
	unsigned port = 0;

	if (n && *s == '[') {
		host_end = memchr(s, ']', n);
		if (!host_end || host_end == s + 1)
			return false;
		host_end++;
	} else {
		colon = memchr(s, ':', n);
		host_end = colon ? colon : end;
	}
	if (host_end == s || (host_end < end && *host_end != ':'))
		return false;
	for (const char *p = s; p < end; p++) {
		if (strchr(" \"<>\\^`{|}", *p))
			return false;
	}
	if (host_end == end)
		return true;
	for (const char *p = host_end + 1; p < end; p++) {
		if (*p < '0' || *p > '9' || port > 65535)
			return false;
		port = port * 10 + (unsigned)(*p - '0');
	}
	return port >= 1 && port <= 65535;
}

/* What stands behind the host and port of the url at `key`; NULL: it is not there, or wrong. */
static const char *behind_host(struct sink_reader *k, const char *key, const char *url)
{
	const struct conf_node *n = said(k, key);
	const char *const *schemes, *hint = schemes_of(k->c->type, &schemes), *host;
	size_t len;

	if (!n || !url)
		return NULL;
	host = strstr(url, "://");
	while (*schemes && !(host && strlen(*schemes) == (size_t)(host - url) && strncmp(url, *schemes, (size_t)(host - url)) == 0))
		schemes++;
	if (!*schemes) {
		conf_wrong(k->r->conf, n, hint, "not the %s of a sink of type %s", key, sink_type_word(k->c->type));
		return NULL;
	}
	host += 3;
	len = strcspn(host, "/?#");
	if (host_and_port(host, len))
		return host + len;
	conf_wrong(k->r->conf, n, hint, "no host, or no port, in the %s", key);
	return NULL;
}

static void where(struct sink_reader *k)
{
	const char *const *schemes, *path;

	if (has_type(k, FILES))
		return;
	path = behind_host(k, "url", k->c->url);
	if (path && *path && k->c->type == SINK_SYSLOG)
		conf_wrong(k->r->conf, said(k, "url"), schemes_of(SINK_SYSLOG, &schemes), "nothing stands behind the port of a syslog receiver");
	if (has_type(k, SENTINEL))
		behind_host(k, "authority", k->c->authority);
}

/* --- what goes together --------------------------------------------------------------------------------------- */

static void keys_of_types(struct sink_reader *k)
{
	for (size_t i = 0; i < sizeof of_types / sizeof of_types[0]; i++) {
		const struct conf_node *n = said(k, of_types[i].key);

		if (!n && has_type(k, of_types[i].needs))
			lacks(k, of_types[i].key, NULL);
		if (!n)
			continue;
		if (!has_type(k, of_types[i].has))
			conf_wrong(k->r->conf, n, NULL, "'%s' is not for sinks of type %s", of_types[i].key, sink_type_word(k->c->type));
		else if (of_types[i].tls && k->c->url && !sink_is_encrypted(k->c))
			conf_wrong(k->r->conf, n, k->c->type == SINK_SYSLOG ? "tls:// is" : "https:// is",
				   "'%s' needs a url that is encrypted", of_types[i].key);
	}
}

static void together(struct sink_reader *k)
{
	struct sink_conf *c = k->c;
	const struct conf_node *format = said(k, "format"), *tls = said(k, "tls_min") ? said(k, "tls_min") : said(k, "tls_max");

	if (!format)
		c->format = sink_default_format(c->type);
	else if (!sink_takes_format(c->type, c->format))
		conf_wrong(k->r->conf, format, NULL, "sinks of type %s do not take this format", sink_type_word(c->type));
	if (c->tls_min > c->tls_max && tls)
		conf_wrong(k->r->conf, tls, NULL, "'tls_min' is above 'tls_max'");
	if (!c->url || c->type != SINK_SYSLOG || strncmp(c->url, "udp://", 6) == 0) {
		if (said(k, "overlap") && c->type == SINK_SYSLOG)
			conf_wrong(k->r->conf, said(k, "overlap"), NULL, "'overlap' is for syslog over TCP and TLS");
		c->overlap = 0;
	}
}

static void named(struct sink_reader *k)
{
	const struct conf_node *n = said(k, "name");
	const char *name = k->c->name;

	if (!n || !name)
		return;
	conf_place(k->r->conf, n, 0, &k->c->line, &k->c->col);
	if (name[strspn(name, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_")])
		conf_wrong(k->r->conf, n, "letters, digits, - and _", "not the name of a sink");
	for (const struct sink_conf *other = k->r->config->sinks; other < k->c; other++) {
		if (other->name && strcmp(other->name, name) == 0)
			conf_wrong(k->r->conf, n, NULL, "this sink stands here twice");
	}
}

static void read_sink(struct config_reader *r, const struct conf_node *n)
{
	struct sink_reader k = { .r = r, .c = &r->config->sinks[r->config->sink_count++], .node = n };

	r->base = k.c;
	k.c->type = SINK_TYPES;
	config_presets(r, "forward");
	nodes_of(&k);
	config_values(r, &k.s);
	r->base = r->config;
	if (conf_is_word(n))            /* no mapping: complained of */
		return;
	named(&k);
	if (k.c->type == SINK_TYPES)
		return;
	keys_of_types(&k);
	where(&k);
	secrets(&k);
	together(&k);
}

void config_sinks(struct config_reader *r, const struct config_row *row, const struct conf_node *list)
{
	size_t count = conf_count(r->conf, list);

	if (count > row->max) {
		conf_wrong(r->conf, list, NULL, "'%s' has %zu entries, not 0 to %d", row->key, count, SINKS_MAX);
		return;
	}
	r->config->sinks = arena_array(r->config->arena, count ? count : 1, sizeof *r->config->sinks);
	for (size_t i = 0; r->config->sinks && i < count; i++)
		read_sink(r, conf_item(r->conf, list, i));
}
