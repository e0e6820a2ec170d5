/** Big audits, each in a thread of its own: few at once, and only so many wait. */
import { Worker } from 'node:worker_threads';
import type { Audit } from '../../shared/run.ts';
import { AppError } from '../lib/errors.ts';
import type { AuditInput, DaysAuditInput } from './audit.ts';

const MOST_AT_ONCE = 2;
const MOST_WAITING = 20;

type AuditInThread = (input: AuditInput | DaysAuditInput) => Promise<Audit>;

/** The function rejects with AUDIT_BUSY when too many wait. */
export function createAuditThreads(): AuditInThread {
  let running = 0;
  const waiting: (() => void)[] = [];
  return async (input) => {
    if (running < MOST_AT_ONCE) running += 1;
    else if (waiting.length < MOST_WAITING) await new Promise<void>((resolve) => waiting.push(resolve));
    else throw auditBusy();
    try {
      return await auditInThread(input);
    } finally {
      // The place is handed on, so that nobody new takes it before those who wait.
      const next = waiting.shift();
      if (next === undefined) running -= 1;
      else next();
    }
  };
}

/** Resolves with the audit; the thread ends with it. */
function auditInThread(input: AuditInput | DaysAuditInput): Promise<Audit> {
  return new Promise((resolve, reject) => {
    const thread = new Worker(new URL('./audit-thread.js', import.meta.url), { workerData: input });
    thread.once('message', resolve);
    thread.once('error', reject);
    thread.once('exit', (code) => reject(new Error(`the audit thread ended with ${code}`)));
  });
}

const auditBusy = () =>
  new AppError(
    'AUDIT_BUSY',
    { zh: '正在进行的审计太多，请稍后再试', en: 'too many audits are under way: try again soon' },
    { retryAfter: 1 },
  );
