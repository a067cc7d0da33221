/* SPDX-License-Identifier: BSD-3-Clause */
#include "tel_explain.h"

#include "compat.h"
#include "explain.h"
#include "guard.h"
#include "incident.h"
#include "override.h"

#include <errno.h>
#include <string.h>

#include <netinet/in.h>

/* Numbers of those that were asked for; under the lock that guards all replies, as is what was explained. */
static uint64_t numbers[SEKI_DROPS_MAX];
static struct explanation said;

unsigned
tel_samples(const struct tel_view *v)
{
	uint64_t first = 0, last = 0;
	unsigned n = 0;

	if (v->box->guard != NULL)
		seki_detect_drops(guard_detect(v->box->guard), &first, &last);
	for (uint64_t i = last; i != 0 && i >= first; i--) {
		const struct seki_drop *drop = seki_detect_drop(guard_detect(v->box->guard), i);

		if (drop->sample.zone >= v->first && drop->sample.zone < v->end)
			numbers[n++] = i;
	}
	return n;
}

int
tel_sample(const struct tel_view *v, struct rte_tel_data *list, unsigned index)
{
	const struct seki_drop *drop = seki_detect_drop(guard_detect(v->box->guard), numbers[index]);
	const struct seki_sample *s = &drop->sample;
	struct rte_tel_data *item = tel_item(list, "sample", index);
	struct seki_target inside = {.net = s->net, .family = s->family, .len = s->family == 4 ? 32 : 64};
	char text[SEKI_WALL_TEXT + SEKI_TARGET_TEXT + SEKI_FEATURE_TEXT];

	if (item == NULL)
		return -ENOMEM;
	tel_number(item, "number", drop->number);
	rte_tel_data_add_dict_string(item, "time", seki_wall_text(drop->wall_ns, text));
	rte_tel_data_add_dict_string(item, "zone", box_policy(v->box)->issued[s->zone]);
	rte_tel_data_add_dict_string(item, "inside", seki_target_text(inside, text));
	rte_tel_data_add_dict_string(item, "vector", seki_vector_name(s->features.vector));
	rte_tel_data_add_dict_string(item, "verdict", seki_verdict_name(s->verdict));
	rte_tel_data_add_dict_string(item, "reason", seki_reason_name(seki_drop_reason(drop)));
	rte_tel_data_add_dict_string(item, "flow", (s->flow & PKT_FLOW_KNOWN) != 0 ? "known" : "stranger");
	rte_tel_data_add_dict_string(item, "step", seki_step_name(drop->step));
	tel_number(item, "protocol", s->features.proto);
	tel_number(item, "bytes", s->features.l3_len);
	tel_number(item, "ttl", s->features.ttl);
	tel_number(item, "source_port", s->features.sport);
	tel_number(item, "destination_port", s->features.dport);
	return 0;
}

static int
read_proto(const char *text, uint8_t *proto)
{
	static const struct {
		const char *name;
		uint8_t number;
	} names[] = {{"tcp", IPPROTO_TCP}, {"udp", IPPROTO_UDP}, {"icmp", IPPROTO_ICMP}, {"icmp6", IPPROTO_ICMPV6},
		{"gre", IPPROTO_GRE}, {"esp", IPPROTO_ESP}};
	uint64_t number;

	for (unsigned i = 0; i < RTE_DIM(names); i++)
		if (strcmp(text, names[i].name) == 0) {
			*proto = names[i].number;
			return 0;
		}
	if (text[0] == '\0' || params_number(&text, 0, 255, &number) != 0)
		return -EINVAL;
	*proto = (uint8_t)number;
	return 0;
}

static int
read_address(const char **params, struct seki_prefix *out)
{
	char text[SEKI_PREFIX_STRLEN];

	params_word(params, text, sizeof(text));
	if (strchr(text, '/') != NULL)
		return -EINVAL;
	return seki_prefix_parse(text, out);
}

static int
read_port(const char **params, uint16_t *port)
{
	uint64_t number;
	int ret = params_number(params, 0, 65535, &number);

	*port = (uint16_t)number;
	return ret;
}

/* NULL, or what is wrong with it. */
static const char *
read_flow(const char *word, const char **params, struct explain_flow *flow)
{
	if (read_proto(word, &flow->proto) != 0)
		return "the protocol is neither tcp, udp, icmp, icmp6, gre or esp nor a number up to 255";
	if (read_address(params, &flow->src) != 0)
		return "the source is no address";
	if (read_port(params, &flow->sport) != 0)
		return "the source port is no number up to 65535";
	if (read_address(params, &flow->dst) != 0)
		return "the destination is no address";
	if (read_port(params, &flow->dport) != 0)
		return "the destination port is no number up to 65535";
	if (flow->src.family != flow->dst.family)
		return "source and destination are not of one family";
	params_word(params, flow->domain, sizeof(flow->domain));
	return NULL;
}

static int
tell(const struct box *box, struct rte_tel_data *d)
{
	struct rte_tel_data *list = tel_dict(d, "sentences");
	char name[16];
	int ret = list == NULL ? -ENOMEM : 0;

	rte_tel_data_add_dict_string(d, "zone", box_policy(box)->issued[said.zone]);
	rte_tel_data_add_dict_string(d, "vector", seki_vector_name(said.vector));
	rte_tel_data_add_dict_string(d, "verdict", seki_verdict_name(said.verdict));
	rte_tel_data_add_dict_string(d, "reason", seki_reason_name(said.reason));
	rte_tel_data_add_dict_string(d, "observed", seki_reason_name(said.observed));
	for (unsigned i = 0; i < said.n && ret == 0; i++) {
		snprintf(name, sizeof(name), "s%02u", i);
		ret = tel_text(list, name, said.sentence[i]);
	}
	return ret;
}

static void
add_flow(struct rte_tel_data *d, const struct explain_flow *flow)
{
	char text[SEKI_PREFIX_STRLEN];

	tel_number(d, "protocol", flow->proto);
	rte_tel_data_add_dict_string(d, "source", seki_prefix_format(&flow->src, text));
	tel_number(d, "source_port", flow->sport);
	rte_tel_data_add_dict_string(d, "destination", seki_prefix_format(&flow->dst, text));
	tel_number(d, "destination_port", flow->dport);
	rte_tel_data_add_dict_string(d, "domain", flow->domain);
}

static struct explain_world
world_of(const struct box *box)
{
	return (struct explain_world){
		.snap = box->publish.current,
		.spec = &box->spec,
		.detect = box->guard == NULL ? NULL : guard_detect(box->guard),
		.now_ns = clock_mono_ns(&box->clock),
		.policy_ns = box->guard == NULL ? 0 : guard_policy_ns(box->guard),
	};
}

/* NULL, or what is wrong with it. */
static const char *
explain_number(const struct box *box, const struct explain_world *world, const char *word, struct rte_tel_data *d)
{
	const struct seki_drop *drop;
	uint64_t number;

	if (params_number(&word, 0, UINT64_MAX, &number) != 0 || number == 0)
		return "neither the number of a sample nor PROTO,SRC,SPORT,DST,DPORT[,DOMAIN]";
	tel_number(d, "number", number);
	drop = box->guard == NULL ? NULL : seki_detect_drop(guard_detect(box->guard), number);
	if (drop == NULL)
		return "there is no such sample, or not any more";
	explain_drop(world, drop, &said);
	return NULL;
}

int
tel_explain(struct box *box, const char *params, struct rte_tel_data *d)
{
	const struct explain_world world = world_of(box);
	struct explain_flow flow = {0};
	const char *wrong;
	char word[24];
	int ret = 0;

	params_word(&params, word, sizeof(word));
	memset(&said, 0, sizeof(said));
	if (*params == '\0') {
		wrong = explain_number(box, &world, word, d);
	} else {
		wrong = read_flow(word, &params, &flow);
		if (wrong == NULL) {
			add_flow(d, &flow);
			ret = explain_flow(&world, &flow, &said);
		}
	}
	if (ret == 0)
		ret = tel_text(d, "why", wrong == NULL ? "" : wrong);
	return wrong == NULL && ret == 0 ? tell(box, d) : ret;
}
