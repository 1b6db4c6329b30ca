/* versions.h - the libraries that this program runs with. Main thread. */
#ifndef ZT_ENGINE_VERSIONS_H
#define ZT_ENGINE_VERSIONS_H

struct version {
	const char *library;            /* NULL ends the table */
	const char *(*text)(void);      /* as the library itself says, not as it was when we were built */
};

extern const struct version versions[];

#endif
