/* SPDX-License-Identifier: BSD-3-Clause */
#include "frame_layer.h"

#include <stdbool.h>
#include <stdio.h>
#include <string.h>

/* "key=value,key=value" or a lone value, which gets the empty key. */
static void
read_args(struct layer *l, char *args)
{
	char *save, *token;

	for (token = strtok_r(args, ",", &save); token != NULL; token = strtok_r(NULL, ",", &save)) {
		char *equals = strchr(token, '=');
		struct arg *arg = &l->arg[l->n_args];

		if (++l->n_args > ARGS_MAX)
			frame_mistake("too many arguments", l->name);
		if (equals != NULL)
			*equals = '\0';
		snprintf(arg->key, sizeof(arg->key), "%s", equals == NULL ? "" : token);
		snprintf(arg->value, sizeof(arg->value), "%s", equals == NULL ? token : equals + 1);
	}
}

static void
read_layers(struct frame *f, const char *spec)
{
	char line[4096], *save, *token;

	snprintf(line, sizeof(line), "%s", spec);
	for (token = strtok_r(line, " ", &save); token != NULL; token = strtok_r(NULL, " ", &save)) {
		struct layer *l = &f->layer[f->n_layers];
		char *colon = strchr(token, ':');

		if (++f->n_layers > LAYERS_MAX)
			frame_mistake("too many layers", spec);
		*l = (struct layer){.n_args = 0};
		if (colon != NULL)
			*colon = '\0';
		snprintf(l->name, sizeof(l->name), "%s", token);
		if (colon != NULL)
			read_args(l, colon + 1);
	}
}

/* "cut" and "drop" are for when all else is done: lengths and checksums are those of the whole. */
static void
cut(struct frame *f, const struct layer *l)
{
	bool drop = strcmp(l->name, "drop") == 0;
	uint32_t n;

	if (!drop && strcmp(l->name, "cut") != 0)
		return;
	n = drop ? f->n - (uint32_t)frame_lone(l) : (uint32_t)frame_lone(l);
	if (n > f->n)
		frame_mistake("cannot cut there", l->name);
	f->n = n;
}

uint32_t
frame_build(const char *spec, uint8_t *out)
{
	static struct frame f;

	f.b = out;
	f.n = f.n_layers = 0;
	read_layers(&f, spec);
	for (unsigned i = 0; i < f.n_layers; i++) {
		f.layer[i].off = f.n;
		frame_kind(f.layer[i].name)->build(&f, i);
	}
	for (unsigned i = f.n_layers; i-- > 0;) {
		const struct kind *kind = frame_kind(f.layer[i].name);

		if (kind->finish != NULL)
			kind->finish(&f, i);
	}
	for (unsigned i = 0; i < f.n_layers; i++)
		cut(&f, &f.layer[i]);
	return f.n;
}
