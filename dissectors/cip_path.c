/* CIP paths: what a request is about, and the way to it.
 *
 * Spec: CIP-V1 = The CIP Networks Library Volume 1, Common Industrial Protocol, Appendix C.
 *
 *   000p pppp  port segment: [size of link address] [port number] link address [pad]
 *   001t ttff  logical segment: type, then 8, 16 or 32 bits (with a pad byte before 16 and 32)
 *   010x xxxx  network segment: one byte, or words counted by the next byte
 *   011s ssss  symbolic segment: 1 to 31 characters, or an extended string [pad]
 *   1000 xxxx  data segment: words counted by the next byte
 *   1001 0001  ANSI extended symbol: length, characters [pad]
 *
 * Not decoded: the contents of electronic keys, network segments and data segments. */
#include "dissectors/cip_path.h"

#include "dissectors/cip_table.h"
#include "ot/dissector.h"

enum segment_kind { SEG_PORT, SEG_LOGICAL, SEG_SYMBOL, SEG_SKIP, SEG_BAD, SEG_SHORT };
enum logical_type { LOG_CLASS, LOG_INSTANCE, LOG_MEMBER, LOG_POINT, LOG_ATTRIBUTE, LOG_SPECIAL, LOG_SERVICE,
		    LOG_EXTENDED };

struct segment {
	enum segment_kind kind;
	uint32_t type;                  /* logical: enum logical_type; port: the port's number */
	uint32_t value;
	struct rd text;                 /* symbol: its characters; port: the link address */
};

/* CIP-V1 C-1.4.1. Bit 4: the link address is longer than a byte; port 15: the number follows. */
static void read_port(struct rd *r, uint8_t first, struct segment *s)
{
	bool extended = first & 0x10;
	uint8_t size = extended ? rd_u8(r) : 1;
	uint32_t taken = 1u + extended + size;

	s->kind = SEG_PORT;
	s->type = first & 0x0f;
	if (s->type == 15) {
		s->type = rd_le16(r);
		taken += 2;
	}
	s->text = rd_sub(r, size);
	if (taken & 1)
		rd_skip(r, 1);
}

static uint32_t read_sized(struct rd *r, unsigned format)
{
	switch (format) {
	case 0:
		return rd_u8(r);
	case 1:
		return rd_le16(r);
	default:
		return rd_le32(r);
	}
}

/* CIP-V1 C-1.4.2. Special: the electronic key; extended: array index, handle and the like. */
static void read_logical(struct rd *r, uint8_t first, struct segment *s)
{
	unsigned format = first & 3;

	s->kind = SEG_LOGICAL;
	s->type = (first >> 2) & 7;
	if (s->type == LOG_SPECIAL) {
		uint8_t key = rd_u8(r);

		s->kind = format ? SEG_BAD : SEG_SKIP;
		rd_skip(r, key == 5 ? 12 : 8);          /* key formats 4 and 5, C-1.4.2.5.2 */
		return;
	}
	if (format == 3) {
		s->kind = SEG_BAD;
		return;
	}
	if (s->type == LOG_EXTENDED) {
		rd_skip(r, 1);                          /* its type stands where others have the pad */
		s->value = read_sized(r, format);
		if (format == 0)
			rd_skip(r, 1);
		s->kind = SEG_SKIP;
		return;
	}
	if (format)
		rd_skip(r, 1);
	s->value = read_sized(r, format);
	if (s->type == LOG_SERVICE)
		s->kind = SEG_SKIP;
}

/* CIP-V1 C-1.4.4. Size 0: an extended string of double, triple or numeric characters. */
static void read_symbolic(struct rd *r, uint8_t first, struct segment *s)
{
	uint8_t size = first & 0x1f;

	s->kind = SEG_SYMBOL;
	if (size == 0) {
		uint8_t form = rd_u8(r);

		s->kind = SEG_SKIP;
		switch (form >> 5) {
		case 1:
			size = (uint8_t)(2 * (form & 0x1f));
			break;
		case 2:
			size = (uint8_t)(3 * (form & 0x1f));
			break;
		case 6:
			size = (uint8_t)(form == 0xc6 ? 1 : form == 0xc7 ? 2 : 4);
			break;
		default:
			s->kind = SEG_BAD;
			return;
		}
		rd_skip(r, size + (size & 1u));
		return;
	}
	s->text = rd_sub(r, size);
	if (!(size & 1))
		rd_skip(r, 1);
}

static void read_segment(struct rd *r, struct segment *s)
{
	uint8_t first = rd_u8(r);

	switch (first >> 5) {
	case 0:
		read_port(r, first, s);
		break;
	case 1:
		read_logical(r, first, s);
		break;
	case 2:                                         /* C-1.4.3: bit 4 says that a length in words follows */
		s->kind = SEG_SKIP;
		rd_skip(r, first & 0x10 ? 2u * rd_u8(r) : 1);
		break;
	case 3:
		read_symbolic(r, first, s);
		break;
	case 4:
		if (first == 0x91) {
			uint8_t size = rd_u8(r);

			s->kind = SEG_SYMBOL;
			s->text = rd_sub(r, size);
			if (size & 1)
				rd_skip(r, 1);
		} else {
			s->kind = first == 0x80 ? SEG_SKIP : SEG_BAD;
			rd_skip(r, 2u * rd_u8(r));
		}
		break;
	default:                                        /* C-1.4: data types name no target */
		s->kind = SEG_BAD;
		break;
	}
	if (!rd_ok(r))
		s->kind = SEG_SHORT;
}

static void note_logical(struct cip_path *p, const struct segment *s)
{
	switch (s->type) {
	case LOG_CLASS:
		if (p->has & CIP_PATH_CLASS)
			p->has |= CIP_PATH_CLASSES;
		else
			p->cls = s->value;
		p->last = s->value;
		p->has |= CIP_PATH_CLASS;
		break;
	case LOG_INSTANCE:
		if (!(p->has & CIP_PATH_INSTANCE))
			p->instance = s->value;
		p->has |= CIP_PATH_INSTANCE;
		break;
	case LOG_ATTRIBUTE:
		if (!(p->has & CIP_PATH_ATTRIBUTE))
			p->attribute = s->value;
		p->has |= CIP_PATH_ATTRIBUTE;
		break;
	default:
		p->has |= CIP_PATH_MEMBER;
		break;
	}
}

struct cip_path cip_path_scan(struct rd path)
{
	struct cip_path p = { .has = 0 };

	while (path.left) {                             /* every segment takes a byte at least */
		struct segment s = { .kind = SEG_SKIP };

		read_segment(&path, &s);
		if (s.kind == SEG_LOGICAL) {
			note_logical(&p, &s);
		} else if (s.kind == SEG_SYMBOL) {
			p.has |= CIP_PATH_SYMBOL;
		} else if (s.kind == SEG_PORT) {
			p.has |= CIP_PATH_PORT;
		} else if (s.kind != SEG_SKIP) {
			p.has |= s.kind == SEG_BAD ? CIP_PATH_BAD : CIP_PATH_SHORT;
			break;
		}
	}
	return p;
}

/* A link address of one byte is a slot or node, a longer one is text such as an IP address. */
static void route_hop(struct dissect *d, const struct segment *s)
{
	struct rd a = s->text;
	const char *sep = d->ev.route_len ? "/" : "";
	uint32_t n = a.left;
	const uint8_t *p = rd_take(&a, n);

	while (n > 1 && p[n - 1] == 0)                  /* some count the pad */
		n--;
	if (n == 1)
		dissect_route_addf(d, "%s%u/%u", sep, s->type, p[0]);
	else
		dissect_route_addf(d, "%s%u/%.*s", sep, s->type, (int)n, (const char *)p);
}

/* One index in brackets of its own, without printf: this runs for every array element polled. */
static void tag_index(struct dissect *d, uint32_t value)
{
	char text[13];
	unsigned at = sizeof text;

	text[--at] = ']';
	do {
		text[--at] = (char)('0' + value % 10);
		value /= 10;
	} while (value);
	text[--at] = '[';
	dissect_tag_add(d, text + at, (uint32_t)(sizeof text - at));
}

static void tag_symbol(struct dissect *d, struct rd text)
{
	uint32_t n = text.left;
	const uint8_t *p = rd_take(&text, n);

	if (d->ev.tag_len)
		dissect_tag_add(d, ".", 1);
	dissect_tag_add(d, p, n);
	for (uint32_t i = 0; i < n; i++) {
		if (p[i] < 0x20 || p[i] == 0x7f) {
			dissect_anomaly(d, ANOM_BAD_TEXT);
			break;
		}
	}
}

static void tell_tag_and_route(struct dissect *d, struct rd path)
{
	while (path.left) {
		struct segment s = { .kind = SEG_SKIP };

		read_segment(&path, &s);
		if (s.kind == SEG_SYMBOL)
			tag_symbol(d, s.text);
		else if (s.kind == SEG_LOGICAL && s.type == LOG_MEMBER && d->ev.tag_len)
			tag_index(d, s.value);
		else if (s.kind == SEG_PORT)
			route_hop(d, &s);
		else if (s.kind == SEG_BAD || s.kind == SEG_SHORT)
			break;
	}
}

void cip_path_text(struct dissect *d, struct rd path)
{
	static const char *const words[] = { "class", "instance", "member", "point", "attribute" };

	while (path.left) {
		struct segment s = { .kind = SEG_SKIP };

		read_segment(&path, &s);
		if (s.kind == SEG_BAD || s.kind == SEG_SHORT)
			break;
		if (s.kind != SEG_LOGICAL && s.kind != SEG_SYMBOL)
			continue;
		if (d->ev.path_len)
			dissect_path_addf(d, " ");
		if (s.kind == SEG_SYMBOL)
			dissect_path_addf(d, "%.*s", (int)s.text.left, (const char *)s.text.p);
		else if (s.type == LOG_CLASS)
			dissect_path_addf(d, "class 0x%02x", s.value);
		else
			dissect_path_addf(d, "%s %u", words[s.type], s.value);
	}
}

void cip_path_route(struct dissect *d, struct rd path)
{
	while (path.left) {
		struct segment s = { .kind = SEG_SKIP };

		read_segment(&path, &s);
		if (s.kind == SEG_PORT)
			route_hop(d, &s);
		else if (s.kind == SEG_BAD || s.kind == SEG_SHORT)
			break;
	}
}

void cip_path_target(struct dissect *d, struct rd path, const struct cip_path *p)
{
	if (p->has & CIP_PATH_CLASS) {
		d->ev.has |= HAS_CLASS;
		d->ev.cls = p->cls;
		d->ev.space = cip_class_name(p->cls);
	}
	if (p->has & CIP_PATH_INSTANCE) {
		d->ev.has |= HAS_BLOCK;
		d->ev.block = p->instance;
	}
	if (p->has & CIP_PATH_ATTRIBUTE) {
		d->ev.has |= HAS_FIRST;
		d->ev.first = p->attribute;
	}
	if (p->has & (CIP_PATH_SYMBOL | CIP_PATH_PORT))
		tell_tag_and_route(d, path);
	if (p->has & CIP_PATH_CLASSES || ((p->has & (CIP_PATH_MEMBER | CIP_PATH_SYMBOL)) == CIP_PATH_MEMBER))
		cip_path_text(d, path);
	if (p->has & CIP_PATH_BAD)
		dissect_anomaly(d, ANOM_BAD_VALUE);
	if (p->has & CIP_PATH_SHORT)
		dissect_anomaly(d, ANOM_TRUNCATED_PDU);
}
