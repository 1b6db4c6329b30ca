/* s7_tis.h - programmer commands (userdata group 1) that name variables: status, modify, force. */
#ifndef ZT_DISSECTORS_S7_TIS_H
#define ZT_DISSECTORS_S7_TIS_H

#include "dissectors/s7.h"

/* Emits one part a variable, with the value that is to be written. false: `data` names none that
 * can be read, and nothing was emitted. */
bool s7_tis_variables(struct s7 *s, struct rd data);

#endif
