/* ndpi.c - nDPI: the one file that knows it. Written for 4.2 to 5.x; what differs between them is tested by
 * configure (NDPI_* and HAVE_* below), and is all in the section "differences". */
#include <config.h>

#include "classify/engine.h"
#include "classify/heap.h"
#include "classify/once.h"

#include <assert.h>
#include <ndpi_api.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#define HEAP_BYTES (4u << 20)   /* for what nDPI keeps of flows, of one engine */
#define ONCE_BYTES (64u << 20)  /* of address space, for what it loads at the start: 5 MB in 4.2; beyond it is malloc() */
#define IDS 1024u               /* protocol numbers looked at; beyond nDPI's own there are only user-made ones */

struct engine {
	struct ndpi_detection_module_struct *module;
	struct heap *heap;
	struct once *once;
	bool ready;             /* it is set up: from now on it has the heap and no more */
	uint8_t app[IDS];       /* enum app, by nDPI's number */
};

/* --- memory ------------------------------------------------------------------------------- */

/* nDPI's allocators are one set for the process and know no context, so each call into it says which engine
 * it is for. NULL: for none, as when it is asked for its version. */
static _Thread_local struct engine *current;

static void *get(size_t n)
{
	void *p;

	if (!current)
		return malloc(n);
	if (current->ready)
		return heap_get(current->heap, n);
	p = once_get(current->once, n);
	return p ? p : malloc(n);
}

static void put(void *p)
{
	if (current && heap_has(current->heap, p))
		heap_put(current->heap, p);
	else if (!current || !once_has(current->once, p))
		free(p);
}

#if HAVE_DECL_NDPI_SET_MEMORY_ALLOCTION_FUNCTIONS
static void *get_zeroed(size_t n, size_t size)
{
	size_t bytes;
	void *p = __builtin_mul_overflow(n, size, &bytes) ? NULL : get(bytes);

	return p ? memset(p, 0, bytes) : NULL;
}

static void *resize(void *old, size_t n)
{
	bool of_heap = old && current && heap_has(current->heap, old);
	void *p;
	size_t had;

	if (!current || (old && !of_heap && !once_has(current->once, old)))
		return realloc(old, n);
	p = get(n);
	if (p && old) {
		had = of_heap ? heap_room(old) : once_room(old);
		memcpy(p, old, had < n ? had : n);
		put(old);
	}
	return p;
}

static void *get_aligned(size_t alignment, size_t n)
{
	void *p = NULL;

	return posix_memalign(&p, alignment, n) == 0 ? p : NULL;        /* only for sets that are loaded at the start */
}

static void set_allocators(void)
{
	ndpi_set_memory_alloction_functions(get, put, get_zeroed, resize, get_aligned, free, get, put);
}
#else
static void set_allocators(void)
{
	set_ndpi_malloc(get);
	set_ndpi_free(put);
}
#endif

/* --- differences between versions ----------------------------------------------------------- */

static struct ndpi_detection_module_struct *module_new(void)
{
#if HAVE_DECL_NDPI_GLOBAL_INIT
	return ndpi_init_detection_module(NULL);        /* NULL: nothing is shared with other modules */
#else
	return ndpi_init_detection_module(ndpi_dont_load_tor_hosts);      /* addresses prove nothing */
#endif
}

/* app: our words by nDPI's numbers; what has none need not be looked for. */
static bool module_ready(struct ndpi_detection_module_struct *m, const uint8_t app[IDS])
{
#if HAVE_DECL_NDPI_SET_PROTOCOL_DETECTION_BITMASK2
	NDPI_PROTOCOL_BITMASK wanted;

	NDPI_BITMASK_RESET(wanted);
	for (uint16_t id = 1; id < NDPI_MAX_SUPPORTED_PROTOCOLS; id++) {
		if (id < IDS && app[id] != APP_NONE)
			NDPI_BITMASK_ADD(wanted, id);
	}
	ndpi_set_protocol_detection_bitmask2(m, &wanted);
#else
	(void)app;
#endif
#ifdef NDPI_FINALIZE_TELLS
	return ndpi_finalize_initialization(m) == 0;
#else
	ndpi_finalize_initialization(m);
	return true;
#endif
}

/* What was seen on one flow must not name another: the answer would depend on the number of workers. */
static void module_forgets(struct ndpi_detection_module_struct *m)
{
#if HAVE_DECL_NDPI_SET_CONFIG
	static const char *const caches[] = {
		"lru.ookla.size", "lru.bittorrent.size", "lru.stun.size", "lru.tls_cert.size", "lru.mining.size",
		"lru.msteams.size", "lru.fpc_dns.size", "lru.signal.size",
	};

	for (size_t i = 0; i < sizeof caches / sizeof caches[0]; i++)
		(void)ndpi_set_config(m, NULL, caches[i], "0");         /* a version that has none of that name says so */
#elif HAVE_DECL_NDPI_SET_LRU_CACHE_SIZE
	for (int type = 0; type < NDPI_LRUCACHE_MAX; type++)
		(void)ndpi_set_lru_cache_size(m, (lru_cache_type)type, 0);
#else
	(void)m;        /* 4.2 makes them when they are first used, larger than HEAP_BLOCK_MAX: they are refused */
#endif
}

static ndpi_protocol feed(struct engine *e, struct ndpi_flow_struct *f, const struct packet *p)
{
	uint16_t n = p->ip_len < UINT16_MAX ? (uint16_t)p->ip_len : UINT16_MAX;

#ifdef HAVE_STRUCT_NDPI_FLOW_INPUT_INFO
	return ndpi_detection_process_packet(e->module, f, p->ip, n, p->ts_ns / 1000000, NULL);
#else
	return ndpi_detection_process_packet(e->module, f, p->ip, n, p->ts_ns / 1000000);
#endif
}

static ndpi_protocol last_word(struct engine *e, struct ndpi_flow_struct *f)
{
#if NDPI_GIVEUP_ARGS == 2
	return ndpi_detection_giveup(e->module, f);
#else
	u_int8_t guessed;

#if NDPI_GIVEUP_ARGS == 3
	return ndpi_detection_giveup(e->module, f, &guessed);
#else
	return ndpi_detection_giveup(e->module, f, 0, &guessed);
#endif
#endif
}

static uint16_t upper_of(const ndpi_protocol *p)
{
#ifdef HAVE_NDPI_PROTOCOL_PROTO
	return p->proto.app_protocol;
#else
	return p->app_protocol;
#endif
}

static uint16_t lower_of(const ndpi_protocol *p)
{
#ifdef HAVE_NDPI_PROTOCOL_PROTO
	return p->proto.master_protocol;
#else
	return p->master_protocol;
#endif
}

/* More packets might still tell a name, a certificate or a password. */
static bool goes_on(struct engine *e, struct ndpi_flow_struct *f, const ndpi_protocol *p)
{
#ifdef HAVE_NDPI_PROTOCOL_STATE
	(void)e;
	return p->state != NDPI_STATE_MONITORING && (p->state != NDPI_STATE_CLASSIFIED || f->extra_packets_func);
#else
	(void)p;
	return ndpi_extra_dissection_possible(e->module, f);
#endif
}

/* --- our words ------------------------------------------------------------------------------- */

static unsigned app_of_name(const char *name)
{
	static const struct {
		const char *name;
		enum app app;
	} names[] = {
#define NAME(its, ours) { its, APP_##ours },
#include "classify/ndpi_names.def"
#undef NAME
	};

	for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
		if (strcasecmp(names[i].name, name) == 0)
			return names[i].app;
	}
	return APP_NONE;
}

/* nDPI's risks are bit numbers that it only ever adds to; a few of those that every version has are held
 * against the list, in case that changes. */
static const uint8_t risks[][2] = {
	{ 1, RISK_EXPLOIT }, { 2, RISK_EXPLOIT }, { 3, RISK_EXPLOIT },          /* cross-site, SQL, remote code in a URL */
	{ 4, RISK_EXECUTABLE },
	{ 5, RISK_UNUSUAL_PORT },
	{ 6, RISK_BAD_CERTIFICATE },                                            /* self-signed */
	{ 7, RISK_OBSOLETE_TLS }, { 8, RISK_OBSOLETE_TLS },                     /* version, cipher */
	{ 9, RISK_BAD_CERTIFICATE }, { 10, RISK_BAD_CERTIFICATE },              /* expired, of another name */
	{ 11, RISK_SUSPICIOUS_HTTP }, { 13, RISK_SUSPICIOUS_HTTP }, { 14, RISK_SUSPICIOUS_HTTP },
	{ 16, RISK_SUSPICIOUS_NAME },                                           /* made by an algorithm */
	{ 17, RISK_MALFORMED },
	{ 18, RISK_OBSOLETE_SSH }, { 19, RISK_OBSOLETE_SSH },
	{ 20, RISK_OBSOLETE_SMB },
	{ 23, RISK_SUSPICIOUS_DNS }, { 37, RISK_SUSPICIOUS_DNS },               /* odd, large */
	{ 27, RISK_SUSPICIOUS_NAME },
	{ 28, RISK_MALWARE }, { 29, RISK_MALWARE },                             /* fingerprint, certificate */
	{ 36, RISK_CLEARTEXT_CREDENTIALS },
	{ 40, RISK_EXPLOIT },
};

static_assert((int)NDPI_TLS_SELFSIGNED_CERTIFICATE == 6 && (int)NDPI_SMB_INSECURE_VERSION == 20 &&
	      (int)NDPI_CLEAR_TEXT_CREDENTIALS == 36 && (int)NDPI_POSSIBLE_EXPLOIT == 40, "nDPI numbers its risks anew");

static uint16_t risks_of(uint64_t theirs)
{
	uint16_t ours = 0;

	for (size_t i = 0; i < sizeof risks / sizeof risks[0]; i++) {
		if (theirs >> risks[i][0] & 1)
			ours = (uint16_t)(ours | 1u << risks[i][1]);
	}
	return ours;
}

/* Only what the bytes of this very flow say: not what its ports, its addresses or other flows suggest. */
static void label_of(const struct engine *e, const struct ndpi_flow_struct *f, const ndpi_protocol *p, struct app_label *out)
{
	uint16_t upper = upper_of(p), lower = lower_of(p);

	*out = (struct app_label){ 0 };
	if (f->confidence != NDPI_CONFIDENCE_DPI)
		return;
	if (upper < IDS)
		out->app = e->app[upper];
	/* Who asks for the name of a service does not use it yet. */
	if (lower < IDS && (out->app == APP_NONE || e->app[lower] == APP_DNS || e->app[lower] == APP_MDNS || e->app[lower] == APP_DOH))
		out->app = e->app[lower];
	if (out->app != APP_NONE)
		out->risks = risks_of(f->risk);
}

/* --- the engine ------------------------------------------------------------------------------ */

const char *engine_version(void)
{
	return ndpi_revision();
}

struct engine *engine_new(void)
{
	static pthread_once_t once = PTHREAD_ONCE_INIT;
	struct engine *e = calloc(1, sizeof *e);

	pthread_once(&once, set_allocators);
	if (!e)
		return NULL;
	e->heap = heap_new(HEAP_BYTES);
	e->once = once_new(ONCE_BYTES);
	current = e->heap && e->once ? e : NULL;
	e->module = current ? module_new() : NULL;
	if (!e->module)
		goto failed;
	for (uint16_t id = 1; id < IDS; id++)
		e->app[id] = (uint8_t)app_of_name(ndpi_get_proto_name(e->module, id));
	module_forgets(e->module);
	if (!module_ready(e->module, e->app))
		goto failed;
	e->ready = true;
	current = NULL;
	return e;
failed:
	engine_free(e);
	return NULL;
}

void engine_free(struct engine *e)
{
	if (!e)
		return;
	current = e;
	if (e->module)
		ndpi_exit_detection_module(e->module);
	current = NULL;
	heap_free(e->heap);
	once_free(e->once);
	free(e);
}

uint32_t engine_flow_bytes(void)
{
	return ndpi_detection_get_sizeof_ndpi_flow_struct();
}

void engine_flow_begin(void *flow)
{
	memset(flow, 0, engine_flow_bytes());
}

void engine_flow_end(struct engine *e, void *flow)
{
	current = e;
	ndpi_free_flow_data(flow);
	current = NULL;
}

bool engine_packet(struct engine *e, void *flow, const struct packet *p, struct app_label *label)
{
	ndpi_protocol said;
	bool more;

	current = e;
	said = feed(e, flow, p);
	label_of(e, flow, &said, label);
	more = label->app == APP_NONE || goes_on(e, flow, &said);
	current = NULL;
	return !more;
}

void engine_give_up(struct engine *e, void *flow, struct app_label *label)
{
	ndpi_protocol said;

	current = e;
	said = last_word(e, flow);
	label_of(e, flow, &said, label);
	current = NULL;
}

uint64_t engine_spent(const struct engine *e)
{
	return heap_spent(e->heap);
}
