/*
 * no_server.h - what stands in stelec for the room of the runtime that talks to a server
 */
#ifndef STELEC_NO_SERVER_H
#define STELEC_NO_SERVER_H

/* Does nothing; who calls it is linked with the rest, instead of with the runtime's. */
void no_server(void);

#endif
