/* file.h - the packets of one capture file: pcap and pcapng, plain or packed. Internal to
 * src/capture; one thread owns a file. */
#ifndef ZT_CAPTURE_FILE_H
#define ZT_CAPTURE_FILE_H

#include "base/rd.h"
#include "capture/capture.h"
#include "capture/input.h"
#include "net/packet.h"

#include <stdbool.h>
#include <stdint.h>

#define FILE_PACKET_MAX 262144U         /* bytes: a longer record is damage */
#define FILE_INTERFACES_MAX 65536U      /* in one section */

struct file_interface {
	uint16_t dlt;           /* LINKTYPE_ */
	bool known;             /* link type worth giving */
	bool binary;            /* stamps count 2^-power seconds, else 10^-power */
	uint8_t power;
	uint32_t snaplen;       /* 0: no limit */
	int64_t offset;         /* seconds to add to every stamp */
};

struct file {
	struct input in;
	struct capture_info *info;
	bool (*link_known)(uint16_t dlt);
	int (*next)(struct file *f, struct packet *p);
	bool big;               /* byte order of the file or section */
	bool lengths_swapped;   /* pcap before 2.4: captured and real length may stand swapped */
	uint32_t record_header; /* pcap: bytes before a packet */
	uint32_t ns_per_tick;   /* pcap */
	uint32_t frame;         /* number of the last packet */
	uint64_t last_ts;       /* for packets without a stamp */
	size_t pending;         /* bytes of the packet given last, still in the window */
	bool ended;
	uint16_t strange_dlt;   /* the last link type that was skipped */
	struct file_interface *ifs;
	uint32_t ifs_n, ifs_cap;
};

/* in is taken over, also on failure. info gets the status and its reason; false: nothing
 * can be read. */
bool file_open(struct file *f, struct input *in, struct capture_info *info, bool (*link_known)(uint16_t dlt));
/* 1: a packet (bytes valid until the next call), 0: the end; info says how it ended. */
int file_next(struct file *f, struct packet *p);
/* Fills the hash. */
void file_close(struct file *f);

/* for pcap.c and pcapng.c */
int file_end(struct file *f, enum capture_status status, const char *fmt, ...) __attribute__((format(printf, 3, 4)));
int file_cut(struct file *f);                   /* the input ended inside something */
bool file_link_known(const struct file *f, uint16_t dlt);
void file_skipped(struct file *f, uint16_t dlt);
#define FILE_LINK_TEXT 80
const char *file_link_text(uint16_t dlt, char out[FILE_LINK_TEXT]);     /* the complaint; returns out */
struct file_interface *file_interface_add(struct file *f, uint16_t dlt);       /* NULL: said why, ended */

bool file_open_pcap(struct file *f);            /* the magic number is at in.p */
bool file_open_pcapng(struct file *f);

static inline uint16_t file_u16(const struct file *f, struct rd *r)
{
	return f->big ? rd_be16(r) : rd_le16(r);
}

static inline uint32_t file_u32(const struct file *f, struct rd *r)
{
	return f->big ? rd_be32(r) : rd_le32(r);
}

#endif
