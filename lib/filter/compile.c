/* SPDX-License-Identifier: BSD-3-Clause */
#include "program.h"

#include "names.h"
#include "reach.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

static int
refuse_names(const char *expression, char *why, size_t size)
{
	char name[64];

	if (!filter_has_name(expression, name, sizeof(name)))
		return 0;
	snprintf(
		why, size, "\"%s\" is no word of pcap-filter(7), and names are not looked up: write the address", name);
	return -EINVAL;
}

/* libpcap's program, of an IP packet without link layer. */
static int
compile_by_libpcap(const char *expression, struct bpf_program *program, char *why, size_t size)
{
	pcap_t *pcap = pcap_open_dead(DLT_RAW, FILTER_LEN_MAX);
	int rc = -EINVAL;

	if (pcap == NULL) {
		snprintf(why, size, "not enough memory");
		return -ENOMEM;
	}
	if (pcap_compile(pcap, program, expression, 1, PCAP_NETMASK_UNKNOWN) == 0)
		rc = 0;
	else
		snprintf(why, size, "%s", pcap_geterr(pcap));
	pcap_close(pcap);
	return rc;
}

/* What is left of an empty expression, or of one that is true of every packet as it stands. */
static int
refuse_void(const struct bpf_program *program, char *why, size_t size)
{
	if (BPF_CLASS(program->bf_insns[0].code) != BPF_RET)
		return 0;
	snprintf(why, size, "it matches %s packet, whatever it is", program->bf_insns[0].k != 0 ? "every" : "no");
	return -EINVAL;
}

int
filter_compile(const char *expression, struct filter_code *code, char *why, size_t size)
{
	struct bpf_program program;
	int rc = refuse_names(expression, why, size);

	*code = (struct filter_code){.insn = NULL};
	if (rc == 0)
		rc = compile_by_libpcap(expression, &program, why, size);
	if (rc != 0)
		return rc;
	rc = refuse_void(&program, why, size);
	if (rc == 0)
		rc = filter_convert(&program, code, why, size);
	if (rc == 0)
		rc = filter_reach(&program, why, size);
	pcap_freecode(&program);
	if (rc != 0) {
		free(code->insn);
		code->insn = NULL;
	}
	return rc;
}
