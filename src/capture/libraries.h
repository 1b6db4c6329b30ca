/* libraries.h - versions of the libraries that captures are read with. Static text; main thread. */
#ifndef ZT_CAPTURE_LIBRARIES_H
#define ZT_CAPTURE_LIBRARIES_H

const char *libraries_pcap(void);       /* "1.10.3" */
const char *libraries_zlib(void);
const char *libraries_zstd(void);
const char *libraries_openssl(void);

#endif
