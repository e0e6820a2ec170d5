// npm start: installs what is missing, builds what has changed, runs the server in the foreground.
import process from 'node:process';
import { build } from './lib/build.mjs';
import { ensureInstalled } from './lib/install.mjs';
import { buildPreview } from './lib/preview.mjs';
import { exitCodeOf, fail, onSignals, say } from './lib/run.mjs';
import { loadEnvironment, passOn, restartCode, spawnServer } from './lib/server-process.mjs';

const restartLimit = { times: 5, withinMs: 60_000 };

await ensureInstalled();
loadEnvironment();
const [code] = await Promise.all([build('server'), buildPreview()]);
if (code !== 0) fail('not started: the build has errors', code);

let stopping = false;
let server;
let restarts = [];
onSignals((signal) => {
  stopping = true;
  passOn(server, signal);
});
runServer();

function runServer() {
  server = spawnServer();
  server.once('error', (error) => fail(`the server did not start: ${error.message}`));
  server.once('exit', (exitCode, signal) => {
    if (exitCode === restartCode && !stopping && mayRestart()) {
      say('the server asked to be started again');
      runServer();
    } else {
      process.exit(exitCodeOf(exitCode, signal));
    }
  });
}

function mayRestart() {
  const now = performance.now();
  restarts = restarts.filter((at) => now - at < restartLimit.withinMs);
  if (restarts.length >= restartLimit.times) {
    say(`the server asked to be started again ${restartLimit.times + 1} times in a minute: giving up`);
    return false;
  }
  restarts.push(now);
  return true;
}
