/* SPDX-License-Identifier: BSD-3-Clause */

/* docs/countermeasures.md, from the tables of all countermeasures. Cold code. */

#include "cm.h"

static const char intro[] =
	"# Countermeasures\n"
	"\n"
	"<!-- Generated from lib/cm by `seki-docs countermeasures`; do not edit. -->\n"
	"\n"
	"Each is a filter of its own, and they judge a packet in the order of this page; the first that objects ends\n"
	"it. Only packets that come from outside to a zone are judged: control traffic, traffic from inside and "
	"traffic\n"
	"of no zone pass, whatever their headers look like, with a [reason](reasons.md) that says so.\n"
	"\n"
	"Each zone sets a mode for each countermeasure:\n"
	"\n"
	"| mode | what it does |\n"
	"|---|---|\n"
	"| `off` | It is not asked, and no incident raises it. |\n"
	"| `observe` | What it says is counted apart, and the packet goes on. No incident raises it. |\n"
	"| `auto` | In peace as `observe`. Where an incident raises it, for the vectors and to the prefixes that are "
	"attacked, as `enforce`; everything else still passes. |\n"
	"| `enforce` | Its word stands, in peace too. In an incident it may be made stricter. |\n"
	"\n"
	"`auto` is the default of those that are steps against attacks, mildest first: `source_limit`; `reflection`,\n"
	"`fragment` and `tcp_state`; `signature`; `flood`. Their limits may then be close to what is normal, since in peace\n"
	"they cost nobody a packet. Of these, `signature` and `flood` have nothing to say before they are raised, so that with\n"
	"them `enforce` is no more than `auto`, and `observe` no more than `off`. In an incident a budget may be made *strict*:\n"
	"it is nothing then, and only those pass that the countermeasure spares by itself; and, while the attack pauses, a few\n"
	"strangers. What is raised is taken back 12 s after the last of the attack; if that has come back after pauses, 2 s and twice\n"
	"the longest of them (20 s at most) after. Where an attack changes its vector, `flood` holds all others to its targets, too, to\n"
	"what would make them part of it.\n"
	"\n"
	"The zone's own mode caps them all, and is `observe` unless it is set. In a zone that observes incidents are found\n"
	"and countermeasures raised all the same; what they would drop is counted and passes.\n"
	"\n"
	"Observing spends budgets as enforcing would: the first countermeasure that objects is recorded, and later ones that\n"
	"observe are no longer asked about that packet.\n"
	"\n"
	"A budget holds for the whole box. It is a rate and a burst: how much time's worth of the rate may come at "
	"once.\n";

static const struct {
	uint32_t class;
	const char *text;
} classes[] = {
	{CM_CLASS_ANY, "every packet"},
	{CM_CLASS_DEFECT, "packets with a defect in their headers"},
	{CM_CLASS_KNOWN, "packets whose source is in or near a zone, a list or a special-purpose range"},
	{CM_CLASS_LISTED, "packets whose source is on some list"},
	{CM_CLASS_FRAGMENT, "fragments of packets whose first one was not seen to pass"},
	{CM_CLASS_REFLECTOR, "UDP from a reflector's port that the inside was not seen to ask for"},
	{CM_CLASS_UNSERVED,
		"packets of no conversation that the inside was seen to begin, or that was found to be served"},
	{CM_CLASS_STRAY, "TCP segments, other than SYN, of no known connection"},
	{CM_CLASS_CHARGED, "packets of no known flow, and every 32nd of a known one"},
	{CM_CLASS_STRANGER, "packets of no known flow"},
};

static void
put_classes(FILE *out, uint32_t wanted)
{
	const char *before = "";

	for (size_t i = 0; i < sizeof(classes) / sizeof(classes[0]); i++) {
		if (!(wanted & classes[i].class))
			continue;
		fprintf(out, "%s%s", before, classes[i].text);
		before = ", ";
	}
}

static const char *
format(enum seki_unit unit, uint64_t value, char buf[32])
{
	if (unit == SEKI_UNIT_BOOL)
		return value != 0 ? "true" : "false";
	return seki_unit_format(unit, value, buf);
}

static void
put_param(FILE *out, const struct cm_param *param)
{
	char def[32], min[32], max[32];

	fprintf(out, "| `%s` | %s | ", param->name, format(param->unit, param->def, def));
	if (param->unit == SEKI_UNIT_BOOL)
		fprintf(out, "true or false");
	else
		fprintf(out, "%s to %s", format(param->unit, param->min, min), format(param->unit, param->max, max));
	fprintf(out, " | %s |\n", param->help);
}

static void
put_countermeasure(FILE *out, const struct cm_ops *ops, unsigned default_mode)
{
	fprintf(out, "\n## %s\n\n%s\n\n", ops->name, ops->help);
	fprintf(out, "* Default mode: `%s`.\n* Judges: ", cm_mode_name(default_mode));
	put_classes(out, ops->classes);
	fprintf(out, ".\n* What it loses: %s\n", ops->loses);
	if (ops->n_params == 0)
		return;
	fprintf(out, "\n| parameter | default | values | meaning |\n|---|---|---|---|\n");
	for (unsigned i = 0; i < ops->n_params; i++)
		put_param(out, &ops->params[i]);
}

void
cm_write_reference(FILE *out)
{
	fputs(intro, out);
	for (unsigned id = 0; id < CM_N; id++)
		put_countermeasure(out, cm_ops[id], cm_default_mode[id]);
}
