/*
 * floors.h: what the benchmarks are held against: the same work with nothing around it, by OpenSSL and by SQLite, in a loop in C.
 *
 * Each floor is prepared as well as OpenSSL 3 allows (nothing fetched, parsed or initialised in the loop), so that no caller could be
 * faster. Each `_run` repeats the operation `n` times and returns the nanoseconds that took, or a negative number where it failed.
 */
#ifndef SIGNET_BENCH_FLOORS_H
#define SIGNET_BENCH_FLOORS_H

#include <stddef.h>
#include <stdint.h>

int64_t floor_clock_ns(void);
int64_t floor_cpu_ns(void); /* of this thread */

/* HMAC-SHA256 of one text under one secret, tag compared as a verifier would. */
typedef struct floor_hmac floor_hmac;
floor_hmac *floor_hmac_new(const uint8_t *secret, size_t secret_len);
void floor_hmac_free(floor_hmac *hmac);
int64_t floor_hmac_run(floor_hmac *hmac, const uint8_t *text, size_t text_len, uint32_t n);

/* One signature algorithm with one key: digest of the text, then the key's operation. `alg`: "RS256", "PS256", "ES256", "EdDSA". */
typedef struct floor_pkey floor_pkey;
floor_pkey *floor_pkey_new(const char *alg, const char *private_pem, size_t private_pem_len);
void floor_pkey_free(floor_pkey *pkey);
int64_t floor_sign_run(floor_pkey *pkey, const uint8_t *text, size_t text_len, uint32_t n);
int64_t floor_verify_run(floor_pkey *pkey, const uint8_t *text, size_t text_len, uint32_t n);

/* The compare-and-set of a rotation on a table like Signet's: WAL, synchronous=FULL, `batch` updates a transaction, spread over the rows.
 */
typedef struct floor_sqlite floor_sqlite;
floor_sqlite *floor_sqlite_new(const char *path, uint32_t rows);
void floor_sqlite_free(floor_sqlite *store);
int64_t floor_sqlite_run(floor_sqlite *store, uint32_t batch, uint32_t batches);
int64_t floor_sqlite_exec(const char *path, const char *sql);

#endif
