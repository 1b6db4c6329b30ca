/* iface.h - what this machine says of a network interface: whether it is there, what its adapter does to
 * packets before anybody sees them, and where its kernel or a program would talk on it.
 *
 * Everything is read: from the kernel over ioctl and route netlink, and from /proc. Nothing is changed,
 * and nothing is sent on any interface. It is that of the network namespace of the caller. Any thread. */
#ifndef ZT_SENSOR_IFACE_H
#define ZT_SENSOR_IFACE_H

#include <net/if.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define IFACE_ADDRESS_TEXT 50           /* "fd00::1/64" */

/* Offloads of the adapter and the kernel's receive path that are on. */
enum iface_offload {
	IFACE_GRO = 1 << 0,             /* these merge packets that arrive */
	IFACE_LRO = 1 << 1,
	IFACE_GRO_HW = 1 << 2,
	IFACE_GRO_LIST = 1 << 3,
	IFACE_GRO_UDP = 1 << 4,
	IFACE_VLAN_STRIP = 1 << 5,      /* the outer tag travels beside the packet; libpcap puts it back */
};
#define IFACE_MERGES (IFACE_GRO | IFACE_LRO | IFACE_GRO_HW | IFACE_GRO_LIST | IFACE_GRO_UDP)

struct iface {
	char name[IFNAMSIZ];
	bool exists;                    /* false: nothing below is said */
	bool up;                        /* by the administrator */
	bool carrier;                   /* and there is a link partner */
	bool loopback, ethernet;        /* loopback speaks like Ethernet, too */
	bool arp;                       /* the kernel does ARP there */
	bool ipv6;                      /* the kernel does IPv6 there */
	bool routed;                    /* the default route leaves through it */
	bool pauses;                    /* the adapter sends pause frames */
	bool adapter_stamps;            /* it can stamp every packet that arrives */
	uint32_t promiscuous;           /* how many ask for it now */
	uint32_t mtu;                   /* bytes */
	uint32_t speed;                 /* Mbit/s; 0: not known */
	unsigned offloads;              /* enum iface_offload */
	char driver[32];                /* "" not known */
	char master[IFNAMSIZ];          /* bridge, bond ... that it is a port of; "" none */
	char above[IFNAMSIZ];           /* a VLAN or the like that stands on it, the first; "" none */
	char address[IFACE_ADDRESS_TEXT];       /* the first that is not link-local IPv6; "" none */
	uint32_t addresses;             /* how many there are */
	char like[IFNAMSIZ];            /* when it is not there: one that is and has a similar name; "" none */
};

void iface_read(const char *name, struct iface *out);

/* Words for the offloads that merge packets: "GRO and LRO"; "" when none is on. */
#define IFACE_MERGES_TEXT 120
const char *iface_merges(const struct iface *i, char out[IFACE_MERGES_TEXT]);

enum iface_kind {
	IFACE_MISSING, IFACE_NO_MIRROR, IFACE_DOWN, IFACE_NO_CARRIER,           /* nothing would be seen */
	IFACE_ADDRESS, IFACE_IPV6, IFACE_ARP, IFACE_MASTER, IFACE_ABOVE, IFACE_PAUSE, IFACE_LLDP, IFACE_PROGRAM, /* talks */
	IFACE_MERGING,                                                          /* seen otherwise than it was */
};

struct iface_finding {
	enum iface_kind kind;
	char what[240];                 /* goes on from the name of the interface, without a full stop */
	char remedy[256];               /* the command that ends it; "" none */
};
#define IFACE_FINDINGS_MAX 16

/* What an operator should know, the gravest kind first. Looks through /proc for programs that send. Returns how
 * many were written. */
size_t iface_findings(const struct iface *i, struct iface_finding out[IFACE_FINDINGS_MAX]);

/* Programs that seem to send on the interface; for iface_findings(). */
size_t iface_programs(const char *name, struct iface_finding *out, size_t max);
/* A name as a shell takes it, quoted where it has to be. */
#define IFACE_SHELL_TEXT (4 * IFNAMSIZ + 3)
const char *iface_shell(const char *name, char out[IFACE_SHELL_TEXT]);

#endif
