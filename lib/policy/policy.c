/* SPDX-License-Identifier: BSD-3-Clause */
#include "policy_build.h"

#include "special.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* What messages call the tables: "zones of <domain>", and this. */
#define TABLE_NAME_MAX (SEKI_NAME_MAX + 16)
#define TABLE_OF_LISTS "lists"

/* In front of each allocation; one cache line, so that what follows starts on one. */
struct block {
	struct block *next;
} __attribute__((aligned(64)));

void *
policy_alloc(struct seki_policy *policy, size_t size)
{
	struct block *block;

	if (posix_memalign((void **)&block, 64, sizeof(*block) + size) != 0)
		return NULL;
	memset(block, 0, sizeof(*block) + size);
	block->next = policy->blocks;
	policy->blocks = block;
	return block + 1;
}

void
policy_free_blocks(struct seki_policy *policy)
{
	struct block *next;

	for (struct block *block = policy->blocks; block != NULL; block = next) {
		next = block->next;
		free(block);
	}
	policy->blocks = NULL;
}

static void
compile_ports(struct seki_policy *policy, const struct seki_spec *spec)
{
	policy->max_frame_least = UINT32_MAX;
	for (unsigned i = 0; i < spec->n_ports; i++) {
		policy->peer_port[i] = (uint16_t)spec->port[i].peer;
		policy->outside[i] = spec->port[i].side == SEKI_SIDE_OUTSIDE;
		policy->max_frame[i] = spec->port[i].mtu + 14u;
		if (policy->max_frame[i] < policy->max_frame_least)
			policy->max_frame_least = policy->max_frame[i];
	}
}

/* Domain 0 has what no other one claims. A domain without VLANs is its whole pair. Both ports of a pair are filled. */
static void
compile_domains(struct seki_policy *policy, const struct seki_spec *spec)
{
	policy->n_domains = (uint16_t)(spec->n_domains == 0 ? 1 : spec->n_domains);
	for (uint16_t d = 0; d < spec->n_domains; d++)
		memcpy(policy->domain_name[d], spec->domain[d].name, sizeof(policy->domain_name[d]));
	for (uint16_t d = 1; d < spec->n_domains; d++) {
		const struct seki_spec_domain *domain = &spec->domain[d];
		uint16_t *row[2] = {policy->vlan_domain[domain->outside_port],
			policy->vlan_domain[spec->port[domain->outside_port].peer]};

		for (unsigned vlan = 0; domain->n_vlans == 0 && vlan < 4096; vlan++) {
			row[0][vlan] = row[0][vlan] == 0 ? d : row[0][vlan];
			row[1][vlan] = row[0][vlan];
		}
		for (unsigned v = 0; v < domain->n_vlans; v++)
			row[0][domain->vlan[v]] = row[1][domain->vlan[v]] = d;
	}
}

/* What the table of one domain holds. Returns the number of entries; `entry` has room for all prefixes. */
static size_t
domain_entries(const struct seki_spec *spec, uint16_t domain, const uint16_t *id, struct seki_lpm_entry *entry)
{
	size_t n = 0;

	for (unsigned i = 0; i < spec->n_zones; i++)
		for (unsigned j = 0; spec->zone[i].domain == domain && j < spec->zone[i].n_prefixes; j++)
			entry[n++] = (struct seki_lpm_entry){spec->zone[i].prefix[j], id == NULL ? 1 : id[i]};
	return n;
}

static struct seki_lpm_entry *
alloc_entries(const struct seki_spec *spec, struct seki_err *err)
{
	struct seki_lpm_entry *entry;
	size_t n = 1;

	for (unsigned i = 0; i < spec->n_zones; i++)
		n += spec->zone[i].n_prefixes;
	entry = malloc(n * sizeof(*entry));
	if (entry == NULL)
		seki_err_add(err, spec->file, 0, "no memory for %zu prefixes of zones", n - 1);
	return entry;
}

static void
name_zone_table(const struct seki_spec *spec, uint16_t domain, char name[TABLE_NAME_MAX])
{
	snprintf(name, TABLE_NAME_MAX, "zones of %s", spec->domain[domain].name);
}

static int
build_zone_tables(
	struct seki_policy *policy, const struct seki_spec *spec, int socket, const uint16_t *id, struct seki_err *err)
{
	struct seki_lpm_entry *entry = alloc_entries(spec, err);
	int rc = entry == NULL ? -ENOMEM : 0;

	for (uint16_t d = 0; rc == 0 && d < policy->n_domains; d++) {
		size_t n = domain_entries(spec, d, id, entry);
		char name[TABLE_NAME_MAX];

		if (n == 0)
			continue;
		name_zone_table(spec, d, name);
		policy->zone_lpm[d] = seki_lpm_create(name, socket, entry, n, 0, err);
		rc = policy->zone_lpm[d] == NULL ? -ENOMEM : 0;
	}
	free(entry);
	return rc;
}

static void
free_lists(struct seki_list *lists, unsigned n)
{
	for (unsigned i = 0; lists != NULL && i < n; i++)
		seki_list_fini(&lists[i]);
	free(lists);
}

/*
 * Reads all lists and checks them, so that every mistake in every file is reported. Those that no zone uses are left
 * empty: their addresses would fill the table for answers that nobody asks for. NULL: an error.
 */
static struct seki_list *
read_lists(const struct seki_spec *spec, struct seki_err *err)
{
	struct seki_list *lists = calloc(spec->n_lists + 1, sizeof(*lists));
	uint64_t used = seki_spec_lists_used(spec);
	int rc = 0;

	if (lists == NULL) {
		seki_err_add(err, spec->file, 0, "no memory for %u lists", spec->n_lists);
		return NULL;
	}
	for (unsigned i = 0; i < spec->n_lists; i++) {
		if (seki_list_read(spec->list[i].path, &lists[i], err) < 0 ||
			seki_spec_check_list(spec, i, &lists[i], err) < 0)
			rc = -EINVAL;
		if ((used >> i & 1) == 0)
			seki_list_fini(&lists[i]);
	}
	if (rc == 0)
		return lists;
	free_lists(lists, spec->n_lists);
	return NULL;
}

/* What is known of sources, as coarse as it takes to tell those of whom nothing is. Lists are added with their tables.
 */
static void
compile_known(struct seki_policy *policy, const struct seki_spec *spec)
{
	struct seki_prefix range;

	for (unsigned i = 0; seki_special_range(i, &range); i++)
		seki_coarse_add(&policy->known, &range);
	for (unsigned i = 0; i < spec->n_zones; i++)
		for (unsigned j = 0; j < spec->zone[i].n_prefixes; j++)
			seki_coarse_add(&policy->known, &spec->zone[i].prefix[j]);
}

static int
build_sets(struct seki_policy *policy, const struct seki_spec *spec, const struct seki_key *secret, int socket,
	struct seki_err *err)
{
	struct seki_list *lists = read_lists(spec, err);
	int rc;

	if (lists == NULL)
		return -EINVAL;
	compile_known(policy, spec);
	rc = seki_sets_build(&policy->sets, TABLE_OF_LISTS, secret, socket, lists, spec->n_lists, &policy->known, err);
	free_lists(lists, spec->n_lists);
	return rc;
}

static struct seki_policy *
alloc_policy(const struct seki_policy *before)
{
	struct seki_policy *policy;

	if (posix_memalign((void **)&policy, 64, sizeof(*policy)) != 0)
		return NULL;
	memset(policy, 0, sizeof(*policy));
	policy->refs = 1;
	policy->generation = before == NULL ? 1 : before->generation + 1;
	policy->cm = policy_alloc(policy, SEKI_ZONES_MAX * sizeof(*policy->cm));
	policy->zone = policy_alloc(policy, SEKI_ZONES_MAX * sizeof(*policy->zone));
	policy->posture = policy_alloc(policy, SEKI_ZONES_MAX * sizeof(*policy->posture));
	if (policy->cm != NULL && policy->zone != NULL && policy->posture != NULL)
		return policy;
	seki_policy_put(policy);
	return NULL;
}

/* What the configuration holds was checked when it was read. */
static int
compile_calendar(struct seki_policy *policy, const struct seki_spec *spec, struct seki_err *err)
{
	int rc = 0;

	policy->learn = spec->detect.learn;
	policy->calendar = seki_calendar_create();
	if (policy->calendar == NULL)
		return seki_err_add(err, spec->file, 0, "no memory for the calendar");
	for (unsigned i = 0; i < spec->detect.n_holidays && rc == 0; i++)
		rc = seki_calendar_add_holiday(policy->calendar, &spec->detect.holiday[i], err);
	for (unsigned i = 0; i < spec->detect.n_events && rc == 0; i++)
		rc = seki_calendar_add_event(policy->calendar, &spec->detect.event[i], err);
	return rc;
}

struct seki_policy *
seki_policy_create(const struct seki_spec *spec, const struct seki_policy *before, const struct seki_key *secret,
	int socket, struct seki_err *err)
{
	struct seki_policy *policy = alloc_policy(before);
	uint16_t id[SEKI_ZONES_MAX] = {0};
	int zones, sets;

	if (policy == NULL) {
		seki_err_add(err, spec->file, 0, "no memory for a policy");
		return NULL;
	}
	cm_init();
	compile_ports(policy, spec);
	compile_domains(policy, spec);
	policy_compile_peers(policy, spec);
	policy->names_sources = spec->names_sources;
	zones = seki_spec_check_overlap(spec, err);
	if (zones == 0)
		zones = compile_calendar(policy, spec, err);
	if (zones == 0)
		zones = policy_compile_zones(policy, spec, before, id, err);
	if (zones == 0)
		zones = build_zone_tables(policy, spec, socket, id, err);
	sets = build_sets(policy, spec, secret, socket, err); /* even then: every mistake at once */
	if (zones == 0 && sets == 0)
		return policy;
	seki_policy_put(policy);
	return NULL;
}

void
seki_policy_put(struct seki_policy *policy)
{
	if (policy == NULL || --policy->refs > 0)
		return;
	for (unsigned d = 0; d < SEKI_DOMAINS_MAX; d++)
		seki_lpm_destroy(policy->zone_lpm[d]);
	seki_sets_fini(&policy->sets);
	for (unsigned id = 0; id < policy->zone_id_end; id++)
		seki_filter_destroy(policy->cm[id].filter);
	seki_calendar_destroy(policy->calendar);
	policy_free_blocks(policy);
	free(policy);
}

struct seki_snapshot *
seki_snapshot_create(struct seki_policy *policy, uint64_t generation)
{
	struct seki_snapshot *snapshot;

	if (posix_memalign((void **)&snapshot, 64, sizeof(*snapshot)) != 0)
		return NULL;
	policy->refs++;
	snapshot->policy = policy;
	snapshot->generation = generation;
	memcpy(snapshot->posture, policy->posture, sizeof(snapshot->posture));
	memset(snapshot->raised, 0, sizeof(snapshot->raised));
	return snapshot;
}

int
seki_snapshot_raise(struct seki_snapshot *snapshot, uint16_t zone, const struct seki_raised *raised)
{
	struct seki_posture *posture = &snapshot->posture[zone];
	struct seki_raised *copy = NULL;

	if (raised != NULL) {
		copy = malloc(sizeof(*copy));
		if (copy == NULL)
			return -ENOMEM;
		*copy = *raised;
	}
	free(snapshot->raised[zone]);
	snapshot->raised[zone] = copy;
	posture->active = snapshot->policy->posture[zone].active | (copy == NULL ? 0 : copy->any);
	return 0;
}

void
seki_snapshot_destroy(struct seki_snapshot *snapshot)
{
	if (snapshot == NULL)
		return;
	for (unsigned z = 0; z < SEKI_ZONES_MAX; z++)
		free(snapshot->raised[z]);
	seki_policy_put(snapshot->policy);
	free(snapshot);
}

/* SIZE_MAX: there can be no such tables. */
static size_t
zone_tables_bytes(const struct seki_spec *spec, struct seki_err *err)
{
	struct seki_lpm_entry *entry = alloc_entries(spec, err);
	size_t bytes = entry == NULL ? SIZE_MAX : 0;

	for (uint16_t d = 0; bytes != SIZE_MAX && d < SEKI_DOMAINS_MAX; d++) {
		char name[TABLE_NAME_MAX];
		size_t more;

		name_zone_table(spec, d, name);
		more = seki_lpm_bytes(name, entry, domain_entries(spec, d, NULL, entry), err);
		bytes = more == SIZE_MAX ? SIZE_MAX : bytes + more;
	}
	free(entry);
	return bytes;
}

size_t
seki_policy_bytes(const struct seki_spec *spec, struct seki_err *err)
{
	struct seki_err why;
	struct seki_list *lists;
	size_t zones, sets;

	/* Checked first: a table that cannot be built has no size. */
	if (seki_spec_check_overlap(spec, err) < 0)
		return 0;
	lists = read_lists(spec, err);
	if (lists == NULL)
		return 0;
	seki_err_init(&why);
	zones = zone_tables_bytes(spec, &why);
	sets = seki_sets_bytes(TABLE_OF_LISTS, lists, spec->n_lists, &why);
	free_lists(lists, spec->n_lists);
	for (unsigned i = 0; i < why.n; i++)
		seki_err_add(err, spec->file, 0, "the tables of zones and lists cannot be built: %s",
			why.entry[i].text == NULL ? "out of memory" : why.entry[i].text);
	seki_err_fini(&why);
	return zones != SIZE_MAX && sets != SIZE_MAX ? zones + sets : 0;
}
