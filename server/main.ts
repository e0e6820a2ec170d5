/** The process: settings, start, signals, end. */
import { createApp } from './app.ts';
import { banner } from './banner.ts';
import { type Config, ConfigError, readConfig } from './config.ts';
import { createLogger } from './lib/logger.ts';
import { StartError } from './store/status.ts';

function config(): Config {
  try {
    return readConfig();
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    for (const problem of error.problems) process.stderr.write(`zhundian: ${problem}\n`);
    process.exit(78); // EX_CONFIG: starting again without a change is of no use
  }
}

const settings = config();
const logger = createLogger({ level: settings.logLevel });
const app = createApp({ config: settings, logger, onFatal: (code, why) => end(code, why) });
let ending = false;

/** Drains and exits; the second time at once. */
function end(code: number, why: string): void {
  if (ending) {
    logger.warn({ why }, 'asked twice: ending at once');
    process.exit(code === 0 ? 130 : code);
  }
  ending = true;
  logger.info({ why }, 'stopping: nothing new is taken, what runs may finish');
  app.stop().then(
    () => {
      logger.info({ code }, 'stopped');
      process.exit(code);
    },
    (error: unknown) => {
      logger.error({ err: error }, 'the stop failed');
      process.exit(1);
    },
  );
}

process.on('SIGTERM', () => end(0, 'SIGTERM'));
process.on('SIGINT', () => end(0, 'SIGINT'));
for (const event of ['unhandledRejection', 'uncaughtException'] as const) {
  process.on(event, (error) => {
    logger.fatal({ err: error }, event);
    // What is left of the state cannot be trusted: the leases end by themselves.
    process.exitCode = 70;
    setImmediate(() => process.exit(70));
  });
}

app.start().then(
  () => process.stdout.write(banner(settings, app)),
  (error: unknown) => {
    // Told to stop while starting: what the start says then is of no interest.
    if (ending) return;
    const line =
      error instanceof StartError ? error.message : String((error as Error)?.message ?? error).split('\n')[0];
    process.stderr.write(`zhundian: ${line}\n`);
    if (!(error instanceof StartError)) logger.debug({ err: error }, 'start failed');
    process.exit(1);
  },
);
