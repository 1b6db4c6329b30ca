/* geo.h - country and network of public addresses, from databases that the user has (MaxMind's format).
 *
 * Each file contributes what its records hold: a country, a network's number and organisation. Files that are not
 * there, are broken or go away are said once and done without; a file that is replaced is taken up by
 * geo_refresh(). Lookups and geo_identity() are for any thread; everything else is for one. */
#ifndef ZT_INVENTORY_GEO_H
#define ZT_INVENTORY_GEO_H

#include "base/addr.h"

#include <stddef.h>
#include <stdint.h>

#define GEO_FILES_MAX 8
#define GEO_FILE_BYTES_MAX (512u << 20) /* a file is copied into memory, so that writing to it does no harm */

struct geo;

struct geo_facts {                      /* "" or 0: not known */
	uint32_t asn;
	char country[3];                /* ISO 3166-1 alpha-2 */
	char name[61];                  /* of the country, in English; UTF-8, cut at a whole character */
	char org[92];                   /* who the network belongs to */
};

const char *geo_version(void);          /* of the library; NULL: built without one */

/* One line that people should read, without a newline. */
typedef void geo_say_fn(void *arg, const char *line);

/* The paths are kept, not copied. NULL: no memory, or built without. */
struct geo *geo_new(const char *const *paths, size_t n, geo_say_fn *say, void *arg);
void geo_free(struct geo *g);           /* when no thread looks up any more; NULL is allowed */

/* Looks, at most once a second of wall time, whether a file was replaced. What was open stays in use until the new
 * one is. Says what is wrong. NULL is allowed. */
void geo_refresh(struct geo *g);

/* false: not public, or nothing is known. g may be NULL. Each thread remembers its last few hundred addresses. */
bool geo_find(struct geo *g, const struct ip_addr *ip, struct geo_facts *out);

/* The same for the same databases; 0: none is open. */
uint64_t geo_identity(struct geo *g);

#endif
