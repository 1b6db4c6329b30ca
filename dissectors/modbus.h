/* modbus.h - what the files of the Modbus dissector share: the row of one function code, and
 * the helpers of its body parsers. Private to dissectors/modbus*.c and umas.c; thread of the caller.
 *
 * MAP is the Modbus Application Protocol V1.1b3, MMG the Messaging on TCP/IP Implementation
 * Guide V1.0b. A body is the PDU without its function code. */
#ifndef ZT_DISSECTORS_MODBUS_H
#define ZT_DISSECTORS_MODBUS_H

#include "ot/dissector.h"

enum {
	MODBUS_PDU_MAX = 253,           /* MAP 4.1: function code and body */
	MODBUS_GROUPS_MAX = 36,         /* MAP 6.14, 6.15: at most 35 groups of file records in a PDU */
};

enum modbus_code {                      /* codes that need more than their row */
	FC_WRITE_COIL = 5, FC_WRITE_REGISTER = 6, FC_DIAGNOSTICS = 8, FC_WRITE_COILS = 15,
	FC_WRITE_REGISTERS = 16, FC_READ_FILE = 20, FC_WRITE_FILE = 21, FC_MASK_WRITE = 22,
	FC_READ_WRITE = 23, FC_FIFO = 24, FC_ENCAPSULATED = 43, FC_UMAS = 90,
};

enum modbus_mei { MEI_CANOPEN = 13, MEI_DEVICE_ID = 14 };       /* MAP 6.20, 6.21 */

/* How a body is laid out. */
enum modbus_shape {
	SHAPE_NONE,             /* not known: nothing can be checked */
	SHAPE_EMPTY,
	SHAPE_ONE,              /* one byte */
	SHAPE_FOUR,             /* two 16-bit fields of any value */
	SHAPE_COIL,             /* address, 0000 or ff00 */
	SHAPE_RANGE,            /* address, quantity 1..max */
	SHAPE_BITS,             /* byte count, that many bytes */
	SHAPE_WORDS,            /* byte count (even), that many bytes */
	SHAPE_WRITE_BITS,       /* address, quantity 1..max, byte count that fits it, values */
	SHAPE_WRITE_WORDS,
	SHAPE_DIAGNOSTICS,      /* sub-function, data */
	SHAPE_EVENT_COUNTER,    /* status 0000 or ffff, count */
	SHAPE_EVENT_LOG,        /* byte count of 6 + events, that many bytes */
	SHAPE_SERVER_ID,        /* byte count, that many bytes */
	SHAPE_FILE_READ, SHAPE_FILE_DATA, SHAPE_FILE_WRITE,
	SHAPE_MASK,             /* address, and, or */
	SHAPE_READ_WRITE,
	SHAPE_ADDRESS,          /* one 16-bit field */
	SHAPE_FIFO,             /* byte count 16 bit, FIFO count 0..31, that many words */
	SHAPE_MEI_REQUEST, SHAPE_MEI_RESPONSE,
	SHAPE_UMAS_REQUEST, SHAPE_UMAS_RESPONSE,
};

/* One function code. The parsers fill d->ev from the body b; those of a row with `parts` emit
 * their parts themselves. t is the request that a response answers, or NULL. */
struct modbus_func {
	uint8_t code, op, granule;
	uint8_t is_request, is_response;        /* enum modbus_shape */
	bool parts;
	uint16_t max;                           /* largest legal quantity */
	const char *space, *name;
	void (*request)(struct dissect *d, struct rd *b, const struct modbus_func *f);
	void (*response)(struct dissect *d, struct rd *b, const struct modbus_func *f, const struct txn *t);
};

/* The row of a function code; NULL when it is not decoded. */
const struct modbus_func *modbus_body_find(unsigned code);

/* The name of any function code, also of those not decoded; NULL: none. */
const char *modbus_body_name(unsigned code);

/* What a request and its response have in common, for telling answers apart where transaction ids
 * lie: false when there is nothing to compare. Pure. */
struct modbus_facts { uint32_t a, b; };
bool modbus_body_facts(unsigned code, bool response, struct rd body, struct modbus_facts *facts);

/* The end of every body parser: what is missing or left over. */
void modbus_body_end(struct dissect *d, const struct rd *b);

/* Takes a byte count's worth of b as the value; a count that the body does not hold is bad_length. */
struct rd modbus_body_counted(struct dissect *d, struct rd *b, uint32_t count);

/* The value, when there is one. */
void modbus_body_value(struct dissect *d, struct rd bytes);

/* Forgets target and value, between two parts of one PDU. */
void modbus_body_next(struct dissect *d);

/* Does the body have exactly this layout? Pure functions of the bytes. */
bool modbus_shape_is(enum modbus_shape shape, uint16_t max, struct rd body);

/* Function 17 and 43 (modbus_ident.c). */
void modbus_ident_server_id(struct dissect *d, struct rd *b, const struct modbus_func *f, const struct txn *t);
void modbus_ident_request(struct dissect *d, struct rd *b, const struct modbus_func *f);
void modbus_ident_response(struct dissect *d, struct rd *b, const struct modbus_func *f, const struct txn *t);

/* Function 20 and 21 (modbus_files.c). */
void modbus_files_read(struct dissect *d, struct rd *b, const struct modbus_func *f);
void modbus_files_data(struct dissect *d, struct rd *b, const struct modbus_func *f, const struct txn *t);
void modbus_files_write(struct dissect *d, struct rd *b, const struct modbus_func *f);
void modbus_files_written(struct dissect *d, struct rd *b, const struct modbus_func *f, const struct txn *t);

#endif
