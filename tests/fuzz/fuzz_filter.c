/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Any text up to a line's end as a filter, and what follows as a packet: it is refused with a sentence, or both rte_bpf
 * and its machine code say what libpcap's interpreter says.
 */
#include "program.h"

#include <stdlib.h>
#include <string.h>

#define EXPRESSION_MAX 1023

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
compare(const char *expression, const struct filter_program *ours, struct filter_view *view)
{
	static uint8_t packet[FILTER_LEN_MAX + 1];
	pcap_t *pcap = pcap_open_dead(DLT_RAW, FILTER_LEN_MAX);
	struct bpf_program theirs;
	bool wants;

	if (pcap == NULL || pcap_compile(pcap, &theirs, expression, 1, PCAP_NETMASK_UNKNOWN) != 0)
		abort();
	memcpy(packet, view->byte, sizeof(view->byte));
	wants = bpf_filter(theirs.bf_insns, packet, view->len, view->len) != 0;
	if ((rte_bpf_exec(ours->bpf, view) != 0) != wants)
		abort();
	if (ours->run != NULL && (ours->run(view) != 0) != wants)
		abort();
	pcap_freecode(&theirs);
	pcap_close(pcap);
}

static void
run(const char *expression, const struct filter_code *code, const uint8_t *data, size_t size)
{
	struct filter_view view = {.len = size == 0 ? 0 : (uint32_t)(data[0] | (data[size - 1] & 0xf) << 8)};
	struct filter_program program;
	char why[256];

	memcpy(view.byte, data, size < FILTER_VIEW_BYTES ? size : FILTER_VIEW_BYTES);
	if (!filter_load(code, &program, why, sizeof(why)))
		return; /* DPDK divides no constant by a constant 0 */
	for (unsigned i = 0; i < 3; i++) {
		compare(expression, &program, &view);
		view.byte[0] = i == 0 ? 0x45 : 0x60; /* what most expressions ask first */
	}
	rte_bpf_destroy(program.bpf);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char expression[EXPRESSION_MAX + 1] = "", why[256] = "";
	const uint8_t *end = memchr(data, '\n', size < EXPRESSION_MAX ? size : EXPRESSION_MAX);
	size_t n = end == NULL ? (size < EXPRESSION_MAX ? size : EXPRESSION_MAX) : (size_t)(end - data);
	struct filter_code code;

	memcpy(expression, data, n);
	if (filter_compile(expression, &code, why, sizeof(why)) != 0) {
		if (why[0] == '\0' || code.insn != NULL)
			abort();
		return 0;
	}
	n += end != NULL;
	run(expression, &code, data + n, size - n);
	free(code.insn);
	return 0;
}
