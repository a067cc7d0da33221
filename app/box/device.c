/* SPDX-License-Identifier: BSD-3-Clause */
#include "device.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <pcap/pcap.h>

/* Fill and completion ring of one AF_XDP queue, which do not follow the descriptors asked for. */
#define AF_XDP_RINGS 8192

static unsigned
hex_digits(const char *text)
{
	unsigned n = 0;

	while (isxdigit((unsigned char)text[n]))
		n++;
	return n;
}

/* "01:00.0", with or without "0000:" before it. */
bool
device_is_pci(const char *device)
{
	unsigned n = hex_digits(device);

	if (n >= 4 && device[n] == ':') {
		device += n + 1;
		n = hex_digits(device);
	}
	if (n != 2 || device[n] != ':')
		return false;
	device += n + 1;
	n = hex_digits(device);
	return n == 2 && device[n] == '.' && hex_digits(device + n + 1) == 1;
}

bool
device_is_memif(const char *device)
{
	return strncmp(device, "net_memif", strlen("net_memif")) == 0;
}

char *
device_name(const char *device, char name[DEVICE_NAME_MAX])
{
	size_t n = strcspn(device, ",");

	if (n >= DEVICE_NAME_MAX)
		n = DEVICE_NAME_MAX - 1;
	memcpy(name, device, n);
	name[n] = '\0';
	return name;
}

bool
device_sees_link(const char *device)
{
	if (strncmp(device, "net_pcap", strlen("net_pcap")) == 0)
		return strstr(device, "iface=") == NULL; /* files have no link */
	return strncmp(device, "net_af_packet", strlen("net_af_packet")) != 0 &&
	       strncmp(device, "net_af_xdp", strlen("net_af_xdp")) != 0;
}

static size_t
count_capture(const char *path)
{
	char error[PCAP_ERRBUF_SIZE];
	pcap_t *pcap = pcap_open_offline(path, error);
	struct pcap_pkthdr *header;
	const u_char *data;
	size_t n = 0;

	if (pcap == NULL)
		return 0; /* the driver will say so */
	while (pcap_next_ex(pcap, &header, &data) == 1)
		n++;
	pcap_close(pcap);
	return n;
}

/* All captures that the arguments name together: an upper bound for each queue's. */
static size_t
count_captures(const char *device)
{
	char *args = strdup(device), *rest = args, *arg;
	size_t n = 0;

	while (args != NULL && (arg = strsep(&rest, ",")) != NULL)
		if (strncmp(arg, "rx_pcap=", 8) == 0)
			n += count_capture(arg + 8);
	free(args);
	return n;
}

size_t
device_keeps_mbufs(const char *device)
{
	if (strncmp(device, "net_pcap", 8) == 0 && strstr(device, "infinite_rx=1") != NULL)
		return count_captures(device);
	if (strncmp(device, "net_af_xdp", 10) == 0)
		return AF_XDP_RINGS;
	return 0;
}
