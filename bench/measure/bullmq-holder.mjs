/** Child of a child: a BullMQ worker whose jobs call `url` and wait for its answer, `{ redisUrl, url, settings }`. */
import { request } from 'node:http';
import { Worker } from 'bullmq';

const { redisUrl, url, settings } = JSON.parse(process.argv[2]);
process.once('disconnect', () => process.exit(1));
const connection = { url: redisUrl, maxRetriesPerRequest: null };
new Worker('bench', call, { connection, ...settings });

function call({ id, attemptsStarted }) {
  const headers = { 'x-zhundian-run': id, 'x-zhundian-attempt': String(attemptsStarted) };
  return new Promise((resolve, reject) => {
    request(url, { method: 'POST', headers }, (response) => response.resume().once('end', resolve))
      .once('error', reject)
      .end();
  });
}
