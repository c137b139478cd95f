/* What finds and starts the JVM that a front end asks: the folder of its sockets, its launch, and who holds an
 * ordinary user's namespaces. */
#ifndef RUNG_RESIDENT_H
#define RUNG_RESIDENT_H

#include "front.h"

#define LISTEN_FD 3
#define SIGCHLD_NUMBER 17

/* The kernel's struct sockaddr_un. */
struct address {
    uint16_t family;
    char path[108];
};

/* A text being put together in a fixed buffer; one that does not fit ends the process. */
struct line {
    char text[FRONT_PATH_MAX];
    uint32_t length;
};

void line_put(struct line *line, const char *text);
void line_hex(struct line *line, uint64_t value);
void line_decimal(struct line *line, int64_t value);

/* door.c */
/* Opens the folder of our sockets: ours alone, or not at all. */
int open_folder(struct front *front, struct line *path);
void address_of(struct address *address, int folder, const char *name);
/* A connected socket, or -errno. Ends the process when another user listens there. */
int try_connect(const struct address *address);
int lock_starters(const struct front *front, int folder);
int listen_at(int folder, const char *name, const struct address *address);
/* Whether a connected peer is our own user; 0, or -errno. */
long peer_error(int fd);

/* launch.c */
/* The words of a message or file are closed by a NUL each. */
char *next_word(char *word);
_Noreturn void launch(struct front *front, const char *path, const char *mode, const char *folder, const char *name);
void leave_cgroups(void);
void detach(int listening, int log);

/* mapping.c */
/* Maps ids into the user namespace of a process, as many as this user may have there; ends the process when it fails. */
void mapping_write(struct front *front, long pid);

/* holder.c */
/* Joins the user namespace of this user's engine, made when there is none; a connection to who holds it. */
int holder_enter(struct front *front, int folder, const char *folder_path);
/* Has an engine started in the namespaces; its pid. */
long holder_start(struct front *front, int holder, int listening, int log, const char *launch_path, const char *folder_path,
                  const char *name);

#endif
