#include "engine/recall.h"

#include "alert/store.h"
#include "engine/writer_store.h"

#include <string.h>
#include <unistd.h>

struct into { struct writer *w; struct recalled *out; };

static unsigned proto_of(const char *word, size_t n)
{
	for (unsigned p = 1; p < PROTO_COUNT; p++) {
		if (strlen(ot_proto_word(p)) == n && memcmp(ot_proto_word(p), word, n) == 0)
			return p;
	}
	return PROTO_NONE;
}

static unsigned op_of(const char *word)
{
	for (unsigned op = 0; op < OP_COUNT; op++) {
		if (strcmp(ot_op_word(op), word) == 0)
			return op;
	}
	return OP_COUNT;
}

/* "modbus server, s7comm client" */
static void roles_of(const char *text, struct asset_known *k)
{
	while (text && *text) {
		size_t n = strcspn(text, " "), rest;
		unsigned proto = proto_of(text, n);

		text += n + (text[n] == ' ');
		rest = strcspn(text, ",");
		if (proto && rest == 6 && memcmp(text, "server", 6) == 0)
			k->as_server |= (uint16_t)(1u << proto);
		else if (proto && rest == 6 && memcmp(text, "client", 6) == 0)
			k->as_client |= (uint16_t)(1u << proto);
		text += rest;
		text += strspn(text, ", ");
	}
}

static uint16_t segment_of(const struct writer *w, const char *name)
{
	return name && name[0] && policy_has_site(w->policy) ? policy_segment_find(w->policy, name) : 0;
}

static void since(struct recalled *out, uint64_t ns)
{
	if (ns && (!out->first_ns || ns < out->first_ns))
		out->first_ns = ns;
}

static bool on_asset(void *arg, const struct store_asset *a)
{
	const struct into *i = arg;
	struct asset_known k = { .first_ns = a->first_ns, .last_ns = a->last_ns, .segment = segment_of(i->w, a->segment) };

	if (!a->ip || !addr_parse(a->ip, &k.ip))
		return true;
	roles_of(a->roles, &k);
	assets_know(i->w->assets, &k);
	i->out->assets++;
	since(i->out, a->first_ns);
	return true;
}

static bool on_conversation(void *arg, const struct store_conversation *c)
{
	const struct into *i = arg;
	struct ip_addr client, server;

	if (!c->client || !c->server || !c->proto || !c->op || !addr_parse(c->client, &client) || !addr_parse(c->server, &server))
		return true;
	conversations_know(i->w->conversations, segment_of(i->w, c->segment), &client, &server,
			   proto_of(c->proto, strlen(c->proto)), op_of(c->op), c->last_ns);
	i->out->conversations++;
	since(i->out, c->first_ns);
	return true;
}

int recall(struct writer *w, const char *path, struct recalled *out, struct diag *d)
{
	const struct store_filter all = { 0 };
	struct into i = { w, out };
	struct store *s;
	int err;

	memset(out, 0, sizeof *out);
	if (access(path, F_OK) != 0)
		return diag_fail(d, ZT_ENOENT, "%s is not there", path);
	s = store_open(path, STORE_READ, d);
	if (!s)
		return ZT_EIO;
	err = store_assets(s, &all, on_asset, &i, d);
	err = err ? err : store_conversations(s, &all, NULL, on_conversation, &i, d);
	store_close(s);
	return err;
}
