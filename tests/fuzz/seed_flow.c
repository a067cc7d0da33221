/* SPDX-License-Identifier: BSD-3-Clause */
/* Writes conversations as seeds for fuzz_flow: seed_flow DIRECTORY. */
#include "flow_ops.h"

#include <errno.h>
#include <stdio.h>
#include <sys/stat.h>

#define STEPS_MAX 16
#define TCP 0  /* a talk */
#define UDP6 3 /* another */
#define OUT(talk) (OP_OUT | (talk))

static const struct {
	const char *name;
	uint8_t head[OPS_HEAD];
	uint8_t step[STEPS_MAX][OPS_STEP];
	unsigned n;
} seeds[] = {
	{"opened_outside", {31, 0},
		{{OP_HANDSHAKE, TCP, 1}, {OP_REPEAT, TCP, OP_DATA, 70}, {OP_PACKET, OUT(TCP), OP_FIN},
			{OP_PACKET, TCP, OP_FIN}, {OP_PAUSE, 10, 26}, {OP_PACKET, TCP, OP_ACK}},
		6},
	{"opened_inside", {6, 1},
		{{OP_HANDSHAKE, OUT(TCP), 1}, {OP_WAIT, 9}, {OP_REPEAT, TCP, OP_DATA, 40},
			{OP_PACKET, OUT(TCP), OP_RST}, {OP_PACKET, TCP, OP_ACK}},
		5},
	{"asked", {0, 0},
		{{OP_PACKET, OUT(UDP6), 0}, {OP_REPEAT, UDP6, 0, 40}, {OP_PACKET, UDP6, 1 << 3},
			{OP_PACKET, UDP6, 2 << 3}, {OP_PACKET, UDP6, 3 << 3}},
		5},
	{"answered", {31, 0}, {{OP_PACKET, UDP6, 0}, {OP_PACKET, OUT(UDP6), 0}, {OP_PACKET, UDP6, 0}}, 3},
	{"reload", {31, 2},
		{{OP_HANDSHAKE, TCP, 1}, {OP_PACKET, TCP, 0}, {OP_RELOAD}, {OP_PACKET, TCP, 0}, {OP_PACKET, TCP, 0}},
		5},
	{"flood", {31, 0},
		{{OP_HANDSHAKE, TCP, 1}, {OP_FLOOD, 255, FLOOD_SYN, TCP}, {OP_FLOOD, 255, FLOOD_SYN, TCP},
			{OP_FLOOD, 255, FLOOD_QUESTIONS, UDP6}, {OP_FLOOD, 255, FLOOD_SYN, TCP},
			{OP_FLOOD, 255, FLOOD_QUESTIONS, UDP6}, {OP_PACKET, TCP, 0}, {OP_PAUSE, 200, 28},
			{OP_FLOOD, 200, FLOOD_HANDSHAKES, TCP}, {OP_PACKET, TCP, 0}},
		10},
	{"reflection", {31, 3},
		{{OP_FLOOD, 255, FLOOD_REFLECTION, UDP6}, {OP_PAUSE, 2, 30}, {OP_FLOOD, 99, FLOOD_ACK, TCP},
			{OP_PACKET, TCP, 0}},
		4},
	{"incidents", {31, 4},
		{{OP_HANDSHAKE, TCP, 1}, {OP_FLOOD, 99, FLOOD_REFLECTION, UDP6}, {OP_FLOOD, 99, FLOOD_SYN, TCP},
			{OP_FLOOD, 99, FLOOD_ACK, TCP}, {OP_PACKET, TCP, 0}},
		5},
	{"a_source", {31, 0},
		{{OP_REPEAT, TCP, OP_SYN, 200}, {OP_REPEAT, 5, 0, 255}, {OP_PAUSE, 9, 28}, {OP_REPEAT, 5, 0, 255}}, 4},
};

int
main(int argc, char **argv)
{
	char path[4096];

	if (argc != 2) {
		fprintf(stderr, "usage: seed_flow DIRECTORY\n");
		return 2;
	}
	if (mkdir(argv[1], 0755) < 0 && errno != EEXIST) {
		perror(argv[1]);
		return 1;
	}
	for (unsigned i = 0; i < sizeof(seeds) / sizeof(seeds[0]); i++) {
		FILE *file;

		snprintf(path, sizeof(path), "%s/%s", argv[1], seeds[i].name);
		file = fopen(path, "wb");
		if (file == NULL) {
			perror(path);
			return 1;
		}
		fwrite(seeds[i].head, 1, OPS_HEAD, file);
		fwrite(seeds[i].step, OPS_STEP, seeds[i].n, file);
		if (fclose(file) != 0) {
			perror(path);
			return 1;
		}
	}
	return 0;
}
