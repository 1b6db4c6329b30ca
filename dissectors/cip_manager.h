/* cip_manager.h - the connection manager's Forward Open and Forward Close. */
#ifndef ZT_DISSECTORS_CIP_MANAGER_H
#define ZT_DISSECTORS_CIP_MANAGER_H

#include "base/rd.h"

#include <stdbool.h>

struct cip_conns;
struct dissect;

/* Requests: the connection's path goes to the event's path and route. An opening gives the class that
 * the connection leads to, or CIP_NO_CLASS. */
uint32_t cip_manager_open_request(struct dissect *d, struct rd data, bool large);
void cip_manager_close_request(struct dissect *d, struct rd data);

/* Whether the data of an answer whose request was not seen has the shape of a Forward Open's. */
bool cip_manager_is_open_response(struct rd data);

/* Successful answers: the ids go to the event and into (out of) the flow's connections. cls: what the
 * request's path led to, or CIP_NO_CLASS. */
void cip_manager_open_response(struct dissect *d, struct rd data, struct cip_conns *all, uint32_t cls);
void cip_manager_close_response(struct dissect *d, struct rd data, struct cip_conns *all);

#endif
