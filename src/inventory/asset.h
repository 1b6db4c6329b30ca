/* asset.h - who is there: addresses of each segment, what they said of themselves, how we know.
 *
 * Owned by the writer's thread. Fixed tables: past the limit a new asset is refused, or takes the place of one that
 * has not been seen for long (assets_replace()); both are counted. */
#ifndef ZT_INVENTORY_ASSET_H
#define ZT_INVENTORY_ASSET_H

#include "base/addr.h"
#include "ot/event.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define ASSET_MACS 4            /* hardware addresses kept of one asset */
#define ASSET_SAYINGS_MAX 32    /* identity statements kept of one asset */
#define ASSET_ROUTER_IPS 4      /* addresses behind one MAC from which on it is a router's */
#define ASSET_NONE UINT32_MAX

enum identity_field {           /* in the order in which they are printed */
	ID_VENDOR, ID_VENDOR_ID, ID_PRODUCT, ID_PRODUCT_CODE, ID_ORDER_NUMBER, ID_SERIAL,
	ID_FIRMWARE, ID_HARDWARE, ID_NAME, ID_FIELDS
};
const char *identity_field_word(unsigned field);

/* One thing that an asset said of itself. Two of one field and part that differ contradict each other. */
struct asset_saying {
	uint8_t  field, proto;          /* enum identity_field, enum ot_proto */
	uint16_t capture;
	uint32_t frame;                 /* where it was first said */
	uint32_t next;                  /* of the same asset; ASSET_NONE ends */
	uint64_t first_ns, last_ns, count;
	char part[48];                  /* "" the address itself, else "unit 3", "route 1/0": what is behind it */
	char text[OT_IDENTITY_MAX];     /* wire text, not escaped */
};

struct asset {
	struct ip_addr ip;
	uint64_t first_ns, last_ns;
	uint32_t site_asset;            /* index in the site's assets, 0 none */
	uint16_t segment, zone;
	uint32_t first_frame;           /* where it was first seen */
	uint16_t first_capture;
	uint16_t as_client, as_server;  /* bit sets of enum ot_proto */
	uint8_t  macs, sayings;
	uint8_t  mac[ASSET_MACS][6];
	bool seen;                      /* in this run; false: only known from before */
	uint64_t run_ns;                /* first seen in this run */
	uint32_t serial;                /* its own, also when it takes the place of another */
	uint32_t said;                  /* first saying, ASSET_NONE */
	uint32_t hash_next;
};

struct assets;

struct assets *assets_new(uint32_t max);        /* NULL: no memory */
void assets_free(struct assets *a);

/* From now on a full table makes room: of a few places looked at in turn the asset that the site does not list and
 * that was last seen longest ago goes, and is new when it comes again. For a run without an end. */
void assets_replace(struct assets *a);

/* An asset that is known from before: it is not new when it is seen. Nothing happens without room. */
struct asset_known { struct ip_addr ip; uint16_t segment, as_client, as_server; uint64_t first_ns, last_ns; };
void assets_know(struct assets *a, const struct asset_known *k);

/* The asset of one side, made when it is new (*is_new). Multicast, broadcast (a group MAC) and zero
 * addresses have none. */
uint32_t assets_see(struct assets *a, const struct ot_head *head, const struct ot_side *side, bool *is_new);
void assets_role(struct assets *a, uint32_t asset, unsigned proto, bool as_client);

/* The identity in ev (HAS_IDENTITY), said by the asset that sent it. */
void assets_identity(struct assets *a, uint32_t asset, const struct ot_event *ev);

uint32_t assets_count(const struct assets *a);
uint32_t assets_max(const struct assets *a);
uint64_t assets_refused(const struct assets *a);        /* that found no room, or had to make it */
const struct asset *assets_at(const struct assets *a, uint32_t i);              /* in order of appearance, while none was replaced */
const struct asset_saying *assets_saying(const struct assets *a, uint32_t i);

/* True when so many addresses of the segment stand behind this MAC that it is a router's. */
bool assets_mac_is_router(const struct assets *a, uint16_t segment, const uint8_t mac[6]);

/* The numbers of the site have changed: zone and site_asset of each are what these say of the old ones. */
void assets_renumber(struct assets *a, uint16_t (*zone)(const void *arg, uint16_t zone),
		     uint32_t (*site_asset)(const void *arg, uint32_t asset), const void *arg);

#endif
