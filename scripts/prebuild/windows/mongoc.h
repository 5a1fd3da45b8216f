/* mongoc.h: included before every file of mongo-c-driver. Windows has no aligned_alloc whose memory free() takes; the
 * driver falls back to malloc as well, which aligns to 16 bytes, if its compiler does not know C11. */
#define aligned_alloc(alignment, size) malloc(size)
