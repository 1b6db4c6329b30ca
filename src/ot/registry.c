/* The table of dissectors, from dissectors/dissectors.def. */
#include "ot/dissector.h"

#define DISSECTOR(stem) extern const struct dissector dissector_##stem;
#include "dissectors/dissectors.def"
#undef DISSECTOR

const struct dissector *const dissectors[] = {
#define DISSECTOR(stem) &dissector_##stem,
#include "dissectors/dissectors.def"
#undef DISSECTOR
	NULL
};
