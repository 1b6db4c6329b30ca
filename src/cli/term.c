#include "cli/term.h"

#include "base/utf8.h"
#include "policy/policy.h"

#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#define WIDTH_UNKNOWN 80        /* a terminal that does not say its size */

struct term term_of(int fd)
{
	struct term t = { .tty = isatty(fd) == 1 };
	const char *no = getenv("NO_COLOR"), *kind = getenv("TERM");
	struct winsize w;

	if (!t.tty)
		return t;
	t.colour = !(no && *no) && !(kind && strcmp(kind, "dumb") == 0);
	t.width = ioctl(fd, TIOCGWINSZ, &w) == 0 && w.ws_col > 0 ? w.ws_col : WIDTH_UNKNOWN;
	return t;
}

const char *term_paint(const struct term *t, enum paint p)
{
	static const char *const on[] = {
		[PAINT_NONE] = "", [PAINT_BOLD] = "\033[1m", [PAINT_DIM] = "\033[2m", [PAINT_RED] = "\033[31m",
		[PAINT_BOLD_RED] = "\033[1;31m", [PAINT_YELLOW] = "\033[33m", [PAINT_GREEN] = "\033[32m",
		[PAINT_BLUE] = "\033[34m",
	};

	return t->colour ? on[p] : "";
}

const char *term_plain(const struct term *t, enum paint p)
{
	return t->colour && p != PAINT_NONE ? "\033[0m" : "";
}

enum paint term_severity(unsigned severity)
{
	switch (severity) {
	case SEV_CRITICAL: return PAINT_BOLD_RED;
	case SEV_HIGH: return PAINT_RED;
	case SEV_MEDIUM: return PAINT_YELLOW;
	case SEV_LOW: return PAINT_BLUE;
	default: return PAINT_DIM;
	}
}

struct range { uint32_t first, last; };

static bool within(const struct range *r, size_t n, uint32_t cp)
{
	for (size_t i = 0; i < n; i++) {
		if (cp >= r[i].first && cp <= r[i].last)
			return true;
	}
	return false;
}

size_t term_columns(const char *s, size_t n)
{
	/* Unicode 15: combining marks take none, East Asian wide and emoji two. Blocks, not every code point. */
	static const struct range none[] = {
		{ 0x300, 0x36f }, { 0x1ab0, 0x1aff }, { 0x1dc0, 0x1dff }, { 0x200b, 0x200f }, { 0x20d0, 0x20ff },
		{ 0xfe00, 0xfe0f }, { 0xfe20, 0xfe2f },
	};
	static const struct range two[] = {
		{ 0x1100, 0x115f }, { 0x2e80, 0x303e }, { 0x3041, 0xa4cf }, { 0xa960, 0xa97c }, { 0xac00, 0xd7a3 },
		{ 0xf900, 0xfaff }, { 0xfe30, 0xfe6f }, { 0xff00, 0xff60 }, { 0xffe0, 0xffe6 }, { 0x1f300, 0x1f64f },
		{ 0x1f680, 0x1f6ff }, { 0x1f900, 0x1faff }, { 0x20000, 0x3fffd },
	};
	size_t columns = 0;

	for (size_t i = 0; i < n;) {
		uint32_t cp;
		size_t len = utf8_next((const uint8_t *)s + i, n - i, &cp);

		i += len ? len : 1;
		if (len > 1 && within(none, sizeof none / sizeof none[0], cp))
			continue;
		columns += len > 1 && within(two, sizeof two / sizeof two[0], cp) ? 2 : 1;
	}
	return columns;
}
