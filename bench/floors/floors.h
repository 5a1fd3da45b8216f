/*
 * floors.h: lower bounds for the benchmarks: the bare work of OpenSSL and SQLite, in a C loop. Each floor is prepared
 * as far as OpenSSL 3 allows (nothing is fetched, parsed or initialised in the loop), so that no caller could be
 * faster.
 */
#ifndef SIGNET_BENCH_FLOORS_H
#define SIGNET_BENCH_FLOORS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* One prepared operation; `once` applies it to a text. */
typedef struct text_floor {
    bool (*once)(struct text_floor *self, const uint8_t *text, size_t len);
    void (*release)(struct text_floor *self);
} text_floor;

/* HMAC-SHA256 under one secret of at most 64 bytes; later tags are compared with the first text's. */
text_floor *floor_hmac_new(const uint8_t *secret, size_t len);

/* Signs or verifies: digest of the text, then the key's operation. `alg`: "RS256", "PS256", "ES256" or "EdDSA". */
text_floor *floor_pkey_new(const char *alg, const char *private_pem, size_t len, bool checks);

/* A rotation's compare-and-set on a table like Signet's: WAL, synchronous=FULL, `batch` updates per transaction, spread
 * over the rows. */
typedef struct floor_sqlite floor_sqlite;
floor_sqlite *floor_sqlite_new(const char *path, uint32_t rows);
void floor_sqlite_free(floor_sqlite *store);
bool floor_sqlite_batch(floor_sqlite *store, uint32_t batch);
bool floor_sqlite_exec(const char *path, const char *sql); /* on its own connection */

#endif
