/* cip_identity.h - what a device says of itself: the ListIdentity item and the Identity object. */
#ifndef ZT_DISSECTORS_CIP_IDENTITY_H
#define ZT_DISSECTORS_CIP_IDENTITY_H

#include "base/rd.h"

struct dissect;

/* The body of CPF item 0x0c (EIP-V2 2-4.3.3). */
void cip_identity_item(struct dissect *d, struct rd item);

/* Answers of the Identity object's first instance (CIP-V1 5-2), by the service that was asked. */
void cip_identity_all(struct dissect *d, struct rd data);
void cip_identity_list(struct dissect *d, struct rd data);
void cip_identity_single(struct dissect *d, uint32_t attribute, struct rd data);

#endif
