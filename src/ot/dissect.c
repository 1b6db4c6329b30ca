#include "ot/talk.h"
#include "ot/txn.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

void dissect_reset(struct dissect *d)
{
	struct ot_event *e = &d->ev;

	memset((char *)e + OT_BODY_START, 0, OT_BODY_END - OT_BODY_START);
	e->proto = d->core->talk->dissector->proto;
	if (d->core->flow->side[!d->direction].packets)
		e->flags = EV_OTHER_SIDE_SEEN;
	if (d->cut)
		e->flags |= EV_CUT;
	if (d->role == ROLE_DST_CLIENT)
		e->flags |= EV_CLIENT_IS_DST;
}

void dissect_emit(struct dissect *d)
{
	struct dissect_core *c = d->core;

	if (!c->emitted) {
		c->emitted = 1;
		c->last_pdu_seq = d->ev.head.seq;
		c->last_pdu = d->ev.head.pdu;
		c->counts.pdus[d->ev.proto]++;
	}
	c->counts.events[d->ev.proto]++;
	d->ev.matches = 0;
	if (!(d->ev.has & HAS_REQUEST))
		d->ev.flags = (uint8_t)(d->ev.flags & ~EV_BY_VALUE);    /* of the part before */
	c->hooks.event(c->hooks.arg, &d->ev);
	if (c->opened && d->ev.dir == DIR_REQUEST)
		txn_remember(c, c->opened, &d->ev);
}

void dissect_emit_part(struct dissect *d, uint16_t part, uint16_t parts)
{
	d->ev.part = part;
	d->ev.parts = parts;
	dissect_emit(d);
}

void dissect_client(struct dissect *d, bool client_is_src)
{
	if (client_is_src)
		d->ev.flags = (uint8_t)(d->ev.flags & ~EV_CLIENT_IS_DST);
	else
		d->ev.flags |= EV_CLIENT_IS_DST;
}

void dissect_dir(struct dissect *d, enum ot_dir dir)
{
	d->ev.dir = (uint8_t)dir;
	if (dir == DIR_NOTIFY)
		dissect_client(d, d->role == ROLE_SRC_CLIENT);
	else
		dissect_client(d, dir == DIR_REQUEST);
}

void dissect_learn_role(struct dissect *d, bool src_is_client)
{
	struct talk *k = d->core->talk;

	k->client_dir = src_is_client ? d->direction : !d->direction;
	k->ground = GROUND_CONTENT;
	d->role = src_is_client ? ROLE_SRC_CLIENT : ROLE_DST_CLIENT;
	d->ground = GROUND_CONTENT;
}

enum flow_role dissect_port_role(const struct dissect *d, const uint16_t ports[4])
{
	bool src = false, dst = false;

	for (int i = 0; i < 4 && ports[i]; i++) {
		src |= d->ev.head.src.port == ports[i];
		dst |= d->ev.head.dst.port == ports[i];
	}
	return src == dst ? ROLE_UNKNOWN : dst ? ROLE_SRC_CLIENT : ROLE_DST_CLIENT;
}

void dissect_anomaly(struct dissect *d, enum ot_anomaly a)
{
	if (!d->cut)
		d->ev.anomalies |= (uint64_t)1 << a;
}

void dissect_value(struct dissect *d, struct rd bytes)
{
	uint32_t n = bytes.left < OT_VALUE_MAX ? bytes.left : OT_VALUE_MAX;

	d->ev.has |= HAS_VALUE;
	d->ev.value_total = bytes.left;
	d->ev.value_len = (uint8_t)n;
	if (n)
		memcpy(d->ev.value, bytes.p, n);
}

static uint16_t text_add(char *text, uint16_t len, uint16_t max, const void *p, uint32_t n)
{
	uint32_t room = (uint32_t)(max - len);

	if (n > room)
		n = room;
	if (n)
		memcpy(text + len, p, n);
	return (uint16_t)(len + n);
}

static uint16_t __attribute__((format(printf, 4, 0)))
text_addf(char *text, uint16_t len, uint16_t max, const char *fmt, va_list ap)
{
	char line[OT_TAG_MAX];
	int n = vsnprintf(line, sizeof line, fmt, ap);

	if (n <= 0)
		return len;
	return text_add(text, len, max, line, n < (int)sizeof line ? (uint32_t)n : (uint32_t)sizeof line - 1);
}

void dissect_tag(struct dissect *d, const void *text, uint32_t n)
{
	d->ev.tag_len = text_add(d->ev.tag, 0, OT_TAG_MAX, text, n);
}

void dissect_tag_add(struct dissect *d, const void *text, uint32_t n)
{
	d->ev.tag_len = text_add(d->ev.tag, d->ev.tag_len, OT_TAG_MAX, text, n);
}

void dissect_tag_addf(struct dissect *d, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	d->ev.tag_len = text_addf(d->ev.tag, d->ev.tag_len, OT_TAG_MAX, fmt, ap);
	va_end(ap);
}

void dissect_path_addf(struct dissect *d, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	d->ev.path_len = text_addf(d->ev.path, d->ev.path_len, OT_PATH_MAX, fmt, ap);
	va_end(ap);
}

void dissect_route_addf(struct dissect *d, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	d->ev.route_len = text_addf(d->ev.route, d->ev.route_len, OT_ROUTE_MAX, fmt, ap);
	va_end(ap);
}

void dissect_range(struct dissect *d, const char *space, enum ot_granule g, uint32_t first, uint32_t count)
{
	d->ev.space = space;
	d->ev.granule = (uint8_t)g;
	d->ev.first = first;
	d->ev.count = count;
	d->ev.has |= HAS_FIRST | HAS_COUNT;
}

void dissect_status(struct dissect *d, uint32_t code, const char *name)
{
	d->ev.has |= HAS_STATUS;
	d->ev.status = code;
	d->ev.status_name = name;
	d->ev.outcome = code ? OUTCOME_ERROR : OUTCOME_OK;
}

static struct ot_identity *identity(struct dissect *d)
{
	if (!(d->ev.has & HAS_IDENTITY)) {
		char *field[] = { d->ev.identity.vendor, d->ev.identity.product, d->ev.identity.order_number,
				  d->ev.identity.serial, d->ev.identity.firmware, d->ev.identity.hardware,
				  d->ev.identity.name };

		d->ev.identity.has_vendor_id = d->ev.identity.has_product_code = 0;
		for (size_t i = 0; i < sizeof field / sizeof field[0]; i++)
			field[i][0] = '\0';
		d->ev.has |= HAS_IDENTITY;
	}
	return &d->ev.identity;
}

void dissect_identity(struct dissect *d, char field[OT_IDENTITY_MAX], const void *text, uint32_t n)
{
	const char *s = text;

	identity(d);
	while (n && (s[n - 1] == '\0' || s[n - 1] == ' '))
		n--;
	if (n > OT_IDENTITY_MAX - 1)
		n = OT_IDENTITY_MAX - 1;
	for (uint32_t i = 0; i < n; i++)
		field[i] = s[i] ? s[i] : ' ';
	field[n] = '\0';
}

void dissect_identityf(struct dissect *d, char field[OT_IDENTITY_MAX], const char *fmt, ...)
{
	va_list ap;

	identity(d);
	va_start(ap, fmt);
	vsnprintf(field, OT_IDENTITY_MAX, fmt, ap);
	va_end(ap);
}

void dissect_identity_ids(struct dissect *d, const uint32_t *vendor_id, const uint32_t *product_code)
{
	struct ot_identity *id = identity(d);

	if (vendor_id) {
		id->vendor_id = *vendor_id;
		id->has_vendor_id = 1;
	}
	if (product_code) {
		id->product_code = *product_code;
		id->has_product_code = 1;
	}
}

static struct buffer **join_of(const struct dissect *d, unsigned slot)
{
	return &d->core->talk->dir[d->direction].join[slot];
}

bool dissect_join(struct dissect *d, unsigned slot, struct rd fragment, bool last, struct rd *whole)
{
	struct buffer **b = join_of(d, slot);

	if (!*b && last) {
		*whole = fragment;
		return true;
	}
	if (!buffer_add(&d->core->buffers, b, fragment.p, fragment.left)) {
		buffer_drop(&d->core->buffers, b);
		dissect_anomaly(d, ANOM_INCOMPLETE_FRAGMENTS);
		return false;
	}
	if (!last)
		return false;
	*whole = rd_init((*b)->bytes, (*b)->len);
	d->core->joined |= (uint8_t)(1u << slot);
	return true;
}

void dissect_join_drop(struct dissect *d, unsigned slot)
{
	buffer_drop(&d->core->buffers, join_of(d, slot));
}

bool dissect_join_open(const struct dissect *d, unsigned slot)
{
	return *join_of(d, slot) && !(d->core->joined & 1u << slot);
}
