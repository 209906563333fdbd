/* See minkacard.h. One call is one POST to the service on the loopback address: each argument is a
   line of hexadecimal digits, the answer is a line with the code and a line with the output in
   hexadecimal digits. No byte of a string ever stands in a header. */

#define _POSIX_C_SOURCE 200809L

#include "minkacard.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <pthread.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#define EXPORT __attribute__((visibility("default")))

#define NO_ANSWER (-4)
#define NO_SERVICE (-11)
#define WRONG_ARGUMENT (-14)
#define BAD_LENGTH (-42)

#define MOST_ARGUMENTS 4
#define MOST_TEXT 65536
#define MOST_ANSWER (1 << 20)
#define PATIENCE_S 65
#define DEFAULT_PORT 8089

/* A growing piece of memory; `failed` is set once and stays. */
struct buffer {
    char *bytes;
    size_t length;
    size_t room;
    int failed;
};

static void append(struct buffer *into, const char *bytes, size_t length) {
    if (into->failed)
        return;
    if (length > MOST_ANSWER || into->length + length + 1 > MOST_ANSWER) {
        into->failed = 1;
        return;
    }
    if (into->length + length + 1 > into->room) {
        size_t room = 2 * (into->length + length + 1);
        char *bigger = realloc(into->bytes, room);
        if (bigger == NULL) {
            into->failed = 1;
            return;
        }
        into->bytes = bigger;
        into->room = room;
    }
    memcpy(into->bytes + into->length, bytes, length);
    into->length += length;
    into->bytes[into->length] = '\0';
}

static void append_hex(struct buffer *into, const unsigned char *bytes, size_t length) {
    static const char digits[] = "0123456789ABCDEF";
    for (size_t i = 0; i < length; i++) {
        char pair[2] = {digits[bytes[i] >> 4], digits[bytes[i] & 15]};
        append(into, pair, 2);
    }
}

/* What wipes a PIN or a name before the memory goes back. */
static void discard(struct buffer *gone) {
    if (gone->bytes != NULL) {
        volatile char *byte = gone->bytes;
        for (size_t i = 0; i < gone->room; i++)
            byte[i] = 0;
        free(gone->bytes);
    }
    memset(gone, 0, sizeof *gone);
}

/* The name this process gives itself, so that the service knows which steps belong together. */
static char client[40];
static pthread_once_t named = PTHREAD_ONCE_INIT;

static void name_client(void) {
    unsigned char random[8] = {0};
    int source = open("/dev/urandom", O_RDONLY | O_CLOEXEC);
    if (source >= 0) {
        ssize_t got = read(source, random, sizeof random);
        (void)got;
        close(source);
    }
    uint64_t number;
    memcpy(&number, random, sizeof number);
    snprintf(client, sizeof client, "%ld-%016llx", (long)getpid(), (unsigned long long)number);
}

static int port(void) {
    const char *set = getenv("MINKA_READER_HTTP_PORT");
    long number = set == NULL ? DEFAULT_PORT : strtol(set, NULL, 10);
    return number > 0 && number < 65536 ? (int)number : DEFAULT_PORT;
}

static int call_service(int number) {
    struct sockaddr_in address;
    memset(&address, 0, sizeof address);
    address.sin_family = AF_INET;
    address.sin_port = htons((uint16_t)number);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    int line = socket(AF_INET, SOCK_STREAM, 0);
    if (line < 0)
        return -1;
    struct timeval patience = {.tv_sec = PATIENCE_S};
    setsockopt(line, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
    setsockopt(line, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof patience);
    if (connect(line, (struct sockaddr *)&address, sizeof address) != 0) {
        close(line);
        return -1;
    }
    return line;
}

static int send_all(int line, const struct buffer *what) {
    size_t sent = 0;
    while (sent < what->length) {
        ssize_t some = send(line, what->bytes + sent, what->length - sent, MSG_NOSIGNAL);
        if (some < 0 && errno == EINTR)
            continue;
        if (some <= 0)
            return 0;
        sent += (size_t)some;
    }
    return 1;
}

static int receive_all(int line, struct buffer *into) {
    char piece[4096];
    for (;;) {
        ssize_t some = recv(line, piece, sizeof piece, 0);
        if (some < 0 && errno == EINTR)
            continue;
        if (some < 0)
            return 0;
        if (some == 0)
            return !into->failed;
        append(into, piece, (size_t)some);
        if (into->failed)
            return 0;
    }
}

static void write_request(struct buffer *request, const char *name, int number,
                          const struct buffer *body) {
    char head[512];
    int length = snprintf(head, sizeof head,
                          "POST /driver/%s HTTP/1.1\r\nHost: 127.0.0.1:%d\r\n"
                          "X-Minka-Program: minkacard\r\nX-Minka-Client: %s\r\n"
                          "Content-Type: text/plain\r\nContent-Length: %zu\r\n"
                          "Connection: close\r\n\r\n",
                          name, number, client, body->length);
    append(request, head, (size_t)length);
    if (body->length > 0)
        append(request, body->bytes, body->length);
}

static int digit(char c) {
    if (c >= '0' && c <= '9')
        return c - '0';
    return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

/* Bytes of hexadecimal digits up to a line's end; the count, or -1 when there are more than room
   or a character is none. */
static long unhex(const char *text, unsigned char *into, size_t room) {
    size_t count = 0;
    for (; digit(text[0]) >= 0 && digit(text[1]) >= 0; text += 2) {
        if (count == room)
            return -1;
        into[count++] = (unsigned char)(digit(text[0]) << 4 | digit(text[1]));
    }
    return *text == '\n' || *text == '\0' ? (long)count : -1;
}

/* The code of an answer; its output without end mark goes to `into`, its length to `length`. */
static long read_answer(const struct buffer *answer, unsigned char *into, size_t room,
                        size_t *length) {
    static const char good[] = "HTTP/1.1 200 ";
    const char *text = answer->bytes;
    if (text == NULL || strncmp(text, good, sizeof good - 1) != 0)
        return NO_SERVICE;
    text = strstr(text, "\r\n\r\n");
    if (text == NULL)
        return NO_ANSWER;
    char *end;
    long code = strtol(text + 4, &end, 10);
    if (end == text + 4 || *end != '\n')
        return NO_ANSWER;
    long count = unhex(end + 1, into, room);
    if (count < 0)
        return BAD_LENGTH;
    *length = (size_t)count;
    return code;
}

static long exchange(const char *name, const struct buffer *body, struct buffer *answer) {
    struct buffer request = {0};
    long code = NO_SERVICE;
    int number = port();
    int line = call_service(number);
    if (line >= 0) {
        write_request(&request, name, number, body);
        code = !request.failed && send_all(line, &request) && receive_all(line, answer)
                   ? 0
                   : NO_ANSWER;
        close(line);
    }
    discard(&request);
    return code;
}

/* One call: arguments in, at most `room` bytes out. */
static long ask(const char *name, const struct buffer *body, unsigned char *into, size_t room,
                size_t *length) {
    struct buffer answer = {0};
    pthread_once(&named, name_client);
    *length = 0;
    long code = body->failed ? WRONG_ARGUMENT : exchange(name, body, &answer);
    if (code == 0)
        code = read_answer(&answer, into, room, length);
    discard(&answer);
    return code;
}

static void add_text(struct buffer *body, const char *text) {
    size_t length = text == NULL ? MOST_TEXT : strnlen(text, MOST_TEXT);
    if (length == MOST_TEXT) {
        body->failed = 1;
        return;
    }
    append_hex(body, (const unsigned char *)text, length);
    append(body, "\n", 1);
}

static void add_number(struct buffer *body, long number) {
    char text[24];
    snprintf(text, sizeof text, "%ld", number);
    add_text(body, text);
}

/* A driver function: its strings and numbers are in `body`; pOut is left empty unless it is done
   or the service has words for it. */
static long finish(const char *name, struct buffer *body, char *out, size_t room) {
    size_t length;
    if (out == NULL) {
        discard(body);
        return WRONG_ARGUMENT;
    }
    unsigned char *held = malloc(room);
    long code = held == NULL ? NO_ANSWER : ask(name, body, held, room - 1, &length);
    out[0] = '\0';
    if (held != NULL && code != BAD_LENGTH) {
        memcpy(out, held, length);
        out[length] = '\0';
    }
    if (held != NULL) {
        struct buffer wiped = {(char *)held, 0, room, 0};
        discard(&wiped);
    }
    discard(body);
    return code;
}

static long typed(const char *name, int type, char *const texts[], char *out, size_t room) {
    struct buffer body = {0};
    add_number(&body, type);
    for (int i = 0; i < MOST_ARGUMENTS && texts[i] != NULL; i++)
        add_text(&body, texts[i]);
    return finish(name, &body, out, room);
}

static long keyed(const char *name, char *const texts[], char *out, size_t room) {
    struct buffer body = {0};
    for (int i = 0; i < MOST_ARGUMENTS && texts[i] != NULL; i++)
        add_text(&body, texts[i]);
    return finish(name, &body, out, room);
}

/* iType and pOut. */
#define ALONE(name, room)                                                                        \
    EXPORT long name(int iType, char *pOut) {                                                    \
        return typed(#name, iType, (char *const[]){NULL}, pOut, room);                           \
    }

/* pKey and pOut. */
#define WITH_KEY(name, room)                                                                     \
    EXPORT long name(char *pKey, char *pOut) {                                                   \
        if (pKey == NULL)                                                                        \
            return WRONG_ARGUMENT;                                                               \
        return keyed(#name, (char *const[]){pKey, NULL}, pOut, room);                            \
    }

/* iType, one string and pOut. */
#define WITH_ONE(name)                                                                           \
    EXPORT long name(int iType, char *pCardInfo, char *pOut) {                                   \
        if (pCardInfo == NULL)                                                                   \
            return WRONG_ARGUMENT;                                                               \
        return typed(#name, iType, (char *const[]){pCardInfo, NULL}, pOut, MINKA_OUT_SHORT);     \
    }

/* iType, two strings and pOut. */
#define WITH_TWO(name)                                                                           \
    EXPORT long name(int iType, char *pCardInfo, char *pMore, char *pOut) {                      \
        if (pCardInfo == NULL || pMore == NULL)                                                  \
            return WRONG_ARGUMENT;                                                               \
        return typed(#name, iType, (char *const[]){pCardInfo, pMore, NULL}, pOut,                \
                     MINKA_OUT_SHORT);                                                           \
    }

ALONE(iReadCardBas, MINKA_OUT_SHORT)
ALONE(iReadCardBas_HSM_Step1, MINKA_OUT_SHORT)
WITH_KEY(iReadCardBas_HSM_Step2, MINKA_OUT_SHORT)
WITH_TWO(iReadCard_HSM_Step1)
WITH_KEY(iReadCard_HSM_Step2, MINKA_OUT_LONG)
WITH_TWO(iWriteCard_HSM_Step1)
ALONE(iVerifyPIN, MINKA_OUT_SHORT)
ALONE(iChangePIN, MINKA_OUT_SHORT)
WITH_ONE(iReloadPIN)
WITH_ONE(iReloadPIN_HSM_Step1)
WITH_KEY(iReloadPIN_HSM_Step2, MINKA_OUT_SHORT)
WITH_KEY(iReloadPIN_HSM_Step3, MINKA_OUT_SHORT)
WITH_ONE(iUnblockPIN)
WITH_ONE(iUnblockPIN_HSM_Step1)
WITH_KEY(iUnblockPIN_HSM_Step2, MINKA_OUT_SHORT)
WITH_KEY(iUnblockPIN_HSM_Step3, MINKA_OUT_SHORT)
WITH_TWO(iDoDebit)
WITH_TWO(iDoDebit_HSM_Step1)
WITH_KEY(iDoDebit_HSM_Step2, MINKA_OUT_SHORT)
ALONE(iReadDebitRecord, MINKA_OUT_LONG)
ALONE(iGetCardType, MINKA_OUT_SHORT)

EXPORT long iReadCard(int iType, int iAuthType, char *pCardInfo, char *pFileAddr, char *pOut) {
    char auth[24];
    if (pCardInfo == NULL || pFileAddr == NULL)
        return WRONG_ARGUMENT;
    snprintf(auth, sizeof auth, "%d", iAuthType);
    return typed("iReadCard", iType, (char *const[]){auth, pCardInfo, pFileAddr, NULL}, pOut,
                 MINKA_OUT_LONG);
}

EXPORT long iWriteCard(int iType, char *pCardInfo, char *pFileAddr, char *pWriteData,
                       char *pOut) {
    if (pCardInfo == NULL || pFileAddr == NULL || pWriteData == NULL)
        return WRONG_ARGUMENT;
    return typed("iWriteCard", iType, (char *const[]){pCardInfo, pFileAddr, pWriteData, NULL},
                 pOut, MINKA_OUT_SHORT);
}

EXPORT long iWriteCard_HSM_Step2(char *pKey, char *pWriteData, char *pOut) {
    if (pKey == NULL || pWriteData == NULL)
        return WRONG_ARGUMENT;
    return keyed("iWriteCard_HSM_Step2", (char *const[]){pKey, pWriteData, NULL}, pOut,
                 MINKA_OUT_SHORT);
}

/* Reader level: the service's output is digits of the bytes themselves. */
static long level(const char *name, struct buffer *body, unsigned char *into, size_t room) {
    unsigned char digits[2 * MINKA_RESPONSE + 1];
    size_t length;
    long code = ask(name, body, digits, sizeof digits - 1, &length);
    discard(body);
    digits[length] = '\0';
    if (code >= 0 && into != NULL && unhex((const char *)digits, into, room) < 0)
        return NO_ANSWER;
    return code;
}

static struct buffer slotted(long handle, unsigned char slot) {
    struct buffer body = {0};
    add_number(&body, handle);
    add_number(&body, slot);
    return body;
}

EXPORT long ICC_Reader_Open(char *dev) {
    struct buffer body = {0};
    add_text(&body, dev);
    return level("ICC_Reader_Open", &body, NULL, 0);
}

EXPORT long ICC_Reader_Close(long handle) {
    struct buffer body = {0};
    add_number(&body, handle);
    return level("ICC_Reader_Close", &body, NULL, 0);
}

EXPORT long ICC_Reader_PowerOn(long handle, unsigned char slot, unsigned char *resp) {
    if (resp == NULL)
        return WRONG_ARGUMENT;
    struct buffer body = slotted(handle, slot);
    return level("ICC_Reader_PowerOn", &body, resp, MINKA_ATR);
}

EXPORT long ICC_Reader_PowerOff(long handle, unsigned char slot) {
    struct buffer body = slotted(handle, slot);
    return level("ICC_Reader_PowerOff", &body, NULL, 0);
}

EXPORT long ICC_Reader_GetStatus(long handle, unsigned char slot) {
    struct buffer body = slotted(handle, slot);
    return level("ICC_Reader_GetStatus", &body, NULL, 0);
}

EXPORT long ICC_Reader_Application(long handle, unsigned char slot, long len, unsigned char *cmd,
                                   unsigned char *resp) {
    if (cmd == NULL || resp == NULL || len < 4 || len > 261)
        return WRONG_ARGUMENT;
    struct buffer text = {0};
    append_hex(&text, cmd, (size_t)len);
    struct buffer body = slotted(handle, slot);
    add_text(&body, text.bytes);
    discard(&text);
    return level("ICC_Reader_Application", &body, resp, MINKA_RESPONSE);
}

EXPORT long ICC_Reader_Libinfo(char *info) {
    struct buffer body = {0};
    if (info == NULL)
        return WRONG_ARGUMENT;
    long code = level("ICC_Reader_Libinfo", &body, (unsigned char *)info, 32);
    info[code == 0 ? 32 : 0] = '\0';
    return code;
}
