/* clean.h - text from anywhere, harmless in the place where it is put. Pure.
 *
 * In every place: control characters (C0, DEL, C1), line and paragraph separators, bidirectional and zero-width controls
 * and the byte order mark become \xNN for each of their bytes, as in the text of an alert; bytes that are not UTF-8
 * become U+FFFD. Then the place's own escapes. */
#ifndef ZT_FORWARD_CLEAN_H
#define ZT_FORWARD_CLEAN_H

#include "base/sbuf.h"

#include <stdbool.h>
#include <stddef.h>

enum clean_place {
	CLEAN_PLAIN,            /* MSG, the value of a LEEF attribute: nothing to escape */
	CLEAN_SD,               /* PARAM-VALUE of RFC 5424, 6.3.3: " \ ] */
	CLEAN_CEF_HEADER,       /* | \ */
	CLEAN_CEF,              /* = \ */
	CLEAN_LEEF_HEADER,      /* has no escape: | becomes _ */
	CLEAN_JSON,             /* inside a string: " \ */
	CLEAN_PLACES
};

/* Appends s: at most `max` bytes of what a reader sees, without the place's own escapes, and at most `room` bytes
 * written. What does not fit is cut between two characters, and an ellipsis (U+2026) says so when there is room for it.
 * true: all of it is there. */
bool clean_text(struct sbuf *out, enum clean_place place, const char *s, size_t max, size_t room);

/* A word of printable ASCII without blanks, as headers want them: other characters become '_', the rest past `max` is
 * left out. Nothing left: "-". */
void clean_word(struct sbuf *out, const char *s, size_t max);

#endif
