/* TPKT and COTP.
 *
 * Spec: RFC 1006 (TPKT); ITU-T X.224 (11/1995), the same text as ISO 8073 (COTP).
 *
 * PDU:  version 3 | reserved | length 2 (whole packet) | LI | code | fixed part | parameters | user data
 * LI counts the bytes of the transport header after itself. A data TPDU (DT) of class 0 has LI 2:
 * code, then EOT in the top bit of the number. Messages longer than the agreed TPDU size come in
 * several DTs; some stations also send DTs with nothing in them. */
#include "dissectors/iso.h"

#define TPKT_VERSION 3          /* RFC 1006 section 6 */
#define LI_DATA 2               /* X.224 13.7.1, class 0 and 1 */
#define LI_CONNECT 6            /* X.224 13.3.1: code, two references, class */
#define PARAM_SIZE 0xc0         /* X.224 13.3.4: TPDU size, calling and called selectors */
#define PARAM_CALLING 0xc1
#define PARAM_CALLED 0xc2
#define PARAMS_MAX 16           /* parameters looked at in one connect */

enum frame_verdict iso_frame(struct rd head, uint32_t *len)
{
	uint16_t length;

	if (head.left >= 1 && rd_peek(&head, 0) != TPKT_VERSION)
		return FRAME_BAD;
	if (head.left < ISO_TPKT_HEADER)
		return FRAME_MORE;
	rd_skip(&head, 2);
	length = rd_be16(&head);
	if (length < ISO_TPDU_MIN)
		return FRAME_BAD;
	*len = length;
	return FRAME_PDU;
}

static void read_connect(struct rd *header, struct iso_tpdu *out)
{
	rd_skip(header, 5);     /* destination and source reference, class */
	for (int i = 0; i < PARAMS_MAX && header->left >= 2; i++) {
		uint8_t code = rd_u8(header);
		struct rd value = rd_sub(header, rd_u8(header));

		if (code == PARAM_CALLED && value.left == 2) {
			out->has_called = true;
			out->called[0] = rd_u8(&value);
			out->called[1] = rd_u8(&value);
		}
	}
}

bool iso_read(struct rd packet, struct iso_tpdu *out)
{
	struct rd header;
	uint8_t code;

	*out = (struct iso_tpdu){ .kind = ISO_OTHER };
	rd_skip(&packet, ISO_TPKT_HEADER);
	header = rd_sub(&packet, rd_u8(&packet));
	code = rd_u8(&header);
	if (!rd_ok(&packet) || !rd_ok(&header))
		return false;
	switch (code & 0xf0) {
	case 0xe0:
		out->kind = ISO_CONNECT;
		read_connect(&header, out);
		return true;
	case 0xd0:
		out->kind = ISO_CONFIRM;
		read_connect(&header, out);
		return true;
	case 0xf0:
		if (header.left != LI_DATA - 1)
			return false;
		out->kind = ISO_DATA;
		out->eot = rd_u8(&header) & 0x80;
		out->data = packet;
		return true;
	default:
		return true;
	}
}

bool iso_connect_plausible(struct rd packet)
{
	uint8_t li, code, selectors = 0;

	rd_skip(&packet, ISO_TPKT_HEADER);
	li = rd_u8(&packet);
	code = rd_u8(&packet);
	if (li < LI_CONNECT || packet.left + 1 != li || (code != 0xe0 && code != 0xd0))
		return false;
	if (rd_be16(&packet) != 0 && code == 0xe0)
		return false;   /* X.224 13.3.3: the destination is not known yet */
	rd_skip(&packet, 2);
	if (rd_u8(&packet) & 0x0f)
		return false;   /* X.224 13.3.3: options belong to other classes */
	for (int i = 0; i < PARAMS_MAX && packet.left; i++) {
		uint8_t param = rd_u8(&packet);
		struct rd value = rd_sub(&packet, rd_u8(&packet));

		if (!rd_ok(&value) || param < PARAM_SIZE)
			return false;
		if (param == PARAM_CALLING && value.left >= 2)
			selectors |= 1;
		if (param == PARAM_CALLED && value.left >= 2)
			selectors |= 2;
	}
	return packet.left == 0 && selectors == 3;
}
