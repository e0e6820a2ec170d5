/** Loaded into a server with `node --import`: a promise that nobody handles is rejected when SIGUSR2 arrives. */
import { isMainThread } from 'node:worker_threads';

if (isMainThread) process.once('SIGUSR2', () => void Promise.reject(new Error('nobody handles this')));
