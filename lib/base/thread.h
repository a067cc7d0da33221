/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef SEKI_THREAD_H
#define SEKI_THREAD_H

#include <pthread.h>

/*
 * A thread for what has to wait: disks, files to be read. It takes no signals, and inherits the CPUs of whoever starts
 * it: start it on the management core. 0 or an error number; pthread_join is the caller's.
 */
int seki_thread_start(pthread_t *thread, void *(*run)(void *), void *arg);

#endif
