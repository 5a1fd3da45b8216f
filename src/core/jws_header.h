/* jws_header.h: the JOSE header of a token: reading it once, remembering what was read, and writing it. Private to
 * src/core. */
#ifndef SIGNET_JWS_HEADER_H
#define SIGNET_JWS_HEADER_H

#include "core/json_names.h"
#include "signet.h"

typedef struct signet_header {
    signet_alg alg; /* SIGNET_ALG_COUNT: none of ours, no string, or absent */
    bool has_crit;
    signet_text json;
    signet_json kid, typ;
} signet_header;

/* A header segment seen before and what it said: apps see the same few over and over. Equality of every character
 * decides. */
#define SIGNET_HEADER_SEGMENT_MAX 256
typedef struct signet_header_entry {
    size_t segment_len; /* 0: free */
    signet_header header;
    char segment[SIGNET_HEADER_SEGMENT_MAX];
    char json[SIGNET_HEADER_SEGMENT_MAX / 4 * 3];
} signet_header_entry;

#define SIGNET_HEADER_ENTRIES 4
typedef struct signet_header_cache {
    signet_header_entry entries[SIGNET_HEADER_ENTRIES];
    unsigned next;
} signet_header_cache;

/* The header of a token, if it was seen before; else NULL. */
const signet_header *signet_header_seen(const signet_header_cache *cache, const char *jwt, size_t len,
                                        size_t *segment_len);

/*
 * Reads a header segment (base64url) that was not seen before. `room` takes the decoded text,
 * signet_b64url_decoded_len(len) bytes. SIGNET_ERR_TOKEN_INVALID: not canonical, over SIGNET_MAX_HEADER_LEN or
 * SIGNET_MAX_HEADER_MEMBERS, or no strict JSON object.
 */
SIGNET_MUST_CHECK signet_status signet_header_read(signet_header_cache *cache, signet_json_names *names,
                                                   const char *segment, size_t len, char *room,
                                                   const signet_header **header, signet_header *fresh,
                                                   signet_error *err);

/* Fills `header` from JSON text. */
SIGNET_MUST_CHECK signet_status signet_header_parse(signet_text json, signet_json_names *names, size_t max_members,
                                                    signet_header *header, signet_error *err);

/* The most bytes that signet_header_write writes, and the writing: {"alg":…,"typ":…,"kid":…}. */
size_t signet_header_write_max(const signet_sign_request *request);
size_t signet_header_write(const signet_sign_request *request, char *out);

#endif
