/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef SEKI_ARCHIVE_H
#define SEKI_ARCHIVE_H

/*
 * Incidents on disk: the directory detection.incidents, a file each (docs/incident.md), and a list of them that is
 * kept here, so that nobody who asks for it waits for a disk.
 *
 * The directory is one Seki's: it is locked as long as that runs. When it is closed, incidents that go on are
 * "interrupted" from then on, and when it is opened, those that a run has left open which did not come to its end. Beyond a number of files the oldest that have ended are removed. All
 * else that lies in the directory is left alone: a file is ours if its name is an incident's id and what is in it is
 * that incident (incident_read.h).
 *
 * Files are written by a thread (filing.h), those of a replay at once. Management core; readers under the box's lock.
 * Nothing here waits for a disk but archive_open, archive_close and archive_flush.
 */

#include "err.h"
#include "incident_read.h"

struct archive;

/*
 * Opens the directory. `keep`: files that are kept, open ones not counted; 0: the archive of a replay, which writes and else
 * neither reads, locks nor removes anything. NULL with a sentence: no memory, or not usable.
 */
struct archive *archive_open(const char *directory, unsigned keep, struct seki_err *err);

/* What is open is interrupted from now on. NULL is legal. */
void archive_close(struct archive *archive);

/* Asks for the incident's file to be written anew, as it is now. False: it was asked for before and is under way (EBUSY),
 * or there is no memory (errno): to be asked for again. */
bool archive_write(struct archive *archive, const struct seki_incident *incident);

/* What has become of a file that was asked for: once each, true. False: of none yet. Where it could not be written
 * (`error` not 0), what was there is there still. */
struct archive_written {
	char id[SEKI_INCIDENT_ID_MAX];
	int error;
};
bool archive_written(struct archive *archive, struct archive_written *out);

/* Waits until what was asked for is done. */
void archive_flush(struct archive *archive);

/* The largest number that an id in the directory ends with. */
uint64_t archive_last(const struct archive *archive);

/* How many earlier ones were found open when it was opened. */
unsigned archive_interrupted(const struct archive *archive);

/* How many files had an incident's name then and were none, or damaged: they are left as they are. */
unsigned archive_strange(const struct archive *archive);

unsigned archive_count(const struct archive *archive);

/* All of them, the youngest first; NULL: no more. */
const struct seki_summary *archive_at(const struct archive *archive, unsigned i);

/* That of an id; NULL: there is none. */
const struct seki_summary *archive_find(const struct archive *archive, const char *id);

/* Where the file of an id is, or would be. Returns `path`. */
#define ARCHIVE_PATH_MAX 4224
char *archive_path(const struct archive *archive, const char *id, char path[ARCHIVE_PATH_MAX]);

#endif
