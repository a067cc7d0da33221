/* SPDX-License-Identifier: BSD-3-Clause */
#include "box.h"
#include "cmd.h"
#include "conf.h"
#include "eal.h"
#include "final.h"
#include "mgmt.h"
#include "say.h"
#include "telemetry.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <rte_eal.h>

/* Large, and telemetry threads may look at it until they are told not to. */
static struct box box;

struct options {
	const char *conf;
	bool timed;
};

/* -t is for developers: it costs a few cycles a packet and shows where the others go. */
static int
read_options(int argc, char **argv, struct options *options)
{
	int c;

	*options = (struct options){0};
	optind = 1;
	opterr = 0; /* the usage says it, and no byte of the command line gets to the terminal as it is */
	while ((c = getopt(argc, argv, "+c:t")) != -1) {
		if (c == 'c' && options->conf == NULL)
			options->conf = optarg;
		else if (c == 't')
			options->timed = true;
		else
			return -EINVAL;
	}
	return options->conf != NULL && optind == argc ? 0 : -EINVAL;
}

/* What was wrong, and the exit code for it: the configuration's fault or the machine's. */
static int
fail(struct seki_err *err, int code)
{
	seki_err_print(err, stderr);
	seki_err_fini(err);
	return code;
}

/* Returns an exit code. */
static int
start_eal(const struct seki_spec *spec, struct seki_err *err)
{
	struct eal_request request = {.spec = spec};
	struct plan_memory memory;
	struct plan plan;
	size_t policy_bytes = seki_policy_bytes(spec, err);

	if (err->n_total > 0)
		return SEKI_EXIT_CONFIG; /* a list that cannot be read, prefixes that no table holds */
	plan_init(&plan, spec);
	plan_memory(&memory, &plan, spec, policy_bytes);
	request.memory_bytes = plan_memory_full(&memory);
	if (plan_check_memory(&memory, spec, err) != 0)
		return SEKI_EXIT_CONFIG;
	if (!spec->eal.huge && spec->eal.memory_mb == 0)
		say("memory: %zu MB without huge pages, of which %zu MB for two policies", request.memory_bytes >> 20,
			2 * policy_bytes >> 20);
	else if (!spec->eal.huge && spec->eal.memory_mb <= request.memory_bytes >> 20)
		say("memory: eal.memory_mb is %u, and %zu MB would be sure to suffice for a reload, too",
			spec->eal.memory_mb, (request.memory_bytes >> 20) + 1);
	return eal_start(&request, err) == 0 ? SEKI_EXIT_OK : SEKI_EXIT_FAILURE;
}

/*
 * The last table, to standard output in one piece, so that errno is of its first failure. False: it does not add up, or
 * is lost. That nobody reads any more is no failure.
 */
static bool
tell_final(void)
{
	char *text = NULL;
	size_t size = 0;
	FILE *out = open_memstream(&text, &size);
	bool good = out != NULL && final_print(&box, out);

	if (out != NULL)
		good = fclose(out) == 0 && good;
	if ((fwrite(text, 1, size, stdout) < size || fflush(stdout) != 0) && errno != EPIPE) {
		say("the final counters are lost: standard output cannot be written: %s", strerror(errno));
		good = false;
	}
	free(text);
	return good;
}

static int
serve(struct seki_spec *spec, bool timed, struct seki_err *err)
{
	bool telemetry = spec->telemetry;
	bool good = false;
	int ret = box_open(&box, spec, timed, err);

	if (ret == 0 && telemetry) {
		ret = telemetry_open(&box);
		if (ret != 0)
			seki_err_add(err, NULL, 0, "the telemetry commands cannot be registered: %s", strerror(-ret));
	}
	if (ret == 0)
		ret = box_start(&box, err);
	if (ret == 0) {
		if (telemetry)
			say("telemetry: %s/dpdk_telemetry.v2", rte_eal_get_runtime_dir());
		say("running: %u zones, %u lists; SIGHUP reloads %s, SIGINT stops", box.spec.n_zones, box.spec.n_lists,
			box.spec.file);
		mgmt_run(&box);
	}
	box_stop(&box);
	if (ret == 0)
		good = tell_final();
	telemetry_close();
	box_close(&box);
	if (ret != 0)
		return fail(err, SEKI_EXIT_FAILURE);
	return good ? SEKI_EXIT_OK : SEKI_EXIT_FAILURE;
}

int
cmd_run(int argc, char **argv)
{
	struct options options;
	struct seki_spec spec = {0};
	struct seki_err err;
	int code;

	if (read_options(argc, argv, &options) != 0) {
		fprintf(stderr, "usage: seki run -c FILE [-t]\n");
		return SEKI_EXIT_USAGE;
	}
	seki_err_init(&err);
	if (seki_conf_read(options.conf, &spec, &err) != 0) {
		seki_spec_fini(&spec);
		return fail(&err, SEKI_EXIT_CONFIG);
	}
	mgmt_take_signals();
	cm_init();
	code = start_eal(&spec, &err);
	if (code != SEKI_EXIT_OK) {
		seki_spec_fini(&spec);
		return fail(&err, code);
	}
	code = serve(&spec, options.timed, &err);
	seki_err_fini(&err);
	/*
	 * No rte_eal_cleanup: it unmaps DPDK's memory while the interrupt thread looks through its sources there, one
	 * of which net_memif leaves behind, and a clean stop would then and now be a SIGSEGV (22.11.11). All that was
	 * to be closed is closed; the rest goes with the process.
	 */
	return code;
}
