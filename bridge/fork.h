// A child made by fork has a Go runtime without its threads: any call into Go
// would hang for ever. The bridge notices and refuses instead.
#ifndef KINDLING_FORK_H
#define KINDLING_FORK_H

extern const char kindling_fork_message[];

// kindling_fork_guard starts watching for forks; called once when the library
// is loaded.
void kindling_fork_guard(void);

// kindling_forked tells whether this process is a fork of the one that loaded
// the library.
int kindling_forked(void);

#endif
