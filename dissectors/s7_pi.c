/* Program invocation services.
 *
 * Parameter: 6 unknown | 0xfd | length 2 | argument | counted name of the service
 * The argument is the names of blocks (count, unknown, 8 bytes each), a word ("EP", "C "), or,
 * for the services of an NC (_N_...), counted texts. A password is never shown. */
#include "dissectors/s7_pi.h"
#include "dissectors/s7_items.h"

#include <string.h>

#define BLOCK_NAME 8
#define TEXTS_MAX 8             /* texts of an NC service that are shown */

enum argument { ARG_WORD, ARG_BLOCKS, ARG_TEXTS, ARG_SECRET };

struct service {
	const char *name;
	uint8_t op, act, argument;
};

static const struct service services[] = {
	{ "P_PROGRAM", OP_CONTROL, ACT_START, ARG_WORD },
	{ "_INSE", OP_PROGRAM, ACT_PROGRAM_DOWNLOAD, ARG_BLOCKS },
	{ "_INS2", OP_PROGRAM, ACT_PROGRAM_DOWNLOAD, ARG_BLOCKS },
	{ "_DELE", OP_PROGRAM, ACT_PROGRAM_DELETE, ARG_BLOCKS },
	{ "_MODU", OP_PROGRAM, ACT_PROGRAM_DOWNLOAD, ARG_WORD },        /* RAM copied to ROM: the program is made permanent */
	{ "_GARB", OP_CONTROL, ACT_NONE, ARG_WORD },
	{ "_N_LOGIN_", OP_SESSION, ACT_CREDENTIAL, ARG_SECRET },
	{ "_N_LOGOUT", OP_SESSION, ACT_NONE, ARG_TEXTS },
	{ "_N_NEWPWD", OP_WRITE, ACT_CREDENTIAL, ARG_SECRET },
	{ "_N_F_DELE", OP_PROGRAM, ACT_PROGRAM_DELETE, ARG_TEXTS },
	{ "_N_F_DELR", OP_PROGRAM, ACT_PROGRAM_DELETE, ARG_TEXTS },
	{ "_N_F_COPY", OP_PROGRAM, ACT_NONE, ARG_TEXTS },
	{ "_N_F_RENA", OP_PROGRAM, ACT_NONE, ARG_TEXTS },
	{ "_N_F_PROT", OP_PROGRAM, ACT_PROGRAM_LOCK, ARG_TEXTS },
	{ "_N_F_XFER", OP_PROGRAM, ACT_NONE, ARG_TEXTS },
	{ "_N_EXTERN", OP_CONTROL, ACT_START, ARG_TEXTS },
	{ "_N_NCKMOD", OP_CONTROL, ACT_MODE_CHANGE, ARG_TEXTS },
	{ "_N_IBN_SS", OP_CONTROL, ACT_MODE_CHANGE, ARG_TEXTS },
};

static const struct service *service_of(struct rd name)
{
	for (unsigned i = 0; i < sizeof services / sizeof services[0]; i++)
		if (strlen(services[i].name) == name.left && memcmp(services[i].name, name.p, name.left) == 0)
			return &services[i];
	return NULL;
}

/* Blocks: every one of them is named, as many as the tag holds. */
static bool blocks(struct s7 *s, struct rd r)
{
	unsigned n = rd_u8(&r);

	rd_skip(&r, 1);
	if (!rd_ok(&r) || r.left != n * BLOCK_NAME)
		return false;
	for (unsigned i = 0; i < n; i++) {
		struct rd name = rd_sub(&r, BLOCK_NAME);

		dissect_tag_add(s->d, " ", 1);
		if (!s7_item_block(s->d, name))
			dissect_tag_add(s->d, name.p, name.left);
	}
	s->d->ev.space = "block";
	return true;
}

/* Counted texts, each padded to an even length. */
static bool texts(struct s7 *s, struct rd r)
{
	for (int i = 0; i < TEXTS_MAX && r.left; i++) {
		uint8_t length = rd_u8(&r);
		struct rd text = rd_sub(&r, length);

		if (!rd_ok(&text))
			return i > 0;
		if (length) {
			dissect_tag_add(s->d, " ", 1);
			dissect_tag_add(s->d, text.p, text.left);
		}
		if (!(length & 1) && r.left)
			rd_skip(&r, 1);
	}
	return true;
}

static void word(struct s7 *s, struct rd r)
{
	while (r.left && (rd_peek(&r, r.left - 1) == ' ' || rd_peek(&r, r.left - 1) == 0))
		r.left--;
	if (r.left == 0)
		return;
	dissect_tag_add(s->d, " ", 1);
	dissect_tag_add(s->d, r.p, r.left);
}

void s7_pi_request(struct s7 *s)
{
	struct ot_event *e = &s->d->ev;
	struct rd argument, name;
	const struct service *v;

	rd_skip(&s->param, 7);
	argument = rd_sub(&s->param, rd_be16(&s->param));
	name = rd_sub(&s->param, rd_u8(&s->param));
	if (!rd_ok(&s->param)) {
		s7_short(s);
		return;
	}
	dissect_tag(s->d, name.p, name.left);
	v = service_of(name);
	if (v) {
		e->op = v->op;
		e->act = v->act;
	}
	if (v && v->argument == ARG_SECRET)
		return;
	if (v && v->argument == ARG_BLOCKS && blocks(s, argument))
		return;
	if (name.left > 3 && memcmp(name.p, "_N_", 3) == 0 && texts(s, argument))
		return;
	word(s, argument);
}
