/* conversation.h - plays a fuzz input as a conversation through the whole path of a packet: decoding,
 * copies, flow, stream order, PDU cutting, dissector. The format is in README.md. */
#ifndef ZT_TESTS_FUZZ_CONVERSATION_H
#define ZT_TESTS_FUZZ_CONVERSATION_H

#include "ot/dissector.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Feeds the input to d's usual port whole and byte by byte. Aborts when both are well-framed from start to end
 * and say different things, or when an event breaks the contract of event.h. */
void conversation_play(const struct dissector *d, const uint8_t *data, size_t size);

#endif
