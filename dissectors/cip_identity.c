/* Who a device says it is.
 *
 * Spec: EIP-V2 = EtherNet/IP Adaptation of CIP, Volume 2, 2-4.3.3 (ListIdentity item);
 *       CIP-V1 = CIP Volume 1, 5-2 (Identity object: attributes 1 to 7). */
#include "dissectors/cip_identity.h"

#include "dissectors/cip_table.h"
#include "ot/dissector.h"

#include <string.h>

enum attribute { ATTR_VENDOR = 1, ATTR_TYPE, ATTR_PRODUCT, ATTR_REVISION, ATTR_STATUS, ATTR_SERIAL, ATTR_NAME };

static void tell_vendor(struct dissect *d, uint32_t id)
{
	const char *name = cip_vendor_name(id);

	dissect_identity_ids(d, &id, NULL);
	if (name)
		dissect_identity(d, d->ev.identity.vendor, name, (uint32_t)strlen(name));
}

/* One attribute, read off r. false: its length is not known, so nothing behind it can be read. */
static bool read_attribute(struct dissect *d, uint32_t attribute, struct rd *r)
{
	uint32_t v;

	switch (attribute) {
	case ATTR_VENDOR:
		v = rd_le16(r);
		if (rd_ok(r))
			tell_vendor(d, v);
		return rd_ok(r);
	case ATTR_PRODUCT:
		v = rd_le16(r);
		if (rd_ok(r))
			dissect_identity_ids(d, NULL, &v);
		return rd_ok(r);
	case ATTR_REVISION:
		v = rd_be16(r);                         /* major, minor; bit 7 of major is reserved */
		if (rd_ok(r))
			dissect_identityf(d, d->ev.identity.firmware, "%u.%u", (v >> 8) & 0x7fu, v & 0xffu);
		return rd_ok(r);
	case ATTR_SERIAL: {
		uint32_t serial = rd_le32(r);

		if (rd_ok(r))
			dissect_identityf(d, d->ev.identity.serial, "%08x", serial);
		return rd_ok(r);
	}
	case ATTR_NAME: {
		struct rd text = rd_sub(r, rd_u8(r));
		uint32_t n = text.left;

		if (rd_ok(r))
			dissect_identity(d, d->ev.identity.product, rd_take(&text, n), n);
		return rd_ok(r);
	}
	case ATTR_TYPE: case ATTR_STATUS:
		rd_skip(r, 2);
		return rd_ok(r);
	default:
		return false;
	}
}

static bool read_attributes(struct dissect *d, struct rd *r)
{
	for (uint32_t a = ATTR_VENDOR; a <= ATTR_NAME; a++)
		if (!read_attribute(d, a, r))
			return false;
	return true;
}

void cip_identity_item(struct dissect *d, struct rd item)
{
	rd_skip(&item, 2 + 16);                         /* protocol version, socket address */
	if (!read_attributes(d, &item))
		dissect_anomaly(d, ANOM_TRUNCATED_PDU);
}

void cip_identity_all(struct dissect *d, struct rd data)
{
	if (!read_attributes(d, &data))
		dissect_anomaly(d, ANOM_TRUNCATED_PDU);
}

/* CIP-V1: count, then attribute, status and value of each. */
void cip_identity_list(struct dissect *d, struct rd data)
{
	uint16_t count = rd_le16(&data);

	for (unsigned i = 0; i < count && data.left; i++) {
		uint16_t attribute = rd_le16(&data);
		uint16_t status = rd_le16(&data);

		if (status == 0 && !read_attribute(d, attribute, &data))
			break;
	}
}

void cip_identity_single(struct dissect *d, uint32_t attribute, struct rd data)
{
	read_attribute(d, attribute, &data);
}
