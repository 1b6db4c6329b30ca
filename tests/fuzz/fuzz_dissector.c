/* fuzz_dissector.c - one program a dissector: built with -DDISSECTOR=dissector_<stem>. */
#include "conversation.h"

extern const struct dissector DISSECTOR;

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	conversation_play(&DISSECTOR, data, size);
	return 0;
}
