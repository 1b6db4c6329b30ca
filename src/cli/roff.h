/* roff.h - text as a manual page's source, on stdout. Main thread. */
#ifndef ZT_CLI_ROFF_H
#define ZT_CLI_ROFF_H

/* Escapes what roff reads otherwise, and breaks lines at a blank behind column 54. The text does not begin a line
 * with a point; nothing is put behind it. */
void roff_text(const char *s);

#endif
