/* main.c - a fuzz target without a fuzz engine: each file and each file of each folder on the command line
 * goes through it once, in a heap block of exactly its size, so that a read past the end is seen by
 * AddressSanitizer and valgrind. Names come in sorted order. */
#include <dirent.h>
#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static int run_file(const char *path)
{
	FILE *f = fopen(path, "rb");
	uint8_t *block = NULL;
	struct stat st;
	int bad = 1;

	if (!f || fstat(fileno(f), &st) != 0) {
		fprintf(stderr, "%s: %s\n", path, strerror(errno));
		goto out;
	}
	block = malloc(st.st_size > 0 ? (size_t)st.st_size : 1);
	if (!block || fread(block, 1, (size_t)st.st_size, f) != (size_t)st.st_size) {
		fprintf(stderr, "%s: cannot be read whole\n", path);
		goto out;
	}
	/* One byte is the least that malloc gives: an empty input gets none of it. */
	LLVMFuzzerTestOneInput(block, (size_t)st.st_size);
	bad = 0;
out:
	free(block);
	if (f)
		fclose(f);
	return bad;
}

static int not_hidden(const struct dirent *e)
{
	return e->d_name[0] != '.';
}

static int run_folder(const char *path, unsigned *inputs)
{
	struct dirent **names = NULL;
	int n = scandir(path, &names, not_hidden, alphasort), bad = n < 0;

	if (n < 0)
		fprintf(stderr, "%s: %s\n", path, strerror(errno));
	for (int i = 0; i < n; i++) {
		char file[4096];

		snprintf(file, sizeof file, "%s/%s", path, names[i]->d_name);
		bad |= run_file(file);
		++*inputs;
		free(names[i]);
	}
	free(names);
	return bad;
}

int main(int argc, char **argv)
{
	unsigned inputs = 0;
	int bad = 0;

	for (int i = 1; i < argc; i++) {
		struct stat st;

		if (stat(argv[i], &st) == 0 && S_ISDIR(st.st_mode)) {
			bad |= run_folder(argv[i], &inputs);
		} else {
			bad |= run_file(argv[i]);
			inputs++;
		}
	}
	printf("%u inputs\n", inputs);
	return bad;
}
