/* SPDX-License-Identifier: BSD-3-Clause */
#include "filter.h"

#include "program.h"

#include <assert.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <rte_errno.h>

static_assert(FILTER_VIEW_BYTES >= PKT_HEADERS_MAX, "a view has room for all headers of a packet");

struct seki_filter *
seki_filter_create(void)
{
	return calloc(1, sizeof(struct seki_filter));
}

void
seki_filter_destroy(struct seki_filter *filter)
{
	for (unsigned i = 0; filter != NULL && i < filter->n; i++)
		rte_bpf_destroy(filter->program[i].bpf);
	free(filter);
}

bool
filter_load(const struct filter_code *code, struct filter_program *program, char *why, size_t size)
{
	struct rte_bpf_prm prm = {
		.ins = code->insn,
		.nb_ins = code->n,
		.prog_arg = {.type = RTE_BPF_ARG_PTR, .size = sizeof(struct filter_view)},
	};
	struct rte_bpf_jit jit = {.func = NULL};

	program->bpf = rte_bpf_load(&prm);
	if (program->bpf == NULL) {
		snprintf(why, size, "DPDK does not run it: %s", rte_strerror(rte_errno));
		return false;
	}
	rte_bpf_get_jit(program->bpf, &jit);
	program->run = jit.func;
	return true;
}

int
seki_filter_add(struct seki_filter *filter, const char *expression, char *why, size_t size)
{
	struct filter_code code;
	int rc;

	if (filter->n == SEKI_FILTER_MAX) {
		snprintf(why, size, "there are %d expressions already", SEKI_FILTER_MAX);
		return -EINVAL;
	}
	rc = filter_compile(expression, &code, why, size);
	if (rc != 0)
		return rc;
	if (filter_load(&code, &filter->program[filter->n], why, size))
		filter->n++;
	else
		rc = -EINVAL;
	free(code.insn);
	return rc;
}

int
seki_filter_check(const char *expression, char *why, size_t size)
{
	struct filter_code code;
	int rc = filter_compile(expression, &code, why, size);

	if (rc == 0)
		free(code.insn);
	return rc;
}

/* What programs are shown, one packet after the other. */
struct stage {
	struct filter_view view;
	uint32_t headers; /* bytes of the view that may not be zero */
};

/* The length is what the IP header says; where that is nonsense, what the frame carries. */
static uint32_t
length_of(const struct pkt *pkt, uint32_t headers)
{
	uint32_t len = pkt->l3_len != 0 ? pkt->l3_len : pkt->len - pkt->l3_off;

	if (len < headers)
		len = headers;
	return len < FILTER_LEN_MAX ? len : FILTER_LEN_MAX;
}

static void
show(struct stage *stage, const struct pkt *pkt)
{
	uint32_t headers = (uint32_t)pkt->payload_off - pkt->l3_off;

	assert(pkt->payload_off >= pkt->l3_off && headers <= FILTER_VIEW_BYTES);
	memcpy(stage->view.byte, pkt->data + pkt->l3_off, headers);
	if (headers < stage->headers)
		memset(stage->view.byte + headers, 0, stage->headers - headers);
	stage->headers = headers;
	stage->view.len = length_of(pkt, headers);
}

static bool
matches(const struct seki_filter *filter, struct filter_view *view)
{
	bool match = false;

	for (unsigned i = 0; i < filter->n && !match; i++) {
		const struct filter_program *program = &filter->program[i];

		match = (program->run != NULL ? program->run(view) : rte_bpf_exec(program->bpf, view)) != 0;
	}
	return match;
}

uint32_t
seki_filter_match_burst(const struct seki_filter *filter, const struct pkt *pkt, const uint16_t *idx, unsigned n)
{
	struct stage stage = {.headers = 0};
	uint32_t found = 0;

	assert(n <= PKT_BURST);
	for (unsigned i = 0; i < n; i++) {
		show(&stage, &pkt[idx[i]]);
		found |= (uint32_t)matches(filter, &stage.view) << i;
	}
	return found;
}
