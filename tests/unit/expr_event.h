/* expr_event.h - messages to hold expressions and policies against. */
#ifndef ZT_TESTS_EXPR_EVENT_H
#define ZT_TESTS_EXPR_EVENT_H

#include "base/addr.h"
#include "ot/event.h"

#include <string.h>

static inline struct ip_addr ip(const char *s)
{
	struct ip_addr a = { .q = { 0, 0 } };

	addr_parse(s, &a);
	return a;
}

/* 192.168.2.10:40000 asks 192.168.1.10:502 to write holding registers [first, first + count). */
static inline struct ot_event modbus_write(uint32_t first, uint32_t count)
{
	struct ot_event e = {
		.proto = PROTO_MODBUS, .op = OP_WRITE, .dir = DIR_REQUEST, .granule = GRANULE_WORD,
		.has = HAS_FUNC | HAS_UNIT | HAS_TXN | HAS_FIRST | HAS_COUNT, .func = 16, .func_name = "write_multiple_registers",
		.unit = 1, .txn = 7, .space = "holding_registers", .first = first, .count = count,
	};

	e.head.ts_ns = 1764547200000000000u;    /* 2025-12-01T00:00:00Z, a Monday */
	e.head.ip_proto = 6;
	e.head.src.ip = ip("192.168.2.10");
	e.head.src.port = 40000;
	e.head.dst.ip = ip("192.168.1.10");
	e.head.dst.port = 502;
	return e;
}

static inline void set_value(struct ot_event *e, const void *p, uint8_t n)
{
	e->has |= HAS_VALUE;
	e->value_len = n;
	e->value_total = n;
	memcpy(e->value, p, n);
}

static inline void set_tag(struct ot_event *e, const char *s)
{
	e->tag_len = (uint16_t)strlen(s);
	memcpy(e->tag, s, e->tag_len);
}

/* From request to its answer: seen with its request, with this status. */
static inline struct ot_event answer_of(struct ot_event e, uint32_t status)
{
	struct ot_side s = e.head.src;

	e.head.src = e.head.dst;
	e.head.dst = s;
	e.flags |= EV_CLIENT_IS_DST;
	e.dir = DIR_RESPONSE;
	e.has |= HAS_STATUS | HAS_REQUEST;
	e.status = status;
	e.outcome = status ? OUTCOME_ERROR : OUTCOME_OK;
	return e;
}

#endif
