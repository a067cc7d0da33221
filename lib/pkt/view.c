/* SPDX-License-Identifier: BSD-3-Clause */
#include "view.h"

/* All of the first piece is headers, or nothing behind it would be wanted. */
static void
begin(struct view *view)
{
	if (view->avail > 0)
		memcpy(view->scratch, view->data, view->avail);
	view->data = view->scratch;
	view->from = NULL;
	view->from_len = 0;
	view->next = view->pkt->segs;
}

static void
gather(struct view *view, uint32_t end)
{
	uint32_t take = end - view->avail < view->from_len ? end - view->avail : view->from_len;

	memcpy(view->scratch + view->avail, view->from, take);
	view->avail += take;
	view->from += take;
	view->from_len -= take;
}

bool
pkt_view_extend_slow(struct view *view, uint32_t end)
{
	struct pkt *pkt = view->pkt;

	if (pkt->segs == NULL || end > pkt->len || end > PKT_HEADERS_MAX)
		return false;
	if (view->data != view->scratch)
		begin(view);
	while (view->avail < end) {
		if (view->from_len > 0) {
			gather(view, end);
			continue;
		}
		if (view->next == NULL)
			break;
		view->from = view->next->data;
		view->from_len = view->next->len;
		view->next = view->next->next;
	}
	pkt->data = view->data;
	pkt->linear = (uint16_t)view->avail;
	pkt->flags |= PKT_F_HEADERS_SPLIT;
	return view->avail >= end;
}
