/* cost.c - runs a command and writes what it cost to a file: `cost FILE COMMAND...` gives one line,
 * "user+system-seconds peak-KiB exit-status". */
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

int main(int argc, char **argv)
{
	struct rusage u;
	int status;
	pid_t child;

	if (argc < 3) {
		fprintf(stderr, "usage: cost FILE COMMAND...\n");
		return 2;
	}
	child = fork();
	if (child == 0) {
		execvp(argv[2], argv + 2);
		perror(argv[2]);
		_exit(127);
	}
	if (child < 0 || wait4(child, &status, 0, &u) != child) {
		perror("cost");
		return 1;
	}
	FILE *f = fopen(argv[1], "w");
	double seconds = (double)(u.ru_utime.tv_sec + u.ru_stime.tv_sec) +
			 (double)(u.ru_utime.tv_usec + u.ru_stime.tv_usec) / 1e6;

	if (!f || fprintf(f, "%.4f %ld %d\n", seconds, u.ru_maxrss, WIFEXITED(status) ? WEXITSTATUS(status) : 255) < 0 ||
	    fclose(f) != 0) {
		perror(argv[1]);
		return 1;
	}
	return WIFEXITED(status) ? WEXITSTATUS(status) : 255;
}
