// Loaded into the server by `npm start` and `npm run dev`. There the server has a process group of its own, so that
// Ctrl+C reaches it once and not three times; this makes it end with its parent all the same when that is killed.
import process from 'node:process';
import { isMainThread } from 'node:worker_threads';

if (isMainThread && process.channel) {
  process.once('disconnect', () => process.kill(process.pid, 'SIGKILL'));
  process.channel.unref();
}
