/* s7_plus_meaning.h - the functions of S7comm-plus and what they amount to. */
#ifndef ZT_DISSECTORS_S7_PLUS_MEANING_H
#define ZT_DISSECTORS_S7_PLUS_MEANING_H

#include "dissectors/s7.h"

enum plus_func {
	PLUS_ERROR = 0x04b1, PLUS_EXPLORE = 0x04bb, PLUS_CREATE = 0x04ca, PLUS_DELETE = 0x04d4, PLUS_SET = 0x04f2,
	PLUS_GET = 0x04fc, PLUS_ADD_LINK = 0x0506, PLUS_REMOVE_LINK = 0x051a, PLUS_GET_LINK = 0x0524,
	PLUS_SET_MULTI = 0x0542, PLUS_GET_MULTI = 0x054c, PLUS_BEGIN = 0x0556, PLUS_END = 0x0560, PLUS_INVOKE = 0x056b,
	PLUS_SET_STREAMED = 0x0577, PLUS_GET_STREAMED = 0x0586, PLUS_GET_ADDRESS = 0x0590, PLUS_ABORT = 0x059a,
	PLUS_ERROR2 = 0x05a9, PLUS_INIT_SSL = 0x05b3,
};

struct plus_row {
	uint16_t code;
	const char *name;
	uint8_t op;
	bool names_object;      /* the first thing that a request says is the id of an object */
};

/* Sets op, act and target of a request; r begins behind its header. */
void s7_plus_meaning_request(struct dissect *d, struct s7_state *st, uint32_t session, const struct plus_row *row, struct rd r);

/* Identity, where an answer tells it; r begins behind its header. */
void s7_plus_meaning_response(struct dissect *d, uint16_t func, struct rd r);

#endif
