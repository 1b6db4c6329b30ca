#include "sensor/iface.h"

#include "base/names.h"
#include "sensor/links.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <ifaddrs.h>
#include <linux/ethtool.h>
#include <linux/if_arp.h>
#include <linux/net_tstamp.h>
#include <linux/sockios.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#define FEATURES_MAX 256                /* kernels know some sixty */
#define LINK_MASKS_BYTES (3 * 127 * 4)  /* three masks; the number of words in one is an int8_t */
#define FEATURE_WORDS (FEATURES_MAX / 32)
#define NAMES_MAX 256                   /* interfaces among which a similar name is looked for */

/* --- what the adapter says (ethtool) ------------------------------------------------------------- */

static bool ethtool(int fd, const char *name, void *data)
{
	struct ifreq r = { .ifr_data = data };

	snprintf(r.ifr_name, sizeof r.ifr_name, "%s", name);
	return ioctl(fd, SIOCETHTOOL, &r) == 0;
}

static unsigned offload_of(const char *feature)
{
	static const struct { const char *feature; unsigned bit; } known[] = {
		{ "rx-gro", IFACE_GRO }, { "rx-lro", IFACE_LRO }, { "rx-gro-hw", IFACE_GRO_HW },
		{ "rx-gro-list", IFACE_GRO_LIST }, { "rx-udp-gro-forwarding", IFACE_GRO_UDP },
		{ "rx-vlan-hw-parse", IFACE_VLAN_STRIP },
	};

	for (size_t i = 0; i < sizeof known / sizeof known[0]; i++) {
		if (strcmp(known[i].feature, feature) == 0)
			return known[i].bit;
	}
	return 0;
}

static uint32_t feature_count(int fd, const char *name)
{
	union { struct ethtool_sset_info head; uint8_t room[sizeof(struct ethtool_sset_info) + sizeof(uint32_t)]; } s = {
		.head = { .cmd = ETHTOOL_GSSET_INFO, .sset_mask = UINT64_C(1) << ETH_SS_FEATURES },
	};
	uint32_t count = 0;

	if (ethtool(fd, name, &s) && s.head.sset_mask)
		memcpy(&count, s.room + sizeof s.head, sizeof count);
	return count <= FEATURES_MAX ? count : 0;
}

/* The kernel names its features as strings; their places in the list are their bits. */
static unsigned offloads_of(int fd, const char *name)
{
	struct ethtool_get_features_block block[FEATURE_WORDS] = { 0 };
	union { struct ethtool_gfeatures head; uint8_t room[sizeof(struct ethtool_gfeatures) + sizeof block]; } bits = {
		.head = { .cmd = ETHTOOL_GFEATURES, .size = FEATURE_WORDS },
	};
	uint32_t count = feature_count(fd, name);
	struct ethtool_gstrings *names = calloc(1, sizeof *names + (size_t)count * ETH_GSTRING_LEN);
	unsigned on = 0;

	if (!names)
		return 0;
	*names = (struct ethtool_gstrings){ .cmd = ETHTOOL_GSTRINGS, .string_set = ETH_SS_FEATURES, .len = count };
	if (count && ethtool(fd, name, names) && ethtool(fd, name, &bits)) {
		memcpy(block, bits.room + sizeof bits.head, sizeof block);
		for (uint32_t i = 0; i < count && i < names->len; i++) {
			char feature[ETH_GSTRING_LEN + 1] = "";

			memcpy(feature, names->data + (size_t)i * ETH_GSTRING_LEN, ETH_GSTRING_LEN);
			if (block[i / 32].active & 1u << i % 32)
				on |= offload_of(feature);
		}
	}
	free(names);
	return on;
}

static uint32_t speed_of(int fd, const char *name)
{
	union { struct ethtool_link_settings head; uint8_t room[sizeof(struct ethtool_link_settings) + LINK_MASKS_BYTES]; } s = {
		.head = { .cmd = ETHTOOL_GLINKSETTINGS },
	};

	/* The first call is answered with the number of words in a mask, as a negative number. */
	if (!ethtool(fd, name, &s) || s.head.link_mode_masks_nwords >= 0)
		return 0;
	s.head = (struct ethtool_link_settings){
		.cmd = ETHTOOL_GLINKSETTINGS, .link_mode_masks_nwords = (int8_t)-s.head.link_mode_masks_nwords,
	};
	if (!ethtool(fd, name, &s) || s.head.speed == (uint32_t)SPEED_UNKNOWN)
		return 0;
	return s.head.speed;
}

static void adapter(struct iface *i, int fd)
{
	struct ethtool_drvinfo driver = { .cmd = ETHTOOL_GDRVINFO };
	struct ethtool_pauseparam pause = { .cmd = ETHTOOL_GPAUSEPARAM };
	struct ethtool_ts_info stamps = { .cmd = ETHTOOL_GET_TS_INFO };
	const uint32_t receives = SOF_TIMESTAMPING_RX_HARDWARE | SOF_TIMESTAMPING_RAW_HARDWARE;

	if (ethtool(fd, i->name, &driver))
		snprintf(i->driver, sizeof i->driver, "%.*s", (int)sizeof driver.driver - 1, driver.driver);
	i->pauses = ethtool(fd, i->name, &pause) && pause.tx_pause;
	i->adapter_stamps = ethtool(fd, i->name, &stamps) && (stamps.so_timestamping & receives) == receives &&
			    stamps.rx_filters & 1u << HWTSTAMP_FILTER_ALL;
	i->speed = speed_of(fd, i->name);
	i->offloads = offloads_of(fd, i->name);
}

/* --- what the kernel says ---------------------------------------------------------------------------- */

static unsigned prefix_bits(const struct sockaddr *mask)
{
	const struct sockaddr_in *v4 = (const void *)mask;
	const struct sockaddr_in6 *v6 = (const void *)mask;
	unsigned bits = 0;

	if (!mask)
		return 0;
	if (mask->sa_family == AF_INET)
		return (unsigned)__builtin_popcount(v4->sin_addr.s_addr);
	for (size_t i = 0; i < sizeof v6->sin6_addr.s6_addr; i++)
		bits += (unsigned)__builtin_popcount(v6->sin6_addr.s6_addr[i]);
	return bits;
}

/* Link-local IPv6 comes and goes with IPv6 itself and is no address that somebody gave. */
static bool is_given(const struct sockaddr *a)
{
	const struct sockaddr_in6 *v6 = (const void *)a;

	return a && (a->sa_family == AF_INET || (a->sa_family == AF_INET6 && !IN6_IS_ADDR_LINKLOCAL(&v6->sin6_addr)));
}

static void addresses(struct iface *i)
{
	size_t n = strlen(i->name);
	struct ifaddrs *all;

	if (getifaddrs(&all) != 0)
		return;
	for (const struct ifaddrs *a = all; a; a = a->ifa_next) {
		const struct sockaddr_in *v4 = (const void *)a->ifa_addr;
		const struct sockaddr_in6 *v6 = (const void *)a->ifa_addr;
		char text[INET6_ADDRSTRLEN];

		/* "eth1:0" is a label of eth1. */
		if (!is_given(a->ifa_addr) || strncmp(a->ifa_name, i->name, n) != 0 ||
		    (a->ifa_name[n] != '\0' && a->ifa_name[n] != ':'))
			continue;
		if (i->addresses++ > 0)
			continue;
		if (inet_ntop(a->ifa_addr->sa_family, a->ifa_addr->sa_family == AF_INET ? (const void *)&v4->sin_addr : &v6->sin6_addr,
			      text, sizeof text))
			snprintf(i->address, sizeof i->address, "%s/%u", text, prefix_bits(a->ifa_netmask));
	}
	freeifaddrs(all);
}

/* A kernel without IPv6 has no such file. */
static bool does_ipv6(const char *name)
{
	char path[80], word = '1';
	int fd;

	snprintf(path, sizeof path, "/proc/sys/net/ipv6/conf/%s/disable_ipv6", name);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return false;
	if (read(fd, &word, 1) != 1)
		word = '1';
	close(fd);
	return word == '0';
}

/* Rows of /proc/net/route begin with the interface and the destination in hexadecimal. */
static bool has_default_route(const char *name)
{
	FILE *f = fopen("/proc/net/route", "re");
	char line[256], iface[IFNAMSIZ], to[9];
	bool found = false;

	while (f && !found && fgets(line, sizeof line, f))
		found = sscanf(line, "%15s %8s", iface, to) == 2 && strcmp(iface, name) == 0 && strcmp(to, "00000000") == 0;
	if (f)
		fclose(f);
	return found;
}

static void similar(struct iface *i, const struct links *links)
{
	const char *names[NAMES_MAX + 1] = { 0 };
	const char *near;

	for (size_t k = 0; k < links->n && k < NAMES_MAX; k++)
		names[k] = links->v[k].name;
	near = name_nearest(i->name, names);
	snprintf(i->like, sizeof i->like, "%s", near ? near : "");
}

static void link_facts(struct iface *i, const struct link_row *l, const struct links *links)
{
	i->exists = true;
	i->up = l->flags & IFF_UP;
	i->carrier = l->carrier;
	i->loopback = l->flags & IFF_LOOPBACK;
	i->ethernet = l->type == ARPHRD_ETHER || i->loopback;
	i->arp = !(l->flags & IFF_NOARP);
	i->promiscuous = l->promiscuity;
	i->mtu = l->mtu;
	for (size_t k = 0; k < links->n; k++) {
		const struct link_row *other = &links->v[k];

		if (l->master && other->index == l->master)
			snprintf(i->master, sizeof i->master, "%s", other->name);
		if (other->stands_on == l->index && !i->above[0])
			snprintf(i->above, sizeof i->above, "%s", other->name);
	}
}

void iface_read(const char *name, struct iface *out)
{
	struct links links = links_read();
	int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);         /* any will do to ask on */

	memset(out, 0, sizeof *out);
	snprintf(out->name, sizeof out->name, "%s", name);
	for (size_t k = 0; k < links.n; k++) {
		if (strcmp(links.v[k].name, out->name) == 0)
			link_facts(out, &links.v[k], &links);
	}
	if (!out->exists) {
		similar(out, &links);
	} else {
		addresses(out);
		out->ipv6 = does_ipv6(out->name);
		out->routed = has_default_route(out->name);
		if (fd >= 0)
			adapter(out, fd);
	}
	links_free(&links);
	if (fd >= 0)
		close(fd);
}
