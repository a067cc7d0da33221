/* SPDX-License-Identifier: BSD-3-Clause */
#include "eal.h"

#include "cpus.h"
#include "device.h"
#include "say.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <rte_eal.h>
#include <rte_errno.h>

/* Devices, extra words and the rest. */
#define ARGS_MAX 256

struct args {
	int n;
	bool incomplete; /* one did not fit, or there was no memory for it */
	char *text[ARGS_MAX + 1];
};

static void __attribute__((format(printf, 2, 3))) add(struct args *args, const char *fmt, ...)
{
	char *text = NULL;
	va_list list;

	va_start(list, fmt);
	if (args->n < ARGS_MAX && vasprintf(&text, fmt, list) >= 0)
		args->text[args->n++] = text;
	else
		args->incomplete = true;
	va_end(list);
}

/* Offline there is one lcore, on whatever CPUs the process may use: the configuration's may not exist here. */
static void
add_offline_lcore(struct args *args)
{
	char cpus[SEKI_CPUS_TEXT];

	if (seki_cpus_allowed(cpus) != NULL) /* else EAL takes its own choice */
		add(args, "--lcores=0@(%s)", cpus);
}

static void
add_lcores(struct args *args, const struct seki_spec *spec, bool offline)
{
	char map[16 * (SEKI_CORES_MAX + 1)];
	int n = snprintf(map, sizeof(map), "0@%u", spec->main_cpu);

	if (offline) {
		add_offline_lcore(args);
		return;
	}
	for (unsigned i = 0; i < spec->n_cores; i++)
		n += snprintf(map + n, sizeof(map) - (size_t)n, ",%u@%u", eal_lcore(i), spec->core[i].cpu);
	add(args, "--lcores=%s", map);
	add(args, "--main-lcore=0");
}

static void
add_devices(struct args *args, const struct seki_spec *spec, bool offline)
{
	unsigned n_pci = 0;

	for (unsigned i = 0; i < spec->n_ports && !offline; i++) {
		const char *device = spec->port[i].device;
		bool pci = device_is_pci(device);

		add(args, pci ? "--allow=%s" : "--vdev=%s", device);
		n_pci += pci;
	}
	if (n_pci == 0)
		add(args, "--no-pci");
}

static void
add_memory(struct args *args, const struct eal_request *request)
{
	const struct seki_spec *spec = request->spec;
	size_t mb = spec->eal.memory_mb;

	if (mb == 0 && (!spec->eal.huge || request->offline))
		mb = (request->memory_bytes >> 20) + 1;
	if (!spec->eal.huge || request->offline)
		add(args, "--no-huge");
	if (mb != 0)
		add(args, "-m%zu", mb);
}

static void
add_extra(struct args *args, const char *extra)
{
	char *copy = extra != NULL ? strdup(extra) : NULL, *rest = copy, *word;

	args->incomplete |= extra != NULL && copy == NULL;
	while (copy != NULL && (word = strsep(&rest, " \t")) != NULL)
		if (*word != '\0')
			add(args, "%s", word);
	free(copy);
}

/* EAL puts its runtime directory there and fails without a word of why if it cannot. */
static void
check_runtime_dir(void)
{
	const char *dir = getenv("XDG_RUNTIME_DIR");

	if (getuid() == 0 || dir == NULL || access(dir, W_OK | X_OK) == 0)
		return;
	say("XDG_RUNTIME_DIR is %s, where this user cannot write: the runtime directory is /tmp/dpdk instead", dir);
	unsetenv("XDG_RUNTIME_DIR");
}

static void
add_all(struct args *args, const struct eal_request *request)
{
	const struct seki_spec *spec = request->spec;

	add(args, "seki");
	add_lcores(args, spec, request->offline);
	add_memory(args, request);
	add_devices(args, spec, request->offline);
	if (request->offline)
		add(args, "--no-shconf");
	if (request->offline || !spec->telemetry)
		add(args, "--no-telemetry");
	if (request->offline)
		add(args, "--file-prefix=%s-%d", spec->eal.file_prefix, getpid());
	else
		add(args, "--file-prefix=%s", spec->eal.file_prefix);
	add(args, "--log-level=%s", spec->eal.log_level);
	add(args, "--log-level=lib.telemetry:error"); /* it announces the absence of a socket that nobody wants */
	if (!request->offline)
		add_extra(args, spec->eal.extra);
}

int
eal_start(const struct eal_request *request, struct seki_err *err)
{
	const struct seki_spec *spec = request->spec;
	/* EAL reorders the array and keeps pointers into the strings, so those live as long as the process. */
	static struct args args;
	char *argv[ARGS_MAX + 1];

	check_runtime_dir();
	add_all(&args, request);
	if (args.incomplete) {
		seki_err_add(err, spec->file, 0,
			"DPDK would have to be given more than %d arguments, or there is no memory for them: eal.extra "
			"has too many words",
			ARGS_MAX);
		return -E2BIG;
	}
	memcpy(argv, args.text, sizeof(argv));
	if (rte_eal_init(args.n, argv) < 0) {
		int failed = rte_errno != 0 ? rte_errno : EINVAL;
		const char *hint =
			spec->eal.huge && !request->offline
				? "; eal.huge is set: are enough huge pages reserved in /proc/sys/vm/nr_hugepages?"
				: "";

		seki_err_add(err, spec->file, 0,
			"DPDK does not start: %s (its own messages stand above; another instance with file_prefix \"%s\" "
			"would be one cause%s)",
			strerror(failed), spec->eal.file_prefix, hint);
		return -failed;
	}
	return 0;
}
