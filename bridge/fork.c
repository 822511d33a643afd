#include "fork.h"

const char kindling_fork_message[] =
    "kindling: this process was forked after libkindling had been loaded, and Go does not survive a fork: "
    "start the process with the \"spawn\" or \"forkserver\" method, "
    "for example multiprocessing.set_start_method(\"spawn\")";

#ifdef _WIN32
void kindling_fork_guard(void) {}
int kindling_forked(void) { return 0; }
#else
#include <pthread.h>

static volatile int forked;

static void in_child(void) { forked = 1; }

void kindling_fork_guard(void) { pthread_atfork(0, 0, in_child); }
int kindling_forked(void) { return forked; }
#endif
