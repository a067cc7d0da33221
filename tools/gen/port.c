/* SPDX-License-Identifier: BSD-3-Clause */
#include "port.h"

#include "cpus.h"

#include <errno.h>
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <rte_eal.h>
#include <rte_errno.h>

#define DESCRIPTORS 1024u

/* Descriptors of two ports both ways, and bursts. */
#define N_MBUFS 8191u
#define MBUF_SIZE RTE_MBUF_DEFAULT_BUF_SIZE

/* What EAL, the drivers and the pool's own structures take beside the buffers. */
#define MEMORY_MB_BESIDE 24u

#define ARGS_MAX 16

struct args {
	int n;
	char *text[ARGS_MAX];
};

static void __attribute__((format(printf, 2, 3))) add(struct args *args, const char *fmt, ...)
{
	va_list list;

	va_start(list, fmt);
	if (args->n == ARGS_MAX || vasprintf(&args->text[args->n++], fmt, list) < 0)
		abort(); /* their number is fixed, and they are short */
	va_end(list);
}

/* One lcore, on whatever CPUs the process may use: taskset decides. */
static void
add_lcore(struct args *args)
{
	char cpus[SEKI_CPUS_TEXT];

	if (seki_cpus_allowed(cpus) != NULL) /* else EAL takes its own choice */
		add(args, "--lcores=0@(%s)", cpus);
}

/* EAL reorders the array and keeps pointers into the strings, so these live as long as the process. */
static int
start_eal(const char *const device[GEN_PORTS_MAX])
{
	static struct args args;
	char *argv[ARGS_MAX + 1] = {NULL};
	size_t bytes = (size_t)(N_MBUFS + 1) * (sizeof(struct rte_mbuf) + MBUF_SIZE + 2 * RTE_CACHE_LINE_SIZE);

	add(&args, "seki-gen");
	add_lcore(&args);
	add(&args, "--no-huge");
	add(&args, "-m%zu", (bytes >> 20) + MEMORY_MB_BESIDE);
	add(&args, "--no-pci");
	add(&args, "--no-shconf");
	add(&args, "--no-telemetry");
	add(&args, "--iova-mode=va");
	add(&args, "--file-prefix=seki-gen-%d", getpid());
	add(&args, "--log-level=error");
	add(&args, "--log-level=pmd.net.memif:critical"); /* it says each time that nobody is there yet */
	for (unsigned i = 0; i < GEN_PORTS_MAX; i++)
		if (device[i] != NULL)
			add(&args, "--vdev=%s", device[i]);
	memcpy(argv, args.text, sizeof(args.text));
	return rte_eal_init(args.n, argv);
}

static int
complain(const char *device, const char *what, int error)
{
	fprintf(stderr, "seki-gen: %s: %s: %s\n", device, what, strerror(error < 0 ? -error : error));
	return -1;
}

static int
prepare_port(struct gen_ports *ports, const char *device)
{
	struct rte_eth_conf conf = {0};
	uint16_t n_rxd = DESCRIPTORS, n_txd = DESCRIPTORS, id;
	char name[RTE_ETH_NAME_MAX_LEN];
	int rc;

	snprintf(name, sizeof(name), "%.*s", (int)strcspn(device, ","), device);
	rc = rte_eth_dev_get_port_by_name(name, &id);
	if (rc < 0)
		return complain(device, "no such port", rc);
	rc = rte_eth_dev_configure(id, 1, 1, &conf);
	if (rc == 0)
		rc = rte_eth_dev_adjust_nb_rx_tx_desc(id, &n_rxd, &n_txd);
	if (rc == 0)
		rc = rte_eth_rx_queue_setup(id, 0, n_rxd, SOCKET_ID_ANY, NULL, ports->pool);
	if (rc == 0)
		rc = rte_eth_tx_queue_setup(id, 0, n_txd, SOCKET_ID_ANY, NULL);
	if (rc < 0)
		return complain(device, "the port cannot be set up", rc);
	ports->id[ports->n++] = id;
	return 0;
}

static int
make_own_dir(struct gen_ports *ports)
{
	const char *in = getenv("TMPDIR");
	int error = 0;

	if (snprintf(ports->own_dir, sizeof(ports->own_dir), "%s/seki-gen.XXXXXX",
		    in != NULL && in[0] != '\0' ? in : "/tmp") >= (int)sizeof(ports->own_dir))
		error = ENAMETOOLONG;
	else if (mkdtemp(ports->own_dir) == NULL)
		error = errno;
	if (error == 0)
		return 0;
	complain(ports->own_dir, "no runtime directory can be made", error);
	ports->own_dir[0] = '\0';
	return -1;
}

int
gen_ports_open(struct gen_ports *ports, const char *const device[GEN_PORTS_MAX])
{
	*ports = (struct gen_ports){0};
	if (make_own_dir(ports) != 0)
		return -1;
	setenv("XDG_RUNTIME_DIR", ports->own_dir, 1); /* root's is elsewhere, by a name of this process alone */
	ports->started = start_eal(device) >= 0;
	ports->runtime_dir = strdup(rte_eal_get_runtime_dir()); /* there may be one even if EAL has failed */
	if (!ports->started) {
		fprintf(stderr, "seki-gen: DPDK does not start: %s\n", rte_strerror(rte_errno));
		return -1;
	}
	ports->pool = rte_pktmbuf_pool_create("gen", N_MBUFS, 256, 0, MBUF_SIZE, SOCKET_ID_ANY);
	if (ports->pool == NULL)
		return complain("packet buffers", "no room", rte_errno);
	for (unsigned i = 0; i < GEN_PORTS_MAX; i++)
		if (device[i] != NULL && prepare_port(ports, device[i]) < 0)
			return -1;
	return 0;
}

bool
gen_ports_start(struct gen_ports *ports)
{
	bool up = true;

	for (unsigned i = 0; i < ports->n; i++) {
		struct rte_eth_link link = {0};

		if (!ports->running[i] && rte_eth_dev_start(ports->id[i]) == 0) {
			ports->running[i] = true;
			rte_eth_promiscuous_enable(ports->id[i]); /* drivers without it show all anyway */
		}
		up = up && ports->running[i] && rte_eth_link_get_nowait(ports->id[i], &link) == 0 &&
		     link.link_status == RTE_ETH_LINK_UP;
	}
	return up;
}

static int
remove_one(const char *path, const struct stat *stat, int type, struct FTW *ftw)
{
	(void)stat;
	(void)type;
	(void)ftw;
	remove(path);
	return 0;
}

void
gen_ports_close(struct gen_ports *ports)
{
	for (unsigned i = 0; i < ports->n; i++) {
		if (ports->running[i])
			rte_eth_dev_stop(ports->id[i]);
		rte_eth_dev_close(ports->id[i]);
	}
	rte_mempool_free(ports->pool);
	if (ports->started)
		rte_eal_cleanup();
	if (ports->runtime_dir != NULL && strstr(ports->runtime_dir, "seki-gen-") != NULL)
		nftw(ports->runtime_dir, remove_one, 8, FTW_DEPTH | FTW_PHYS);
	free(ports->runtime_dir);
	if (ports->own_dir[0] != '\0')
		nftw(ports->own_dir, remove_one, 8, FTW_DEPTH | FTW_PHYS);
}
