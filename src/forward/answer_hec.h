/* answer_hec.h - what Splunk's HTTP Event Collector answers. Pure; reads anything. */
#ifndef ZT_FORWARD_ANSWER_HEC_H
#define ZT_FORWARD_ANSWER_HEC_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum hec_code {                         /* Splunk, "Troubleshoot HTTP Event Collector": possible error codes */
	HEC_SUCCESS = 0,
	HEC_TOKEN_DISABLED = 1, HEC_TOKEN_REQUIRED = 2, HEC_INVALID_AUTHORIZATION = 3, HEC_INVALID_TOKEN = 4,
	HEC_NO_DATA = 5, HEC_INVALID_DATA = 6, HEC_INCORRECT_INDEX = 7, HEC_SERVER_ERROR = 8, HEC_BUSY = 9,
	HEC_NO_CHANNEL = 10, HEC_INVALID_CHANNEL = 11, HEC_EVENT_REQUIRED = 12, HEC_EVENT_BLANK = 13, HEC_ACK_DISABLED = 14,
	HEC_INDEXED_FIELDS = 15, HEC_QUERY_AUTH_DISABLED = 16,
	HEC_SHUTTING_DOWN = 23, HEC_QUEUE_FULL = 26, HEC_ACK_FULL = 27,
};

struct hec_answer {
	int64_t code;                   /* enum hec_code, or one of a later version */
	int64_t invalid;                /* number of the event at which it stopped, from 0; -1: not said */
	int64_t ack;                    /* -1: none */
};

bool answer_hec(const char *body, size_t n, struct hec_answer *out);    /* false: it is not such an answer */

/* The answer of /services/collector/ack to these ids: acked[i] where it says true. false: it is not such an answer. */
bool answer_hec_acks(const char *body, size_t n, const int64_t *id, bool *acked, uint32_t count);

#endif
