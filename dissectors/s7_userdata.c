/* S7comm userdata (rosctr 7): groups of functions beside the jobs.
 *
 * Parameter: 0x00 0x01 0x12 | length | method | type and group | sub-function | sequence |
 *            data unit reference, last unit, error 2 (only when length is 8)
 * Data:      return code | transport size | length 2 | what the function wants
 * Type 0 is pushed by the PLC, 4 asks, 8 answers. A long answer comes in several data units, each
 * asked for by a request of its own; they are joined before a status list is read. */
#include "dissectors/s7_items.h"
#include "dissectors/s7_szl.h"
#include "dissectors/s7_tis.h"

#define EXTENDED 8              /* length of a parameter with reference, last unit and error */
#define MODE_TRANSITION 8       /* length of the parameter that tells of a change of mode */
#define TIMESTAMP 8             /* bytes before an alarm that is pushed */

enum type { TYPE_PUSH = 0x0, TYPE_REQUEST = 0x4, TYPE_RESPONSE = 0x8 };

enum kind { KIND_PLAIN, KIND_SZL, KIND_BLOCK, KIND_BLOCK_TYPE, KIND_VARIABLES, KIND_CYCLIC, KIND_ALARM, KIND_CLOCK };

struct userdata {
	uint8_t type, group, sub, unit_ref;
	bool extended, more;            /* another data unit follows */
	uint16_t error;
	uint8_t code;                   /* return code of the data */
	struct rd data;                 /* what stands behind it */
	const struct row *row;
};

struct row {
	uint8_t group, sub;
	const char *name;
	uint8_t op, act, kind;
};

#define GROUP_MODE 0x0
#define GROUP_TIS 0x1
#define GROUP_CYCLIC 0x2
#define GROUP_ROUTING 0x20      /* records routed to a field bus: type and group say 0x2, 0x6 or 0xa, 0x0 */

static const struct row rows[] = {
	{ 0x0, 0x00, "mode_transition_stop", OP_CONTROL, ACT_MODE_CHANGE, KIND_PLAIN },
	{ 0x0, 0x01, "mode_transition_warm_restart", OP_CONTROL, ACT_MODE_CHANGE, KIND_PLAIN },
	{ 0x0, 0x02, "mode_transition_run", OP_CONTROL, ACT_MODE_CHANGE, KIND_PLAIN },
	{ 0x0, 0x03, "mode_transition_hot_restart", OP_CONTROL, ACT_MODE_CHANGE, KIND_PLAIN },
	{ 0x0, 0x04, "mode_transition_hold", OP_CONTROL, ACT_MODE_CHANGE, KIND_PLAIN },
	{ 0x0, 0x06, "mode_transition_cold_restart", OP_CONTROL, ACT_MODE_CHANGE, KIND_PLAIN },
	{ 0x0, 0x09, "mode_transition_run_redundant", OP_CONTROL, ACT_MODE_CHANGE, KIND_PLAIN },
	{ 0x0, 0x0b, "mode_transition_link_up", OP_CONTROL, ACT_MODE_CHANGE, KIND_PLAIN },
	{ 0x0, 0x0c, "mode_transition_update", OP_CONTROL, ACT_MODE_CHANGE, KIND_PLAIN },
	{ 0x1, 0x01, "block_status", OP_DIAGNOSE, ACT_NONE, KIND_PLAIN },
	{ 0x1, 0x02, "variable_status", OP_READ, ACT_NONE, KIND_VARIABLES },
	{ 0x1, 0x03, "output_istack", OP_DIAGNOSE, ACT_NONE, KIND_PLAIN },
	{ 0x1, 0x04, "output_bstack", OP_DIAGNOSE, ACT_NONE, KIND_PLAIN },
	{ 0x1, 0x05, "output_lstack", OP_DIAGNOSE, ACT_NONE, KIND_PLAIN },
	{ 0x1, 0x06, "time_measurement", OP_DIAGNOSE, ACT_NONE, KIND_PLAIN },
	{ 0x1, 0x07, "force_selection", OP_DIAGNOSE, ACT_NONE, KIND_PLAIN },
	{ 0x1, 0x08, "modify_variable", OP_WRITE, ACT_NONE, KIND_VARIABLES },
	{ 0x1, 0x09, "force", OP_CONTROL, ACT_FORCE, KIND_VARIABLES },
	{ 0x1, 0x0a, "breakpoint", OP_CONTROL, ACT_NONE, KIND_PLAIN },
	{ 0x1, 0x0b, "exit_hold", OP_CONTROL, ACT_MODE_CHANGE, KIND_PLAIN },
	{ 0x1, 0x0c, "memory_reset", OP_CONTROL, ACT_MEMORY_RESET, KIND_PLAIN },
	{ 0x1, 0x0d, "disable_job", OP_DIAGNOSE, ACT_NONE, KIND_PLAIN },
	{ 0x1, 0x0e, "enable_job", OP_DIAGNOSE, ACT_NONE, KIND_PLAIN },
	{ 0x1, 0x0f, "delete_job", OP_DIAGNOSE, ACT_NONE, KIND_PLAIN },
	{ 0x1, 0x10, "read_job_list", OP_DIAGNOSE, ACT_NONE, KIND_PLAIN },
	{ 0x1, 0x11, "read_job", OP_DIAGNOSE, ACT_NONE, KIND_PLAIN },
	{ 0x1, 0x12, "replace_job", OP_DIAGNOSE, ACT_NONE, KIND_PLAIN },
	{ 0x1, 0x13, "block_status_v2", OP_DIAGNOSE, ACT_NONE, KIND_PLAIN },
	{ 0x1, 0x16, "flash_led", OP_DIAGNOSE, ACT_NONE, KIND_PLAIN },
	{ 0x2, 0x01, "cyclic_transfer", OP_READ, ACT_NONE, KIND_CYCLIC },
	{ 0x2, 0x04, "unsubscribe", OP_READ, ACT_NONE, KIND_PLAIN },
	{ 0x2, 0x05, "change_driven_transfer", OP_READ, ACT_NONE, KIND_CYCLIC },
	{ 0x2, 0x07, "change_driven_modify", OP_READ, ACT_NONE, KIND_PLAIN },
	{ 0x2, 0x08, "read_record", OP_READ, ACT_NONE, KIND_PLAIN },
	{ 0x3, 0x01, "list_blocks", OP_IDENTIFY, ACT_NONE, KIND_PLAIN },
	{ 0x3, 0x02, "list_blocks_of_type", OP_IDENTIFY, ACT_NONE, KIND_BLOCK_TYPE },
	{ 0x3, 0x03, "block_info", OP_IDENTIFY, ACT_NONE, KIND_BLOCK },
	{ 0x4, 0x01, "read_szl", OP_DIAGNOSE, ACT_NONE, KIND_SZL },
	{ 0x4, 0x02, "message_service", OP_SESSION, ACT_NONE, KIND_PLAIN },
	{ 0x4, 0x03, "diagnostic_message", OP_DIAGNOSE, ACT_NONE, KIND_PLAIN },
	{ 0x4, 0x05, "alarm_8", OP_DIAGNOSE, ACT_NONE, KIND_ALARM },
	{ 0x4, 0x06, "notify", OP_DIAGNOSE, ACT_NONE, KIND_ALARM },
	{ 0x4, 0x07, "alarm_8_lock", OP_CONTROL, ACT_ALARM_SUPPRESSION, KIND_ALARM },
	{ 0x4, 0x08, "alarm_8_unlock", OP_CONTROL, ACT_ALARM_SUPPRESSION, KIND_ALARM },
	{ 0x4, 0x09, "scan", OP_DIAGNOSE, ACT_NONE, KIND_ALARM },
	{ 0x4, 0x0b, "alarm_ack", OP_WRITE, ACT_NONE, KIND_ALARM },
	{ 0x4, 0x0c, "alarm_ack_indication", OP_DIAGNOSE, ACT_NONE, KIND_ALARM },
	{ 0x4, 0x0d, "alarm_8_lock_indication", OP_DIAGNOSE, ACT_ALARM_SUPPRESSION, KIND_ALARM },
	{ 0x4, 0x0e, "alarm_8_unlock_indication", OP_DIAGNOSE, ACT_ALARM_SUPPRESSION, KIND_ALARM },
	{ 0x4, 0x10, "ar_send", OP_DIAGNOSE, ACT_NONE, KIND_ALARM },
	{ 0x4, 0x11, "alarm_sq", OP_DIAGNOSE, ACT_NONE, KIND_ALARM },
	{ 0x4, 0x12, "alarm_s", OP_DIAGNOSE, ACT_NONE, KIND_ALARM },
	{ 0x4, 0x13, "alarm_query", OP_DIAGNOSE, ACT_NONE, KIND_ALARM },
	{ 0x4, 0x16, "notify_8", OP_DIAGNOSE, ACT_NONE, KIND_ALARM },
	{ 0x5, 0x01, "password", OP_SESSION, ACT_CREDENTIAL, KIND_PLAIN },
	{ 0x5, 0x02, "logout", OP_SESSION, ACT_NONE, KIND_PLAIN },
	{ 0x6, 0x01, "bsend", OP_OTHER, ACT_NONE, KIND_PLAIN },
	{ 0x7, 0x01, "read_clock", OP_READ, ACT_NONE, KIND_PLAIN },
	{ 0x7, 0x02, "set_clock", OP_WRITE, ACT_TIME_CHANGE, KIND_CLOCK },
	{ 0x7, 0x03, "read_clock_following", OP_READ, ACT_NONE, KIND_PLAIN },
	{ 0x7, 0x04, "set_clock_following", OP_WRITE, ACT_TIME_CHANGE, KIND_CLOCK },
	{ 0xf, 0x01, "nc_request_download", OP_PROGRAM, ACT_PROGRAM_DOWNLOAD, KIND_PLAIN },
	{ 0xf, 0x02, "nc_download_block", OP_PROGRAM, ACT_PROGRAM_DOWNLOAD, KIND_PLAIN },
	{ 0xf, 0x03, "nc_continue_download", OP_PROGRAM, ACT_PROGRAM_DOWNLOAD, KIND_PLAIN },
	{ 0xf, 0x04, "nc_download_ended", OP_PROGRAM, ACT_PROGRAM_DOWNLOAD, KIND_PLAIN },
	{ 0xf, 0x06, "nc_start_upload", OP_PROGRAM, ACT_PROGRAM_UPLOAD, KIND_PLAIN },
	{ 0xf, 0x07, "nc_upload", OP_PROGRAM, ACT_PROGRAM_UPLOAD, KIND_PLAIN },
	{ 0xf, 0x08, "nc_continue_upload", OP_PROGRAM, ACT_PROGRAM_UPLOAD, KIND_PLAIN },
	{ 0x20, 0x01, "record_routing_init", OP_OTHER, ACT_NONE, KIND_PLAIN },
	{ 0x20, 0x02, "record_routing_finish", OP_OTHER, ACT_NONE, KIND_PLAIN },
	{ 0x20, 0x03, "record_routing_data", OP_OTHER, ACT_NONE, KIND_PLAIN },
};

static const struct row *row_of(uint8_t group, uint8_t sub)
{
	for (unsigned i = 0; i < sizeof rows / sizeof rows[0]; i++)
		if (rows[i].group == group && rows[i].sub == sub)
			return &rows[i];
	return NULL;
}

/* --- header -------------------------------------------------------------------------- */

/* Type and group share a byte: 2 bits, 2 bits that only NC (3) and record routing (2) use, 4 bits. */
static void split_group(struct userdata *u, uint8_t byte)
{
	u->type = (byte >> 4) & 0xc;
	u->group = byte & 0xf;
	if ((byte & 0x30) == 0x20)
		u->group = (uint8_t)(u->group | GROUP_ROUTING);
}

/* 0x01 | 5 unknown | mode: how a CPU tells that its mode changes */
static bool read_mode_transition(struct s7 *s, struct userdata *u)
{
	struct rd p = s->param;

	if (p.left != MODE_TRANSITION || rd_u8(&p) != 0x01)
		return false;
	rd_skip(&p, 5);
	u->group = GROUP_MODE;
	u->type = TYPE_PUSH;
	u->sub = rd_u8(&p);
	return true;
}

static bool read_parameter(struct s7 *s, struct userdata *u)
{
	struct rd p;

	if (read_mode_transition(s, u))
		return true;
	if (rd_be16(&s->param) != 0x0001 || rd_u8(&s->param) != 0x12)
		dissect_anomaly(s->d, ANOM_BAD_VALUE);
	p = rd_sub(&s->param, rd_u8(&s->param));
	rd_skip(&p, 1);
	split_group(u, rd_u8(&p));
	u->sub = rd_u8(&p);
	rd_skip(&p, 1);
	if (!rd_ok(&p)) {
		s7_short(s);
		return false;
	}
	if (p.left >= EXTENDED - 4) {
		u->extended = true;
		u->unit_ref = rd_u8(&p);
		u->more = rd_u8(&p) != 0;
		u->error = rd_be16(&p);
	}
	return true;
}

static void name_function(struct s7 *s, struct userdata *u)
{
	struct ot_event *e = &s->d->ev;

	e->func = u->group;
	e->sub = u->sub;
	e->has |= HAS_FUNC | HAS_SUB;
	u->row = row_of(u->group, u->sub);
	if (u->row) {
		e->func_name = u->row->name;
		e->op = u->row->op;
		e->act = u->row->act;
	} else {
		dissect_anomaly(s->d, ANOM_UNKNOWN_FUNCTION);
	}
}

static void read_data(struct s7 *s, struct userdata *u)
{
	uint16_t length;

	u->data = s->data;
	if (s->data.left == 0)
		return;
	u->code = rd_u8(&s->data);
	rd_skip(&s->data, 1);
	length = rd_be16(&s->data);
	u->data = rd_upto(&s->data, length);
	if (!rd_ok(&s->data) || u->data.left < length)
		s7_short(s);
}

/* --- what the functions say ---------------------------------------------------------- */

static void block_target(struct s7 *s, struct userdata *u)
{
	struct rd type = u->data;
	const char *word;

	s->d->ev.space = "block";
	if (u->row->kind == KIND_BLOCK) {
		if (!s7_item_block(s->d, u->data))
			dissect_tag(s->d, u->data.p, u->data.left);
		return;
	}
	word = s7_item_block_type(rd_peek(&type, 0), rd_peek(&type, 1));
	if (word)
		dissect_tag_addf(s->d, "%s", word);
	else
		dissect_tag(s->d, type.p, type.left);
}

/* count 2 | time base | factor | specifications */
static void cyclic_request(struct s7 *s, struct userdata *u)
{
	unsigned n = rd_be16(&u->data);

	rd_skip(&u->data, 2);
	if (n > UINT8_MAX || n == 0) {
		dissect_anomaly(s->d, ANOM_BAD_COUNT);
		dissect_emit(s->d);
		return;
	}
	for (unsigned i = 0; i < n; i++) {
		bool whole = s7_item_address(s, &u->data, i + 1 < n);

		s7_emit_part(s, i, n);
		if (!whole)
			return;
		s7_next_part(s);
	}
}

/* count 2 | data items; pushed, or in the answer to the subscription */
static void cyclic_values(struct s7 *s, struct userdata *u)
{
	unsigned n = rd_be16(&u->data);

	if (u->error || !rd_ok(&u->data) || n == 0 || n > UINT8_MAX) {
		if (s->txn)
			dissect_part(s->d, s->txn, 0);
		if (u->type == TYPE_RESPONSE)
			dissect_status(s->d, u->error, s7_error_name(u->error));
		dissect_emit(s->d);
		return;
	}
	for (unsigned i = 0; i < n; i++) {
		struct s7_data item;
		bool whole = s7_item_data(&u->data, i + 1 < n, true, &item);

		if (s->txn)
			dissect_part(s->d, s->txn, i);
		if (whole && u->type == TYPE_RESPONSE)
			s7_item_status(s, item.code);
		if (item.bytes) {
			dissect_value(s->d, item.value);
			s->d->ev.value_total = item.bytes;
		}
		if (!whole)
			s7_short(s);
		s7_emit_part(s, i, n);
		if (!whole)
			return;
		s7_next_part(s);
	}
}

/* function | count | specifications; what is pushed begins with the time */
static void alarms(struct s7 *s, struct userdata *u)
{
	struct rd r = u->data;
	unsigned n;

	if (rd_peek(&r, 2) != 0x12 && rd_peek(&r, TIMESTAMP + 2) == 0x12)
		rd_skip(&r, TIMESTAMP);
	rd_skip(&r, 1);
	n = rd_u8(&r);
	if (!rd_ok(&r) || n == 0 || rd_peek(&r, 0) != 0x12) {
		dissect_emit(s->d);
		return;
	}
	if (u->type == TYPE_PUSH)
		n = 1;          /* the values of the first stand before the second */
	for (unsigned i = 0; i < n; i++) {
		bool whole = s7_item_address(s, &r, i + 1 < n);

		s7_emit_part(s, i, n);
		if (!whole)
			return;
		s7_next_part(s);
	}
}

static void said(struct s7 *s, struct userdata *u)
{
	switch (u->row ? u->row->kind : KIND_PLAIN) {
	case KIND_SZL:
		if (u->data.left >= 4) {
			uint16_t id = rd_be16(&u->data);

			s7_szl_target(s, id, rd_be16(&u->data));
		} else if (u->data.left) {
			s7_short(s);
		} else if (s->st->units[!s->d->direction].open) {
			s->d->ev.op = s7_szl_op(s->st->units[!s->d->direction].szl_id);
		}
		break;
	case KIND_BLOCK: case KIND_BLOCK_TYPE:
		if (u->data.left)
			block_target(s, u);
		break;
	case KIND_CLOCK:
		dissect_value(s->d, u->data);
		break;
	case KIND_CYCLIC:
		cyclic_request(s, u);
		return;
	case KIND_ALARM:
		alarms(s, u);
		return;
	case KIND_VARIABLES:
		if (s7_tis_variables(s, u->data))
			return;
		break;
	default:
		break;
	}
	dissect_emit(s->d);
}

/* --- answers ------------------------------------------------------------------------- */

/* Puts data units together. true: u->data is the whole message now. */
static bool join_units(struct s7 *s, struct userdata *u)
{
	struct s7_units *j = &s->st->units[s->d->direction];
	struct rd whole, head = u->data;

	if (j->open && (!u->extended || j->group != u->group || j->sub != u->sub || j->unit_ref != u->unit_ref)) {
		dissect_join_drop(s->d, S7_JOIN_USERDATA);
		j->open = 0;
	}
	if (u->error) {
		if (j->open)
			dissect_join_drop(s->d, S7_JOIN_USERDATA);
		j->open = 0;
		return true;
	}
	if (!j->open && !u->more)
		return true;
	if (!j->open) {
		j->open = 1;
		j->group = u->group;
		j->sub = u->sub;
		j->unit_ref = u->unit_ref;
		j->szl_id = rd_be16(&head);
		j->szl_index = rd_be16(&head);
	}
	if (s->d->cut) {
		dissect_join_drop(s->d, S7_JOIN_USERDATA);
		j->open = 0;
		return false;
	}
	if (!dissect_join(s->d, S7_JOIN_USERDATA, u->data, !u->more, &whole)) {
		if (!u->more || s->d->ev.anomalies & 1ull << ANOM_INCOMPLETE_FRAGMENTS)
			j->open = 0;
		return false;
	}
	j->open = 0;
	u->data = whole;
	return true;
}

static void szl_answer(struct s7 *s, struct userdata *u)
{
	struct s7_units before = s->st->units[s->d->direction];
	bool whole = join_units(s, u);

	if (!whole) {
		const struct s7_units *j = &s->st->units[s->d->direction];

		s->d->ev.op = s7_szl_op(j->open ? j->szl_id : before.szl_id);
	} else if (!u->error && u->code == 0xff && u->data.left) {
		s7_szl_read(s, u->data);
	} else if (s->txn) {
		dissect_part(s->d, s->txn, 0);
		if (!s->d->ev.space && before.open)
			s7_szl_target(s, before.szl_id, before.szl_index);
	}
}

/* One status for all that was asked: every part of the request gets it. */
static void plain_answer(struct s7 *s, struct userdata *u)
{
	unsigned n = s->txn && s->txn->parts ? s->txn->parts : 1;

	for (unsigned i = 0; i < n; i++) {
		if (i > 0)
			s7_next_part(s);
		if (s->txn)
			dissect_part(s->d, s->txn, i);
		dissect_status(s->d, u->error, s7_error_name(u->error));
		s7_emit_part(s, i, n);
	}
}

/* The same function of the group: the sub-function is noted with the request. */
static bool same_sub(const struct dissect *d, const struct txn *t)
{
	return t->note[0] == d->ev.sub;
}

static void answer(struct s7 *s, struct userdata *u)
{
	uint8_t kind = u->row ? u->row->kind : KIND_PLAIN;

	s->txn = dissect_reply(s->d, s->ref, TXN_STRICT, same_sub);
	if (kind == KIND_CYCLIC) {
		cyclic_values(s, u);
		return;
	}
	if (kind != KIND_SZL) {
		plain_answer(s, u);
		return;
	}
	szl_answer(s, u);
	dissect_status(s->d, u->error, s7_error_name(u->error));
	dissect_emit(s->d);
}

/* What the PLC sends unasked: results of jobs, alarms, its own change of mode. */
static void pushed(struct s7 *s, struct userdata *u)
{
	dissect_dir(s->d, DIR_NOTIFY);
	if (u->group == GROUP_TIS) {
		s->d->ev.op = OP_DIAGNOSE;      /* the results of a job; the job itself was the deed */
		s->d->ev.act = ACT_NONE;
	}
	if (u->group == GROUP_CYCLIC && u->row && u->row->kind == KIND_CYCLIC)
		cyclic_values(s, u);
	else if (u->row && u->row->kind == KIND_ALARM)
		alarms(s, u);
	else
		dissect_emit(s->d);
}

void s7_userdata(struct s7 *s)
{
	struct userdata u = { 0 };
	struct txn *t;

	if (!read_parameter(s, &u)) {
		dissect_dir(s->d, DIR_NOTIFY);
		dissect_emit(s->d);
		return;
	}
	name_function(s, &u);
	read_data(s, &u);
	s->anomalies = s->d->ev.anomalies;
	switch (u.type) {
	case TYPE_REQUEST:
		dissect_dir(s->d, DIR_REQUEST);
		dissect_learn_role(s->d, true);
		t = dissect_open(s->d, s->ref);
		if (t)
			t->note[0] = u.sub;
		said(s, &u);
		return;
	case TYPE_RESPONSE:
		dissect_dir(s->d, DIR_RESPONSE);
		dissect_learn_role(s->d, false);
		answer(s, &u);
		return;
	case TYPE_PUSH:
		pushed(s, &u);
		return;
	default:
		dissect_dir(s->d, DIR_NOTIFY);
		dissect_anomaly(s->d, ANOM_BAD_VALUE);
		dissect_emit(s->d);
	}
}
