/* pcap_loop.c - the yardstick: reads a capture with pcap_next_ex and does nothing with it. */
#include <inttypes.h>
#include <pcap/pcap.h>
#include <stdint.h>
#include <stdio.h>

int main(int argc, char **argv)
{
	char err[PCAP_ERRBUF_SIZE];
	pcap_t *p = argc == 2 ? pcap_open_offline(argv[1], err) : NULL;
	struct pcap_pkthdr *h;
	const uint8_t *bytes;
	uint64_t packets = 0;
	int r;

	if (!p) {
		fprintf(stderr, "pcap_loop: %s\n", argc == 2 ? err : "usage: pcap_loop CAPTURE");
		return 2;
	}
	while ((r = pcap_next_ex(p, &h, &bytes)) == 1)
		packets++;
	printf("%" PRIu64 " packets\n", packets);
	pcap_close(p);
	return r == PCAP_ERROR_BREAK ? 0 : 1;
}
