#include "sensor/links.h"

#include <linux/if_link.h>
#include <linux/netlink.h>
#include <linux/rtnetlink.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#define ANSWER_MAX 65536        /* bytes; the kernel sends at most 32 KiB at a time */
#define WAIT_S 2                /* the kernel answers at once, or something is badly wrong */

struct attributes { const uint8_t *p; size_t left; };

/* The next attribute; NULL behind the last. */
static const struct rtattr *next_of(struct attributes *w)
{
	const struct rtattr *a = (const void *)w->p;
	size_t step;

	if (w->left < sizeof *a || a->rta_len < sizeof *a || a->rta_len > w->left)
		return NULL;
	step = RTA_ALIGN(a->rta_len) < w->left ? RTA_ALIGN(a->rta_len) : w->left;
	w->p += step;
	w->left -= step;
	return a;
}

static uint32_t u32_of(const struct rtattr *a)
{
	uint32_t v = 0;

	if (RTA_PAYLOAD(a) >= sizeof v)
		memcpy(&v, RTA_DATA(a), sizeof v);
	return v;
}

/* A terminated copy, cut to what fits. */
static void text_of(const struct rtattr *a, char *out, size_t n)
{
	size_t len = RTA_PAYLOAD(a) < n - 1 ? RTA_PAYLOAD(a) : n - 1;

	memcpy(out, RTA_DATA(a), len);
	out[len] = '\0';
}

/* Kinds that send what they send through the interface they name: a pair of veth names its other end alike. */
static bool stands_on_another(const struct rtattr *info)
{
	static const char *const kinds[] = { "vlan", "macvlan", "macvtap", "ipvlan", "ipvtap", "macsec" };
	struct attributes w = { RTA_DATA(info), RTA_PAYLOAD(info) };
	char kind[32] = "";

	for (const struct rtattr *a; (a = next_of(&w));) {
		if (a->rta_type == IFLA_INFO_KIND)
			text_of(a, kind, sizeof kind);
	}
	for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++) {
		if (strcmp(kind, kinds[i]) == 0)
			return true;
	}
	return false;
}

static bool add_row(struct links *l, const struct nlmsghdr *h)
{
	const struct ifinfomsg *info = NLMSG_DATA(h);
	struct attributes w = { (const uint8_t *)IFLA_RTA(info), h->nlmsg_len - NLMSG_SPACE(sizeof *info) };
	struct link_row row = { .index = (uint32_t)info->ifi_index, .flags = info->ifi_flags, .type = info->ifi_type };
	uint32_t lower = 0;
	bool stands = false;
	struct link_row *v;

	for (const struct rtattr *a; (a = next_of(&w));) {
		switch (a->rta_type & NLA_TYPE_MASK) {
		case IFLA_IFNAME: text_of(a, row.name, sizeof row.name); break;
		case IFLA_MTU: row.mtu = u32_of(a); break;
		case IFLA_PROMISCUITY: row.promiscuity = u32_of(a); break;
		case IFLA_MASTER: row.master = u32_of(a); break;
		case IFLA_LINK: lower = u32_of(a); break;
		case IFLA_LINKINFO: stands = stands_on_another(a); break;
		case IFLA_CARRIER: row.carrier = RTA_PAYLOAD(a) >= 1 && *(const uint8_t *)RTA_DATA(a) != 0; break;
		default: break;
		}
	}
	row.stands_on = stands ? lower : 0;
	if (l->n == LINKS_MAX)
		return false;
	v = realloc(l->v, (l->n + 1) * sizeof *v);
	if (!v)
		return false;
	l->v = v;
	l->v[l->n++] = row;
	return true;
}

static bool ask(int fd)
{
	struct { struct nlmsghdr head; struct ifinfomsg info; } q = {
		.head = { .nlmsg_len = sizeof q, .nlmsg_type = RTM_GETLINK, .nlmsg_flags = NLM_F_REQUEST | NLM_F_DUMP, .nlmsg_seq = 1 },
		.info = { .ifi_family = AF_UNSPEC },
	};
	const struct timeval wait = { .tv_sec = WAIT_S };

	return setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &wait, sizeof wait) == 0 && send(fd, &q, sizeof q, 0) == sizeof q;
}

/* One answer of the kernel: false, that was the last. */
static bool take(struct links *l, const void *answer, size_t n)
{
	unsigned left = (unsigned)n;

	for (const struct nlmsghdr *h = answer; NLMSG_OK(h, left); h = NLMSG_NEXT(h, left)) {
		if (h->nlmsg_type == NLMSG_DONE || h->nlmsg_type == NLMSG_ERROR)
			return false;
		if (h->nlmsg_type == RTM_NEWLINK && h->nlmsg_len >= NLMSG_SPACE(sizeof(struct ifinfomsg)) && !add_row(l, h))
			return false;
	}
	return true;
}

struct links links_read(void)
{
	int fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_ROUTE);
	struct links l = { .n = 0 };
	void *answer = malloc(ANSWER_MAX);
	bool more = fd >= 0 && answer && ask(fd);

	while (more) {
		ssize_t n = recv(fd, answer, ANSWER_MAX, 0);

		more = n > 0 && take(&l, answer, (size_t)n);
	}
	free(answer);
	if (fd >= 0)
		close(fd);
	return l;
}

void links_free(struct links *l)
{
	free(l->v);
	*l = (struct links){ .n = 0 };
}
