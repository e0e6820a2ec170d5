/** An HTTP server that lets every call wait until it is released: what runs on a worker, seen from outside. */
import { createServer } from 'node:http';

/** `onStart(runId, attempt)` at each call, by the headers that ours send and the peers' workers copy. */
export async function startHoldServer(onStart) {
  const waiting = new Set();
  let released = false;
  const server = createServer((request, response) => {
    request.resume();
    onStart(request.headers['x-zhundian-run'], Number(request.headers['x-zhundian-attempt']));
    if (released) return void response.end();
    waiting.add(response);
    response.once('close', () => waiting.delete(response));
  });
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  const host = `127.0.0.1:${server.address().port}`;
  return {
    host,
    url: `http://${host}/`,
    /** Calls that wait now. */
    waiting: () => waiting.size,
    /** Answers all that wait, and from now on each at once. */
    release() {
      released = true;
      for (const response of waiting) response.end();
    },
    stop() {
      server.closeAllConnections();
      return new Promise((resolve) => server.close(resolve));
    },
  };
}
