#include "capture/live.h"

#include <errno.h>
#include <linux/if_packet.h>
#include <linux/net_tstamp.h>
#include <net/if.h>
#include <pcap/pcap.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>

#define LINKTYPE_RAW 101                /* in files; DLT_RAW is 12 here */

struct live {
	pcap_t *pcap;
	int fd;
	unsigned index;                 /* of the interface */
	char name[IFNAMSIZ];
	uint16_t dlt;
	uint32_t unit_ns;               /* of the stamps' fraction */
	struct live_counts counts;

	/* live_read() in hand */
	live_fn *fn;
	void *arg;
};

static int explain(struct diag *d, const char *name, pcap_t *p, int status)
{
	switch (status) {
	case PCAP_ERROR_NO_SUCH_DEVICE:
		return diag_fail(d, ZT_ENOENT, "%s: there is no such interface", name);
	case PCAP_ERROR_IFACE_NOT_UP:
		return diag_fail(d, ZT_ENOENT, "%s: the interface is down", name);
	case PCAP_ERROR_PERM_DENIED:
	case PCAP_ERROR_PROMISC_PERM_DENIED:
		return diag_fail(d, ZT_EPERM, "%s: capturing is not allowed (CAP_NET_RAW is needed)", name);
	case PCAP_ERROR:
		return diag_fail(d, ZT_EIO, "%s: %s", name, pcap_geterr(p));
	default:
		return diag_fail(d, ZT_EIO, "%s: %s", name, pcap_statustostr(status));
	}
}

static int setup(struct live *l, const struct live_options *o, struct diag *d)
{
	pcap_t *p = l->pcap;
	int status;

	pcap_set_snaplen(p, (int)o->snaplen);
	pcap_set_promisc(p, o->promiscuous);
	pcap_set_timeout(p, LIVE_TIMEOUT_MS);
	pcap_set_buffer_size(p, (int)o->ring);
	pcap_set_immediate_mode(p, 0);          /* blocks of packets, not one wake-up each */
	(void)pcap_set_tstamp_precision(p, PCAP_TSTAMP_PRECISION_NANO);
	status = pcap_activate(p);
	if (status < 0)
		return explain(d, o->name, p, status);
	return ZT_OK;
}

static int set_filter(struct live *l, const struct live_options *o, struct diag *d)
{
	struct bpf_program f;
	int err = ZT_OK;

	if (!o->filter || !o->filter[0])
		return ZT_OK;
	if (pcap_compile(l->pcap, &f, o->filter, 1, PCAP_NETMASK_UNKNOWN) != 0)
		return diag_fail(d, ZT_EINVAL, "%s: the filter is wrong: %s", o->name, pcap_geterr(l->pcap));
	if (pcap_setfilter(l->pcap, &f) != 0)
		err = diag_fail(d, ZT_EIO, "%s: %s", o->name, pcap_geterr(l->pcap));
	pcap_freecode(&f);
	return err;
}

/* The adapter's own stamps, where it makes any. libpcap would switch them on itself, which takes CAP_NET_ADMIN: that is
 * left to the administrator. Packets without one get the host's. */
static void use_adapter_stamps(const struct live *l)
{
	int kind = SOF_TIMESTAMPING_RAW_HARDWARE;

	(void)setsockopt(l->fd, SOL_PACKET, PACKET_TIMESTAMP, &kind, sizeof kind);
}

static int interface_index(const struct live *l)
{
	struct ifreq r = { 0 };

	snprintf(r.ifr_name, sizeof r.ifr_name, "%s", l->name);
	return ioctl(l->fd, SIOCGIFINDEX, &r) == 0 ? r.ifr_ifindex : 0;
}

static int finish(struct live *l, const struct live_options *o, struct diag *d)
{
	char err[PCAP_ERRBUF_SIZE];
	int dlt = pcap_datalink(l->pcap);

	l->fd = pcap_fileno(l->pcap);
	if (o->adapter_stamps)
		use_adapter_stamps(l);
	l->dlt = (uint16_t)(dlt == DLT_RAW ? LINKTYPE_RAW : dlt);
	l->unit_ns = pcap_get_tstamp_precision(l->pcap) == PCAP_TSTAMP_PRECISION_NANO ? 1 : 1000;
	l->index = (unsigned)interface_index(l);
	if (pcap_setnonblock(l->pcap, 1, err) != 0)     /* live_wait() waits: a ring of version 3 does not time out */
		return diag_fail(d, ZT_EIO, "%s: %s", l->name, err);
	if (!l->index)
		return diag_fail(d, ZT_ENOENT, "%s: the interface is gone", l->name);
	return ZT_OK;
}

int live_open(const struct live_options *o, struct live **out, struct diag *d)
{
	char buf[PCAP_ERRBUF_SIZE];
	struct live *l = calloc(1, sizeof *l);
	int err;

	*out = NULL;
	if (!l)
		return diag_fail(d, ZT_ENOMEM, "out of memory");
	snprintf(l->name, sizeof l->name, "%s", o->name);
	l->pcap = pcap_create(o->name, buf);
	if (!l->pcap) {
		free(l);
		return diag_fail(d, ZT_EIO, "%s: %s", o->name, buf);
	}
	err = setup(l, o, d);
	err = err ? err : finish(l, o, d);
	err = err ? err : set_filter(l, o, d);
	if (err)
		live_close(l);
	else
		*out = l;
	return err;
}

void live_close(struct live *l)
{
	if (!l)
		return;
	pcap_close(l->pcap);
	free(l);
}

int live_fd(const struct live *l)
{
	return l->fd;
}

static void one(u_char *arg, const struct pcap_pkthdr *h, const u_char *bytes)
{
	struct live *l = (struct live *)(void *)arg;
	struct packet p;

	memset(&p, 0, sizeof p);
	p.bytes = bytes;
	p.caplen = h->caplen;
	p.wirelen = h->len > h->caplen ? h->len : h->caplen;
	p.ts_ns = (uint64_t)h->ts.tv_sec * 1000000000u + (uint64_t)h->ts.tv_usec * l->unit_ns;
	p.dlt = l->dlt;
	l->fn(l->arg, &p);
}

int live_read(struct live *l, unsigned most, live_fn *fn, void *arg, struct diag *d)
{
	int n;

	l->fn = fn;
	l->arg = arg;
	n = pcap_dispatch(l->pcap, (int)most, one, (u_char *)(void *)l);
	if (n >= 0)
		return n;
	if (!interface_index(l))
		return diag_fail(d, ZT_ENOENT, "%s: the interface is gone", l->name);
	return diag_fail(d, ZT_EIO, "%s: %s", l->name, pcap_geterr(l->pcap));
}

void live_wait(struct live *l, int timeout_ms)
{
	struct pollfd p = { .fd = l->fd, .events = POLLIN };

	if (poll(&p, 1, timeout_ms) == 1 && p.revents & POLLERR && !(p.revents & POLLIN))
		poll(NULL, 0, timeout_ms);      /* an error that stays would make a busy loop of this */
}

bool live_alive(struct live *l, struct diag *d)
{
	struct ifreq r = { 0 };

	if ((unsigned)interface_index(l) != l->index) {
		(void)diag_fail(d, ZT_ENOENT, "%s: the interface is gone", l->name);
		return false;
	}
	snprintf(r.ifr_name, sizeof r.ifr_name, "%s", l->name);
	if (ioctl(l->fd, SIOCGIFFLAGS, &r) != 0 || !(r.ifr_flags & IFF_UP)) {
		(void)diag_fail(d, ZT_ENOENT, "%s: the interface is down", l->name);
		return false;
	}
	return true;
}

/* The kernel counts since it was last asked. pcap_stats() would ask for the interface's counters in /sys as well. */
void live_counts(struct live *l, struct live_counts *out)
{
	struct tpacket_stats_v3 s = { 0 };
	socklen_t n = sizeof s;

	if (getsockopt(l->fd, SOL_PACKET, PACKET_STATISTICS, &s, &n) == 0) {
		l->counts.received += s.tp_packets;
		l->counts.dropped += s.tp_drops;
	}
	*out = l->counts;
}
