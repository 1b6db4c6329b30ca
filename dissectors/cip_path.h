/* cip_path.h - the paths (EPATH) that CIP requests and connections name their target with.
 *
 * CIP Volume 1, Appendix C: port, logical, network, symbolic and data segments, padded form.
 * Pure functions of the bytes, but for those that write into the event in hand. */
#ifndef ZT_DISSECTORS_CIP_PATH_H
#define ZT_DISSECTORS_CIP_PATH_H

#include "base/rd.h"

#include <stdbool.h>
#include <stdint.h>

struct dissect;

enum cip_path_has {
	CIP_PATH_CLASS = 1 << 0, CIP_PATH_INSTANCE = 1 << 1, CIP_PATH_ATTRIBUTE = 1 << 2,
	CIP_PATH_SYMBOL = 1 << 3,       /* a symbolic name */
	CIP_PATH_MEMBER = 1 << 4,       /* array members or connection points */
	CIP_PATH_PORT = 1 << 5,         /* a way through other modules or networks */
	CIP_PATH_CLASSES = 1 << 6,      /* more than one class */
	CIP_PATH_BAD = 1 << 7,          /* a segment that the standard does not define: the rest was not read */
	CIP_PATH_SHORT = 1 << 8,        /* a segment runs past the end of the path */
};

struct cip_path {
	uint32_t cls, instance, attribute;      /* the first of each kind */
	uint32_t last;                          /* the last class: the one that the service is asked of */
	uint32_t has;                           /* enum cip_path_has */
};

/* What the path says, without telling anybody. The window is exactly the path. */
struct cip_path cip_path_scan(struct rd path);

/* Fills the event in hand with a request's target: class and space, instance, attribute, tag, path
 * text, route (appended) and the anomalies of the path. */
void cip_path_target(struct dissect *d, struct rd path, const struct cip_path *p);

/* Appends the port segments of a path to the event's route: port/address, hop by hop. */
void cip_path_route(struct dissect *d, struct rd path);

/* Appends the logical and symbolic segments of a path to the event's path text. */
void cip_path_text(struct dissect *d, struct rd path);

#endif
