#include "capture/filter.h"

#include "base/names.h"

#include <arpa/inet.h>
#include <pcap/pcap.h>
#include <stdio.h>
#include <string.h>

#define WORD_MAX_BYTES 63

/* The words of pcap-filter(7) that mean something on Ethernet. "gateway" is not among them, since it takes the
 * name of a host, nor are inbound, outbound and ifindex, which a mirror port cannot tell. */
static const char *const words[] = {
	"and", "or", "not", "src", "dst", "host", "net", "mask", "port", "portrange", "proto", "protochain", "less",
	"greater", "byte", "len", "length", "broadcast", "multicast", "ether", "link", "arp", "rarp", "ip", "ip6",
	"tcp", "udp", "sctp", "icmp", "icmp6", "igmp", "igrp", "pim", "vrrp", "carp", "ah", "esp", "atalk", "aarp",
	"decnet", "lat", "sca", "moprc", "mopdl", "iso", "clnp", "esis", "es-is", "isis", "is-is", "l1", "l2", "iih",
	"lsp", "snp", "csnp", "psnp", "stp", "ipx", "netbeui", "vlan", "mpls", "pppoed", "pppoes", "geneve", "llc",
	"icmptype", "icmpcode", "icmp-echoreply", "icmp-unreach", "icmp-sourcequench", "icmp-redirect", "icmp-echo",
	"icmp-routeradvert", "icmp-routersolicit", "icmp-timxceed", "icmp-paramprob", "icmp-tstamp", "icmp-tstampreply",
	"icmp-ireq", "icmp-ireqreply", "icmp-maskreq", "icmp-maskreply", "icmp6type", "icmp6code",
	"icmp6-destinationunreach", "icmp6-packettoobig", "icmp6-timeexceeded", "icmp6-parameterproblem", "icmp6-echo",
	"icmp6-echoreply", "icmp6-routersolicit", "icmp6-routeradvert", "icmp6-neighborsolicit", "icmp6-neighboradvert",
	"icmp6-redirect", "tcpflags", "tcp-fin", "tcp-syn", "tcp-rst", "tcp-push", "tcp-ack", "tcp-urg", "tcp-ece",
	"tcp-cwr", NULL,
};

static bool is_word(const char *s)
{
	for (const char *const *w = words; *w; w++) {
		if (strcmp(*w, s) == 0)
			return true;
	}
	return false;
}

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

static bool is_hex(char c)
{
	return is_digit(c) || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
}

static bool in_name(char c)
{
	return is_digit(c) || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' || c == '.' || c == '-' || c == ':';
}

/* A whole number, decimal or with 0x, of n bytes. */
static bool is_number(const char *s, size_t n)
{
	bool hex = n > 2 && s[0] == '0' && (s[1] == 'x' || s[1] == 'X');

	for (size_t i = hex ? 2 : 0; i < n; i++) {
		if (hex ? !is_hex(s[i]) : !is_digit(s[i]))
			return false;
	}
	return n > 0;
}

/* Numbers with `between` between them, up to `most`: "192.168.1", "2:2", "100-200". */
static bool is_numbers(const char *s, char between, unsigned most)
{
	unsigned parts = 1;
	const char *end;

	for (; (end = strchr(s, between)); s = end + 1, parts++) {
		if (!is_number(s, (size_t)(end - s)))
			return false;
	}
	return parts <= most && is_number(s, strlen(s));
}

/* Six groups of one or two hexadecimal digits. */
static bool is_mac(const char *s, char between)
{
	unsigned groups = 0;

	for (;; s++) {
		size_t n = 0;

		while (is_hex(s[n]))
			n++;
		if (n < 1 || n > 2)
			return false;
		groups++;
		s += n;
		if (*s != between)
			break;
	}
	return groups == 6 && *s == '\0';
}

/* What libpcap's scanner takes for something other than a name. An IPv6 address that ends like an IPv4 one is
 * left out: there are dozens of ways to write it, and a way that libpcap does not know is a name to it. */
static bool is_literal(const char *s, const char *before)
{
	uint8_t ip6[16];

	if (strchr(s, ':'))
		return is_numbers(s, ':', 2) || is_mac(s, ':') || (!strchr(s, '.') && inet_pton(AF_INET6, s, ip6) == 1);
	if (strchr(s, '-'))
		return is_mac(s, '-') || (strcmp(before, "portrange") == 0 && is_numbers(s, '-', 2));
	return is_numbers(s, '.', 4);
}

static bool bad_word(struct filter_wrong *w, size_t at, const char *word)
{
	const char *near = name_nearest(word, words);

	w->at = at;
	snprintf(w->what, sizeof w->what, "unknown word in the capture filter: '%s'", word);
	if (near)
		snprintf(w->hint, sizeof w->hint, "did you mean '%s'? names are not looked up", near);
	else
		snprintf(w->hint, sizeof w->hint, "names are not looked up: write numbers and addresses");
	return false;
}

/* Only words of the language, numbers, addresses and operators. */
static bool has_no_names(const char *text, struct filter_wrong *w)
{
	char word[WORD_MAX_BYTES + 1], before[WORD_MAX_BYTES + 1] = "";
	size_t n;

	for (size_t i = 0; text[i]; i += n) {
		bool escaped = text[i] == '\\';         /* "proto \tcp": the protocol's number, not its packets */
		size_t from = i + escaped;

		for (n = 0; in_name(text[from + n]); n++)
			;
		if (n == 0 || (!escaped && (text[i] == '-' || (n == 1 && text[i] == ':')))) {
			n = 1;
			if (strchr(" \t\r\n+-*/%:[]!<>()&|^=", text[i]))
				continue;
			w->at = i;
			snprintf(w->what, sizeof w->what, "the capture filter has a character that means nothing there");
			return false;
		}
		snprintf(word, sizeof word, "%.*s", (int)(n < WORD_MAX_BYTES ? n : WORD_MAX_BYTES), text + from);
		n += escaped;
		if (escaped && (!is_word(word) || strcmp(before, "proto") != 0)) {
			w->at = i;
			snprintf(w->what, sizeof w->what, "in the capture filter, '\\' goes before a protocol behind 'proto'");
			return false;
		}
		if (!escaped && (n > WORD_MAX_BYTES || (!is_word(word) && !is_literal(word, before))))
			return bad_word(w, i, word);
		snprintf(before, sizeof before, "%s", word);
	}
	return true;
}

bool filter_compiles(const char *text, uint32_t snaplen, struct filter_wrong *w)
{
	struct bpf_program program;
	pcap_t *p;
	bool good;

	memset(w, 0, sizeof *w);
	if (!has_no_names(text, w))
		return false;
	p = pcap_open_dead(DLT_EN10MB, (int)snaplen);
	if (!p) {
		snprintf(w->what, sizeof w->what, "too little memory to compile the capture filter");
		return false;
	}
	good = pcap_compile(p, &program, text, 1, PCAP_NETMASK_UNKNOWN) == 0;
	if (good)
		pcap_freecode(&program);
	else
		snprintf(w->what, sizeof w->what, "not a capture filter: %s", pcap_geterr(p));
	pcap_close(p);
	return good;
}
