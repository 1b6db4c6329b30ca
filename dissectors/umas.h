/* umas.h - UMAS, Schneider's engineering protocol inside Modbus function 90. */
#ifndef ZT_DISSECTORS_UMAS_H
#define ZT_DISSECTORS_UMAS_H

#include "dissectors/modbus.h"

/* Could the body of a function 90 be a request, a response? Pure. */
bool umas_is_request(struct rd body);
bool umas_is_response(struct rd body);

/* Body parsers as in modbus.h. */
void umas_request(struct dissect *d, struct rd *b, const struct modbus_func *f);
void umas_response(struct dissect *d, struct rd *b, const struct modbus_func *f, const struct txn *t);

#endif
