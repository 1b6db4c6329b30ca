/* links.h - the interfaces of this network namespace, as route netlink lists them. Any thread. */
#ifndef ZT_SENSOR_LINKS_H
#define ZT_SENSOR_LINKS_H

#include <net/if.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define LINKS_MAX 4096

struct link_row {
	char name[IFNAMSIZ];
	uint32_t index, flags, type, mtu;       /* IFF_, ARPHRD_, bytes */
	uint32_t promiscuity;           /* how many ask for it */
	uint32_t master;                /* index; 0 none */
	uint32_t stands_on;             /* index of the interface that a VLAN or the like sends through; 0 none */
	bool carrier;
};

struct links {
	struct link_row *v;             /* NULL when n is 0 */
	size_t n;                       /* up to LINKS_MAX */
};

struct links links_read(void);          /* empty when the kernel does not tell */
void links_free(struct links *l);

#endif
