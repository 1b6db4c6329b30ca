/* tell.h - what a policy holds, in words: for `zonetap check` and `zonetap rules`. Texts are
 * appended to the caller's buffer. Any thread. */
#ifndef ZT_POLICY_TELL_H
#define ZT_POLICY_TELL_H

#include "base/sbuf.h"
#include "policy/policy.h"

void tell_zone(const struct policy *p, uint16_t zone, struct sbuf *out);        /* "10.0.0.0/8, VLAN 110" */
void tell_asset(const struct policy *p, uint32_t asset, struct sbuf *out);      /* its addresses */
const char *tell_asset_zone(const struct policy *p, uint32_t asset);            /* "-" when it is in none */

size_t tell_conduits(const struct policy *p);
void tell_conduit_from(const struct policy *p, size_t i, struct sbuf *out);     /* i from 0 */
void tell_conduit_to(const struct policy *p, size_t i, struct sbuf *out);
size_t tell_conduit_allows(const struct policy *p, size_t i);
const char *tell_conduit_allow(const struct policy *p, size_t i, size_t k);
const char *tell_conduit_note(const struct policy *p, size_t i);        /* NULL, or why it does nothing */

const char *tell_rule_when(const struct policy *p, uint16_t rule);
void tell_rule_group(const struct policy *p, uint16_t rule, struct sbuf *out);
void tell_rule_by(const struct policy *p, uint16_t rule, struct sbuf *out);
void tell_rule_changes(const struct policy *p, uint16_t rule, struct sbuf *out);        /* by exceptions; "" none */

#endif
