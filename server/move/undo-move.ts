/** Takes a store's mark away, so that servers may start on it again. */

import type { Place } from './move-stores.ts';
import { patientStore } from './patient-store.ts';
import { refuseMove } from './refusal.ts';

/** Answers one line that says what was done. An unfinished move's copies are removed; nothing else is. */
export async function undoMove(place: Place): Promise<string> {
  const store = patientStore(place.open());
  await store.start({ onWake() {}, onRollback() {}, onHealth() {} });
  try {
    const mark = await store.readMark();
    switch (mark?.kind) {
      case undefined:
        return refuseMove(`${place.label} has no mark of a move: there is nothing to undo`);
      case 'arriving':
        await store.clear();
        await store.writeMark(null);
        return `${place.label} is empty again; ${mark.from} has everything (if it is marked as moved, undo that too)`;
      case 'leaving':
      case 'moved':
        await store.writeMark(null);
        return `servers may start on ${place.label} again; start none on ${mark.to}, or slots fire in both`;
    }
  } finally {
    await store.stop();
  }
}
