/* conf_file.c - the files that configurations are read from. */
#include "policy/conf.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

char *conf_read(const char *path, size_t *n, struct complaints *errs)
{
	FILE *f = fopen(path, "re");
	char *text = NULL;
	struct stat st;

	*n = 0;
	if (!f || fstat(fileno(f), &st) != 0) {
		complain(errs, path, 0, 0, NULL, "cannot be read: %s", strerror(errno));
	} else if (S_ISDIR(st.st_mode)) {
		complain(errs, path, 0, 0, NULL, "is a folder, a file is wanted");
	} else if ((text = malloc(CONF_BYTES_MAX + 1)) == NULL) {
		complain(errs, path, 0, 0, NULL, "too little memory to read it");
	} else {
		*n = fread(text, 1, CONF_BYTES_MAX + 1, f);
		if (ferror(f) || *n > CONF_BYTES_MAX) {
			complain(errs, path, 0, 0, NULL, ferror(f) ? "cannot be read" : "is larger than 4 MiB");
			free(text);
			text = NULL;
		} else {
			text[*n] = '\0';
		}
	}
	if (f)
		fclose(f);
	return text;
}
