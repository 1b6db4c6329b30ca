/* test_capture.c - capture files, whole, odd, packed and broken. */
#include "capture/source.h"
#include "tests/lib/bytes.h"

#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zlib.h>
#include <zstd.h>
#include <cmocka.h>

static char folder[] = "/tmp/zonetap-capture-XXXXXX";
static struct bytes x;

static int setup_folder(void **state)
{
	(void)state;
	return mkdtemp(folder) ? 0 : -1;
}

static int teardown_folder(void **state)
{
	(void)state;
	return rmdir(folder);
}

static int setup(void **state)
{
	(void)state;
	x.n = 0;
	return 0;
}

static const char *path_of(const char *name)
{
	static char path[8][64];
	static unsigned int at;

	at = (at + 1) % 8;
	snprintf(path[at], sizeof(path[at]), "%s/%s", folder, name);
	return path[at];
}

static const char *save(const char *name, const void *p, size_t n)
{
	const char *path = path_of(name);
	FILE *f = fopen(path, "wb");

	assert_non_null(f);
	assert_int_equal(fwrite(p, 1, n, f), n);
	assert_int_equal(fclose(f), 0);
	return path;
}

static void u32(bool big, uint32_t v)
{
	if (big)
		bytes_be32(&x, v);
	else
		bytes_le32(&x, v);
}

static void u16(bool big, uint32_t v)
{
	if (big)
		bytes_be16(&x, v);
	else
		bytes_le16(&x, v);
}

static void pcap_header(bool big, uint32_t magic, uint32_t link)
{
	u32(big, magic);
	u16(big, 2);
	u16(big, 4);
	u32(big, 0);
	u32(big, 0);
	u32(big, 65535);
	u32(big, link);
}

static void pcap_record(bool big, uint32_t sec, uint32_t frac, uint32_t n, uint32_t wire, uint32_t value)
{
	u32(big, sec);
	u32(big, frac);
	u32(big, n);
	u32(big, wire);
	bytes_fill(&x, value, n);
}

static void ng_section(bool big)
{
	u32(big, 0x0a0d0d0a);
	u32(big, 28);
	u32(big, 0x1a2b3c4d);
	u16(big, 1);
	u16(big, 0);
	u32(big, 0xffffffff);
	u32(big, 0xffffffff);
	u32(big, 28);
}

/* options: hex, padded, "" for none */
static void ng_interface(bool big, uint32_t link, uint32_t snaplen, const char *options)
{
	static struct bytes o;
	uint32_t len;

	o.n = 0;
	bytes_hex(&o, options);
	len = 20 + o.n;
	u32(big, 1);
	u32(big, len);
	u16(big, link);
	u16(big, 0);
	u32(big, snaplen);
	bytes_put(&x, o.b, o.n);
	u32(big, len);
}

static void ng_packet(bool big, uint32_t ifno, uint64_t t, uint32_t n, uint32_t value)
{
	uint32_t pad = (4 - n % 4) % 4, len = 32 + n + pad;

	u32(big, 6);
	u32(big, len);
	u32(big, ifno);
	u32(big, (uint32_t)(t >> 32));
	u32(big, (uint32_t)t);
	u32(big, n);
	u32(big, n);
	bytes_fill(&x, value, n);
	bytes_fill(&x, 0, pad);
	u32(big, len);
}

/* Read one capture through; up to 8 packets are kept, their first bytes in `first`. */
struct result {
	struct packet p[8];
	uint8_t first[8];
	uint32_t n;
	struct capture_info info;
};

static bool known(uint16_t dlt)
{
	return dlt != 165 && dlt != 147;
}

static struct result read_all(const char *const *paths, uint32_t n)
{
	struct source_options o = { .hash = true, .link_known = known };
	struct result r = { .n = 0 };
	struct source *s;
	struct packet p;
	struct diag d;

	memset(&p, 0, sizeof(p));
	assert_int_equal(source_open(paths, n, &o, &s, &d), ZT_OK);
	while (source_next(s, &p)) {
		if (r.n < 8) {
			r.p[r.n] = p;
			r.first[r.n] = p.caplen ? p.bytes[0] : 0;
		}
		r.n++;
		assert_int_equal(p.seq, r.n);
	}
	assert_int_equal(source_next(s, &p), 0);
	r.info = *source_capture(s, 0);
	r.info.name = NULL;
	source_close(s);
	return r;
}

/* What x holds, as a file. */
static struct result read_x(void)
{
	const char *path = save("x", x.b, x.n);
	struct result r = read_all(&path, 1);

	assert_int_equal(unlink(path), 0);
	return r;
}

static void assert_status(const struct result *r, enum capture_status status, const char *reason)
{
	assert_string_equal(r->info.reason, reason);
	assert_int_equal(r->info.status, status);
}

static void test_pcap_magics(void **state)
{
	static const struct { uint32_t magic; uint64_t ns; } formats[] = {
		{ 0xa1b2c3d4, 7000123000 }, { 0xa1b23c4d, 7000000123 }, { 0xa1b2cd34, 7000123000 }
	};

	(void)state;
	for (int i = 0; i < 6; i++) {
		bool big = i & 1;
		struct result r;

		x.n = 0;
		pcap_header(big, formats[i / 2].magic, 1);
		u32(big, 7);
		u32(big, 123);
		u32(big, 3);
		u32(big, 60);
		if (i / 2 == 2)
			bytes_fill(&x, 0, 8);
		bytes_fill(&x, 0x55, 3);
		r = read_x();
		assert_status(&r, CAPTURE_OK, "");
		assert_int_equal(r.n, 1);
		assert_int_equal(r.p[0].ts_ns, formats[i / 2].ns);
		assert_int_equal(r.p[0].caplen, 3);
		assert_int_equal(r.p[0].wirelen, 60);
		assert_int_equal(r.p[0].frame, 1);
		assert_int_equal(r.p[0].dlt, 1);
		assert_int_equal(r.first[0], 0x55);
	}
}

static void test_pcap_fcs_bits(void **state)
{
	struct result r;

	(void)state;
	pcap_header(false, 0xa1b2c3d4, 0x54000001);
	pcap_record(false, 1, 0, 4, 4, 1);
	r = read_x();
	assert_int_equal(r.n, 1);
	assert_int_equal(r.p[0].dlt, 1);
}

static void test_pcap_old_lengths(void **state)
{
	struct result r;

	(void)state;
	pcap_header(false, 0xa1b2c3d4, 1);
	x.b[6] = 2;             /* version 2.2: bytes on the wire come first */
	u32(false, 1);
	u32(false, 0);
	u32(false, 100);
	u32(false, 3);
	bytes_fill(&x, 9, 3);
	r = read_x();
	assert_status(&r, CAPTURE_OK, "");
	assert_int_equal(r.p[0].caplen, 3);
	assert_int_equal(r.p[0].wirelen, 100);
}

static void test_pcapng_mixed(void **state)
{
	struct result r;

	(void)state;
	for (int big = 0; big < 2; big++) {
		x.n = 0;
		ng_section(big);
		ng_interface(big, 1, 0, "");
		ng_interface(big, 113, 0, big ? "0009 0001 09000000 0000 0000" : "0900 0100 09000000 0000 0000");
		ng_packet(big, 0, 1000001, 5, 0x11);
		u32(big, 0x0bad);       /* a block that nobody knows */
		u32(big, 16);
		u32(big, 0);
		u32(big, 16);
		ng_packet(big, 1, 2000000001, 6, 0x22);
		ng_section(!big);
		ng_interface(!big, 276, 0, "");
		ng_packet(!big, 0, 3000000, 7, 0x33);
		r = read_x();
		assert_status(&r, CAPTURE_OK, "");
		assert_int_equal(r.n, 3);
		assert_int_equal(r.p[0].dlt, 1);
		assert_int_equal(r.p[0].ts_ns, 1000001000);
		assert_int_equal(r.p[1].dlt, 113);
		assert_int_equal(r.p[1].ts_ns, 2000000001);
		assert_int_equal(r.p[1].caplen, 6);
		assert_int_equal(r.first[1], 0x22);
		assert_int_equal(r.p[2].dlt, 276);
		assert_int_equal(r.p[2].ts_ns, 3000000000);
		assert_int_equal(r.p[2].frame, 3);
	}
}

static void test_pcapng_time_units(void **state)
{
	static const struct { const char *options; uint64_t t, ns; } units[] = {
		{ "", 1500000, 1500000000 },
		{ "0900 0100 00000000", 3, 3000000000 },
		{ "0900 0100 03000000", 1500, 1500000000 },
		{ "0900 0100 0c000000", 1500000000000, 1500000000 },
		{ "0900 0100 8a000000", 1536, 1500000000 },             /* 2^-10 s */
		{ "0900 0100 a0000000", 6442450944, 1500000000 },       /* 2^-32 s */
		{ "0900 0100 ff000000", 5, 0 },
		{ "0900 0100 7f000000", 5, 0 },
		{ "0e00 0800 0a00000000000000", 1500000, 11500000000 },
		{ "0e00 0800 ffffffffffffffff", 1500000, 500000000 },
		{ "0e00 0800 0000000000000080", 1500000, 0 },
		{ "0900 0100 09000000 0100 ffff 0e00 0800 0a00000000000000", 5, 5 },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(units) / sizeof(units[0]); i++) {
		struct result r;

		x.n = 0;
		ng_section(false);
		ng_interface(false, 1, 0, units[i].options);
		ng_packet(false, 0, units[i].t, 4, 1);
		r = read_x();
		assert_int_equal(r.n, 1);
		assert_int_equal(r.p[0].ts_ns, units[i].ns);
	}
}

static void test_pcapng_simple_and_obsolete(void **state)
{
	struct result r;

	(void)state;
	ng_section(false);
	ng_interface(false, 1, 4, "");
	u32(false, 2);                  /* obsolete packet block */
	u32(false, 40);
	u16(false, 0);
	u16(false, 9);
	u32(false, 0);
	u32(false, 5000000);
	u32(false, 6);
	u32(false, 60);
	bytes_fill(&x, 0x44, 8);
	u32(false, 40);
	u32(false, 3);                  /* simple packet block, cut to the interface's 4 bytes */
	u32(false, 20);
	u32(false, 100);
	bytes_fill(&x, 0x66, 4);
	u32(false, 20);
	r = read_x();
	assert_status(&r, CAPTURE_OK, "");
	assert_int_equal(r.n, 2);
	assert_int_equal(r.p[0].caplen, 6);
	assert_int_equal(r.p[0].wirelen, 60);
	assert_int_equal(r.p[0].ts_ns, 5000000000);
	assert_int_equal(r.p[1].caplen, 4);
	assert_int_equal(r.p[1].wirelen, 100);
	assert_int_equal(r.p[1].ts_ns, 5000000000);     /* it has none of its own */
}

static void test_unknown_link_types(void **state)
{
	struct result r;

	(void)state;
	pcap_header(false, 0xa1b2c3d4, 147);
	pcap_record(false, 1, 0, 4, 4, 1);
	r = read_x();
	assert_status(&r, CAPTURE_UNREADABLE, "unknown link type 147");
	assert_int_equal(r.n, 0);
	x.n = 0;
	ng_section(false);
	ng_interface(false, 165, 0, "");
	ng_interface(false, 1, 0, "");
	ng_packet(false, 0, 1, 4, 1);
	ng_packet(false, 1, 2, 4, 2);
	r = read_x();
	assert_status(&r, CAPTURE_PARTIAL, "unknown link type 165 (BACNET_MS_TP): 1 packets skipped");
	assert_int_equal(r.n, 1);
	assert_int_equal(r.p[0].frame, 2);
	assert_int_equal(r.info.skipped, 1);
}

static void test_not_captures(void **state)
{
	struct result r;
	const char *path;

	(void)state;
	r = read_x();
	assert_status(&r, CAPTURE_UNREADABLE, "empty file");
	bytes_hex(&x, "504b");
	r = read_x();
	assert_status(&r, CAPTURE_UNREADABLE, "not a capture file (shorter than any file header)");
	bytes_hex(&x, "0304 0000 0000");
	r = read_x();
	assert_status(&r, CAPTURE_UNREADABLE, "not a capture file (it starts with 504b0304)");
	assert_string_equal(r.info.sha256, "");
	x.n = 0;
	bytes_hex(&x, "0a0d0d0a 1c000000 00000000");
	r = read_x();
	assert_status(&r, CAPTURE_UNREADABLE, "not a capture file (it starts with 0a0d0d0a)");
	x.n = 0;
	pcap_header(false, 0xa1b2c3d4, 1);
	x.n = 20;
	r = read_x();
	assert_status(&r, CAPTURE_UNREADABLE, "cut in the middle of its file header");
	path = path_of("nothing");
	r = read_all(&path, 1);
	assert_status(&r, CAPTURE_UNREADABLE, "cannot be opened (No such file or directory)");
	path = folder;
	r = read_all(&path, 1);
	assert_status(&r, CAPTURE_UNREADABLE, "is a directory, not a capture file");
}

static void test_permission(void **state)
{
	const char *path;
	struct result r;

	(void)state;
	path = save("secret", "x", 1);
	assert_int_equal(chmod(path, 0), 0);
	/* root may read everything: be somebody else for a moment */
	if (geteuid() == 0)
		assert_int_equal(seteuid(65534), 0);
	r = read_all(&path, 1);
	if (getuid() == 0)
		assert_int_equal(seteuid(0), 0);
	assert_status(&r, CAPTURE_UNREADABLE, "cannot be opened (Permission denied)");
	assert_int_equal(unlink(path), 0);
}

static void test_no_packets_is_no_fault(void **state)
{
	struct result r;

	(void)state;
	pcap_header(false, 0xa1b2c3d4, 1);
	r = read_x();
	assert_status(&r, CAPTURE_OK, "");
	assert_int_equal(r.n, 0);
	assert_int_equal(strlen(r.info.sha256), 64);
}

/* Cut anywhere, everything before the cut is given and nothing else. */
static void test_cut_anywhere(void **state)
{
	uint32_t ends[4];

	(void)state;
	for (int ng = 0; ng < 2; ng++) {
		uint32_t whole;

		x.n = 0;
		if (ng) {
			ng_section(false);
			ng_interface(false, 1, 0, "");
		} else {
			pcap_header(false, 0xa1b2c3d4, 1);
		}
		for (uint32_t i = 0; i < 4; i++) {
			ends[i] = x.n;
			if (ng)
				ng_packet(false, 0, i, 10 + i, i);
			else
				pcap_record(false, i, 0, 10 + i, 10 + i, i);
		}
		whole = x.n;
		for (uint32_t n = ends[0]; n < whole; n++) {
			uint32_t given = n >= ends[3] ? 3 : n >= ends[2] ? 2 : n >= ends[1] ? 1 : 0;
			char want[100];
			struct result r;

			x.n = n;
			r = read_x();
			assert_int_equal(r.n, given);
			snprintf(want, sizeof(want), "cut in the middle of a packet after %u packets", given);
			if (n == ends[given])
				assert_status(&r, CAPTURE_OK, "");
			else
				assert_status(&r, CAPTURE_CUT, want);
			assert_int_equal(r.info.bytes, n);
		}
	}
}

static void test_corrupt(void **state)
{
	struct result r;

	(void)state;
	pcap_header(false, 0xa1b2c3d4, 1);
	pcap_record(false, 1, 0, 4, 4, 1);
	u32(false, 1);
	u32(false, 0);
	u32(false, 0x7fffffff);
	u32(false, 4);
	bytes_fill(&x, 0, 100000);
	r = read_x();
	assert_status(&r, CAPTURE_CORRUPT, "damaged after 1 packets: a packet of 2147483647 bytes cannot be");
	assert_int_equal(r.n, 1);
	assert_int_equal(r.info.bytes, x.n);    /* the hash is of the whole file */
	assert_int_equal(strlen(r.info.sha256), 64);
	x.n = 0;
	ng_section(false);
	ng_packet(false, 0, 1, 4, 1);
	r = read_x();
	assert_status(&r, CAPTURE_CORRUPT, "damaged after 0 packets: a packet of an interface that is not described (0)");
	x.n = 0;
	ng_section(false);
	ng_interface(false, 1, 0, "");
	ng_packet(false, 0, 1, 4, 1);
	u32(false, 6);
	u32(false, 33);
	bytes_fill(&x, 0, 100);
	r = read_x();
	assert_status(&r, CAPTURE_CORRUPT, "damaged after 1 packets: a block of an impossible length (33)");
	assert_int_equal(r.n, 1);
	x.n = 0;
	ng_section(false);
	ng_interface(false, 1, 0, "");
	ng_packet(false, 0, 1, 8, 1);
	x.b[48 + 20] = 200;                     /* captured length longer than the block */
	r = read_x();
	assert_status(&r, CAPTURE_CORRUPT, "damaged after 0 packets: a packet is longer than its block (200)");
}

static size_t gzip(const void *from, size_t n, uint8_t *to, size_t room)
{
	z_stream z;

	memset(&z, 0, sizeof(z));
	assert_int_equal(deflateInit2(&z, 6, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY), Z_OK);
	z.next_in = (uint8_t *)(uintptr_t)from;
	z.avail_in = (uInt)n;
	z.next_out = to;
	z.avail_out = (uInt)room;
	assert_int_equal(deflate(&z, Z_FINISH), Z_STREAM_END);
	n = z.total_out;
	deflateEnd(&z);
	return n;
}

static struct result read_bytes(const void *p, size_t n)
{
	const char *path = save("packed", p, n);
	struct result r = read_all(&path, 1);

	assert_int_equal(unlink(path), 0);
	return r;
}

static void test_packed(void **state)
{
	static uint8_t out[400000];
	struct result r;
	size_t n, half;

	(void)state;
	for (int ng = 0; ng < 2; ng++) {
		x.n = 0;
		if (ng) {
			ng_section(true);
			ng_interface(true, 1, 0, "");
		} else {
			pcap_header(false, 0xa1b2c3d4, 1);
		}
		half = x.n;
		for (uint32_t i = 0; i < 1500; i++) {
			if (ng)
				ng_packet(true, 0, i, 60 + i % 8, i);
			else
				pcap_record(false, i, 0, 60 + i % 8, 60, i * i);
		}
		n = gzip(x.b, x.n, out, sizeof(out));
		r = read_bytes(out, n);
		assert_status(&r, CAPTURE_OK, "");
		assert_int_equal(r.n, 1500);
		assert_int_equal(r.info.bytes, n);
		assert_int_equal(r.p[7].caplen, 67);
		/* cut: what was unpacked counts */
		r = read_bytes(out, n - n / 4);
		assert_int_equal(r.info.status, CAPTURE_CUT);
		assert_true(r.n > 100 && r.n < 1500);
		assert_non_null(strstr(r.info.reason, "the compressed data end early after "));
		/* two members, then zeros for the end of a tape block */
		n = gzip(x.b, half, out, sizeof(out));
		n += gzip(x.b + half, x.n - half, out + n, sizeof(out) - n);
		memset(out + n, 0, 512);
		r = read_bytes(out, n + 512);
		assert_status(&r, CAPTURE_OK, "");
		assert_int_equal(r.n, 1500);
		assert_int_equal(r.info.bytes, n + 512);
		/* damaged: a checksum, then the data */
		out[n - 6] ^= 1;
		r = read_bytes(out, n);
		assert_status(&r, CAPTURE_CORRUPT, "the gzip data are damaged after 1500 packets");
		assert_int_equal(r.n, 1500);
		memset(out + n / 2, 0xff, 100);
		r = read_bytes(out, n);
		assert_int_equal(r.info.status, CAPTURE_CORRUPT);
		assert_true(r.n < 1500);
		/* zstd, one frame and two */
		n = ZSTD_compress(out, sizeof(out), x.b, half, 3);
		n += ZSTD_compress(out + n, sizeof(out) - n, x.b + half, x.n - half, 3);
		r = read_bytes(out, n);
		assert_status(&r, CAPTURE_OK, "");
		assert_int_equal(r.n, 1500);
		r = read_bytes(out, n - 1000);
		assert_int_equal(r.info.status, CAPTURE_CUT);
		memset(out + n - 200, 0xff, 100);
		r = read_bytes(out, n);
		assert_int_equal(r.info.status, CAPTURE_CORRUPT);
	}
	n = gzip("", 0, out, sizeof(out));
	r = read_bytes(out, n);
	assert_status(&r, CAPTURE_UNREADABLE, "empty when unpacked");
	n = gzip("hello hello", 11, out, sizeof(out));
	r = read_bytes(out, n);
	assert_status(&r, CAPTURE_UNREADABLE, "not a capture file (unpacked it starts with 68656c6c)");
}

/* 32 MB of nothing in 32 KB: read as a stream, never held. */
static void test_bomb(void **state)
{
	static uint8_t out[300000], zeros[100000];
	z_stream z;
	struct result r;

	(void)state;
	memset(&z, 0, sizeof(z));
	assert_int_equal(deflateInit2(&z, 9, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY), Z_OK);
	pcap_header(false, 0xa1b2c3d4, 1);
	z.next_out = out;
	z.avail_out = sizeof(out);
	z.next_in = x.b;
	z.avail_in = x.n;
	deflate(&z, Z_NO_FLUSH);
	for (int i = 0; i < 320; i++) {
		z.next_in = zeros;
		z.avail_in = sizeof(zeros);
		deflate(&z, Z_NO_FLUSH);
	}
	assert_int_equal(deflate(&z, Z_FINISH), Z_STREAM_END);
	r = read_bytes(out, z.total_out);
	deflateEnd(&z);
	/* zeros are empty packets of 1970 */
	assert_status(&r, CAPTURE_OK, "");
	assert_int_equal(r.n, 2000000);
}

static void test_hash(void **state)
{
	char hex[CAPTURE_HASH_TEXT];
	struct result r;
	struct diag d;
	const char *path;

	(void)state;
	pcap_header(false, 0xa1b2c3d4, 1);
	pcap_record(false, 1, 0, 4, 4, 1);
	r = read_x();
	path = save("x", x.b, x.n);
	assert_int_equal(capture_hash(path, hex, &d), ZT_OK);
	assert_string_equal(hex, r.info.sha256);
	assert_int_equal(truncate(path, 0), 0);
	assert_int_equal(capture_hash(path, hex, &d), ZT_OK);
	assert_string_equal(hex, "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
	assert_int_equal(unlink(path), 0);
	assert_int_equal(capture_hash(path, hex, &d), ZT_ENOENT);
	assert_string_equal(d.text, "cannot be opened (No such file or directory)");
	assert_int_equal(capture_hash("/dev/null", hex, &d), ZT_EINVAL);
}

static const char *save_stamps(const char *name, uint32_t value, const uint32_t *secs, uint32_t n)
{
	x.n = 0;
	pcap_header(false, 0xa1b2c3d4, 1);
	for (uint32_t i = 0; i < n; i++)
		pcap_record(false, secs[i], 0, 4, 4, value + i);
	return save(name, x.b, x.n);
}

static void test_merge(void **state)
{
	const char *paths[4];
	/* 0x10: 1 5 3 9, 0x20: 2 5 6, 0x30: 5; a stamp that goes back stays where it is */
	static const uint8_t want[8] = { 0x10, 0x20, 0x11, 0x12, 0x21, 0x30, 0x22, 0x13 };
	struct result r;

	(void)state;
	paths[0] = save_stamps("a", 0x10, (const uint32_t[]){ 1, 5, 3, 9 }, 4);
	paths[1] = path_of("missing");
	paths[2] = save_stamps("b", 0x20, (const uint32_t[]){ 2, 5, 6 }, 3);
	paths[3] = save_stamps("c", 0x30, (const uint32_t[]){ 5 }, 1);
	r = read_all(paths, 4);
	assert_int_equal(r.n, 8);
	assert_memory_equal(r.first, want, 8);
	assert_int_equal(r.p[1].capture, 2);
	assert_int_equal(r.p[1].frame, 1);
	assert_int_equal(r.p[5].capture, 3);
	assert_int_equal(r.info.packets, 4);
	assert_int_equal(strlen(r.info.sha256), 64);
	assert_int_equal(unlink(paths[0]) | unlink(paths[2]) | unlink(paths[3]), 0);
}

/* Far more captures than a process may have descriptors: those that wait are closed. */
static void test_many_captures(void **state)
{
	enum { N = 3000 };
	static const char *paths[N];
	const char *one = save_stamps("one", 1, (const uint32_t[]){ 1 }, 1);
	const char *late = save_stamps("late", 2, (const uint32_t[]){ 2 }, 1);
	struct result r;

	(void)state;
	for (int i = 0; i < N; i++)
		paths[i] = i % 2 ? one : late;
	r = read_all(paths, N);
	assert_int_equal(r.n, N);
	assert_int_equal(r.first[0], 1);
	assert_int_equal(r.info.status, CAPTURE_OK);
	assert_int_equal(unlink(one) | unlink(late), 0);
}

/* From a pipe there is no second look and no size. */
static void test_pipe(void **state)
{
	uint64_t done, total;
	struct source *s;
	struct packet p;
	struct diag d;
	int fd[2];

	(void)state;
	pcap_header(false, 0xa1b2c3d4, 1);
	pcap_record(false, 1, 0, 4, 4, 1);
	assert_int_equal(pipe(fd), 0);
	assert_int_equal(write(fd[1], x.b, x.n), x.n);
	close(fd[1]);
	assert_int_equal(source_open_fd(fd[0], "pipe", NULL, &s, &d), ZT_OK);
	assert_int_equal(source_next(s, &p), 1);
	source_progress(s, &done, &total);
	assert_int_equal(done, x.n);
	assert_int_equal(total, 0);
	assert_int_equal(source_next(s, &p), 0);
	assert_string_equal(source_capture(s, 0)->name, "pipe");
	assert_string_equal(source_capture(s, 0)->sha256, "");
	source_close(s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(test_pcap_magics, setup),
		cmocka_unit_test_setup(test_pcap_fcs_bits, setup),
		cmocka_unit_test_setup(test_pcap_old_lengths, setup),
		cmocka_unit_test_setup(test_pcapng_mixed, setup),
		cmocka_unit_test_setup(test_pcapng_time_units, setup),
		cmocka_unit_test_setup(test_pcapng_simple_and_obsolete, setup),
		cmocka_unit_test_setup(test_unknown_link_types, setup),
		cmocka_unit_test_setup(test_not_captures, setup),
		cmocka_unit_test_setup(test_permission, setup),
		cmocka_unit_test_setup(test_no_packets_is_no_fault, setup),
		cmocka_unit_test_setup(test_cut_anywhere, setup),
		cmocka_unit_test_setup(test_corrupt, setup),
		cmocka_unit_test_setup(test_packed, setup),
		cmocka_unit_test_setup(test_bomb, setup),
		cmocka_unit_test_setup(test_hash, setup),
		cmocka_unit_test_setup(test_merge, setup),
		cmocka_unit_test_setup(test_many_captures, setup),
		cmocka_unit_test_setup(test_pipe, setup),
	};

	return cmocka_run_group_tests_name("capture", tests, setup_folder, teardown_folder);
}
