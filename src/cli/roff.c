#include "cli/roff.h"

#include <stddef.h>
#include <stdio.h>

void roff_text(const char *s)
{
	size_t column = 12;             /* what may stand before it */

	for (; *s; s++, column++) {
		if (*s == '-' || *s == '\\') {
			fputs(*s == '-' ? "\\-" : "\\e", stdout);
		} else if (*s == ' ' && column > 54 && s[1] != '.' && s[1] != '\'') {
			putchar('\n');
			column = 0;
		} else {
			putchar(*s);
		}
	}
}
