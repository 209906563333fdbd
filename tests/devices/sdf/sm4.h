/* SM4 (GB/T 32907) for the tests' own SDF library: one block at a time, nothing clever. */
#ifndef MINKA_TEST_SM4_H
#define MINKA_TEST_SM4_H

typedef struct {
    unsigned int round[32];
} sm4_key;

/* Expands a key of 16 bytes. */
void sm4_expand(sm4_key *key, const unsigned char secret[16]);

/* One block; `in` and `out` may be the same. */
void sm4_encipher(const sm4_key *key, const unsigned char in[16], unsigned char out[16]);
void sm4_decipher(const sm4_key *key, const unsigned char in[16], unsigned char out[16]);

#endif
