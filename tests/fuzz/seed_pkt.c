/* SPDX-License-Identifier: BSD-3-Clause */
/* Writes the frames of test_pkt's table as seeds for fuzz_pkt: seed_pkt DIRECTORY. */
#include "frame.h"

#include <errno.h>
#include <stdio.h>
#include <sys/stat.h>

static const struct {
	const char *name;
	const char *frame;
	const char *expect;
} rows[] = {
#include "../unit/pkt_rows.h"
};

int
main(int argc, char **argv)
{
	static uint8_t frame[FRAME_MAX];
	char path[4096];

	if (argc != 2) {
		fprintf(stderr, "usage: seed_pkt DIRECTORY\n");
		return 2;
	}
	if (mkdir(argv[1], 0755) < 0 && errno != EEXIST) {
		perror(argv[1]);
		return 1;
	}
	for (unsigned i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		uint32_t n = frame_build(rows[i].frame, frame);
		FILE *file;

		if (n > 1024) /* what follows the headers is no matter to the parser */
			continue;
		snprintf(path, sizeof(path), "%s/row%03u", argv[1], i);
		file = fopen(path, "wb");
		if (file == NULL) {
			perror(path);
			return 1;
		}
		fputc(1, file);
		fwrite(frame, 1, n, file);
		if (fclose(file) != 0) {
			perror(path);
			return 1;
		}
	}
	return 0;
}
