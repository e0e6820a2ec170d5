/** Runs one audit off the main thread: an entry point of its own. */
import { parentPort, workerData } from 'node:worker_threads';
import { type AuditInput, auditDays, auditSlots, type DaysAuditInput } from './audit.ts';

const input = workerData as AuditInput | DaysAuditInput;
parentPort?.postMessage('days' in input ? auditDays(input) : auditSlots(input));
