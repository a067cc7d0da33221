/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef FRAME_LAYER_H
#define FRAME_LAYER_H

/* Internal to frame.c and frame_layer.c: a frame being built, and the kinds of layers there are. */

#include "frame.h"

#define LAYERS_MAX 32
#define ARGS_MAX 12

struct arg {
	char key[16];
	char value[1024];
};

struct layer {
	char name[16];
	struct arg arg[ARGS_MAX];
	unsigned n_args;
	uint32_t off; /* in the frame */
};

struct frame {
	uint8_t *b;
	uint32_t n;
	struct layer layer[LAYERS_MAX];
	unsigned n_layers;
};

/* What a layer is called in the field that names it in the layer before. */
struct kind {
	const char *name;
	int ethertype; /* -1: cannot follow the link layer */
	int proto;     /* -1: cannot follow the network layer */
	void (*build)(struct frame *f, unsigned i);
	void (*finish)(struct frame *f, unsigned i); /* lengths and checksums, innermost first; NULL: none */
};

/* The row of a layer's name; a name that is none ends the process. */
const struct kind *frame_kind(const char *name);

/* The lone argument of data, pad, cut, drop, proto. */
unsigned long frame_lone(const struct layer *l);

_Noreturn void frame_mistake(const char *what, const char *where);

#endif
