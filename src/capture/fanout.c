#include "capture/fanout.h"

#include <errno.h>
#include <linux/filter.h>
#include <linux/if_ether.h>
#include <linux/if_packet.h>
#include <string.h>
#include <sys/socket.h>

#define OUTGOING 4              /* skb->pkt_type of what this machine sends: it begins at the link header */
#define AD(what) ((uint32_t)(SKF_AD_OFF + (what)))
#define MIX 0x9e3779b1u         /* odd, 2^32 over the golden ratio: spreads neighbours */

/* Scratch memory */
#define BASE 0                  /* where the network header begins */
#define SUM 1

#define LOAD_AD(what) BPF_STMT(BPF_LD | BPF_W | BPF_ABS, AD(what))
#define LOAD_HALF(at) BPF_STMT(BPF_LD | BPF_H | BPF_IND, (at))
/* SUM ^= the word at `at` behind the network header; five steps */
#define FOLD(at) \
	BPF_STMT(BPF_LDX | BPF_MEM, BASE), \
	BPF_STMT(BPF_LD | BPF_W | BPF_IND, (at)), \
	BPF_STMT(BPF_LDX | BPF_MEM, SUM), \
	BPF_STMT(BPF_ALU | BPF_XOR | BPF_X, 0), \
	BPF_STMT(BPF_ST, SUM)
/* With an ethertype in A: when it is a VLAN tag's, the tag is stepped over and the next ethertype is in A; ten steps */
#define UNTAG \
	BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, ETH_P_8021Q, 2, 0), \
	BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, ETH_P_8021AD, 1, 0), \
	BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, ETH_P_QINQ1, 0, 7), \
	BPF_STMT(BPF_LDX | BPF_MEM, BASE), \
	LOAD_HALF(2), \
	BPF_STMT(BPF_ST, SUM),          /* the ethertype, for a moment */ \
	BPF_STMT(BPF_MISC | BPF_TXA, 0), \
	BPF_STMT(BPF_ALU | BPF_ADD | BPF_K, 4), \
	BPF_STMT(BPF_ST, BASE), \
	BPF_STMT(BPF_LD | BPF_MEM, SUM)

static const struct sock_filter program[] = {
	LOAD_AD(SKF_AD_PKTTYPE),
	BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, OUTGOING, 0, 2),
	BPF_STMT(BPF_LD | BPF_IMM, ETH_HLEN),
	BPF_JUMP(BPF_JMP | BPF_JA, 1, 0, 0),
	BPF_STMT(BPF_LD | BPF_IMM, 0),
	BPF_STMT(BPF_ST, BASE),
	LOAD_AD(SKF_AD_PROTOCOL),
	UNTAG,                          /* the first tag has mostly been taken off by the kernel or the adapter */
	UNTAG,
	BPF_STMT(BPF_LDX | BPF_IMM, 0),
	BPF_STMT(BPF_STX, SUM),
	BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, ETH_P_IP, 0, 11),
	FOLD(12),
	FOLD(16),
	BPF_JUMP(BPF_JMP | BPF_JA, 42, 0, 0),
	BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, ETH_P_IPV6, 1, 0),
	BPF_STMT(BPF_RET | BPF_K, 0),
	FOLD(8), FOLD(12), FOLD(16), FOLD(20),
	FOLD(24), FOLD(28), FOLD(32), FOLD(36),
	BPF_STMT(BPF_LD | BPF_MEM, SUM),
	BPF_STMT(BPF_ALU | BPF_MUL | BPF_K, MIX),
	BPF_STMT(BPF_ALU | BPF_RSH | BPF_K, 16),
	BPF_STMT(BPF_RET | BPF_A, 0),
};

static int refused(struct diag *d, const char *what)
{
	return diag_fail(d, ZT_ELIB, "%s is refused (%s)", what, strerror(errno));
}

static int join(int fd, uint32_t id, uint32_t flags, struct diag *d)
{
	uint32_t arg = id | (PACKET_FANOUT_CBPF | flags) << 16;

	if (setsockopt(fd, SOL_PACKET, PACKET_FANOUT, &arg, sizeof arg) != 0)
		return refused(d, "PACKET_FANOUT");
	return ZT_OK;
}

int fanout_make(int fd, uint16_t *group, struct diag *d)
{
	struct sock_fprog f;
	uint32_t arg = 0;
	socklen_t n = sizeof arg;
	int err = join(fd, 0, PACKET_FANOUT_FLAG_UNIQUEID, d);

	if (err)
		return err;
	memset(&f, 0, sizeof f);                /* its padding goes to the kernel, too */
	f.len = sizeof program / sizeof program[0];
	f.filter = (struct sock_filter *)program;
	if (getsockopt(fd, SOL_PACKET, PACKET_FANOUT, &arg, &n) != 0)
		return refused(d, "asking for the number of a PACKET_FANOUT group");
	if (setsockopt(fd, SOL_PACKET, PACKET_FANOUT_DATA, &f, sizeof f) != 0)
		return refused(d, "PACKET_FANOUT_DATA");
	*group = (uint16_t)arg;
	return ZT_OK;
}

int fanout_join(int fd, uint16_t group, struct diag *d)
{
	return join(fd, group, 0, d);
}
