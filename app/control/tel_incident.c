/* SPDX-License-Identifier: BSD-3-Clause */
#include "tel_incident.h"

#include "compat.h"
#include "guard.h"
#include "tel_guard.h"

#include <errno.h>
#include <string.h>

static void
add_time(struct rte_tel_data *d, const char *name, uint64_t wall_ns)
{
	char text[SEKI_WALL_TEXT];

	rte_tel_data_add_dict_string(d, name, wall_ns == 0 ? "" : seki_wall_text(wall_ns, text));
}

static int
add_steps(struct rte_tel_data *d, const char *name, uint32_t steps)
{
	struct rte_tel_data *list = tel_array(d, name);

	for (unsigned s = SEKI_STEP_NONE + 1; s < SEKI_N_STEPS && list != NULL; s++)
		if (steps & SEKI_STEP_BIT(s))
			rte_tel_data_add_array_string(list, seki_step_name(s));
	return list == NULL ? -ENOMEM : 0;
}

/* The n-th of SEKI_N_VECTORS or SEKI_N_REASONS for which `has` is true; the number of them if there is none. */
static unsigned
nth(const struct seki_incident *in, unsigned index, bool (*has)(const struct seki_incident *, unsigned), unsigned end)
{
	for (unsigned i = 0, n = 0; i < end; i++)
		if (has(in, i) && n++ == index)
			return i;
	return end;
}

static unsigned
how_many(const struct seki_incident *in, bool (*has)(const struct seki_incident *, unsigned), unsigned end)
{
	unsigned n = 0;

	for (unsigned i = 0; i < end; i++)
		n += has(in, i);
	return n;
}

static bool
has_vector(const struct seki_incident *in, unsigned vector)
{
	return in->vector[vector].seen;
}

static bool
has_reason(const struct seki_incident *in, unsigned reason)
{
	return in->drop_packets[reason] != 0 || in->observed_packets[reason] != 0;
}

static unsigned
vectors_total(const struct seki_incident *in)
{
	return how_many(in, has_vector, SEKI_N_VECTORS);
}

static int
add_vector(const struct seki_incident *in, struct rte_tel_data *d, unsigned index)
{
	unsigned v = nth(in, index, has_vector, SEKI_N_VECTORS);
	const struct seki_incident_vector *x = &in->vector[v];

	rte_tel_data_add_dict_string(d, "name", seki_vector_name(v));
	tel_number(d, "limit_pps", x->limit_pps);
	tel_number(d, "limit_bps", x->limit_bps);
	rte_tel_data_add_dict_string(d, "limit_from", seki_limit_from_name(x->from));
	tel_number(d, "peak_pps", x->peak_pps);
	tel_number(d, "peak_bps", x->peak_bps);
	tel_number(d, "attack_packets", x->packets);
	add_time(d, "began", x->began_ns);
	add_time(d, "ended", x->ended_ns);
	return add_steps(d, "steps", x->steps);
}

static unsigned
targets_total(const struct seki_incident *in)
{
	return in->n_targets;
}

static int
add_target(const struct seki_incident *in, struct rte_tel_data *d, unsigned index)
{
	const struct seki_incident_target *t = &in->target[index];
	struct rte_tel_data *vectors = tel_array(d, "vectors");
	char text[SEKI_TARGET_TEXT];

	rte_tel_data_add_dict_string(d, "prefix", seki_target_text(t->prefix, text));
	tel_number(d, "hosts", t->hosts);
	tel_number(d, "attack_packets", t->packets);
	for (unsigned v = 0; v < SEKI_N_VECTORS && vectors != NULL; v++)
		if (t->vectors >> v & 1)
			rte_tel_data_add_array_string(vectors, seki_vector_name(v));
	return vectors == NULL ? -ENOMEM : 0;
}

static unsigned
decisions_total(const struct seki_incident *in)
{
	return in->n_decisions;
}

static int
add_decision(const struct seki_incident *in, struct rte_tel_data *d, unsigned index)
{
	const struct seki_decision *x = &in->decision[index];

	add_time(d, "at", x->at_ns);
	rte_tel_data_add_dict_string(d, "vector", seki_vector_name(x->vector));
	rte_tel_data_add_dict_string(d, "action", seki_decision_action_name(x->action));
	rte_tel_data_add_dict_string(d, "step", seki_step_name(x->step));
	rte_tel_data_add_dict_string(d, "before", seki_step_name(x->before));
	tel_number(d, "rate_pps", x->rate_pps);
	tel_number(d, "limit_pps", x->limit_pps);
	tel_number(d, "passed_pps", x->passed_pps);
	if (tel_text(d, "seen", x->seen) != 0 || tel_text(d, "why", x->why) != 0)
		return -ENOMEM;
	return add_steps(d, "tried", x->tried);
}

static unsigned
seconds_total(const struct seki_incident *in)
{
	return in->n_seconds;
}

static int
add_second(const struct seki_incident *in, struct rte_tel_data *d, unsigned index)
{
	const struct seki_incident_second *x = &in->second[index];

	rte_tel_data_add_dict_int(d, "s", x->s);
	tel_number(d, "offered_pps", x->offered_packets / x->n);
	tel_number(d, "offered_bps", x->offered_bytes * 8 / x->n);
	tel_number(d, "passed_pps", (x->offered_packets - x->dropped_packets) / x->n);
	tel_number(d, "passed_bps", (x->offered_bytes - x->dropped_bytes) * 8 / x->n);
	tel_number(d, "attack_pps", x->attack_packets / x->n);
	tel_number(d, "dropped_pps", x->dropped_packets / x->n);
	tel_number(d, "observed_pps", x->observed_packets / x->n);
	tel_number(d, "hosts", x->hosts);
	rte_tel_data_add_dict_string(d, "step", seki_step_name(x->step));
	return 0;
}

static unsigned
drops_total(const struct seki_incident *in)
{
	return how_many(in, has_reason, SEKI_N_REASONS);
}

static int
add_drops(const struct seki_incident *in, struct rte_tel_data *d, unsigned index)
{
	unsigned r = nth(in, index, has_reason, SEKI_N_REASONS);

	rte_tel_data_add_dict_string(d, "reason", seki_reason_name(r));
	tel_count(d, "dropped", (struct seki_count){in->drop_packets[r], in->drop_bytes[r]});
	tel_count(d, "observed", (struct seki_count){in->observed_packets[r], in->observed_bytes[r]});
	return 0;
}

/* Pages that stay below 16 KiB. */
static const struct part {
	const char *name;
	unsigned per_page;
	unsigned (*total)(const struct seki_incident *in);
	int (*add)(const struct seki_incident *in, struct rte_tel_data *d, unsigned index);
} parts[] = {
	{"vectors", 24, vectors_total, add_vector},
	{"targets", 8, targets_total, add_target},
	{"decisions", 12, decisions_total, add_decision},
	{"timeline", 32, seconds_total, add_second},
	{"drops", 32, drops_total, add_drops},
};

static int
add_part(const struct seki_incident *in, const char *name, const char **params, struct rte_tel_data *d)
{
	const struct part *part = NULL;
	struct rte_tel_data *list, *item;
	struct params_page page;
	int ret;

	for (unsigned i = 0; i < RTE_DIM(parts); i++)
		if (strcmp(parts[i].name, name) == 0)
			part = &parts[i];
	if (part == NULL)
		return -ENOENT;
	ret = params_page(params, in == NULL ? 0 : part->total(in), part->per_page, &page);
	if (ret != 0)
		return ret;
	tel_page(d, &page);
	list = tel_dict(d, "rows");
	if (list == NULL)
		return -ENOMEM;
	for (uint64_t i = page.offset; i < page.end && ret == 0; i++) {
		item = tel_item(list, "row", (unsigned)i);
		ret = item == NULL ? -ENOMEM : part->add(in, item, (unsigned)i);
	}
	return ret;
}

/* In millionths, since replies know no fractions. */
static void
add_estimate(struct rte_tel_data *d, const char *name, struct seki_estimate e)
{
	struct rte_tel_data *item = e.known ? tel_dict(d, name) : NULL;

	if (item == NULL)
		return;
	tel_number(item, "value_ppm", (uint64_t)(e.value * 1e6 + 0.5));
	tel_number(item, "low_ppm", (uint64_t)(e.low * 1e6 + 0.5));
	tel_number(item, "high_ppm", (uint64_t)(e.high * 1e6 + 0.5));
}

static void
add_totals(struct rte_tel_data *d, const struct seki_incident *in)
{
	char name[48];

	for (unsigned i = 0; i < RTE_DIM(parts); i++) {
		snprintf(name, sizeof(name), "n_%s", parts[i].name);
		tel_number(d, name, parts[i].total(in));
	}
	tel_number(d, "decisions_lost", in->decisions_lost);
	add_estimate(d, "leak", seki_incident_leak(in));
	add_estimate(d, "collateral", seki_incident_collateral(in));
}

/* That of an incident that is here, or was. False: neither. */
static bool
find_summary(const struct box *box, const char *id, const struct seki_incident *in, struct seki_summary *out)
{
	const struct archive *archive = box->guard == NULL ? NULL : guard_archive(box->guard);
	const struct seki_summary *found = archive == NULL || in != NULL ? NULL : archive_find(archive, id);

	if (in != NULL)
		seki_summary_of(in, out);
	else if (found != NULL)
		*out = *found;
	return in != NULL || found != NULL;
}

int
tel_one_incident(struct box *box, const char *params, struct rte_tel_data *d)
{
	char id[SEKI_INCIDENT_ID_MAX], part[16], path[ARCHIVE_PATH_MAX] = "";
	const struct seki_incident *in;
	struct seki_summary summary;
	int ret;

	params_word(&params, id, sizeof(id));
	params_word(&params, part, sizeof(part));
	in = tel_incident_here(box, id);
	if (!find_summary(box, id, in, &summary))
		return -ENOENT;
	if (guard_archive(box->guard) != NULL && archive_find(guard_archive(box->guard), id) != NULL)
		archive_path(guard_archive(box->guard), id, path);
	rte_tel_data_add_dict_string(d, "part", part);
	rte_tel_data_add_dict_string(d, "here", in != NULL ? "yes" : "no");
	if (part[0] != '\0') {
		rte_tel_data_add_dict_string(d, "id", id);
		ret = add_part(in, part, &params, d);
	} else {
		ret = tel_summary(d, &summary);
		if (in != NULL)
			add_totals(d, in);
	}
	return ret == 0 ? tel_text(d, "file", path) : ret;
}
