/* A pretended encryption machine with the C interface of GM/T 0018, for tests alone.
 *
 * Its key-wrapping keys (KEK) are computed from their index and a word that anyone may read here, so
 * that they are the same after a restart; a real machine keeps them in hardware. SM4 is our own
 * (sm4.c), 3DES is libcrypto's under numbers of our invention (the standard has none).
 *
 * The file named by MINKA_SDF_FAULT says what is wrong with the machine just now:
 *   hardfail       every call answers SDR_HARDFAIL
 *   slow N         every call takes N milliseconds
 *   short          enciphered data lack their last byte
 *   mac4           a MAC has four bytes only
 *   nokek          no KEK is there
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <unistd.h>

#include "sm4.h"

#ifdef PACKED
#pragma pack(1)
#endif
typedef struct {
    unsigned char IssuerName[40];
    unsigned char DeviceName[16];
    unsigned char DeviceSerial[16];
    unsigned int DeviceVersion;
    unsigned int StandardVersion;
    unsigned int AsymAlgAbility[2];
    unsigned int SymAlgAbility;
    unsigned int HashAlgAbility;
    unsigned int BufferSize;
} DEVICEINFO;

enum {
    SDR_OK = 0,
    SDR_HARDFAIL = 0x01000004,
    SDR_KEYNOTEXIST = 0x01000008,
    SDR_ALGNOTSUPPORT = 0x01000009,
    SDR_KEYERR = 0x01000015,
    SDR_INARGERR = 0x0100001D,
    SGD_SM4_ECB = 0x401,
    SGD_SM4_CBC = 0x402,
    SGD_SM4_MAC = 0x410,
    OUR_3DES_ECB = 0x80000301,
    OUR_3DES_CBC = 0x80000302,
    BUFFER_BYTES = 4096
};

typedef struct {
    unsigned char octets[32];
    unsigned int length;
} KEY;

static int device, session, keys_held;

/* ---- faults ---- */

static int fault_is(const char *word, int *number) {
    char line[64] = "";
    const char *path = getenv("MINKA_SDF_FAULT");
    FILE *file = path ? fopen(path, "r") : NULL;
    if (!file) return 0;
    if (!fgets(line, sizeof line, file)) line[0] = 0;
    fclose(file);
    if (strncmp(line, word, strlen(word))) return 0;
    if (number) *number = atoi(line + strlen(word));
    return 1;
}

static int troubled(void) {
    int milliseconds = 0;
    if (fault_is("slow ", &milliseconds)) usleep((useconds_t)milliseconds * 1000);
    return fault_is("hardfail", NULL);
}

#define ENTER if (troubled()) return SDR_HARDFAIL

/* ---- ciphers ---- */

/* libcrypto's, declared by hand so that no headers are needed. */
extern void *EVP_CIPHER_CTX_new(void);
extern void EVP_CIPHER_CTX_free(void *);
extern const void *EVP_des_ede3_ecb(void);
extern int EVP_EncryptInit_ex(void *, const void *, void *, const unsigned char *,
                              const unsigned char *);
extern int EVP_DecryptInit_ex(void *, const void *, void *, const unsigned char *,
                              const unsigned char *);
extern int EVP_CIPHER_CTX_set_padding(void *, int);
extern int EVP_EncryptUpdate(void *, unsigned char *, int *, const unsigned char *, int);
extern int EVP_DecryptUpdate(void *, unsigned char *, int *, const unsigned char *, int);

typedef struct {
    unsigned int block;
    int chained;
    sm4_key sm4;
    void *des;
} CIPHER;

static int begin(CIPHER *cipher, const KEY *key, unsigned int algorithm, int backwards) {
    memset(cipher, 0, sizeof *cipher);
    switch (algorithm) {
    case SGD_SM4_ECB:
    case SGD_SM4_CBC:
    case SGD_SM4_MAC:
        if (key->length != 16) return SDR_KEYERR;
        cipher->block = 16;
        cipher->chained = algorithm != SGD_SM4_ECB;
        sm4_expand(&cipher->sm4, key->octets);
        return SDR_OK;
    case OUR_3DES_ECB:
    case OUR_3DES_CBC:
        if (key->length != 24) return SDR_KEYERR;
        cipher->block = 8;
        cipher->chained = algorithm == OUR_3DES_CBC;
        cipher->des = EVP_CIPHER_CTX_new();
        (backwards ? EVP_DecryptInit_ex : EVP_EncryptInit_ex)(cipher->des, EVP_des_ede3_ecb(), NULL,
                                                             key->octets, NULL);
        EVP_CIPHER_CTX_set_padding(cipher->des, 0);
        return SDR_OK;
    default:
        return SDR_ALGNOTSUPPORT;
    }
}

static void end(CIPHER *cipher) {
    if (cipher->des) EVP_CIPHER_CTX_free(cipher->des);
    memset(cipher, 0, sizeof *cipher);
}

static void one(CIPHER *cipher, const unsigned char *in, unsigned char *out, int backwards) {
    int length;
    if (!cipher->des)
        (backwards ? sm4_decipher : sm4_encipher)(&cipher->sm4, in, out);
    else
        (backwards ? EVP_DecryptUpdate : EVP_EncryptUpdate)(cipher->des, out, &length, in, 8);
}

static void mix(unsigned char *into, const unsigned char *with, unsigned int length) {
    while (length--) *into++ ^= *with++;
}

static int through(const KEY *key, unsigned int algorithm, unsigned char *iv,
                 const unsigned char *in, unsigned int length, unsigned char *out, int backwards) {
    CIPHER cipher;
    unsigned char last[16], block[16];
    int code = begin(&cipher, key, algorithm, backwards);
    if (code) return code;
    if (length % cipher.block || length > BUFFER_BYTES || (cipher.chained && !iv)) {
        end(&cipher);
        return SDR_INARGERR;
    }
    if (cipher.chained) memcpy(last, iv, cipher.block);
    for (; length; length -= cipher.block, in += cipher.block, out += cipher.block) {
        memcpy(block, in, cipher.block);
        if (cipher.chained && !backwards) mix(block, last, cipher.block);
        one(&cipher, block, out, backwards);
        if (cipher.chained && backwards) mix(out, last, cipher.block);
        if (cipher.chained) memcpy(last, backwards ? block : out, cipher.block);
    }
    if (cipher.chained) memcpy(iv, last, cipher.block);
    end(&cipher);
    return SDR_OK;
}

/* ---- device ---- */

int SDF_OpenDevice(void **phDeviceHandle) {
    ENTER;
    *phDeviceHandle = &device;
    return SDR_OK;
}

int SDF_CloseDevice(void *hDeviceHandle) { return hDeviceHandle == &device ? SDR_OK : SDR_INARGERR; }

int SDF_OpenSession(void *hDeviceHandle, void **phSessionHandle) {
    ENTER;
    if (hDeviceHandle != &device) return SDR_INARGERR;
    *phSessionHandle = &session;
    return SDR_OK;
}

int SDF_CloseSession(void *hSession) { return hSession == &session ? SDR_OK : SDR_INARGERR; }

int SDF_GetDeviceInfo(void *hSession, DEVICEINFO *pstDeviceInfo) {
    ENTER;
    if (hSession != &session) return SDR_INARGERR;
    memset(pstDeviceInfo, 0, sizeof *pstDeviceInfo);
    strcpy((char *)pstDeviceInfo->IssuerName, "Minka tests");
    strcpy((char *)pstDeviceInfo->DeviceName, "pretended");
    pstDeviceInfo->StandardVersion = 1;
    pstDeviceInfo->SymAlgAbility = SGD_SM4_ECB | SGD_SM4_CBC | SGD_SM4_MAC;
    pstDeviceInfo->BufferSize = BUFFER_BYTES;
    return SDR_OK;
}

int SDF_GenerateRandom(void *hSession, unsigned int uiLength, unsigned char *pucRandom) {
    ENTER;
    if (hSession != &session) return SDR_INARGERR;
    return getrandom(pucRandom, uiLength, 0) == (ssize_t)uiLength ? SDR_OK : SDR_HARDFAIL;
}

/* ---- keys ---- */

static int kek(unsigned int index, KEY *found) {
    unsigned char in[16] = "in the open only";
    if (index < 1 || index > 8 || fault_is("nokek", NULL)) return SDR_KEYNOTEXIST;
    memcpy(found->octets, in, 16);
    found->octets[15] = (unsigned char)index;
    found->length = 16;
    return SDR_OK;
}

static int keep(const unsigned char *octets, unsigned int length, void **phKeyHandle) {
    KEY *key;
    if (length < 8 || length > 32) return SDR_INARGERR;
    key = calloc(1, sizeof *key);
    memcpy(key->octets, octets, length);
    key->length = length;
    *phKeyHandle = key;
    keys_held++;
    return SDR_OK;
}

int SDF_GenerateKeyWithKEK(void *hSession, unsigned int uiKeyBits, unsigned int uiAlgID,
                           unsigned int uiKEKIndex, unsigned char *pucKey,
                           unsigned int *puiKeyLength, void **phKeyHandle) {
    unsigned char octets[16];
    KEY outer;
    int code;
    ENTER;
    if (hSession != &session || uiKeyBits != 128) return SDR_INARGERR;
    if (uiAlgID != SGD_SM4_ECB) return SDR_ALGNOTSUPPORT;
    if ((code = kek(uiKEKIndex, &outer))) return code;
    if (getrandom(octets, 16, 0) != 16) return SDR_HARDFAIL;
    code = through(&outer, SGD_SM4_ECB, NULL, octets, 16, pucKey, 0);
    *puiKeyLength = 16;
    return code ? code : keep(octets, 16, phKeyHandle);
}

int SDF_ImportKeyWithKEK(void *hSession, unsigned int uiAlgID, unsigned int uiKEKIndex,
                         unsigned char *pucKey, unsigned int uiKeyLength, void **phKeyHandle) {
    unsigned char octets[16];
    KEY outer;
    int code;
    ENTER;
    if (hSession != &session || uiKeyLength != 16) return SDR_INARGERR;
    if (uiAlgID != SGD_SM4_ECB) return SDR_ALGNOTSUPPORT;
    if ((code = kek(uiKEKIndex, &outer))) return code;
    code = through(&outer, SGD_SM4_ECB, NULL, pucKey, 16, octets, 1);
    return code ? code : keep(octets, 16, phKeyHandle);
}

int SDF_ImportKey(void *hSession, unsigned char *pucKey, unsigned int uiKeyLength,
                  void **phKeyHandle) {
    ENTER;
    if (hSession != &session) return SDR_INARGERR;
    return keep(pucKey, uiKeyLength, phKeyHandle);
}

int SDF_DestroyKey(void *hSession, void *hKeyHandle) {
    if (hSession != &session || !hKeyHandle) return SDR_INARGERR;
    memset(hKeyHandle, 0, sizeof(KEY));
    free(hKeyHandle);
    keys_held--;
    return SDR_OK;
}

/* ---- work ---- */

static int work(void *hSession, void *hKeyHandle, unsigned int uiAlgID, unsigned char *pucIV,
                unsigned char *in, unsigned int length, unsigned char *out,
                unsigned int *puiLength, int backwards) {
    int code;
    if (hSession != &session || !hKeyHandle) return SDR_INARGERR;
    code = through(hKeyHandle, uiAlgID, pucIV, in, length, out, backwards);
    *puiLength = length - (fault_is("short", NULL) ? 1 : 0);
    return code;
}

int SDF_Encrypt(void *hSession, void *hKeyHandle, unsigned int uiAlgID, unsigned char *pucIV,
                unsigned char *pucData, unsigned int uiDataLength, unsigned char *pucEncData,
                unsigned int *puiEncDataLength) {
    ENTER;
    return work(hSession, hKeyHandle, uiAlgID, pucIV, pucData, uiDataLength, pucEncData,
                puiEncDataLength, 0);
}

int SDF_Decrypt(void *hSession, void *hKeyHandle, unsigned int uiAlgID, unsigned char *pucIV,
                unsigned char *pucEncData, unsigned int uiEncDataLength, unsigned char *pucData,
                unsigned int *puiDataLength) {
    ENTER;
    return work(hSession, hKeyHandle, uiAlgID, pucIV, pucEncData, uiEncDataLength, pucData,
                puiDataLength, 1);
}

int SDF_CalculateMAC(void *hSession, void *hKeyHandle, unsigned int uiAlgID, unsigned char *pucIV,
                     unsigned char *pucData, unsigned int uiDataLength, unsigned char *pucMAC,
                     unsigned int *puiMACLength) {
    unsigned char out[BUFFER_BYTES];
    int code;
    ENTER;
    if (hSession != &session || !hKeyHandle) return SDR_INARGERR;
    if (uiAlgID != SGD_SM4_MAC) return SDR_ALGNOTSUPPORT;
    if (!uiDataLength) return SDR_INARGERR;
    code = through(hKeyHandle, uiAlgID, pucIV, pucData, uiDataLength, out, 0);
    if (code) return code;
    *puiMACLength = fault_is("mac4", NULL) ? 4 : 16;
    memcpy(pucMAC, out + uiDataLength - 16, *puiMACLength);
    return SDR_OK;
}

/* ---- for the test alone ---- */

unsigned int minka_test_sizes(unsigned int *buffer_size_at) {
    *buffer_size_at = (unsigned int)((char *)&((DEVICEINFO *)0)->BufferSize - (char *)0);
    return sizeof(DEVICEINFO);
}

int minka_test_keys_held(void) { return keys_held; }
