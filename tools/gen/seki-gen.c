/* SPDX-License-Identifier: BSD-3-Clause */
#include "live.h"
#include "options.h"
#include "stream.h"
#include "write.h"

#include <inttypes.h>
#include <stdio.h>

static int
to_capture(const struct gen_options *options)
{
	static struct gen_stream stream;
	struct gen_totals totals;
	int rc;

	gen_stream_init(&stream, options);
	rc = gen_write(&stream, options->out, options->labels, &totals);
	gen_stream_fini(&stream);
	if (rc < 0)
		return 1;
	printf("%s: %" PRIu64 " packets, %" PRIu64 " bytes, %" PRIu64 " of the attack, %" PRIu64 " legitimate\n",
		options->out, totals.packets, totals.bytes, totals.attack, totals.legit);
	return 0;
}

int
main(int argc, char **argv)
{
	struct gen_options options;

	if (gen_options_read(argc, argv, &options) < 0)
		return 2;
	return options.live ? gen_live(&options) : to_capture(&options);
}
