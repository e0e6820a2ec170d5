/** Runs one audit off the main thread: an entry point of its own. */
import { parentPort, workerData } from 'node:worker_threads';
import { type AuditInput, auditSlots } from './audit.ts';

parentPort?.postMessage(auditSlots(workerData as AuditInput));
