/* The national driver functions and the reader-level functions, as programs have called them for
   years. Every function asks the reader service of this machine (127.0.0.1) and keeps nothing.

   Strings are GBK and end with a zero byte. pOut must have room for MINKA_OUT_SHORT bytes, for the
   functions that read files or records for MINKA_OUT_LONG; never more is written, and an output
   that does not fit is not written at all (-42). A null pointer is answered with -14.
   0 is done, -11 says that the service is not there, -4 that it gave no answer in time; the other
   codes are in docs/reader.md. */

#ifndef MINKACARD_H
#define MINKACARD_H

#define MINKA_OUT_SHORT 1024
#define MINKA_OUT_LONG 20480
#define MINKA_ATR 33
#define MINKA_RESPONSE 258

#ifdef __cplusplus
extern "C" {
#endif

long iReadCardBas(int iType, char *pOut);
long iReadCardBas_HSM_Step1(int iType, char *pOut);
long iReadCardBas_HSM_Step2(char *pKey, char *pOut);
long iReadCard(int iType, int iAuthType, char *pCardInfo, char *pFileAddr, char *pOut);
long iReadCard_HSM_Step1(int iType, char *pCardInfo, char *pFileAddr, char *pOut);
long iReadCard_HSM_Step2(char *pKey, char *pOut);
long iWriteCard(int iType, char *pCardInfo, char *pFileAddr, char *pWriteData, char *pOut);
long iWriteCard_HSM_Step1(int iType, char *pCardInfo, char *pFileAddr, char *pOut);
long iWriteCard_HSM_Step2(char *pKey, char *pWriteData, char *pOut);
long iVerifyPIN(int iType, char *pOut);
long iChangePIN(int iType, char *pOut);
long iReloadPIN(int iType, char *pCardInfo, char *pOut);
long iReloadPIN_HSM_Step1(int iType, char *pCardInfo, char *pOut);
long iReloadPIN_HSM_Step2(char *pKey, char *pOut);
long iReloadPIN_HSM_Step3(char *pKey, char *pOut);
long iUnblockPIN(int iType, char *pCardInfo, char *pOut);
long iUnblockPIN_HSM_Step1(int iType, char *pCardInfo, char *pOut);
long iUnblockPIN_HSM_Step2(char *pKey, char *pOut);
long iUnblockPIN_HSM_Step3(char *pKey, char *pOut);
long iDoDebit(int iType, char *pCardInfo, char *pPayInfo, char *pOut);
long iDoDebit_HSM_Step1(int iType, char *pCardInfo, char *pPayInfo, char *pOut);
long iDoDebit_HSM_Step2(char *pKey, char *pOut);
long iReadDebitRecord(int iType, char *pOut);
long iGetCardType(int iType, char *pOut);

/* SSSE32: handles and lengths are the result; resp needs MINKA_ATR or MINKA_RESPONSE bytes. */
long ICC_Reader_Open(char *dev);
long ICC_Reader_Close(long handle);
long ICC_Reader_PowerOn(long handle, unsigned char slot, unsigned char *resp);
long ICC_Reader_PowerOff(long handle, unsigned char slot);
long ICC_Reader_GetStatus(long handle, unsigned char slot);
long ICC_Reader_Application(long handle, unsigned char slot, long len, unsigned char *cmd,
                            unsigned char *resp);
long ICC_Reader_Libinfo(char *info);

#ifdef __cplusplus
}
#endif
#endif
