/* iface_finding.c - what is wrong with an interface as a mirror's, in a sentence, and the command against it. */
#include "sensor/iface.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

struct list {
	struct iface_finding *v;
	size_t n;
	enum iface_kind kind;           /* of the next one */
};

static struct iface_finding *finding(struct list *l, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

/* The place for the remedy, and a sentence in it; there is always room: see IFACE_FINDINGS_MAX. */
static struct iface_finding *finding(struct list *l, const char *fmt, ...)
{
	struct iface_finding *f = &l->v[l->n++];
	va_list ap;

	memset(f, 0, sizeof *f);
	f->kind = l->kind;
	va_start(ap, fmt);
	vsnprintf(f->what, sizeof f->what, fmt, ap);
	va_end(ap);
	return f;
}

#define REMEDY(f, ...) snprintf((f)->remedy, sizeof (f)->remedy, __VA_ARGS__)

const char *iface_shell(const char *name, char out[IFACE_SHELL_TEXT])
{
	size_t n = 0;

	if (strspn(name, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_.@+-") == strlen(name)) {
		snprintf(out, IFACE_SHELL_TEXT, "%s", name);
		return out;
	}
	out[n++] = '\'';
	for (const char *s = name; *s && n < IFACE_SHELL_TEXT - 6; s++) {
		if (*s == '\'') {
			memcpy(out + n, "'\\''", 4);
			n += 4;
		} else {
			out[n++] = *s;
		}
	}
	out[n++] = '\'';
	out[n] = '\0';
	return out;
}

struct offload_word { unsigned bit; const char *name, *option; };        /* as people and ethtool(8) call it */

static const struct offload_word merging[] = {
	{ IFACE_GRO, "GRO", "gro" }, { IFACE_LRO, "LRO", "lro" }, { IFACE_GRO_HW, "GRO in the adapter", "rx-gro-hw" },
	{ IFACE_GRO_LIST, "GRO by lists", "rx-gro-list" }, { IFACE_GRO_UDP, "GRO of UDP", "rx-udp-gro-forwarding" },
};
#define MERGING (sizeof merging / sizeof merging[0])

const char *iface_merges(const struct iface *i, char out[IFACE_MERGES_TEXT])
{
	int left = __builtin_popcount(i->offloads & IFACE_MERGES);
	size_t n = 0;

	out[0] = '\0';
	for (size_t k = 0; k < MERGING; k++) {
		if (!(i->offloads & merging[k].bit))
			continue;
		left--;
		n += (size_t)snprintf(out + n, IFACE_MERGES_TEXT - n, "%s%s", merging[k].name,
				      left > 1 ? ", " : left == 1 ? " and " : "");
	}
	return out;
}

static void merges(const struct iface *i, const char *shell, struct list *l)
{
	char names[IFACE_MERGES_TEXT], options[IFACE_MERGES_TEXT] = "";
	struct iface_finding *f;
	size_t n = 0;

	if (!(i->offloads & IFACE_MERGES))
		return;
	for (size_t k = 0; k < MERGING; k++) {
		if (i->offloads & merging[k].bit)
			n += (size_t)snprintf(options + n, sizeof options - n, " %s off", merging[k].option);
	}
	l->kind = IFACE_MERGING;
	f = finding(l, "merges packets before the sensor sees them (%s): their number, length and time are not those of the wire",
		    iface_merges(i, names));
	REMEDY(f, "ethtool -K %s%s", shell, options);
}

/* Why nothing would be seen. */
static void state(const struct iface *i, const char *shell, struct list *l)
{
	char like[IFACE_SHELL_TEXT];

	l->kind = i->up ? IFACE_NO_CARRIER : IFACE_DOWN;
	if (!i->exists) {
		l->kind = IFACE_MISSING;
		if (i->like[0])
			finding(l, "is not there and will be waited for; did you mean %s?", iface_shell(i->like, like));
		else
			finding(l, "is not there and will be waited for");
	} else if (!i->up) {
		REMEDY(finding(l, "is down: nothing arrives"), "ip link set dev %s up", shell);
	} else if (!i->carrier) {
		finding(l, "has no link: no cable, or nothing at its other end");
	}
	if (i->exists && (i->loopback || !i->ethernet)) {
		l->kind = IFACE_NO_MIRROR;
		finding(l, i->loopback ? "is this machine's loopback: no mirror is plugged into it"
				       : "is no Ethernet interface: no mirror is plugged into it");
	}
	l->kind = IFACE_NO_MIRROR;
	if (i->exists && i->routed)
		finding(l, "has the default route, so this machine talks over it: give the mirror a port of its own");
}

/* The kernel's own voice. */
static void kernel_talks(const struct iface *i, const char *shell, struct list *l)
{
	bool dotted = strchr(i->name, '.') != NULL;     /* sysctl(8) then wants slashes */

	l->kind = IFACE_ADDRESS;
	if (i->addresses == 1)
		REMEDY(finding(l, "has the address %s: the kernel answers and sends from it", i->address),
		       "ip addr flush dev %s", shell);
	else if (i->addresses)
		REMEDY(finding(l, "has %u addresses, %s is one: the kernel answers and sends from them", i->addresses, i->address),
		       "ip addr flush dev %s", shell);
	l->kind = IFACE_IPV6;
	if (i->ipv6)
		REMEDY(finding(l, "has IPv6 on: the kernel announces itself, looks for routers and joins groups there"),
		       dotted ? "sysctl -w net/ipv6/conf/%s/disable_ipv6=1" : "sysctl -w net.ipv6.conf.%s.disable_ipv6=1", shell);
	l->kind = IFACE_ARP;
	if (i->arp)
		REMEDY(finding(l, "has ARP on: the kernel may ask for addresses and answer for its own there"),
		       "ip link set dev %s arp off", shell);
}

/* What would send through it. */
static void others_talk(const struct iface *i, const char *shell, struct list *l)
{
	char other[IFACE_SHELL_TEXT];

	l->kind = IFACE_MASTER;
	if (i->master[0])
		REMEDY(finding(l, "is a port of %s: what that forwards or says leaves here", iface_shell(i->master, other)),
		       "ip link set dev %s nomaster", shell);
	l->kind = IFACE_ABOVE;
	if (i->above[0])
		REMEDY(finding(l, "carries %s: what that sends leaves here", iface_shell(i->above, other)),
		       "ip link set dev %s down", other);
	l->kind = IFACE_PAUSE;
	if (i->pauses)
		REMEDY(finding(l, "has flow control on: its adapter may send pause frames"),
		       "ethtool -A %s autoneg off tx off", shell);
}

size_t iface_findings(const struct iface *i, struct iface_finding out[IFACE_FINDINGS_MAX])
{
	struct list l = { .v = out };
	char shell[IFACE_SHELL_TEXT];

	iface_shell(i->name, shell);
	state(i, shell, &l);
	if (!i->exists || i->loopback)
		return l.n;
	kernel_talks(i, shell, &l);
	others_talk(i, shell, &l);
	l.n += iface_programs(i->name, out + l.n, IFACE_FINDINGS_MAX - 1 - l.n);        /* one is for merges() */
	merges(i, shell, &l);
	return l.n;
}
