/* writer_store.h - the writer's own inside, and how it goes into the store at the end. Not for others. */
#ifndef ZT_ENGINE_WRITER_STORE_H
#define ZT_ENGINE_WRITER_STORE_H

#include "alert/alert.h"
#include "base/sbuf.h"
#include "base/sha256.h"
#include "engine/writer.h"
#include "inventory/asset.h"
#include "inventory/conversation.h"
#include "inventory/service.h"

#define WRITER_RUN_LATER "\x01run\x02"

struct writer_capture {
	bool used;
	char name[256], sha256[SHA256_TEXT], error[256];
	uint64_t bytes, packets, first_ns, last_ns;
};

struct writer_kept { uint64_t sign, at_ns; };    /* what of a row was stored last, and when; at_ns 0: nothing */

struct writer {
	const struct policy *policy;
	struct store *store;                    /* NULL (live only): nothing is kept */
	const struct writer_live *live;         /* NULL: captures */
	bool learning;
	uint64_t services_refused;              /* as of when room was made last */
	uint64_t silent;                        /* what was not alerted while learning */
	struct writer_kept *asset_kept, *conversation_kept;     /* live: by row */
	uint64_t now_ns;                        /* live: running time */
	uint32_t healths;                       /* writer_health() so far */
	struct alerts *alerts;
	struct assets *assets;
	struct conversations *conversations;
	struct services *services;
	struct writer_capture *capture;
	uint32_t captures;
	uint64_t first_ns, last_ns;             /* packet time of what arrived */
	bool *rule_stored;
	struct sbuf json, text, client, server; /* of the revision in hand */
	struct ot_event bare;                   /* of a flow */
	char later[16];
	const char **replace;                   /* store_run.replace */
	char (*replace_text)[2][80];            /* its texts */
	char run[SHA256_TEXT];
};

const char *writer_capture_name(const void *arg, uint16_t capture);
const char *writer_sha_later(const void *arg, uint16_t capture);

int writer_store_asset(struct writer *w, const struct asset *a, struct diag *d);
int writer_store_conversation(struct writer *w, const struct conversation *c, struct diag *d);
int writer_store_run(struct writer *w, const struct writer_totals *totals, bool *known, struct diag *d);

#endif
