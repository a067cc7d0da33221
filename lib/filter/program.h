/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef SEKI_FILTER_PROGRAM_H
#define SEKI_FILTER_PROGRAM_H

/* What a filter is made of. Internal to lib/filter. */

#include "convert.h"
#include "filter.h"

struct filter_program {
	struct rte_bpf *bpf;
	uint64_t (*run)(void *view); /* machine code; NULL: there is none for this CPU, and rte_bpf_exec runs it */
};

struct seki_filter {
	unsigned n;
	struct filter_program program[SEKI_FILTER_MAX];
};

/*
 * From an expression to eBPF: libpcap's program, judged and converted. The caller frees code->insn. -EINVAL or -ENOMEM
 * with a sentence in `why`. Control thread.
 */
int filter_compile(const char *expression, struct filter_code *code, char *why, size_t size);

/* Loads it. False with a sentence in `why`. The caller destroys program->bpf. Control thread; needs EAL. */
bool filter_load(const struct filter_code *code, struct filter_program *program, char *why, size_t size);

#endif
