/** Child: one-shot tasks at a rate, `<timer|embedded|redis URL> <per second> <seconds>`; reports how late they started. */

import { newTaskId } from '../dist/server/store/ids.js';
import { newTask } from '../dist/server/tasks/task-changes.js';
import { percentiles, preciseNow, report } from './lib/child.mjs';
import { definition, openEngine } from './lib/engine.mjs';

const [kind, perSecond, seconds] = [process.argv[2], Number(process.argv[3]), Number(process.argv[4])];
const count = perSecond * seconds;
const LEAD_MS = 3_000;
const lateness = []; const trace=[];
let done;
const finished = new Promise((resolve) => {
  done = resolve;
});

function started(plannedAt) {
  lateness.push(preciseNow() - plannedAt); trace.push([plannedAt, preciseNow()-plannedAt]);
  if (lateness.length === count) done();
}

if (kind === 'timer') {
  const from = Math.ceil(Date.now()) + LEAD_MS;
  for (let n = 0; n < count; n += 1) {
    const at = from + Math.floor((n * 1_000) / perSecond);
    setTimeout(started, at - Date.now(), at);
  }
  await finished;
} else {
  const { store, clock, engine, close } = await openEngine({
    redisUrl: kind === 'embedded' ? null : kind,
    onRun: (context) => started(context.plannedAt),
  });
  const realFire=store.fireSlots; const fireLog=[]; globalThis.fireLog=fireLog; store.fireSlots=async(p,f,c)=>{const a=preciseNow(); const lead=a-f[0].nextCursorAt; const r=await realFire(p,f,c); fireLog.push([a,lead,preciseNow()-a,f.length]); return r;}; await engine.start();
  const owners = Array.from({ length: 100 }, (_, n) => `owner-${n}`);
  const from = clock.now() + LEAD_MS + 2_000;
  const byOwner = new Map(owners.map((owner) => [owner, []]));
  for (let n = 0; n < count; n += 1) {
    const owner = owners[n % owners.length];
    const at = from + Math.floor((n * 1_000) / perSecond);
    byOwner
      .get(owner)
      .push(newTask(newTaskId(owner), definition({ kind: 'at', at }), clock.now(), String(n)));
  }
  for (const [owner, tasks] of byOwner) {
    for (let i = 0; i < tasks.length; i += 100) await store.createTasks(owner, tasks.slice(i, i + 100), 1e6);
  }
  await finished;
  await close();
}
// A fraction of a ms below zero is the rounding of clocks; anything more would be a broken promise.
const byQ = {}; for (const [at,ms] of trace) { const q=Math.floor((at-trace[0][0])/250); (byQ[q] ??= []).push(ms);} if (globalThis.fireLog) { const t0=trace[0][0]; const q={}; for (const [a,lead,d,n] of fireLog) { const k=Math.floor((a-t0)/250); (q[k]??=[]).push([lead,d,n]); } console.error('call lead max:',Object.values(q).map(x=>Math.round(Math.max(...x.map(y=>y[0])))).join(' ')); console.error('fire dur max :',Object.values(q).map(x=>Math.round(Math.max(...x.map(y=>y[1])))).join(' ')); const d=fireLog.map(x=>x[2]).sort((a,b)=>a-b); console.error('fire dur p50',d[d.length>>1].toFixed(2),'p99',d[Math.floor(d.length*.99)].toFixed(2)); } console.error(Object.values(byQ).map(a=>Math.round(Math.max(...a))).join(" "));
report({ kind, perSecond, ...percentiles(lateness), early: lateness.filter((ms) => ms < -1).length });
process.exit(0);
