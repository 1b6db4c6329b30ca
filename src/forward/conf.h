/* conf.h - what zonetap.yaml says of one receiver of alerts.
 *
 * Filled by the configuration's table before anything starts, not changed afterwards; any thread may read it. Text is
 * terminated, lives as long as the configuration, and is NULL when nothing was said, unless that is said otherwise. */
#ifndef ZT_FORWARD_CONF_H
#define ZT_FORWARD_CONF_H

#include <stdbool.h>
#include <stdint.h>

#define SINKS_MAX 32
#define SINK_NAME_MAX 31                /* bytes: letters, digits, - and _ */

enum sink_type { SINK_SYSLOG, SINK_SPLUNK, SINK_ELASTICSEARCH, SINK_SENTINEL, SINK_WEBHOOK, SINK_FILE, SINK_TYPES };
enum sink_format { FORMAT_RFC5424, FORMAT_CEF, FORMAT_LEEF, FORMAT_ECS, FORMAT_OCSF, FORMAT_JSON, FORMATS };
enum sink_framing { FRAMING_OCTET_COUNTING, FRAMING_LF };
enum sink_tls { SINK_TLS_1_2, SINK_TLS_1_3 };

/* A secret stands in a file or in the environment, never in the configuration: at most one of the two is said. */
struct sink_secret {
	const char *file, *env;
};

struct sink_conf {
	const char *name;               /* never NULL, 1..SINK_NAME_MAX, its cursor in the database */
	uint32_t type;                  /* enum sink_type */
	uint32_t format;                /* enum sink_format; the reader of the file has put the type's own one in */
	const char *filter;             /* expression over an alert; NULL: all */
	const char *url;                /* syslog: udp://, tcp:// or tls://HOST[:PORT]; HTTP: http(s)://HOST[:PORT][/PATH];
					 * NULL of SINK_FILE */
	const char *path;               /* of SINK_FILE: a file or a named pipe */
	uint32_t line, col;             /* where it stands in the file, for complaints */

	/* batches: a batch is sent when it is full or its first record has waited so long */
	uint32_t batch_count;           /* records, 1..10000 */
	uint64_t batch_bytes;           /* of the request's body */
	uint64_t batch_age;             /* ns */
	/* after a failure: doubled from least to most, with jitter */
	uint64_t backoff_min, backoff_max;      /* ns */
	uint64_t heartbeat;             /* ns; 0: none */
	uint64_t overlap;               /* ns: what was sent so long before a connection broke is sent again */

	/* the connection, named like curl's options */
	uint64_t connect_timeout, max_time;     /* ns */
	const char *proxy, *noproxy, *interface;
	const char *proxy_user;         /* who we are to the proxy */
	struct sink_secret proxy_password;
	const char *cacert, *capath, *crlfile, *cert, *key;
	struct sink_secret pass;        /* of the key */
	uint32_t tls_min, tls_max;      /* enum sink_tls */
	const char *ciphers, *tls13_ciphers, *pinnedpubkey;
	bool insecure;                  /* no verification; loud */

	/* who we are to the receiver */
	struct sink_secret token;       /* splunk: HEC token; elasticsearch: API key; webhook: bearer token */
	const char *user;               /* elasticsearch, webhook: basic authentication */
	struct sink_secret password;
	const char *tenant, *client_id; /* sentinel: of the application; its secret is `password` */
	const char *authority;          /* sentinel: where tokens come from; never NULL, https://login.microsoftonline.com */

	/* of single types */
	uint32_t framing;               /* syslog over TCP: enum sink_framing */
	uint32_t facility;              /* syslog, 0..23 */
	const char *hostname;           /* syslog HOSTNAME; NULL: the host's */
	uint32_t enterprise;            /* syslog: private enterprise number of the structured data */
	uint32_t max_record;            /* bytes of one syslog record; longer ones are cut with a mark */
	bool ack;                       /* splunk: indexer acknowledgement */
	const char *index, *source, *sourcetype;        /* splunk; elasticsearch: index is the data stream */
	const char *dcr, *stream;       /* sentinel: immutable id, stream name */
	const char *content_type;       /* webhook; NULL: application/x-ndjson, of one record application/json */
	bool gzip;                      /* HTTP bodies compressed */
	uint64_t rotate_size;           /* file, bytes; 0: never */
	uint32_t rotate_keep;           /* file: old ones kept */
};

/* Of all sinks together: what the outbox may hold that some sink has not yet delivered. 0: no limit. */
struct spool_conf {
	uint32_t rows;
	uint64_t bytes, age;            /* age: ns */
};

const char *sink_type_word(unsigned type);      /* "syslog"; static text */
const char *sink_format_word(unsigned format);  /* "rfc5424" */
extern const char *const sink_type_words[SINK_TYPES + 1];       /* all of them by their number, NULL-terminated */
extern const char *const sink_format_words[FORMATS + 1];

uint32_t sink_default_format(unsigned type);
bool sink_takes_format(unsigned type, unsigned format);

/* Does its connection carry TLS? By its URL. */
bool sink_is_encrypted(const struct sink_conf *c);
/* Host and port, or the path: what people call it by. No credentials can stand in it. */
#define SINK_TO_TEXT 128
const char *sink_to(const struct sink_conf *c, char out[SINK_TO_TEXT]);
const char *sink_proxy(const struct sink_conf *c, char out[SINK_TO_TEXT]);      /* the same of its proxy; "": it has none */

/* A copy whose text is its own; NULL: no memory. */
struct sink_conf *sink_conf_copy(const struct sink_conf *c);
void sink_conf_free(struct sink_conf *c);               /* of a copy; NULL is allowed */

#endif
