/* s7.h - what the files of S7comm share: the memory of a flow and the PDU in hand.
 * Everything here belongs to the worker that owns the flow. */
#ifndef ZT_DISSECTORS_S7_H
#define ZT_DISSECTORS_S7_H

#include "base/names.h"
#include "base/rd.h"
#include "ot/dissector.h"

#define S7_UPLOADS 4            /* uploads of one flow remembered at once */
#define S7_TAG_MAX 40           /* bytes of a block's name remembered */

enum s7_rosctr { ROSCTR_JOB = 1, ROSCTR_ACK = 2, ROSCTR_ACK_DATA = 3, ROSCTR_USERDATA = 7 };

enum s7_func_code {
	FUNC_CPU_SERVICES = 0x00, FUNC_READ = 0x04, FUNC_WRITE = 0x05,
	FUNC_REQUEST_DOWNLOAD = 0x1a, FUNC_DOWNLOAD_BLOCK = 0x1b, FUNC_DOWNLOAD_ENDED = 0x1c,
	FUNC_START_UPLOAD = 0x1d, FUNC_UPLOAD = 0x1e, FUNC_END_UPLOAD = 0x1f,
	FUNC_PI_SERVICE = 0x28, FUNC_PLC_STOP = 0x29, FUNC_SETUP = 0xf0,
};

/* Slots of dissect_join(). */
enum { S7_JOIN_COTP, S7_JOIN_USERDATA };

struct s7_tag {
	uint8_t len;
	char text[S7_TAG_MAX];
};

struct s7_upload {
	uint32_t id;            /* given by the PLC when the upload was opened */
	struct s7_tag block;    /* len 0: the slot is free */
};

struct s7_units {               /* a userdata message that comes in several data units */
	uint8_t open, group, sub, unit_ref;
	uint16_t szl_id, szl_index;     /* of a status list read, from its first unit */
};

struct s7_state {               /* per flow, both directions */
	uint8_t has_slot, slot;         /* second byte of the called TSAP */
	uint8_t sure[2];                /* this direction is known to be in step */
	uint8_t skip[2];                /* fragments of something else, until EOT */
	uint8_t joining[2];             /* protocol id and rosctr of the message being joined: */
	uint8_t joining_rosctr[2];      /* what is left to say of it when it cannot be joined */
	uint8_t plus_more[2];           /* an S7comm-plus message goes on in the next packet */
	uint8_t plus_download;          /* sequences open since a download transaction began */
	uint8_t plus_tls;               /* the rest of the connection is TLS */
	uint8_t next_upload;            /* slot to give up next */
	struct s7_units units[2];
	struct s7_tag download;         /* block of the download in progress */
	struct s7_upload uploads[S7_UPLOADS];
};

struct s7 {                     /* one S7comm PDU */
	struct dissect *d;
	struct s7_state *st;
	struct rd param, data;
	uint16_t ref;           /* PDU reference */
	uint16_t error;         /* class * 256 + code of the header; 0 none */
	uint64_t anomalies;     /* of the header: every part has them */
	struct txn *txn;        /* the request, for responses */
};

/* Takes off the event what is a part's own: target, value, status, anomalies. */
void s7_next_part(struct s7 *s);

/* Emits the event as part i (from 0) of n, or as the only thing said when n is 1. */
void s7_emit_part(struct s7 *s, unsigned i, unsigned n);

/* A declared length that is not there; nobody's fault when the capture cut it off. */
void s7_short(struct s7 *s);

/* The header's error as the event's status; true when there is one. */
bool s7_header_error(struct s7 *s);

/* Names of the error codes that headers and userdata parameters share; NULL: none. */
const char *s7_error_name(uint32_t code);

void s7_job(struct s7 *s);              /* rosctr 1, s7_job.c */
void s7_ack(struct s7 *s, bool has_data);       /* rosctr 2 and 3, s7_job.c */
void s7_userdata(struct s7 *s);         /* rosctr 7, s7_userdata.c */

#endif
