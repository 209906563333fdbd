/* Where any of many eight-byte beginnings stands in a buffer: a bit table first, then a search.
 *
 * `sorted` holds the beginnings as the machine reads them from memory, ascending, without doubles.
 * Answers how many places were found; the first `room` of them are written to `places`. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#define BITS 24
#define SPREAD(word) ((uint32_t)(((word) * 0x9E3779B97F4A7C15ull) >> (64 - BITS)))

static int ascending(const void *one, const void *other) {
    uint64_t a = *(const uint64_t *)one, b = *(const uint64_t *)other;
    return a < b ? -1 : a > b;
}

size_t canary_scan(const unsigned char *data, size_t length, const uint64_t *sorted, size_t count,
                   uint64_t *places, size_t room) {
    unsigned char *table = calloc(1u << (BITS - 3), 1);
    size_t found = 0;
    for (size_t at = 0; at < count; at++)
        table[SPREAD(sorted[at]) >> 3] |= (unsigned char)(1 << (SPREAD(sorted[at]) & 7));
    for (size_t at = 0; at + 8 <= length; at++) {
        uint64_t word;
        memcpy(&word, data + at, 8);
        uint32_t bit = SPREAD(word);
        if (!(table[bit >> 3] & (1 << (bit & 7)))) continue;
        if (!bsearch(&word, sorted, count, 8, ascending)) continue;
        if (found < room) places[found] = at;
        found++;
    }
    free(table);
    return found;
}
