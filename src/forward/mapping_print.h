/* mapping_print.h - the table of mapping.h for people. Pure. */
#ifndef ZT_FORWARD_MAPPING_PRINT_H
#define ZT_FORWARD_MAPPING_PRINT_H

#include "base/sbuf.h"

/* For zonetap-siem(5): items of an mdoc list, one a member, with its names in every format. */
void mapping_print_man(struct sbuf *out);

/* One line a name: member, format (rfc5424, cef, leef, ecs, ocsf), name, and of CEF the value of its label or else of
 * what is the same for every record that value; divided by tabs. */
void mapping_print_table(struct sbuf *out);

#endif
