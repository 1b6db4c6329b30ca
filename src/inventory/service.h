/* service.h - which machine answers with what: an application, or where none was recognised a port.
 *
 * Owned by the writer's thread. A fixed table: past the limit nothing is new any more, and that is counted. */
#ifndef ZT_INVENTORY_SERVICE_H
#define ZT_INVENTORY_SERVICE_H

#include <stdbool.h>
#include <stdint.h>

#define SERVICE_KNOWN_NS (3600 * UINT64_C(1000000000))  /* a machine seen for so long shows nothing new by chance */

struct services;

struct services *services_new(uint32_t max);    /* NULL: no memory */
void services_free(struct services *s);         /* NULL is allowed */

/* asset: its serial; app: enum app, 0 none: then the port tells. True: for the first time. */
bool services_see(struct services *s, uint32_t asset, uint8_t ip_proto, unsigned app, uint16_t port);
uint64_t services_refused(const struct services *s);

/* Forgets the services of assets that are no more: what is left are those of these serials, which rise. For a run
 * without an end. false: no memory for it, nothing changes. */
bool services_keep(struct services *s, const uint32_t *serials, uint32_t n);

#endif
