/* S7comm jobs (rosctr 1) and what answers them (2 and 3).
 *
 * Parameter: function | what that function wants. Answers repeat the function.
 * Read and write carry several items; every item is one part, in the request and in the answer. */
#include "dissectors/s7_items.h"
#include "dissectors/s7_pi.h"

#include <string.h>

#define FILENAME_BLOCK 9        /* '_' | type 2 | number 5 | file system */

struct func {
	uint8_t code;
	const char *name;
	uint8_t op, act;
	bool by_plc;            /* the PLC asks, inside a download that the client requested */
	void (*request)(struct s7 *s);
	void (*reply)(struct s7 *s);
};

/* --- read and write ------------------------------------------------------------------ */

static void read_request(struct s7 *s)
{
	unsigned n = rd_u8(&s->param);

	for (unsigned i = 0; i < n; i++) {
		bool whole = s7_item_address(s, &s->param, i + 1 < n);

		s7_emit_part(s, i, n);
		if (!whole)
			return;
		s7_next_part(s);
	}
	if (n == 0) {
		dissect_anomaly(s->d, ANOM_BAD_COUNT);
		dissect_emit(s->d);
	}
}

static void write_request(struct s7 *s)
{
	unsigned n = rd_u8(&s->param);

	for (unsigned i = 0; i < n; i++) {
		struct s7_data item;
		bool whole = s7_item_address(s, &s->param, i + 1 < n);

		if (!s7_item_data(&s->data, i + 1 < n, false, &item))
			s7_short(s);
		dissect_value(s->d, item.value);
		s->d->ev.value_total = item.bytes;
		s7_emit_part(s, i, n);
		if (!whole)
			return;
		s7_next_part(s);
	}
	if (n == 0) {
		dissect_anomaly(s->d, ANOM_BAD_COUNT);
		dissect_emit(s->d);
	}
}

/* The target of item i, from the request; what else the event says stays. */
static void target_of(struct s7 *s, unsigned i)
{
	if (s->txn && !dissect_part(s->d, s->txn, i) && i > 0)
		dissect_anomaly(s->d, ANOM_UNEXPECTED_RESPONSE);
}

/* A refusal in the header answers every item of the request. */
static void all_refused(struct s7 *s)
{
	unsigned n = s->txn && s->txn->parts ? s->txn->parts : 1;

	for (unsigned i = 0; i < n; i++) {
		s7_next_part(s);
		target_of(s, i);
		if (!s7_header_error(s))
			dissect_anomaly(s->d, ANOM_BAD_COUNT);
		s7_emit_part(s, i, n);
	}
}

static void read_reply(struct s7 *s)
{
	unsigned n = rd_u8(&s->param);

	if (s->error || n == 0) {
		all_refused(s);
		return;
	}
	for (unsigned i = 0; i < n; i++) {
		struct s7_data item;
		bool whole = s7_item_data(&s->data, i + 1 < n, true, &item);

		target_of(s, i);
		if (whole || item.value.left) {
			s7_item_status(s, item.code);
			dissect_value(s->d, item.value);
			s->d->ev.value_total = item.bytes;
		}
		if (item.bytes == 0)
			s->d->ev.has &= ~(uint32_t)HAS_VALUE;
		if (!whole)
			s7_short(s);
		s7_emit_part(s, i, n);
		if (!whole)
			return;
		s7_next_part(s);
	}
}

static void write_reply(struct s7 *s)
{
	unsigned n = rd_u8(&s->param);

	if (s->error || n == 0) {
		all_refused(s);
		return;
	}
	for (unsigned i = 0; i < n; i++) {
		uint8_t code = rd_u8(&s->data);

		target_of(s, i);
		if (rd_ok(&s->data))
			s7_item_status(s, code);
		else
			s7_short(s);
		s7_emit_part(s, i, n);
		if (!rd_ok(&s->data))
			return;
		s7_next_part(s);
	}
}

/* --- blocks -------------------------------------------------------------------------- */

/* Counted text: '_' and a block of the CPU, or the name of a file of an NC. */
static void file_name(struct s7 *s, struct rd *r)
{
	struct rd name = rd_sub(r, rd_u8(r)), block = name;

	s->d->ev.space = "block";
	if (!rd_ok(r))
		s7_short(s);
	if (name.left == FILENAME_BLOCK) {
		rd_skip(&block, 1);
		if (s7_item_block(s->d, block))
			return;
	}
	dissect_tag(s->d, name.p, name.left);
}

static void remember_tag(const struct dissect *d, struct s7_tag *to)
{
	to->len = (uint8_t)(d->ev.tag_len < S7_TAG_MAX ? d->ev.tag_len : S7_TAG_MAX);
	memcpy(to->text, d->ev.tag, to->len);
}

static void recall_tag(struct dissect *d, const struct s7_tag *from)
{
	if (from->len == 0)
		return;
	d->ev.space = "block";
	dissect_tag(d, from->text, from->len);
}

/* status | 2 unknown | upload id 4 (0 in a request) | name | lengths of the block */
static void file_request(struct s7 *s)
{
	rd_skip(&s->param, 7);
	file_name(s, &s->param);
	if (s->d->ev.func == FUNC_REQUEST_DOWNLOAD)
		remember_tag(s->d, &s->st->download);
	dissect_emit(s->d);
}

static struct s7_upload *upload_of(struct s7_state *st, uint32_t id)
{
	for (unsigned i = 0; i < S7_UPLOADS; i++)
		if (st->uploads[i].block.len && st->uploads[i].id == id)
			return &st->uploads[i];
	return NULL;
}

static void upload_request(struct s7 *s)
{
	struct s7_upload *u;

	rd_skip(&s->param, 3);
	u = upload_of(s->st, rd_be32(&s->param));
	if (!rd_ok(&s->param))
		s7_short(s);
	else if (u)
		recall_tag(s->d, &u->block);
	if (!s->d->ev.space)
		s->d->ev.space = "block";
	if (u && s->d->ev.func == FUNC_END_UPLOAD)
		u->block.len = 0;
	dissect_emit(s->d);
}

static void plain_reply(struct s7 *s)
{
	target_of(s, 0);
	if (!s7_header_error(s))
		dissect_status(s->d, 0, NULL);
	dissect_emit(s->d);
}

/* status | 2 unknown | upload id 4 | length of the block as text */
static void start_upload_reply(struct s7 *s)
{
	struct s7_upload *u;
	uint32_t id;

	target_of(s, 0);
	rd_skip(&s->param, 3);
	id = rd_be32(&s->param);
	if (!s->error && rd_ok(&s->param) && s->d->ev.tag_len) {
		u = upload_of(s->st, id);
		if (!u) {
			u = &s->st->uploads[s->st->next_upload];
			s->st->next_upload = (uint8_t)((s->st->next_upload + 1) % S7_UPLOADS);
		}
		u->id = id;
		remember_tag(s->d, &u->block);
	}
	if (!s7_header_error(s))
		dissect_status(s->d, 0, NULL);
	dissect_emit(s->d);
}

/* The client's answer to a job of the PLC: the block when the job itself was not seen. */
static void download_reply(struct s7 *s)
{
	target_of(s, 0);
	if (!s->d->ev.tag_len)
		recall_tag(s->d, &s->st->download);
	if (!s7_header_error(s))
		dissect_status(s->d, 0, NULL);
	dissect_emit(s->d);
}

/* --- control ------------------------------------------------------------------------- */

static void pi_request(struct s7 *s)
{
	s7_pi_request(s);
	dissect_emit(s->d);
}

/* 5 unknown | counted name of the service */
static void stop_request(struct s7 *s)
{
	struct rd name;

	rd_skip(&s->param, 5);
	name = rd_sub(&s->param, rd_u8(&s->param));
	if (!rd_ok(&s->param))
		s7_short(s);
	dissect_tag(s->d, name.p, name.left);
	dissect_emit(s->d);
}

static void plain_request(struct s7 *s)
{
	dissect_emit(s->d);
}

static const struct func funcs[] = {
	{ FUNC_CPU_SERVICES, "cpu_services", OP_DIAGNOSE, ACT_NONE, false, plain_request, plain_reply },
	{ FUNC_READ, "read_var", OP_READ, ACT_NONE, false, read_request, read_reply },
	{ FUNC_WRITE, "write_var", OP_WRITE, ACT_NONE, false, write_request, write_reply },
	{ FUNC_REQUEST_DOWNLOAD, "request_download", OP_PROGRAM, ACT_PROGRAM_DOWNLOAD, false, file_request, plain_reply },
	{ FUNC_DOWNLOAD_BLOCK, "download_block", OP_PROGRAM, ACT_PROGRAM_DOWNLOAD, true, file_request, download_reply },
	{ FUNC_DOWNLOAD_ENDED, "download_ended", OP_PROGRAM, ACT_PROGRAM_DOWNLOAD, true, file_request, download_reply },
	{ FUNC_START_UPLOAD, "start_upload", OP_PROGRAM, ACT_PROGRAM_UPLOAD, false, file_request, start_upload_reply },
	{ FUNC_UPLOAD, "upload", OP_PROGRAM, ACT_PROGRAM_UPLOAD, false, upload_request, plain_reply },
	{ FUNC_END_UPLOAD, "end_upload", OP_PROGRAM, ACT_PROGRAM_UPLOAD, false, upload_request, plain_reply },
	{ FUNC_PI_SERVICE, "pi_service", OP_CONTROL, ACT_NONE, false, pi_request, plain_reply },
	{ FUNC_PLC_STOP, "plc_stop", OP_CONTROL, ACT_STOP, false, stop_request, plain_reply },
	{ FUNC_SETUP, "setup_communication", OP_SESSION, ACT_NONE, false, plain_request, plain_reply },
};

static const struct func *func_of(uint8_t code)
{
	for (unsigned i = 0; i < sizeof funcs / sizeof funcs[0]; i++)
		if (funcs[i].code == code)
			return &funcs[i];
	return NULL;
}

/* The function in the parameter's first byte, if there is one. */
static const struct func *function(struct s7 *s)
{
	struct ot_event *e = &s->d->ev;
	const struct func *f;

	if (s->param.left == 0)
		return NULL;
	e->func = rd_u8(&s->param);
	e->has |= HAS_FUNC;
	f = func_of((uint8_t)e->func);
	if (f) {
		e->func_name = f->name;
		e->op = f->op;
		e->act = f->act;
	} else {
		dissect_anomaly(s->d, ANOM_UNKNOWN_FUNCTION);
		s->anomalies = e->anomalies;
	}
	return f;
}

void s7_job(struct s7 *s)
{
	const struct func *f;

	dissect_dir(s->d, DIR_REQUEST);
	if (s->param.left == 0)
		s7_short(s);
	f = function(s);
	if (f && f->by_plc)
		dissect_client(s->d, false);
	dissect_learn_role(s->d, !(f && f->by_plc));
	dissect_open(s->d, s->ref);
	if (f)
		f->request(s);
	else
		dissect_emit(s->d);
}

/* An answer that does not name its function: the request with the same reference tells. */
static void nameless(struct s7 *s)
{
	struct ot_event *e = &s->d->ev;

	s->txn = dissect_reply(s->d, s->ref, TXN_KEY, NULL);
	if (s->txn) {
		const struct func *f = func_of((uint8_t)s->txn->func);

		if (f && f->by_plc)
			dissect_client(s->d, true);
		dissect_part(s->d, s->txn, 0);
	}
	e->func = 0;
	e->func_name = NULL;
	e->has &= ~(uint32_t)(HAS_FUNC | HAS_SUB);
	if (!s7_header_error(s))
		dissect_status(s->d, 0, NULL);
	dissect_emit(s->d);
}

void s7_ack(struct s7 *s, bool has_data)
{
	const struct func *f;

	dissect_dir(s->d, DIR_RESPONSE);
	if (s->param.left == 0) {
		if (has_data && !s->error)
			s7_short(s);
		nameless(s);
		return;
	}
	f = function(s);
	if (f && f->by_plc)
		dissect_client(s->d, true);
	dissect_learn_role(s->d, f && f->by_plc);
	s->txn = dissect_reply(s->d, s->ref, TXN_STRICT, NULL);
	if (f)
		f->reply(s);
	else
		plain_reply(s);
}
