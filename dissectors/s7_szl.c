/* System status lists.
 *
 * List:    id 2 | index 2 | bytes of a record 2 | records 2 | records
 * The id is class of module (4 bits), number of the extract (4 bits), number of the list (8 bits).
 * 0x11 module identification: index 2 | order number 20 | type 2 | version 2 | version 2
 * 0x1c component identification: index 2 | 32 bytes, most of them text
 * Source: Siemens, System Software for S7-300/400, System and Standard Functions, the chapter
 * "System Status Lists". */
#include "dissectors/s7_szl.h"

#define RECORDS_MAX 64          /* records looked at in one list */
#define ORDER_NUMBER 20
#define COMPONENT_TEXT 32
#define VENDOR_SIEMENS 42       /* IEC 61158 manufacturer id */

enum szl_part { SZL_LISTS = 0x00, SZL_MODULE = 0x11, SZL_FEATURES = 0x12, SZL_COMPONENT = 0x1c,
		SZL_COMMUNICATION = 0x31, SZL_COMMUNICATION_STATE = 0x32 };

uint8_t s7_szl_op(uint16_t id)
{
	switch (id & 0xff) {
	case SZL_LISTS: case SZL_MODULE: case SZL_FEATURES: case SZL_COMPONENT:
	case SZL_COMMUNICATION: case SZL_COMMUNICATION_STATE:
		return OP_IDENTIFY;
	default:
		return OP_DIAGNOSE;
	}
}

void s7_szl_target(struct s7 *s, uint16_t id, uint16_t index)
{
	struct ot_event *e = &s->d->ev;

	e->space = "szl";
	e->block = id;
	e->first = index;
	e->has |= HAS_BLOCK | HAS_FIRST;
	e->op = s7_szl_op(id);
}

/* Index 1 names the module, 6 its hardware, 7 its firmware ('V' and three numbers). */
static void module_record(struct s7 *s, struct rd r)
{
	struct ot_identity *id = &s->d->ev.identity;
	uint16_t index = rd_be16(&r);
	const uint8_t *order = rd_take(&r, ORDER_NUMBER);
	uint8_t v[4];

	rd_skip(&r, 2);
	for (int i = 0; i < 4; i++)
		v[i] = rd_u8(&r);
	if (!rd_ok(&r))
		return;
	switch (index) {
	case 1:
		dissect_identity(s->d, id->order_number, order, ORDER_NUMBER);
		break;
	case 6:
		dissect_identityf(s->d, id->hardware, "%u", v[1]);
		break;
	case 7:
		if (v[0] == 'V')
			dissect_identityf(s->d, id->firmware, "V%u.%u.%u", v[1], v[2], v[3]);
		break;
	default:
		break;
	}
}

static void component_record(struct s7 *s, struct rd r)
{
	struct ot_identity *id = &s->d->ev.identity;
	uint16_t index = rd_be16(&r);
	struct rd text = rd_upto(&r, COMPONENT_TEXT);
	uint32_t vendor;

	if (text.left < 2)
		return;
	switch (index) {
	case 1:                 /* the station, unless the module has a name of its own */
		if (!(s->d->ev.has & HAS_IDENTITY) || !id->name[0])
			dissect_identity(s->d, id->name, text.p, text.left);
		break;
	case 2:
		if (rd_peek(&text, 0))
			dissect_identity(s->d, id->name, text.p, text.left);
		break;
	case 5:
		dissect_identity(s->d, id->serial, text.p, text.left);
		break;
	case 7:
		dissect_identity(s->d, id->product, text.p, text.left);
		break;
	case 9:
		vendor = rd_be16(&text);
		dissect_identity_ids(s->d, &vendor, NULL);
		if (vendor == VENDOR_SIEMENS)
			dissect_identityf(s->d, id->vendor, "Siemens");
		break;
	default:
		break;
	}
}

void s7_szl_read(struct s7 *s, struct rd list)
{
	uint16_t id = rd_be16(&list), index = rd_be16(&list);
	uint16_t bytes = rd_be16(&list), records = rd_be16(&list);

	if (!rd_ok(&list)) {
		s7_short(s);
		return;
	}
	s7_szl_target(s, id, index);
	for (unsigned i = 0; i < records && i < RECORDS_MAX && bytes && list.left; i++) {
		struct rd record = rd_sub(&list, bytes);

		if (!rd_ok(&record)) {
			s7_short(s);
			return;
		}
		if ((id & 0xff) == SZL_MODULE)
			module_record(s, record);
		else if ((id & 0xff) == SZL_COMPONENT)
			component_record(s, record);
	}
}
