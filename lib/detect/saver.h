/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef SEKI_SAVER_H
#define SEKI_SAVER_H

/*
 * Saves baselines while Seki runs: a thread that writes when it is asked to, since no tick may wait for a disk.
 *
 * Every few hours is often enough: what a crash loses is learned again next week. The tick never waits for it: a second
 * that comes to a zone while that is copied is lost, and counted.
 *
 * It inherits the CPUs of whoever creates it, so create it on the management core, and it takes no signals. All
 * functions are management's, and none of them waits for the disk but seki_saver_destroy.
 */

#include "baseline.h"

struct seki_saver;

/* For one file. The baseline must outlive it. NULL: no memory or no thread, with a sentence in `err`. */
struct seki_saver *seki_saver_create(struct seki_baseline *b, const char *path, struct seki_err *err);

/* Lets a save that has begun or was asked for come to its end, then ends. NULL is legal. */
void seki_saver_destroy(struct seki_saver *saver);

/* Asks for a save. False: one is under way, and what it says was not asked for yet; ask again later. */
bool seki_saver_ask(struct seki_saver *saver);

/*
 * What has become of it, once for each save: 1 (written), -errno with the sentence in `err`, or 0 (nothing to say: none
 * was asked for, or it is under way).
 */
int seki_saver_result(struct seki_saver *saver, struct seki_err *err);

#endif
