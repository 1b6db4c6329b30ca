/* cip_table.h - what the numbers of CIP mean: classes, services with their class, status codes.
 *
 * Pure look-ups in static tables. */
#ifndef ZT_DISSECTORS_CIP_TABLE_H
#define ZT_DISSECTORS_CIP_TABLE_H

#include <stdint.h>

enum cip_class {
	CIP_IDENTITY = 0x01, CIP_MESSAGE_ROUTER = 0x02, CIP_CONNECTION_MANAGER = 0x06, CIP_FILE = 0x37,
	CIP_PASSWORD = 0x61, CIP_PCCC = 0x67, CIP_SYMBOL = 0x6b, CIP_DHPLUS = 0xa6,
};

#define CIP_NO_CLASS UINT32_MAX         /* the request was not seen, or its path names no class */

struct cip_service {
	const char *name;               /* snake_case; NULL: not known */
	uint8_t op, act;                /* enum ot_op, enum ot_act */
};

/* The service (without the response bit) asked of a class; CIP_SYMBOL for symbolic paths. Common
 * services (below 0x32) have a meaning without a class, all others only with theirs. */
struct cip_service cip_service_of(uint8_t service, uint32_t cls);

const char *cip_class_name(uint32_t cls);               /* NULL: none */
const char *cip_status_name(uint8_t general);           /* NULL: none */
const char *cip_vendor_name(uint32_t vendor);           /* NULL: not one of the well-known */

#endif
