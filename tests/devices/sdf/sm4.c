/* SM4 (GB/T 32907), written from the standard's formulas; the substitution box is computed from its
 * algebraic form (an affine map, inversion in GF(2^8) modulo x^8+x^7+x^6+x^5+x^4+x^2+1, the affine
 * map again) and so shares nothing with the tables of another program. */
#include "sm4.h"

#define ROTATED(word, by) (((word) << (by)) | ((word) >> (32 - (by))))

static unsigned char box[256];
static int box_made;

static unsigned char times(unsigned char one, unsigned char other) {
    unsigned int a = one, product = 0;
    while (other) {
        if (other & 1) product ^= a;
        a <<= 1;
        if (a & 0x100) a ^= 0x1F5;
        other >>= 1;
    }
    return (unsigned char)product;
}

static unsigned char inverse(unsigned char value) {
    unsigned char out = 1;
    for (int count = 0; count < 254; count++) out = times(out, value); /* value^254 */
    return value ? out : 0;
}

/* Bit i of the result is the parity of the value and the row A7, turned by i, plus bit i of D3. */
static unsigned char affine(unsigned char value) {
    unsigned char out = 0;
    for (int bit = 0; bit < 8; bit++) {
        unsigned char row = (unsigned char)((0xA7 << bit) | (0xA7 >> (8 - bit)));
        unsigned char both = row & value;
        both ^= both >> 4;
        both ^= both >> 2;
        both ^= both >> 1;
        out |= (unsigned char)((both & 1) << bit);
    }
    return out ^ 0xD3;
}

static void make_box(void) {
    for (int value = 0; value < 256; value++)
        box[value] = affine(inverse(affine((unsigned char)value)));
    box_made = 1;
}

static unsigned int substituted(unsigned int word) {
    return (unsigned int)box[word >> 24] << 24 | (unsigned int)box[word >> 16 & 255] << 16 |
           (unsigned int)box[word >> 8 & 255] << 8 | box[word & 255];
}

static unsigned int of_data(unsigned int word) {
    unsigned int b = substituted(word);
    return b ^ ROTATED(b, 2) ^ ROTATED(b, 10) ^ ROTATED(b, 18) ^ ROTATED(b, 24);
}

static unsigned int of_key(unsigned int word) {
    unsigned int b = substituted(word);
    return b ^ ROTATED(b, 13) ^ ROTATED(b, 23);
}

static unsigned int read_word(const unsigned char *at) {
    return (unsigned int)at[0] << 24 | (unsigned int)at[1] << 16 | (unsigned int)at[2] << 8 | at[3];
}

void sm4_expand(sm4_key *key, const unsigned char secret[16]) {
    static const unsigned int fixed[4] = {0xA3B1BAC6, 0x56AA3350, 0x677D9197, 0xB27022DC};
    unsigned int words[36];
    if (!box_made) make_box();
    for (int at = 0; at < 4; at++) words[at] = read_word(secret + 4 * at) ^ fixed[at];
    for (int at = 0; at < 32; at++) {
        unsigned int constant = 0;
        for (int octet = 0; octet < 4; octet++)
            constant = constant << 8 | ((unsigned int)(4 * at + octet) * 7 & 255);
        words[at + 4] =
            words[at] ^ of_key(words[at + 1] ^ words[at + 2] ^ words[at + 3] ^ constant);
        key->round[at] = words[at + 4];
    }
}

static void crypt(const sm4_key *key, const unsigned char *in, unsigned char *out, int backwards) {
    unsigned int words[36];
    for (int at = 0; at < 4; at++) words[at] = read_word(in + 4 * at);
    for (int at = 0; at < 32; at++)
        words[at + 4] = words[at] ^ of_data(words[at + 1] ^ words[at + 2] ^ words[at + 3] ^
                                            key->round[backwards ? 31 - at : at]);
    for (int at = 0; at < 4; at++)
        for (int octet = 0; octet < 4; octet++)
            out[4 * at + octet] = (unsigned char)(words[35 - at] >> (24 - 8 * octet));
}

void sm4_encipher(const sm4_key *key, const unsigned char in[16], unsigned char out[16]) {
    crypt(key, in, out, 0);
}

void sm4_decipher(const sm4_key *key, const unsigned char in[16], unsigned char out[16]) {
    crypt(key, in, out, 1);
}
