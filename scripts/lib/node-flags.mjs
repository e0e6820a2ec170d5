import os from 'node:os';

/**
 * What Node is to be started with on this machine. On two cores or fewer V8's collector gets no threads of its own: they want
 * the cores that the loop and the store are using, and the loop waits for them (measured 2026-11-23 on 2 cores: p99 of 500
 * starts a second 3.8 to 5.0 ms instead of 5.1 to 6.9; beside other work a burst is twice as fast). With more cores, and so
 * with bigger heaps, marking beside the loop is worth them. It can only be said at start.
 */
export const nodeFlags = () => (os.availableParallelism() <= 2 ? ['--single-threaded-gc'] : []);
